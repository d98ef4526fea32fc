//! Tables of dates and times, and laws.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn calendar(zone: &str, hours: &[(&str, &str, &str)], holidays: &[&str]) -> Result<Calendar, CalendarFault> {
    let hours: Vec<_> = hours
        .iter()
        .map(|(days, from, to)| json!({"days": days.split(' ').collect::<Vec<_>>(), "from": from, "to": to}))
        .collect();
    let holidays: Vec<_> = holidays.iter().map(|date| json!({"date": date, "name": "closed"})).collect();
    let document = json!({"label": "Test", "timeZone": zone, "hours": hours, "holidays": holidays});
    Calendar::new(&serde_json::from_value(document).expect("document"))
}

/// 09:00 to 17:00, Monday to Friday, closed over Easter and on a Wednesday.
fn office(zone: &str) -> Calendar {
    let holidays = ["2026-04-03", "2026-04-06", "2026-04-08", "2026-04-05"];
    calendar(zone, &[("mon tue wed thu fri", "09:00", "17:00")], &holidays).expect("calendar")
}

fn all_week(zone: &str) -> Calendar {
    calendar(zone, &[("mon tue wed thu fri sat sun", "00:00", "24:00")], &[]).expect("calendar")
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("date")
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().expect("time")
}

#[test]
fn business_days_skip_weekends_and_holidays() {
    let calendar = office("America/New_York");
    let cases = [
        ("2026-04-01", 0, "2026-04-01"),
        ("2026-04-01", 1, "2026-04-02"),
        ("2026-04-02", 1, "2026-04-07"), // Friday closed, weekend, Monday closed
        ("2026-04-02", 2, "2026-04-09"), // and Wednesday closed
        ("2026-04-05", 0, "2026-04-02"), // a closed day counts as the business day before
        ("2026-04-05", 1, "2026-04-07"),
        ("2026-04-07", -1, "2026-04-02"),
        ("2026-04-05", -1, "2026-04-02"),
        ("2026-04-09", -2, "2026-04-02"),
        ("2026-04-10", 100, "2026-08-28"),
        ("2026-08-28", -100, "2026-04-10"),
    ];
    for (from, days, to) in cases {
        assert_eq!(calendar.add_business_days(date(from), days), date(to), "{from} {days:+}");
    }
    assert_eq!(calendar.business_days_between(date("2026-04-02"), date("2026-04-09")), 2);
    assert_eq!(calendar.business_days_between(date("2026-04-09"), date("2026-04-02")), -2);
    assert_eq!(calendar.business_days_between(date("2026-04-04"), date("2026-04-06")), 0);
    assert_eq!(calendar.add_business_days(date("2026-04-09"), i64::MAX), NaiveDate::MAX);
    assert_eq!(calendar.add_business_days(date("2026-04-09"), i64::MIN), NaiveDate::MIN);
}

#[test]
fn working_time_runs_in_working_hours_only() {
    let calendar = office("America/New_York"); // UTC-4 in April
    let cases = [
        ("2026-04-01T14:00:00Z", 60, "2026-04-01T15:00:00Z"),
        ("2026-04-01T20:30:00Z", 30, "2026-04-01T21:00:00Z"), // at the end of the day, not the next morning
        ("2026-04-01T20:30:00Z", 31, "2026-04-02T13:01:00Z"),
        ("2026-04-01T03:00:00Z", 30, "2026-04-01T13:30:00Z"),  // before opening
        ("2026-04-02T20:00:00Z", 120, "2026-04-07T14:00:00Z"), // over four closed days
        ("2026-04-04T12:00:00Z", 480, "2026-04-07T21:00:00Z"), // from a weekend, one whole day
        ("2026-04-04T12:00:00Z", 481, "2026-04-09T13:01:00Z"), // next day is closed
        ("2026-04-04T12:00:00Z", 0, "2026-04-04T12:00:00Z"),
        ("2026-04-04T12:00:00Z", -5, "2026-04-04T12:00:00Z"),
    ];
    for (from, minutes, due) in cases {
        assert_eq!(
            calendar.add_working_time(time(from), Duration::minutes(minutes)),
            time(due),
            "{from} + {minutes} min"
        );
    }
    let between = calendar.working_time_between(time("2026-04-01T20:30:00Z"), time("2026-04-07T13:05:00Z"));
    assert_eq!(between, Duration::minutes(30 + 480 + 5));
    let back = calendar.working_time_between(time("2026-04-07T13:05:00Z"), time("2026-04-01T20:30:00Z"));
    assert_eq!(back, -between);
}

#[test]
fn a_night_shift_goes_past_midnight() {
    let hours = [("mon tue wed thu fri", "22:00", "24:00"), ("tue wed thu fri sat", "00:00", "06:00")];
    let calendar = calendar("Europe/London", &hours, &[]).expect("calendar");
    let due = calendar.add_working_time(time("2026-01-05T23:00:00Z"), Duration::hours(3));
    assert_eq!(due, time("2026-01-06T02:00:00Z"));
    let weekend = calendar.add_working_time(time("2026-01-10T05:00:00Z"), Duration::hours(2));
    assert_eq!(weekend, time("2026-01-12T23:00:00Z"));
}

