//! What is kept of a refused object, as JSON.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use chrono::{DateTime, Utc};
use domain::ids::QuarantineId;
use serde::Serialize;
use serde_json::value::RawValue;
use store::{
    keys::Identity,
    quarantine::{Listed, QuarantineRow},
};
use utoipa::ToSchema;

use crate::http::{
    disclosure::{Shown, Subject, disclose},
    exceptions::views::verbatim,
    names::Names,
    path::part,
    problem::{ApiError, FaultView},
    state::AppState,
};

/// Where a refused object stands.
#[derive(ToSchema)]
#[schema(as = QuarantineState)]
#[serde(rename_all = "UPPERCASE")]
#[expect(dead_code, reason = "only its names go into the OpenAPI document")]
pub enum StateName {
    Held,
    Replayed,
    Discarded,
}

/// What a refused object was meant to be.
#[derive(ToSchema)]
#[schema(as = QuarantineForm)]
#[serde(rename_all = "UPPERCASE")]
#[expect(dead_code, reason = "only its names go into the OpenAPI document")]
pub enum FormName {
    /// An exception object.
    Exception,
    /// A CloudEvent.
    Event,
}

/// A refused object and why it was refused.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuarantineEntry)]
#[serde(rename_all = "camelCase")]
pub struct EntryView {
    /// Follows from the content: the same again is the same entry.
    #[schema(example = "Q-0123456789abcdef01234567")]
    quarantine_id: String,
    #[schema(value_type = StateName)]
    state: &'static str,
    #[schema(value_type = FormName)]
    form: String,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
    /// How often it came.
    times: i64,
    /// Who sent it last.
    sent_by: String,
    /// As the object names it.
    #[schema(required)]
    source_system: Option<String>,
    /// Its own id, else the one that replay stores it under.
    exception_id: String,
    /// As the object claims it.
    #[schema(required)]
    exception_type: Option<String>,
    /// Everything that is wrong with it, with pointers into the object.
    errors: Vec<FaultView>,
    /// When it was replayed or discarded.
    #[schema(required)]
    decided_at: Option<DateTime<Utc>>,
    #[schema(required)]
    decided_by: Option<String>,
    /// Why it was discarded.
    #[schema(required)]
    reason: Option<String>,
    /// The exception it became.
    #[schema(required)]
    stored_as: Option<String>,
    /// From when on it is gone.
    expires_at: DateTime<Utc>,
}

/// A refused object, whole.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuarantineDetail)]
pub struct DetailView {
    #[serde(flatten)]
    entry: EntryView,
    /// As it was sent; an event in binary mode as the same event in structured mode.
    #[schema(value_type = serde_json::Value)]
    object: Arc<RawValue>,
}

impl EntryView {
    /// An entry, with names for people.
    pub fn of(row: QuarantineRow, names: &Names, shown: &mut Shown) -> Self {
        shown.object(row.exception_type.as_deref());
        Self {
            quarantine_id: row.quarantine_id,
            state: row.state.as_str(),
            form: row.form,
            first_at: row.first_at,
            last_at: row.last_at,
            times: row.times,
            sent_by: names.actor(row.sent_by),
            source_system: row.source_system,
            exception_id: row.exception_id,
            exception_type: row.exception_type,
            errors: row.faults.into_iter().map(FaultView::from).collect(),
            decided_at: row.decided_at,
            decided_by: row.decided_by.map(|by| names.actor(by)),
            reason: row.reason,
            stored_as: row.stored_as,
            expires_at: row.expires_at,
        }
    }
}

impl DetailView {
    /// An entry and its object, with names for people.
    pub async fn of(state: &AppState, identity: &Identity, listed: Listed) -> Result<Self, ApiError> {
        let names = state.names.of(&state.store, identity).await?;
        let subject = Subject::Quarantined(listed.row.quarantine_id.clone());
        disclose(state, identity, subject, |shown| Self {
            entry: EntryView::of(listed.row, &names, shown),
            object: verbatim(listed.object),
        })
        .await
    }
}

/// The id in the path. One that cannot exist is as absent as one that does not.
pub struct QuarantinePath(pub QuarantineId);

impl FromRequestParts<AppState> for QuarantinePath {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        part(parts, state, "quarantineId").await.map(Self)
    }
}
