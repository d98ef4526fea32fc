//! The filter grammar as query parameters: parsed here once, for every endpoint that selects exceptions.

use std::collections::BTreeMap;

use axum::{extract::FromRequestParts, http::request::Parts};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    filter::{Direction, DueBucket, Filter, Sort, SortKey},
    pack::Pack,
    severity::Severity,
    status::Status,
    time::{NOT_A_DAY, NOT_A_TIME, parse_day, parse_time},
};
use store::{
    exceptions::{Cursor, Listing},
    keys::Identity,
};
use utoipa::IntoParams;

use super::{
    actor::Viewer,
    names::Names,
    parameters::{MAX_NAME, Parameters},
    problem::ApiError,
    state::AppState,
};

const MAX_LIMIT: u32 = 500;
/// Longest value of a field or an entity, in characters; it fits into an address in every script.
const MAX_VALUE: usize = 10_000;
/// What the name of a parameter begins with that chooses values of a field.
pub const FIELD: &str = "field.";
/// Stands for no owner.
pub const NOBODY: &str = "none";
const DEFAULT_LIMIT: u32 = 50;

/// Which exceptions. A list is any of its values, separated by commas or in repeated parameters; `\,` is a comma within a value and `\\` a
/// backslash. Different parameters must all hold.
#[derive(Debug, Default, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "for the OpenAPI document; read by name")]
pub struct FilterParams {
    /// `OPEN`, `IN_PROGRESS`, `WAITING`, `PENDING_APPROVAL`, `RESOLVED`
    status: Option<String>,
    /// `CRITICAL`, `HIGH`, `MEDIUM`, `LOW`
    severity: Option<String>,
    /// Exception types
    #[param(rename = "type")]
    kind: Option<String>,
    /// Queues by name
    queue: Option<String>,
    /// Source systems
    source: Option<String>,
    /// Owners by name or member id; `me` is the caller, `none` is nobody
    owner: Option<String>,
    /// Codes of what they wait for
    waiting_for: Option<String>,
    /// Resolutions by code
    resolution: Option<String>,
    /// Root causes by code
    root_cause: Option<String>,
    /// `true` or `false`: whether the deadline of the resolution was breached, before or after the resolution
    #[param(value_type = Option<bool>)]
    breached: Option<String>,
    /// `true` or `false`: whether they were ever escalated
    #[param(value_type = Option<bool>)]
    escalated: Option<String>,
    /// `true` or `false`: whether the severity was set by a member or raised by a repetition, and no rule has replaced it since
    #[param(value_type = Option<bool>)]
    severity_changed: Option<String>,
    /// Id of the exception that they are parts of
    parent: Option<String>,
    /// Exact value of an entity, as shown or as sent: an account, an order, a patient
    entity: Option<String>,
    /// Free text: every word must be the beginning of a word of the title, of an id or of an entity's value
    q: Option<String>,
    /// Exact value of a declared field of the payload, or of an item where it is a list: write its name for NAME; repeated, any of the values
    #[param(rename = "field.NAME", value_type = Option<Vec<String>>)]
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
    /// Resolved at or after this time (RFC 3339)
    resolved_from: Option<String>,
    /// Resolved before this time (RFC 3339)
    resolved_to: Option<String>,
    /// `created`, `due`, `severity`, `type`, `status`, `queue`, `source`, `owner`, `exposure`, `lateness`; with `-` in front descending.
    /// Default `-created`. Ties: most urgent first, then by id
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

    /// Reads a selection from parameters; whoever knows others has taken them before.
    pub async fn of(mut given: Parameters, parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let fields = given.take(|name| name.starts_with(FIELD));
        let fields = if fields.is_empty() {
            BTreeMap::new()
        } else {
            let Viewer(identity) = Viewer::from_request_parts(parts, state).await?;
            let pack = state.packs.active(&state.store, &identity.scope, &identity.domain).await?;
            declared(fields, &pack, &mut given)
        };
        let (mut filter, sort) = (filter(fields, &mut given), sort(&mut given));
        if !filter.owners.is_empty() {
            let Viewer(identity) = Viewer::from_request_parts(parts, state).await?;
            let names = state.names.of(&state.store, &identity).await?;
            for owner in filter.owners.iter_mut().flatten() {
                if let Some(id) = owner_id(owner, &identity, &names) {
                    *owner = id;
                }
            }
        }
        let limit = given.limit(DEFAULT_LIMIT, MAX_LIMIT);
        let after = given.read("cursor", |cursor| Cursor::decode(cursor, sort));
        given.end()?;
        Ok(Self {
            filter,
            sort,
            limit,
            after,
        })
    }
}

