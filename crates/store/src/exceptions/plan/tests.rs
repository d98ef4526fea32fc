use chrono::{DateTime, Utc};
use domain::{cell::Cell, severity::Severity, status::Status};

use super::*;

fn known(status: Status, severity: Severity, kind: &str, rows: i64) -> KnownCell {
    let cell = Cell {
        status,
        severity,
        exception_type: kind.into(),
        queue: "q".into(),
        source_system: "s".into(),
    };
    KnownCell::new(cell, rows)
}

fn cells() -> Vec<KnownCell> {
    vec![
        known(Status::Open, Severity::Low, "B", 10),
        known(Status::Open, Severity::Critical, "A", 20),
        known(Status::Resolved, Severity::Critical, "B", 5_000),
        known(Status::Waiting, Severity::High, "C", 40),
    ]
}

fn sort(key: SortKey, direction: Direction) -> Sort {
    Sort { key, direction }
}

fn rows(groups: &[Group]) -> Vec<i64> {
    groups.iter().map(|group| group.rows).collect()
}

#[test]
fn a_time_makes_one_group_of_the_fitting_cells() {
    let filter = Filter {
        statuses: vec![Status::Open],
        ..Filter::default()
    };
    let by_time = groups(&filter, &cells(), sort(SortKey::Created, Direction::Descending), None);
    assert_eq!(rows(&by_time), [30]);
}

#[test]
fn values_follow_their_own_order_and_direction() {
    let all = Filter::default();
    let of = |key, direction| rows(&groups(&all, &cells(), sort(key, direction), None));
    assert_eq!(of(SortKey::Severity, Direction::Descending), [5_020, 40, 10]);
    assert_eq!(of(SortKey::Severity, Direction::Ascending), [10, 40, 5_020]);
    assert_eq!(of(SortKey::Type, Direction::Ascending), [20, 5_010, 40]);
    assert_eq!(of(SortKey::Status, Direction::Ascending), [30, 40, 5_000]);
}

#[test]
fn a_filter_that_no_cell_fits_leaves_nothing_to_read() {
    let filter = Filter {
        queues: vec!["elsewhere".into()],
        ..Filter::default()
    };
    assert!(groups(&filter, &cells(), sort(SortKey::Due, Direction::Ascending), None).is_empty());
}

#[test]
fn groups_before_the_cursor_are_passed_and_only_its_own_is_begun() {
    let by_type = sort(SortKey::Type, Direction::Descending);
    let text = r#"{"s":"-type","v":"B","t":"2026-11-23T00:00:00Z","i":"x"}"#;
    let cursor: Cursor = serde_json::from_str(text).expect("a cursor");
    let left = groups(&Filter::default(), &cells(), by_type, Some(&cursor));
    let begun: Vec<(i64, bool)> = left.iter().map(|group| (group.rows, group.is_begun)).collect();
    assert_eq!(begun, [(5_010, true), (20, false)]);
}

#[test]
fn small_groups_are_read_together_and_a_large_one_is_not() {
    let by_status = groups(&Filter::default(), &cells(), sort(SortKey::Status, Direction::Ascending), None);
    assert_eq!(small(&by_status), 2);
    assert_eq!(small(&by_status[2..]), 0);
}

fn group(cells: &[i64]) -> Group {
    Group {
        cells: (0..).zip(cells.iter().copied()).collect(),
        rows: cells.iter().sum(),
        is_begun: false,
    }
}

#[test]
fn common_cells_are_walked_to_and_rare_ones_merged() {
    assert_eq!(width(&group(&[1_000_000]), 1_000_000, 101), Some(101));
    assert_eq!(width(&group(&[500_000]), 1_000_000, 101), Some(303));
    assert_eq!(width(&group(&[30_000]), 1_000_000, 101), None);
}

#[test]
fn a_merge_takes_from_each_cell_its_share_and_at_last_all_that_is_wanted() {
    let uneven = group(&[90_000, 10_000, 100]);
    assert_eq!(quotas(&uneven, 100, Attempt::First), [100, 28, 6]);
    assert_eq!(quotas(&uneven, 100, Attempt::Second), [100, 100, 48]);
    assert_eq!(quotas(&uneven, 100, Attempt::Last), [100, 100, 100]);
}