#[test]
fn days_of_clock_changes_are_as_long_as_they_are() {
    let calendar = all_week("America/New_York");
    let day = |from: &str, to: &str| calendar.working_time_between(time(from), time(to));
    assert_eq!(day("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"), Duration::hours(23), "spring");
    assert_eq!(day("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"), Duration::hours(25), "autumn");
    let berlin = office("Europe/Berlin");
    // Friday 16:00 local is 15:00 UTC in winter, Monday's opening is 07:00 UTC in summer.
    let due = berlin.add_working_time(time("2026-03-27T15:00:00Z"), Duration::hours(2));
    assert_eq!(due, time("2026-03-30T08:00:00Z"));
    let due = berlin.add_working_time(time("2026-10-23T14:00:00Z"), Duration::hours(2));
    assert_eq!(due, time("2026-10-26T09:00:00Z"));
}

#[test]
fn boundaries_in_the_gap_and_in_the_fold_are_one_moment() {
    let hours = [("sun", "00:00", "01:30"), ("sun", "01:30", "02:30"), ("sun", "02:30", "04:00")];
    let calendar = calendar("America/New_York", &hours, &[]).expect("calendar");
    let lengths = |day: &str| -> Vec<_> {
        calendar
            .intervals(date(day))
            .map(|open| (open.end - open.start).num_minutes())
            .collect()
    };
    assert_eq!(lengths("2026-03-08"), [90, 30, 60], "02:00 to 03:00 does not exist");
    assert_eq!(lengths("2026-11-01"), [90, 120, 90], "01:00 to 02:00 happens twice");
    assert_eq!(lengths("2026-06-07"), [90, 60, 90]);
    let gap = "2026-03-08T02:30:00".parse().expect("local time");
    assert_eq!(calendar.instant(gap), time("2026-03-08T07:00:00Z"));
    let fold = "2026-11-01T01:30:00".parse().expect("local time");
    assert_eq!(calendar.instant(fold), time("2026-11-01T05:30:00Z"));
}

#[test]
fn a_day_that_a_zone_left_out_has_no_working_time() {
    let calendar = all_week("Pacific/Apia");
    let between = calendar.working_time_between(time("2011-12-30T09:00:00Z"), time("2011-12-30T12:00:00Z"));
    assert_eq!(between, Duration::hours(3), "30 December was skipped, the time around it was not");
}

#[test]
fn impossible_calendars_are_refused() {
    let fault = |hours: &[(&str, &str, &str)]| calendar("UTC", hours, &[]).expect_err("a fault").to_string();
    assert_eq!(fault(&[]), "the calendar has no working hours at all");
    assert_eq!(fault(&[("mon", "9:00", "17:00")]), "\"9:00\" is not a time of day like 09:30");
    assert_eq!(fault(&[("mon", "09:00", "17:60")]), "\"17:60\" is not a time of day like 09:30");
    assert_eq!(fault(&[("mon", "09:00", "24:01")]), "\"24:01\" is not a time of day like 09:30");
    let empty = "working hours from 17:00 to 09:00 are empty: the end must be after the start, midnight at the end is 24:00";
    assert_eq!(fault(&[("mon", "17:00", "09:00")]), empty);
    let overlap = fault(&[("mon tue", "09:00", "13:00"), ("tue", "12:30", "17:00")]);
    assert_eq!(overlap, "working hours of tue overlap at 12:30");
}

#[test]
fn ten_years_of_holidays_are_refused() {
    let closed = |years: i32| -> Vec<String> {
        let days = date("2026-01-01").iter_days().take_while(|day| day.year() < 2026 + years);
        days.map(|day| day.to_string()).collect()
    };
    let result = |days: &[String]| {
        let days: Vec<_> = days.iter().map(String::as_str).collect();
        calendar("UTC", &[("mon", "09:00", "17:00")], &days)
    };
    let nine = result(&closed(9)).expect("nine years are possible");
    assert_eq!(
        nine.add_working_time(time("2026-01-01T00:00:00Z"), Duration::hours(1)),
        time("2035-01-01T10:00:00Z")
    );
    assert_eq!(result(&closed(11)).err(), Some(CalendarFault::ClosedTooLong(date("2026-01-01"))));
}

proptest! {
    #[test]
    fn counting_undoes_adding(start in 0_i64..4000, days in 1_i64..400) {
        let calendar = office("Europe/Berlin");
        let from = calendar.add_business_days(date("2020-01-01") + Duration::days(start), 0);
        let to = calendar.add_business_days(from, days);
        prop_assert!(calendar.is_business_day(to));
        prop_assert_eq!(calendar.business_days_between(from, to), days);
        prop_assert_eq!(calendar.add_business_days(to, -days), from);
        let counted = from.iter_days().skip(1).take_while(|day| *day <= to).filter(|day| calendar.is_business_day(*day));
        prop_assert_eq!(signed(counted.count()), days);
    }

    #[test]
    fn working_time_between_undoes_add(start in 0_i64..60_000_000, seconds in 1_i64..2_000_000) {
        let calendar = office("America/New_York");
        let from = time("2025-01-01T00:00:00Z") + Duration::seconds(start);
        let due = calendar.add_working_time(from, Duration::seconds(seconds));
        prop_assert!(due > from);
        prop_assert_eq!(calendar.working_time_between(from, due), Duration::seconds(seconds));
        prop_assert_eq!(calendar.working_time_between(from, due - Duration::seconds(1)), Duration::seconds(seconds - 1));
    }
}