impl FromRequestParts<AppState> for Selection {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        Self::of(Parameters::of(parts)?, parts, state).await
    }
}

/// Where a list of ids goes on.
#[derive(Debug, Default, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "for the OpenAPI document; read by name")]
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
        let mut given = Parameters::of(parts)?;
        let limit = given.limit(DEFAULT_LIMIT, MAX_LIMIT);
        let after = given.text("cursor", MAX_NAME).unwrap_or_default();
        given.end()?;
        Ok(Self { limit, after })
    }
}

fn filter(fields: BTreeMap<String, Vec<String>>, given: &mut Parameters) -> Filter {
    Filter {
        fields,
        statuses: given.read_list("status", str::parse::<Status>),
        severities: given.read_list("severity", str::parse::<Severity>),
        types: given.list("type"),
        queues: given.list("queue"),
        sources: given.list("source"),
        owners: owners(given.list("owner")),
        waiting_for: given.list("waitingFor"),
        resolutions: given.list("resolution"),
        root_causes: given.list("rootCause"),
        breached: given.read("breached", yes_or_no),
        escalated: given.read("escalated", yes_or_no),
        severity_changed: given.read("severityChanged", yes_or_no),
        parent: given.text("parent", MAX_NAME),
        due: given.read_list("due", due),
        entity: given.value("entity", MAX_VALUE),
        text: text(given),
        created_from: given.read("createdFrom", time),
        created_to: given.read("createdTo", time),
        aged_from: given.read("agedFrom", day),
        aged_to: given.read("agedTo", day),
        due_from: given.read("dueFrom", time),
        due_to: given.read("dueTo", time),
        resolved_from: given.read("resolvedFrom", time),
        resolved_to: given.read("resolvedTo", time),
    }
}

/// Nobody is `none`, which is no member's name.
fn owners(named: Vec<String>) -> Vec<Option<String>> {
    named.into_iter().map(|owner| Some(owner).filter(|owner| owner != NOBODY)).collect()
}

fn yes_or_no(word: &str) -> Result<bool, String> {
    word.parse().map_err(|_| format!("'{word}' is neither true nor false"))
}

/// An owner is given by name or id, or as `me`.
fn owner_id(owner: &str, identity: &Identity, names: &Names) -> Option<String> {
    if owner == "me" {
        return identity.member().map(|member| member.member_id.to_string());
    }
    names.id_of(owner).map(str::to_owned)
}

fn sort(given: &mut Parameters) -> Sort {
    given.read("sort", order).unwrap_or(Sort {
        key: SortKey::Created,
        direction: Direction::Descending,
    })
}

fn order(text: &str) -> Result<Sort, String> {
    let (direction, name) = match text.strip_prefix('-') {
        Some(name) => (Direction::Descending, name),
        None => (Direction::Ascending, text),
    };
    let key = SortKey::ALL.into_iter().find(|key| key.as_str() == name);
    key.map(|key| Sort { key, direction }).ok_or_else(|| {
        let known = SortKey::ALL.map(SortKey::as_str).join(", ");
        format!("'{text}' is not an order: sort by {known}, with - in front descending")
    })
}

/// Values of fields by name. Only names that the pack declares can be sought.
fn declared(pairs: Vec<(String, String)>, pack: &Pack, given: &mut Parameters) -> BTreeMap<String, Vec<String>> {
    let known = field_names(pack, &[]);
    let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (parameter, value) in pairs {
        let name = &parameter[FIELD.len()..];
        if known.iter().any(|known| known == name) {
            given.check_length(&parameter, &value, MAX_VALUE);
            fields.entry(name.to_owned()).or_default().push(value);
        } else {
            let (domain, all) = (pack.domain(), known.join(", "));
            given.fault(
                &parameter,
                format!("no type of {domain} declares a field '{name}'; it declares {all}"),
            );
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
fn text(given: &mut Parameters) -> Option<String> {
    let text = given.text("q", MAX_NAME)?;
    if domain::terms::words(&text).is_empty() {
        given.fault("q", "a text to search for has a letter or a digit");
    }
    Some(text)
}

fn due(word: &str) -> Result<DueBucket, &'static str> {
    let bucket = DueBucket::ALL.into_iter().find(|bucket| bucket.as_str() == word);
    bucket.ok_or("due is one of late, nextHour, today, later")
}

fn day(text: &str) -> Result<NaiveDate, String> {
    parse_day(text).ok_or_else(|| format!("'{text}' {NOT_A_DAY}"))
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    parse_time(text).ok_or_else(|| format!("'{text}' {NOT_A_TIME}"))
}