#[test]
fn the_way_on_reads_the_fewest_rows() {
    let sought = section(&Restriction {
        sought: Some("x".into()),
        ..Restriction::default()
    });
    let after = |walked, (in_cells, fitting, found), cells: &[i64], beside| {
        let seen = Seen {
            walked,
            in_cells,
            fitting,
            found,
        };
        let known = Known {
            all: 1_000_000,
            led: 1_000_000,
            beside,
        };
        way(&sought, seen, &group(cells), known, 101)
    };
    let on = |in_cells, fitting, found, cells: &[i64]| after(1_000, (in_cells, fitting, found), cells, 0);
    assert_eq!(on(1_000, 60, 60, &[1_000_000]), Way::Walk(2_516), "frequent everywhere");
    assert_eq!(on(20, 900, 0, &[20_000]), Way::Merge, "frequent, in rare cells");
    assert_eq!(on(900, 0, 0, &[900_000]), Way::Rest(Source::Terms), "rare");
    assert_eq!(on(3, 3, 0, &[1_200]), Way::Group, "rare, in rarer cells");
    let never = (125, 125, 0);
    assert_eq!(
        on(125, 125, 0, &[900_000]),
        Way::Walk(8_000),
        "frequent, but not in these cells yet"
    );
    assert_eq!(
        after(8_000, never, &[900_000], 0),
        Way::Rest(Source::Terms),
        "frequent, but never in these cells"
    );
    assert_eq!(
        after(1_000, (900, 0, 0), &[900_000], many(1_000_000)),
        Way::Walk(8_000),
        "none yet, and many by another index"
    );
}

/// A list by due time.
fn section(restriction: &Restriction) -> Section {
    let by_due = sort(SortKey::Due, Direction::Ascending);
    sections(by_due, restriction, &[]).remove(0)
}

#[test]
fn few_days_and_rare_values_are_asked_first() {
    let from = Some(DateTime::<Utc>::UNIX_EPOCH);
    let probed = |restriction: &Restriction, key| {
        let sort = sort(key, Direction::Ascending);
        probe(&sections(sort, restriction, &[])[0], sort)
    };
    let created = Restriction {
        created: Range { from, to: None },
        ..Restriction::default()
    };
    assert_eq!(probed(&created, SortKey::Due), Some(Source::Cells));
    assert_eq!(probed(&created, SortKey::Created), None);
    let owned = Restriction {
        owners: vec![Some("ada".into())],
        ..Restriction::default()
    };
    assert_eq!(probed(&owned, SortKey::Created), Some(Source::Other));
    assert_eq!(probed(&owned, SortKey::Due), None, "the index of owners has that order");
    let parts = Restriction {
        parent: Some("whole".into()),
        sought: Some("'word'".into()),
        ..owned
    };
    assert_eq!(probed(&parts, SortKey::Severity), Some(Source::Other));
    assert_eq!(probed(&Restriction::default(), SortKey::Created), None);
}

#[test]
fn what_has_no_value_that_is_sorted_by_is_a_section_of_its_own_at_the_end() {
    let marks = |key, direction, restriction: &Restriction| -> Vec<Mark> {
        let owners = ["bob".to_owned(), "ada".to_owned()];
        let sections = sections(sort(key, direction), restriction, &owners).into_iter();
        sections.map(|section| section.mark).collect()
    };
    let with = |value: &str| Mark::With(value.into());
    let all = Restriction::default();
    for direction in [Direction::Ascending, Direction::Descending] {
        assert_eq!(marks(SortKey::Exposure, direction, &all), [with(""), Mark::Without]);
        assert_eq!(marks(SortKey::Due, direction, &all), [Mark::All]);
    }
    assert_eq!(
        marks(SortKey::Owner, Direction::Descending, &all),
        [with("bob"), with("ada"), Mark::Without]
    );
    let adas = Restriction {
        owners: vec![Some("ada".into())],
        ..Restriction::default()
    };
    assert_eq!(marks(SortKey::Owner, Direction::Ascending, &adas), [with("ada")]);
    let late = Restriction {
        breached: Some(true),
        ..Restriction::default()
    };
    assert_eq!(marks(SortKey::Lateness, Direction::Ascending, &late), [with("")]);
}
