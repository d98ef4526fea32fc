//! The filter grammar as query parameters: parsed here once, for every endpoint that selects exceptions.

use std::collections::BTreeMap;

use axum::{extract::FromRequestParts, http::request::Parts};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use domain::{
    fault::Fault,
    filter::{Direction, DueBucket, Filter, Sort, SortKey},
    intake::parse_time,
    pack::Pack,
};
use serde::Deserialize;
use store::exceptions::{Cursor, Listing};
use utoipa::IntoParams;

use super::{actor::Viewer, problem::ApiError, state::AppState};

const MAX_LIMIT: u32 = 500;
/// What the name of a parameter begins with that chooses values of a field.
const FIELD: &str = "field.";
const DEFAULT_LIMIT: u32 = 50;

/// Which exceptions. Lists are comma-separated: any of the values; different parameters must all hold.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FilterParams {
    /// `OPEN`, `IN_PROGRESS`, `WAITING`, `PENDING_APPROVAL`, `RESOLVED`
    status: Option<String>,
    /// `CRITICAL`, `HIGH`, `MEDIUM`, `LOW`
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
    /// Id of the exception that they are parts of
    parent: Option<String>,
    /// Exact value of an entity: an account, an order, a patient
    entity: Option<String>,
    /// Free text: every word must be the beginning of a word of the title, of an id or of an entity's value
    q: Option<String>,
    /// Value of a declared field of the payload: write its name for NAME; repeated, any of the values
    #[serde(rename = "field.NAME")]
    #[param(rename = "field.NAME", value_type = Option<Vec<String>>)]
    #[expect(dead_code, reason = "these have names of their own; this one is for the OpenAPI document")]
    field: Option<String>,
    /// Arose at or after this time (RFC 3339)
    created_from: Option<String>,
    /// Arose before this time (RFC 3339)
    created_to: Option<String>,
    /// Aged from this day or a later one (`YYYY-MM-DD`)
    aged_from: Option<String>,
    /// Aged from a day before this one (`YYYY-MM-DD`)
    aged_to: Option<String>,
    /// Due at or after this time (RFC 3339)
    due_from: Option<String>,
    /// Due before this time (RFC 3339)
    due_to: Option<String>,
    /// `late`, `nextHour`, `today` (within 24 hours), `later`; unresolved exceptions only
    due: Option<String>,
    /// `created`, `due`, `severity`, `type`, `status`, `queue`, `source`; with `-` in front descending. Default `-created`. Ties: most urgent
    /// first, then by id
    sort: Option<String>,
    /// Exceptions per page, 1 to 500. Default 50
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

impl Selection {
    /// What to ask the store for.
    pub fn listing(&self, now: DateTime<Utc>) -> Listing<'_> {
        Listing {
            filter: &self.filter,
            sort: self.sort,
            after: self.after.as_ref(),
            limit: self.limit,
            now,
        }
    }

    /// Reads a selection from named values.
    pub async fn of(pairs: Vec<(String, String)>, parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let (fields, named): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(name, _)| name.starts_with(FIELD));
        let named = serde_urlencoded::to_string(named).map_err(does_not_fit)?;
        let params: FilterParams = serde_urlencoded::from_str(&named).map_err(does_not_fit)?;
        let mut faults = Vec::new();
        let fields = if fields.is_empty() {
            BTreeMap::new()
        } else {
            let Viewer(identity) = Viewer::from_request_parts(parts, state).await?;
            let pack = state.packs.active(&state.store, &identity.scope, &identity.domain).await?;
            declared(fields, &pack, &mut faults)
        };
        params.parse(fields, faults)
    }
}

impl FromRequestParts<AppState> for Selection {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        Self::of(pairs(parts)?, parts, state).await
    }
}

/// The parameters of a query in their order.
pub fn pairs(parts: &Parts) -> Result<Vec<(String, String)>, ApiError> {
    serde_urlencoded::from_str(parts.uri.query().unwrap_or("")).map_err(does_not_fit)
}

fn does_not_fit(error: impl std::fmt::Display) -> ApiError {
    ApiError::Malformed(format!("the query does not fit: {error}"))
}

/// Where a list of ids goes on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PageParams {
    /// Exceptions per page, 1 to 500. Default 50
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
    /// `next` of the page before
    cursor: Option<String>,
}

/// A part of a list of ids.
#[derive(Debug)]
pub struct Slice {
    /// How many.
    pub limit: u32,
    /// Behind this id; empty for the start.
    pub after: String,
}

