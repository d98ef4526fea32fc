//! Children of an exception, as its detail shows them.

use chrono::{DateTime, Utc};
use domain::pack::Pack;
use serde::Serialize;
use store::exceptions::{PartRow, Parts};
use utoipa::ToSchema;

use super::views::{SeverityName, StatusName};
use crate::http::{
    disclosure::{Shown, TypeOf},
    names::Names,
};

/// Exceptions that are linked to this one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Children)]
#[serde(rename_all = "camelCase")]
pub struct PartsView {
    /// How many there are.
    total: i64,
    /// How many are not resolved.
    open: i64,
    /// The highest severity of those that are not resolved; null where none is left.
    #[schema(required, value_type = Option<SeverityName>)]
    highest_severity: Option<String>,
    /// The first 50: the highest severity first, then the earliest due.
    items: Vec<PartView>,
}

/// A child of an exception.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Child)]
#[serde(rename_all = "camelCase")]
pub struct PartView {
    exception_id: String,
    title: String,
    exception_type: String,
    type_label: String,
    #[schema(value_type = SeverityName)]
    severity: String,
    #[schema(value_type = StatusName)]
    status: String,
    #[schema(required)]
    owner: Option<String>,
    /// By when it must be resolved.
    due_at: DateTime<Utc>,
}

impl PartsView {
    /// Of an exception; types are called as in its pack.
    pub fn of(parts: Parts, pack: &Pack, names: &Names, shown: &mut Shown) -> Self {
        Self {
            total: parts.total,
            open: parts.open,
            highest_severity: parts.highest_severity.map(|severity| severity.to_string()),
            items: parts.items.into_iter().map(|part| PartView::of(part, pack, names, shown)).collect(),
        }
    }
}

impl PartView {
    fn of(part: PartRow, pack: &Pack, names: &Names, shown: &mut Shown) -> Self {
        shown.values(TypeOf::new(&part.domain, &part.pack_version, &part.exception_type), []);
        let kind = pack.exception_type(&part.exception_type);
        Self {
            type_label: kind.map_or_else(|| part.exception_type.clone(), |kind| kind.document.label.clone()),
            exception_id: part.exception_id,
            title: part.title,
            exception_type: part.exception_type,
            severity: part.severity,
            status: part.status,
            owner: part.owner.map(|owner| names.member(owner)),
            due_at: part.due_at,
        }
    }
}
