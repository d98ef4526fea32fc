//! `GET /v1/tenants/{tenant}/exceptions/{exceptionId}/evidence/{sha256}`: a body that a source sent and that changed an exception.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::request::Parts,
};
use chrono::{DateTime, Utc};
use domain::{evidence::EvidenceHash, json};
use serde::Serialize;
use serde_json::value::RawValue;
use store::evidence::StoredEvidence;
use utoipa::ToSchema;

use super::views::{ExceptionPath, verbatim};
use crate::http::{
    actor::Viewer,
    disclosure::{Shown, Subject, TypeOf, disclose, member_names},
    path::part,
    problem::{ApiError, ProblemView},
    state::AppState,
};

/// A body that a source sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Evidence)]
#[serde(rename_all = "camelCase")]
pub struct EvidenceView {
    /// SHA-256 of the UTF-8 text of `body`, hexadecimal.
    sha256: String,
    /// When it was first stored (UTC).
    stored_at: DateTime<Utc>,
    /// `pack`, `exceptionType` and `sourceSystem` under which it was read; `header`, `rawPayload` and `normalizedContext` as they were sent.
    #[schema(value_type = Object)]
    body: Arc<RawValue>,
}

/// The hash in the path. What cannot be one is not found, like any other.
pub struct HashPath(EvidenceHash);

impl FromRequestParts<AppState> for HashPath {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        part(parts, state, "sha256").await.map(Self)
    }
}

impl EvidenceView {
    fn of(hash: EvidenceHash, evidence: StoredEvidence, shown: &mut Shown) -> Self {
        note(&evidence.body, shown);
        Self {
            sha256: hash.to_string(),
            stored_at: evidence.stored_at,
            body: verbatim(evidence.body),
        }
    }
}

/// The whole payload is shown, by the fields of the pack under which it was read.
fn note(body: &str, shown: &mut Shown) {
    let body = json::Json::read_object(body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(json::Json::as_text);
    let (domain, version) = text("pack").and_then(|label| label.rsplit_once(' ')).unwrap_or_default();
    let names = match body.get("rawPayload") {
        Some(json::Json::Object(payload)) => member_names(payload),
        _ => Vec::new(),
    };
    match text("exceptionType") {
        Some(exception_type) => shown.values(TypeOf::new(domain, version, exception_type), names),
        None if names.is_empty() => {}
        None => shown.object(None),
    }
}

/// A body that a source sent and that changed an exception
///
/// Events of clearings and revisions name it as `evidence`. A look at fields of the class `pii` or `phi` is recorded in the chain of events.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/exceptions/{exceptionId}/evidence/{sha256}", operation_id = "showEvidence", tag = "exceptions",
    params(("tenant" = String, Path), ("exceptionId" = String, Path), ("sha256" = String, Path)),
    responses((status = 200, body = EvidenceView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn evidence(
    Viewer(identity): Viewer,
    State(state): State<AppState>,
    ExceptionPath(id): ExceptionPath,
    HashPath(hash): HashPath,
) -> Result<Json<EvidenceView>, ApiError> {
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    let found = tx.evidence(id.as_str(), hash).await?;
    tx.commit().await?;
    let found = found.ok_or(ApiError::NotFound)?;
    let subject = Subject::Exception(id.as_str().to_owned());
    disclose(&state, &identity, subject, |shown| EvidenceView::of(hash, found, shown))
        .await
        .map(Json)
}
