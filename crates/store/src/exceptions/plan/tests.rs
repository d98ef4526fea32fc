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

#[test]
fn common_cells_are_walked_to_and_rare_ones_merged() {
    let group = |rows| Group {
        cells: vec![1; 100],
        rows,
        is_begun: false,
    };
    assert_eq!(width(&group(1_000_000), 1_000_000, 101), Some(101));
    assert_eq!(width(&group(500_000), 1_000_000, 101), Some(303));
    assert_eq!(width(&group(30_000), 1_000_000, 101), None);
    assert_eq!(each(&group(1), 51), 51);
    assert!(each(&group(1), 501) < 501 / 10);
}

#[test]
fn a_walk_is_made_longer_where_that_fills_the_page() {
    let seen = |found| Seen {
        walked: 2_000,
        fitting: 2_000,
        found,
    };
    assert_eq!(seen(0).longer(101), None);
    assert_eq!(seen(5).longer(101), None);
    assert!(seen(50).longer(101).is_some_and(|width| width < LONG_WALK));
}

#[test]
fn rows_are_gathered_where_fewest_are() {
    let sought = Restriction {
        sought: Some("x".into()),
        ..Restriction::default()
    };
    let seen = |fitting| Seen {
        walked: 2_000,
        fitting,
        found: 0,
    };
    assert_eq!(source(&sought, seen(1_000), 10_000, 1_000_000), Source::Cells);
    assert_eq!(source(&sought, seen(0), 10_000, 1_000_000), Source::Terms);
    let created = Restriction {
        created: crate::exceptions::filter::Range {
            from: Some(DateTime::<Utc>::UNIX_EPOCH),
            to: None,
        },
        ..Restriction::default()
    };
    assert_eq!(source(&created, seen(0), 10_000, 1_000_000), Source::OtherTime);
}
