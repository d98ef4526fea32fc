//! The filter grammar as query parameters: parsed here once, for every endpoint that selects exceptions.

use axum::{extract::FromRequestParts, http::request::Parts};
use chrono::{DateTime, Utc};
use domain::{
    fault::Fault,
    filter::{Direction, DueBucket, Filter, Sort, SortKey},
    intake::parse_time,
};
use serde::Deserialize;
use store::exceptions::Cursor;
use utoipa::IntoParams;

use super::{problem::ApiError, state::AppState};

const MAX_LIMIT: u32 = 500;
const DEFAULT_LIMIT: u32 = 100;

/// Which exceptions. Lists are comma-separated: any of the values; different parameters must all hold.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FilterParams {
    /// OPEN, `IN_PROGRESS`, WAITING, `PENDING_APPROVAL`, RESOLVED
    status: Option<String>,
    /// CRITICAL, HIGH, MEDIUM, LOW
    severity: Option<String>,
    /// Exception types
    #[serde(rename = "type")]
    #[param(rename = "type")]
    kind: Option<String>,
    /// Queues by name
    queue: Option<String>,
    /// Source systems
    source: Option<String>,
    /// Owners
    owner: Option<String>,
    /// Exact value of an entity: an account, an order, a patient
    entity: Option<String>,
    /// Free text: every word must occur in title, id or entities
    q: Option<String>,
    /// Arose at or after this time (RFC 3339)
    created_from: Option<String>,
    /// Arose before this time (RFC 3339)
    created_to: Option<String>,
    /// Due at or after this time (RFC 3339)
    due_from: Option<String>,
    /// Due before this time (RFC 3339)
    due_to: Option<String>,
    /// late, nextHour, today (within 24 hours), later; unresolved exceptions only
    due: Option<String>,
    /// created, due, severity, type, status, queue, source; with - in front descending. Default -created
    sort: Option<String>,
    /// Exceptions per page, 1 to 500. Default 100
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
    /// `next` of the page before
    cursor: Option<String>,
}

/// A parsed selection.
#[derive(Debug)]
pub struct Selection {
    /// Which.
    pub filter: Filter,
    /// In which order.
    pub sort: Sort,
    /// How many.
    pub limit: u32,
    /// From where on.
    pub after: Option<Cursor>,
}

impl FromRequestParts<AppState> for Selection {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or("");
        let params: FilterParams =
            serde_urlencoded::from_str(query).map_err(|error| ApiError::Malformed(format!("the query does not fit: {error}")))?;
        params.parse()
    }
}

impl FilterParams {
    fn parse(&self) -> Result<Selection, ApiError> {
        let mut faults = Vec::new();
        let filter = Filter {
            statuses: list(self.status.as_ref(), "status", &mut faults),
            severities: list(self.severity.as_ref(), "severity", &mut faults),
            types: words(self.kind.as_ref(), "type", &mut faults),
            queues: words(self.queue.as_ref(), "queue", &mut faults),
            sources: words(self.source.as_ref(), "source", &mut faults),
            owners: words(self.owner.as_ref(), "owner", &mut faults),
            due: due(self.due.as_ref(), &mut faults),
            entity: text(self.entity.as_ref(), "entity", &mut faults),
            text: text(self.q.as_ref(), "q", &mut faults),
            created_from: time(self.created_from.as_ref(), "createdFrom", &mut faults),
            created_to: time(self.created_to.as_ref(), "createdTo", &mut faults),
            due_from: time(self.due_from.as_ref(), "dueFrom", &mut faults),
            due_to: time(self.due_to.as_ref(), "dueTo", &mut faults),
        };
        let sort = self.sort(&mut faults);
        let limit = self.limit(&mut faults);
        let after = self.cursor.as_ref().filter(|cursor| !cursor.is_empty()).and_then(|cursor| {
            Cursor::decode(cursor, sort)
                .map_err(|error| faults.push(Fault::at("cursor", "invalid", error.to_string())))
                .ok()
        });
        if faults.is_empty() {
            Ok(Selection {
                filter,
                sort,
                limit,
                after,
            })
        } else {
            Err(malformed(&faults))
        }
    }

    fn sort(&self, faults: &mut Vec<Fault>) -> Sort {
        let text = self.sort.as_deref().filter(|text| !text.is_empty()).unwrap_or("-created");
        let (direction, name) = match text.strip_prefix('-') {
            Some(name) => (Direction::Descending, name),
            None => (Direction::Ascending, text),
        };
        let key = SortKey::ALL.into_iter().find(|key| key.as_str() == name);
        if key.is_none() {
            let known = SortKey::ALL.map(SortKey::as_str).join(", ");
            faults.push(Fault::at(
                "sort",
                "invalid",
                format!("'{text}' is no order; sort by {known}, with - in front descending"),
            ));
        }
        Sort {
            key: key.unwrap_or(SortKey::Created),
            direction,
        }
    }

    fn limit(&self, faults: &mut Vec<Fault>) -> u32 {
        let Some(text) = &self.limit else { return DEFAULT_LIMIT };
        let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
        limit.unwrap_or_else(|| {
            faults.push(Fault::at("limit", "invalid", format!("limit is a number from 1 to {MAX_LIMIT}")));
            DEFAULT_LIMIT
        })
    }
}

fn malformed(faults: &[Fault]) -> ApiError {
    ApiError::Malformed(
        faults
            .iter()
            .map(|fault| format!("{}: {}", fault.pointer, fault.message))
            .collect::<Vec<_>>()
            .join("; "),
    )
}

/// Comma-separated words. A NUL cannot be stored, so nothing has it.
fn words(text: Option<&String>, name: &str, faults: &mut Vec<Fault>) -> Vec<String> {
    let text = text.map_or("", String::as_str);
    if text.contains('\0') {
        faults.push(Fault::at(name, "invalid", "a NUL character cannot occur"));
    }
    text.split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn text(text: Option<&String>, name: &str, faults: &mut Vec<Fault>) -> Option<String> {
    let text = text.map(|text| text.trim()).filter(|text| !text.is_empty())?;
    if text.contains('\0') || text.len() > 200 {
        faults.push(Fault::at(name, "invalid", "a text has at most 200 bytes and no NUL character"));
    }
    Some(text.to_owned())
}

fn list<T: std::str::FromStr>(text: Option<&String>, name: &str, faults: &mut Vec<Fault>) -> Vec<T>
where
    T::Err: std::fmt::Display,
{
    let mut values = Vec::new();
    for word in words(text, name, faults) {
        match word.parse() {
            Ok(value) => values.push(value),
            Err(error) => faults.push(Fault::at(name, "invalid", format!("'{word}': {error}"))),
        }
    }
    values
}

fn due(text: Option<&String>, faults: &mut Vec<Fault>) -> Vec<DueBucket> {
    let mut buckets = Vec::new();
    for word in words(text, "due", faults) {
        match DueBucket::ALL.into_iter().find(|bucket| bucket.as_str() == word) {
            Some(bucket) => buckets.push(bucket),
            None => faults.push(Fault::at(
                "due",
                "invalid",
                format!("'{word}': due is one of late, nextHour, today, later"),
            )),
        }
    }
    buckets
}

fn time(text: Option<&String>, name: &str, faults: &mut Vec<Fault>) -> Option<DateTime<Utc>> {
    let text = text.filter(|text| !text.is_empty())?;
    let time = parse_time(text);
    if time.is_none() {
        faults.push(Fault::at(
            name,
            "invalid",
            format!("'{text}' is not a time; write RFC 3339 as in 2026-11-23T09:30:00Z"),
        ));
    }
    time
}
