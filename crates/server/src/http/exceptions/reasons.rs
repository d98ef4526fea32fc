//! Why the values of an exception are what they are: its stored decision, told in the words of the pack version that decided.

use std::sync::Arc;

use domain::{
    intake::{Content, RawException},
    pack::Pack,
    severity::Severity,
    triage::{
        Reason,
        explain::{Decided, DecidedBy, explain},
    },
};
use serde::Serialize;
use serde_json::value::RawValue;
use store::{exceptions::ExceptionDetail, keys::Identity};
use utoipa::ToSchema;

use crate::{
    http::{names::Names, problem::ApiError, state::AppState},
    packs::NoPack,
};

/// Why a value is what it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reason)]
pub struct ReasonView {
    /// `type`, `severity`, `queue`, `due`, `created` or `recurrence`.
    about: String,
    value: String,
    because: String,
}

impl From<Reason> for ReasonView {
    fn from(reason: Reason) -> Self {
        Self {
            about: reason.about,
            value: reason.value,
            because: reason.because,
        }
    }
}

/// The packs an exception is shown with.
pub struct PacksOf {
    /// The version that triaged it; `None` where it cannot be read.
    pub triaged_by: Option<Arc<Pack>>,
    /// The version it is worked under, else the active one.
    pub worked_under: Arc<Pack>,
    /// Whether `worked_under` is the version it is worked under.
    pub is_exact: bool,
}

impl PacksOf {
    /// Reads them.
    pub async fn of(state: &AppState, identity: &Identity, detail: &ExceptionDetail) -> Result<Self, ApiError> {
        let restarted = detail.work().restarted;
        let triaged_by = version(state, &detail.row.domain, &detail.row.pack_version).await?;
        let worked_under = match restarted {
            Some(restart) => version(state, &detail.row.domain, &restart.pack_version).await?,
            None => triaged_by.clone(),
        };
        let is_exact = worked_under.is_some();
        let worked_under = match worked_under {
            Some(pack) => pack,
            None => state.packs.active(&state.store, &identity.scope, &identity.domain).await?,
        };
        Ok(Self {
            triaged_by,
            worked_under,
            is_exact,
        })
    }
}

/// A version of a pack; `None` where it is missing or no longer compiles.
async fn version(state: &AppState, domain: &str, version: &str) -> Result<Option<Arc<Pack>>, ApiError> {
    match state.packs.version(&state.store, domain, version).await {
        Ok(pack) => Ok(Some(pack)),
        Err(NoPack::Unusable(..)) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// All reasons, those of rules first.
pub fn reasons(detail: &ExceptionDetail, pack: Option<&Pack>, names: &Names) -> Result<Vec<ReasonView>, ApiError> {
    let row = &detail.row;
    let severity: Severity = row
        .severity
        .parse()
        .map_err(|error| ApiError::Internal(anyhow::Error::new(error)))?;
    let rules = detail.rules();
    let raw = RawValue::from_string(Content::object(&detail.envelope, &detail.raw_payload, &detail.normalized_context)).ok();
    let raw = raw.and_then(|object| RawException::parse(&object).ok());
    let decided = Decided {
        exception_type: &row.exception_type,
        severity,
        queue: &row.queue,
        created_at: row.created_at,
        due_at: row.due_at,
        rules: &rules,
        raw: raw.as_ref(),
    };
    let by = DecidedBy {
        pack,
        domain: &row.domain,
        version: &row.pack_version,
    };
    let others = detail.other_reasons.iter().flat_map(|reasons| reasons.0.iter().cloned());
    let change = detail.work().severity_change;
    let change = change.map(|change| change.explain(&names.actor(change.by.clone()), severity));
    let reasons = explain(&decided, by).into_iter().chain(change).chain(others);
    Ok(reasons.map(ReasonView::from).collect())
}