impl FromRequestParts<AppState> for Slice {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or("");
        let params: PageParams = serde_urlencoded::from_str(query).map_err(does_not_fit)?;
        let mut faults = Vec::new();
        let limit = limit(params.limit.as_ref(), &mut faults);
        let after = text(params.cursor.as_ref(), "cursor", &mut faults).unwrap_or_default();
        if faults.is_empty() {
            Ok(Self { limit, after })
        } else {
            Err(malformed(&faults))
        }
    }
}

impl FilterParams {
    fn parse(&self, fields: BTreeMap<String, Vec<String>>, mut faults: Vec<Fault>) -> Result<Selection, ApiError> {
        let filter = Filter {
            fields,
            statuses: list(self.status.as_ref(), "status", &mut faults),
            severities: list(self.severity.as_ref(), "severity", &mut faults),
            types: words(self.kind.as_ref(), "type", &mut faults),
            queues: words(self.queue.as_ref(), "queue", &mut faults),
            sources: words(self.source.as_ref(), "source", &mut faults),
            owners: words(self.owner.as_ref(), "owner", &mut faults),
            parent: text(self.parent.as_ref(), "parent", &mut faults),
            due: due(self.due.as_ref(), &mut faults),
            entity: text(self.entity.as_ref(), "entity", &mut faults),
            text: sought(self.q.as_ref(), &mut faults),
            created_from: time(self.created_from.as_ref(), "createdFrom", &mut faults),
            created_to: time(self.created_to.as_ref(), "createdTo", &mut faults),
            aged_from: day(self.aged_from.as_ref(), "agedFrom", &mut faults),
            aged_to: day(self.aged_to.as_ref(), "agedTo", &mut faults),
            due_from: time(self.due_from.as_ref(), "dueFrom", &mut faults),
            due_to: time(self.due_to.as_ref(), "dueTo", &mut faults),
        };
        let sort = self.sort(&mut faults);
        let limit = limit(self.limit.as_ref(), &mut faults);
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
}

fn limit(text: Option<&String>, faults: &mut Vec<Fault>) -> u32 {
    let Some(text) = text else { return DEFAULT_LIMIT };
    let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.unwrap_or_else(|| {
        faults.push(Fault::at("limit", "invalid", format!("limit is a number from 1 to {MAX_LIMIT}")));
        DEFAULT_LIMIT
    })
}

/// Values of fields by name. Only names that the pack declares can be sought.
fn declared(pairs: Vec<(String, String)>, pack: &Pack, faults: &mut Vec<Fault>) -> BTreeMap<String, Vec<String>> {
    let known = field_names(pack, &[]);
    let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (parameter, value) in pairs {
        let name = &parameter[FIELD.len()..];
        if !known.iter().any(|known| known == name) {
            let all: Vec<&str> = known.iter().map(String::as_str).collect();
            faults.push(Fault::at(
                &parameter,
                "invalid",
                format!(
                    "no type of {} declares a field '{name}'; it declares {}",
                    pack.domain(),
                    all.join(", ")
                ),
            ));
        } else if let Some(value) = text(Some(&value), &parameter, faults) {
            fields.entry(name.to_owned()).or_default().push(value);
        }
    }
    fields
}

/// Names of the fields that some types of a pack declare, in the pack's order; of all its types where none is named.
pub fn field_names(pack: &Pack, types: &[String]) -> Vec<String> {
    let kinds = pack.document().exception_types.iter();
    let chosen = kinds.filter(|(name, _)| types.is_empty() || types.contains(name));
    let names: indexmap::IndexSet<&String> = chosen.flat_map(|(_, kind)| kind.fields.keys()).collect();
    names.into_iter().cloned().collect()
}

/// Free text. What has no letter or digit would find everything.
fn sought(q: Option<&String>, faults: &mut Vec<Fault>) -> Option<String> {
    let text = text(q, "q", faults)?;
    if domain::terms::words(&text).is_empty() {
        faults.push(Fault::at("q", "invalid", "a text to search for has a letter or a digit"));
    }
    Some(text)
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

fn day(text: Option<&String>, name: &str, faults: &mut Vec<Fault>) -> Option<NaiveDate> {
    let text = text.filter(|text| !text.is_empty())?;
    let day = text.parse().ok().filter(|day: &NaiveDate| (0..10_000).contains(&day.year()));
    if day.is_none() {
        faults.push(Fault::at(name, "invalid", format!("'{text}' is not a day; write YYYY-MM-DD")));
    }
    day
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
