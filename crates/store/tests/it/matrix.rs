//! The matrix of filters that lists are measured and tested by, each in all orders.

use chrono::TimeDelta;
use domain::{
    filter::{Direction, DueBucket, Filter, Sort, SortKey},
    severity::Severity,
    status::Status,
};

use super::database::noon;

/// Every order of a list.
pub fn sorts() -> impl Iterator<Item = Sort> {
    let both = [Direction::Ascending, Direction::Descending];
    SortKey::ALL
        .into_iter()
        .flat_map(move |key| both.map(|direction| Sort { key, direction }))
}

/// Filters over what [`filled`](super::filled::filled) makes, and the most rows of 50,000 that a page of each may touch in any order.
pub fn filters() -> Vec<(Filter, i64)> {
    let mut filters = Vec::new();
    let mut add = |most: i64, change: &dyn Fn(&mut Filter)| {
        let mut filter = Filter::default();
        change(&mut filter);
        filters.push((filter, most));
    };
    let text = |text: &str| Some(text.to_owned());
    let unresolved = || Status::ALL.into_iter().filter(|status| *status != Status::Resolved).collect();
    // What cells know.
    add(5_000, &|_| {});
    add(5_000, &|of| of.statuses = vec![Status::Open]);
    add(5_000, &|of| of.statuses = vec![Status::Resolved]);
    add(5_000, &|of| of.statuses = unresolved());
    add(10_000, &|of| {
        of.severities = vec![Severity::Critical];
        of.types = vec!["SOUR_MILK".into()];
    });
    add(5_000, &|of| {
        of.queues = vec!["night".into()];
        of.sources = vec!["Till".into()];
    });
    // Times.
    add(14_000, &|of| of.due = vec![DueBucket::Late]);
    add(5_000, &|of| {
        of.due = vec![DueBucket::NextHour];
        of.statuses = vec![Status::Open];
    });
    add(5_000, &|of| of.created_from = Some(noon() - TimeDelta::hours(2)));
    add(10_000, &|of| {
        of.due_from = Some(noon());
        of.due_to = Some(noon() + TimeDelta::hours(3));
    });
    add(5_000, &|of| of.resolved_from = Some(noon() - TimeDelta::hours(3)));
    // What work has made of them.
    add(14_000, &|of| of.owners = vec![Some("ada".into())]);
    add(14_000, &|of| {
        of.owners = vec![Some("ada".into())];
        of.statuses = unresolved();
    });
    add(5_000, &|of| of.owners = vec![None]);
    add(10_000, &|of| of.owners = vec![Some("bob".into()), None]);
    add(24_000, &|of| of.resolutions = vec!["AUTO_CLEARED".into()]);
    add(24_000, &|of| of.root_causes = vec!["YEAST".into()]);
    add(5_000, &|of| of.resolutions = vec!["NEVER".into()]);
    add(10_000, &|of| of.waiting_for = vec!["FLOUR".into()]);
    add(14_000, &|of| of.breached = Some(true));
    add(5_000, &|of| of.breached = Some(false));
    add(5_000, &|of| of.escalated = Some(true));
    add(5_000, &|of| {
        of.escalated = Some(true);
        of.owners = vec![Some("ada".into())];
    });
    add(5_000, &|of| of.severity_changed = Some(true));
    // Words and values.
    add(24_000, &|of| of.entity = text("O-7"));
    add(10_000, &|of| of.text = text("rare55"));
    add(24_000, &|of| {
        of.text = text("w3");
        of.severities = vec![Severity::High];
    });
    add(5_000, &|of| of.text = text("bread"));
    add(24_000, &|of| of.fields = [("oven".to_owned(), vec!["O-1".to_owned()])].into());
    filters
}
