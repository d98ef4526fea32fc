//! Tables of the clock, computed by hand: calendar, start, duration, pauses, expected.

use serde_json::{Value, json};

use super::*;

mod table;

#[test]
fn durations_are_hours_and_minutes() {
    assert_eq!(parse_duration("PT8H"), Ok(TimeDelta::hours(8)));
    assert_eq!(parse_duration("PT1H30M"), Ok(TimeDelta::minutes(90)));
    assert_eq!(parse_duration("PT45M"), Ok(TimeDelta::minutes(45)));
    for bad in [
        "", "PT", "8H", "PT0H", "P1D", "PT8", "PT-1H", "PTH", "PT1M1H", "PT65536H", "PT1H1S", "pt1h",
    ] {
        assert!(parse_duration(bad).is_err(), "{bad}");
    }
}

/// Hours of the calendars of the tables. All are closed on Christmas Day and Boxing Day 2026 and on New Year's Day, and `easter` over Easter.
fn hours(calendar: &str) -> (&'static str, Value, Vec<&'static str>) {
    let week = ["mon", "tue", "wed", "thu", "fri"];
    let all = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let day = |zone, from: &str, to: &str| (zone, json!([{"days": week, "from": from, "to": to}]));
    let around = |zone| (zone, json!([{"days": all, "from": "00:00", "to": "24:00"}]));
    let (zone, hours) = match calendar {
        "newyork" => day("America/New_York", "09:00", "17:00"),
        "newyork24" => around("America/New_York"),
        "berlin24" => around("Europe/Berlin"),
        "utc24" => around("UTC"),
        "lunch" => (
            "Europe/Berlin",
            json!([{"days": week, "from": "08:00", "to": "12:00"}, {"days": week, "from": "13:00", "to": "17:00"}]),
        ),
        "night" => (
            "Europe/Berlin",
            json!([{"days": week, "from": "22:00", "to": "24:00"}, {"days": ["tue", "wed", "thu", "fri", "sat"], "from": "00:00", "to": "06:00"}]),
        ),
        _ => day("Europe/Berlin", "08:00", "16:00"),
    };
    let mut holidays = vec!["2026-12-25", "2026-12-26", "2027-01-01"];
    if calendar == "easter" {
        holidays.extend(["2026-04-03", "2026-04-06"]);
    }
    (zone, hours, holidays)
}

/// A pack whose milk is worked on a calendar, with so many minutes to resolve. `-` is no calendar.
fn pack(calendar: &str, minutes: u32) -> Pack {
    let mut document: Value = serde_json::from_str(include_str!("../../testdata/bakery.json")).expect("valid");
    let (zone, hours, holidays) = hours(calendar);
    let holidays: Vec<_> = holidays.iter().map(|date| json!({"date": date, "name": "closed"})).collect();
    document["calendars"]["table"] = json!({"label": "Table", "timeZone": zone, "hours": hours, "holidays": holidays});
    if calendar != "-" {
        let resolve = format!("PT{}H{}M", minutes / 60, minutes % 60);
        document["exceptionTypes"]["SOUR_MILK"]["sla"] = json!({"calendar": "table", "respond": "PT1M", "resolve": resolve});
    }
    Pack::parse(&document.to_string()).expect("a whole pack")
}

fn time(text: &str) -> DateTime<Utc> {
    let seconds = if text.len() == 16 { ":00Z" } else { "Z" };
    format!("{}{seconds}", text.replace(' ', "T"))
        .parse()
        .unwrap_or_else(|_| panic!("{text} is no time"))
}

/// `from..to`, several apart by commas.
fn pauses(text: &str) -> Vec<Pause> {
    let pauses = text.split(", ").filter(|pause| !pause.is_empty());
    let pause = |text: &str| {
        let (from, to) = text.split_once("..").expect("from..to");
        Pause {
            from: time(from),
            to: time(to),
            reason: "FLOUR".into(),
        }
    };
    pauses.map(pause).collect()
}

fn due(calendar: &str, minutes: u32, start: &str, paused: &str) -> DateTime<Utc> {
    let pack = pack(calendar, minutes);
    let policy = &pack.exception_type("SOUR_MILK").expect("known").policy;
    let severity = if minutes == 120 { Severity::Critical } else { Severity::Low };
    policy.deadlines(&pack, severity, time(start), &pauses(paused)).due_at
}

#[test]
fn every_row_of_the_table_is_due_when_it_says() {
    let mut wrong = Vec::new();
    for (calendar, minutes, start, paused, expected, why) in table::ROWS {
        let due = due(calendar, *minutes, start, paused);
        if due != time(expected) {
            wrong.push(format!(
                "{calendar} {minutes} min from {start}, pauses [{paused}] ({why}): {due}, not {expected}"
            ));
        }
    }
    assert!(table::ROWS.len() >= 60, "{}", table::ROWS.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_clock_handed_over_to_another_calendar_is_that_calendars_from_the_same_start() {
    // Start Friday 27 November 2026, 15:00 in Berlin, 09:00 in New York; four hours of work.
    let start = time("2026-11-27 14:00");
    let cases = [
        ("berlin", "2026-11-30 10:00"),
        ("newyork", "2026-11-27 18:00"),
        ("utc24", "2026-11-27 18:00"),
        ("night", "2026-11-28 01:00"),
    ];
    for (calendar, expected) in cases {
        let pack = pack(calendar, 240);
        let kind = pack.exception_type("SOUR_MILK").expect("known");
        assert_eq!(
            kind.policy.deadlines(&pack, Severity::Low, start, &[]).due_at,
            time(expected),
            "{calendar}"
        );
    }
    // What it waited in the first counts in the second: Friday 15:30 to Monday 09:00 in Berlin.
    let waited = "2026-11-27 14:30..2026-11-30 08:00";
    assert_eq!(due("berlin", 240, "2026-11-27 14:00", waited), time("2026-11-30 11:30"));
    assert_eq!(due("newyork", 240, "2026-11-27 14:00", waited), time("2026-11-30 17:30"));
}

#[test]
fn the_time_to_respond_knows_no_pause() {
    let pack = pack("berlin", 240);
    let policy = &pack.exception_type("SOUR_MILK").expect("known").policy;
    let start = time("2026-11-23 08:00");
    let paused = policy.deadlines(&pack, Severity::Low, start, &pauses("2026-11-23 08:00..2026-11-24 08:00"));
    assert_eq!(paused.respond_due_at, time("2026-11-23 08:01"));
    assert_eq!(paused.due_at, time("2026-11-24 12:00"));
}

#[test]
fn the_far_end_of_time_is_due_at_the_end_of_time() {
    let severity = Severity::Low;
    for calendar in ["-", "utc24"] {
        let pack = pack(calendar, 240);
        let policy = &pack.exception_type("SOUR_MILK").expect("known").policy;
        let deadlines = policy.deadlines(&pack, severity, DateTime::<Utc>::MAX_UTC, &[]);
        assert_eq!(deadlines.due_at, DateTime::<Utc>::MAX_UTC, "{calendar}");
    }
}
