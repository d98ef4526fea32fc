//! Errors as RFC 9457 problem JSON: one type, one exhaustive match for the status.

mod causes;
mod origin;

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{fault::Fault, ids::QuarantineId, intake::quarantine::State, job::JobState, status::Status};
use serde::Serialize;
use store::{StoreError, quarantine::MAX_HELD};
use utoipa::ToSchema;

pub use self::origin::Origin;
use super::{body::MAX_BODY, rates::Costly};

/// Why a request was not answered as asked.
#[derive(Debug)]
pub enum ApiError {
    Malformed(String),
    NoCredential,
    WrongCredential,
    SessionEnded,
    Suspended(String),
    RoleTooWeak {
        needed: domain::role::Role,
        has: domain::role::Role,
    },
    CrossSite(Origin),
    NotFound,
    NoSuchRoute(String),
    MethodNotAllowed,
    /// The key is one of source systems, which only send.
    SourceKeyOnly,
    /// Only the source system that sent an exception may change it.
    SourceNotAllowed(Fault),
    Differs(Fault),
    NoActivePack(String),
    TooLarge {
        limit: usize,
    },
    /// Text of a body that is short enough, but with too much in it.
    TooManyValues {
        limit: usize,
    },
    UnsupportedMediaType(String),
    UnsupportedEncoding(String),
    Refused(Vec<Fault>),
    /// Too many costly requests with one key.
    TooOften {
        what: Costly,
        wait: Duration,
    },
    /// The tenant's rate is used up.
    RateLimited {
        per_second: u32,
        wait: Duration,
    },
    /// The Idempotency-Key belongs to a request that is being carried out.
    RequestInFlight,
    /// The Idempotency-Key belongs to another request.
    KeyReused,
    KeyOnStream,
    /// The request was carried out; its answer was larger than what is kept for retries.
    AnswerNotKept {
        limit: usize,
    },
    Busy(Arc<StoreError>),
    Overloaded,
    /// The bodies of other requests fill the memory for bodies.
    NoRoom,
    TimedOut,
    /// Something that serving needs is missing.
    NotReady(String),
    /// A body did not arrive in time.
    TooSlow(Duration),
    /// The sender of a stream was silent for too long.
    Silent(Duration),
    /// A refusal whose object is kept under this id.
    Kept(Box<ApiError>, QuarantineId),
    QuarantineFull,
    /// What was asked for cannot be shown unrecorded, and too much waits to be recorded.
    NotRecorded,
    /// The tenant's chain has too many events to be verified while somebody waits.
    ChainTooLong(String),
    /// The exception has changed since the caller looked.
    Stale {
        version: i64,
    },
    /// Its status does not know the verb.
    NotNow {
        status: Status,
        allowed: Vec<&'static str>,
    },
    Conflict(String),
    OwnRequest,
    AlreadyDecided(State),
    JobNotDead(JobState),
    /// A job that is no dead letter, or whose work an unfinished one does.
    JobNotReplayed(JobState),
    Internal(anyhow::Error),
}

/// A problem as clients see it (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
#[serde(rename_all = "camelCase")]
pub struct ProblemView {
    /// Stable URI of the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:sentinai:problem:unknown-type")]
    pub kind: String,
    /// The kind in words.
    pub title: &'static str,
    /// HTTP status.
    pub status: u16,
    /// What happened and what to do, always one text.
    pub detail: String,
    /// Stable code, the end of `type`.
    pub code: &'static str,
    /// Every fault of the input, where there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FaultView>,
    /// Where the refused object is kept, to be looked at, replayed or discarded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quarantine_id: Option<String>,
}

/// One fault of an input.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Fault)]
pub struct FaultView {
    /// JSON pointer (RFC 6901) to the place.
    #[schema(example = "/exception/rawPayload/orderId")]
    pub pointer: String,
    /// Stable code.
    pub code: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl From<Fault> for FaultView {
    fn from(fault: Fault) -> Self {
        Self {
            pointer: fault.pointer,
            code: fault.code.into_owned(),
            message: fault.message,
        }
    }
}

/// When to come back where nothing tells better.
const RETRY_AFTER: Duration = Duration::from_secs(2);

impl ApiError {
    /// HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            ApiError::Malformed(_) | ApiError::KeyOnStream => StatusCode::BAD_REQUEST,
            ApiError::NoCredential | ApiError::WrongCredential | ApiError::SessionEnded => StatusCode::UNAUTHORIZED,
            ApiError::Suspended(_)
            | ApiError::RoleTooWeak { .. }
            | ApiError::CrossSite(_)
            | ApiError::OwnRequest
            | ApiError::SourceKeyOnly
            | ApiError::SourceNotAllowed(_) => StatusCode::FORBIDDEN,
            ApiError::Stale { .. } => StatusCode::PRECONDITION_FAILED,
            ApiError::NotFound | ApiError::NoSuchRoute(_) => StatusCode::NOT_FOUND,
            ApiError::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            ApiError::Kept(cause, _) => cause.status(),
            ApiError::Differs(_)
            | ApiError::NoActivePack(_)
            | ApiError::AlreadyDecided(_)
            | ApiError::RequestInFlight
            | ApiError::ChainTooLong(_)
            | ApiError::NotNow { .. }
            | ApiError::Conflict(_)
            | ApiError::JobNotDead(_)
            | ApiError::JobNotReplayed(_) => StatusCode::CONFLICT,
            ApiError::Silent(_) | ApiError::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            ApiError::TooLarge { .. } | ApiError::TooManyValues { .. } | ApiError::AnswerNotKept { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            ApiError::UnsupportedMediaType(_) | ApiError::UnsupportedEncoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ApiError::Refused(_) | ApiError::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            ApiError::RateLimited { .. } | ApiError::TooOften { .. } => StatusCode::TOO_MANY_REQUESTS,
            ApiError::Busy(_)
            | ApiError::Overloaded
            | ApiError::NoRoom
            | ApiError::TimedOut
            | ApiError::NotReady(_)
            | ApiError::QuarantineFull
            | ApiError::NotRecorded => StatusCode::SERVICE_UNAVAILABLE,
            ApiError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Stable code and title.
    pub fn code(&self) -> (&'static str, &'static str) {
        match self {
            ApiError::Malformed(_) => ("malformed", "The request is malformed"),
            ApiError::NoCredential => ("missing-credential", "A key is needed"),
            ApiError::WrongCredential => ("invalid-credential", "The key is not valid"),
            ApiError::SessionEnded => ("session-ended", "The session has ended"),
            ApiError::Suspended(_) => ("tenant-suspended", "The tenant is suspended"),
            ApiError::RoleTooWeak { .. } => ("insufficient-role", "The key may not do this"),
            ApiError::CrossSite(_) => ("cross-origin", "Requests from other sites are refused"),
            ApiError::NotFound => ("not-found", "Not found"),
            ApiError::NoSuchRoute(_) => ("unknown-path", "There is nothing at this address"),
            ApiError::MethodNotAllowed => ("method-not-allowed", "The method is not allowed here"),
            ApiError::SourceKeyOnly => ("source-key-only", "A source key only sends exceptions"),
            ApiError::SourceNotAllowed(_) => ("source-not-allowed", "Only its source system may do this"),
            ApiError::Differs(_) => ("differs", "Another exception has this id"),
            ApiError::NoActivePack(_) => ("no-active-pack", "No domain pack is active"),
            ApiError::TooLarge { .. } | ApiError::TooManyValues { .. } => ("too-large", "The body is too large"),
            ApiError::UnsupportedMediaType(_) => ("unsupported-media-type", "The media type is not supported"),
            ApiError::UnsupportedEncoding(_) => ("unsupported-encoding", "The content encoding is not supported"),
            ApiError::Refused(_) => ("refused", "The exception was refused"),
            ApiError::RateLimited { .. } | ApiError::TooOften { .. } => ("rate-limited", "Too many requests"),
            ApiError::RequestInFlight => ("request-in-flight", "The request is being carried out"),
            ApiError::KeyReused => ("idempotency-key-reused", "The Idempotency-Key was used for another request"),
            ApiError::KeyOnStream => ("idempotency-key-on-stream", "A stream takes no Idempotency-Key"),
            ApiError::AnswerNotKept { .. } => ("response-not-stored", "The answer was too large to be kept"),
            ApiError::Overloaded | ApiError::NoRoom => ("overloaded", "Too many requests wait"),
            ApiError::Busy(_) => ("database-unavailable", "The database does not answer"),
            ApiError::TimedOut => ("request-timeout", "The request took too long"),
            ApiError::NotReady(_) => ("not-ready", "The server is not ready"),
            ApiError::TooSlow(_) => ("body-timeout", "The body came too slowly"),
            ApiError::Silent(_) => ("idle-timeout", "Nothing came for too long"),
            ApiError::Kept(cause, _) => cause.code(),
            ApiError::QuarantineFull => ("quarantine-full", "Too many refused objects wait for a decision"),
            ApiError::Stale { .. } => ("version-mismatch", "It has changed meanwhile"),
            ApiError::NotNow { .. } => ("invalid-status", "Its status does not allow this"),
            ApiError::Conflict(_) => ("conflict", "Conflicts with the current state"),
            ApiError::OwnRequest => ("own-request", "A second person must decide"),
            ApiError::AlreadyDecided(_) => ("already-decided", "It is no longer held"),
            ApiError::NotRecorded => ("audit-unavailable", "The access could not be recorded"),
            ApiError::ChainTooLong(_) => ("chain-too-long", "The chain is too long to be verified at once"),
            ApiError::JobNotDead(_) | ApiError::JobNotReplayed(_) => ("job-not-dead", "The job waits for no decision"),
            ApiError::Internal(_) => ("internal", "Something went wrong on our side"),
        }
    }

    /// What happened and what to do.
    pub fn detail(&self) -> String {
        match self {
            ApiError::Malformed(why) | ApiError::NoActivePack(why) | ApiError::Conflict(why) | ApiError::NotReady(why) => why.clone(),
            ApiError::Stale { version } => format!("It has changed since you looked: its version is {version} now. Look again, then decide"),
            ApiError::NotNow { status, allowed } => format!("It is {status}; what can be done with it now: {}", allowed.join(", ")),
            ApiError::OwnRequest => "You asked for it yourself, so somebody else must decide, whatever your role".into(),
            ApiError::NoCredential => "Unauthorized: send the tenant's API key in X-API-KEY or as Authorization: Bearer".into(),
            ApiError::WrongCredential => {
                "Unauthorized: this key is unknown, expired or revoked; ask whoever runs this installation for a new one".into()
            }
            ApiError::SessionEnded => "Unauthorized: the session has ended; log in again".into(),
            ApiError::Suspended(tenant) => format!("Tenant {tenant} is suspended; ask the operator of this installation"),
            ApiError::RoleTooWeak { needed, has } => format!("This needs a key with the role {needed}; this key's role is {has}"),
            ApiError::CrossSite(origin) => origin.detail(),
            ApiError::NotFound => "There is no such thing, or it belongs to another tenant".into(),
            ApiError::NoSuchRoute(path) => format!("There is nothing at {path}; /docs lists what there is"),
            ApiError::MethodNotAllowed => "The address exists but not with this method; /docs lists what there is".into(),
            ApiError::SourceKeyOnly => "This key submits, clears and revises exceptions of its source systems and does nothing else: use the key of a member".into(),
            ApiError::SourceNotAllowed(fault) | ApiError::Differs(fault) => fault.message.clone(),
            ApiError::TooLarge { limit: MAX_BODY } => format!("The body has more than {MAX_BODY} bytes; send the exceptions in several requests"),
            ApiError::TooLarge { limit } => format!("The body has more than the {limit} bytes that are read here"),
            ApiError::TooManyValues { limit } => format!("The body has more than {limit} JSON values; send the exceptions in several requests"),
            ApiError::UnsupportedMediaType(got) if got.is_empty() => "A Content-Type is needed here; send application/json".into(),
            ApiError::UnsupportedMediaType(got) => format!("Content-Type {got} is not supported here; send application/json"),
            ApiError::UnsupportedEncoding(got) => format!("Content-Encoding {got} is not supported; send gzip, zstd or none, and only one of them"),
            ApiError::Refused(faults) => faults
                .iter()
                .map(|fault| format!("{}: {}", fault.pointer, fault.message))
                .collect::<Vec<_>>()
                .join("; "),
            ApiError::Busy(_) => "The database does not answer at the moment, so nothing is confirmed as stored. Try again; what has an id is never stored twice".into(),
            ApiError::Overloaded => "Too many requests of this tenant wait already; try again".into(),
            ApiError::TooOften { what, wait } => {
                let what = match what {
                    Costly::Login => "logins",
                    Costly::Export => "exports",
                };
                format!("There were too many {what} with this key; try again in {} s", seconds(*wait))
            }
            ApiError::RateLimited { per_second, wait } => {
                format!("This tenant may send {per_second} requests a second; try again in {} s", seconds(*wait))
            }
            ApiError::RequestInFlight => "A request with this Idempotency-Key is being carried out; try again in a moment for its answer".into(),
            ApiError::KeyReused => "This Idempotency-Key was used for another request; send each request with a key of its own".into(),
            ApiError::KeyOnStream => {
                "Idempotency-Key is not for lines: leave it out and give each line its exceptionId, then a repeated line is stored once".into()
            }
            ApiError::AnswerNotKept { limit } => format!(
                "The request was carried out, but its answer had more than {limit} bytes and was not kept; send fewer exceptions with an Idempotency-Key"
            ),
            ApiError::NoRoom => "The server holds as many bodies as its memory allows; try again".into(),
            ApiError::TooSlow(patience) => format!("The body did not arrive within {} s; send less at a time, or lines", patience.as_secs()),
            ApiError::TimedOut => "The request took too long and was given up; try again".into(),
            ApiError::Kept(cause, _) => cause.detail(),
            ApiError::QuarantineFull => format!(
                "The tenant holds {MAX_HELD} refused objects, and no more are kept. Replay or discard some of them, on the desk or with `sentinai quarantine`, then send again"
            ),
            ApiError::AlreadyDecided(state) => format!("It is {state}, so there is nothing to decide; only what is HELD can be replayed or discarded"),
            ApiError::NotRecorded => "This shows personal data, which is recorded, and too many records wait to be written; try again".into(),
            ApiError::ChainTooLong(tenant) => format!("This chain has too many events to be verified while you wait; have the operator of this installation run `sentinai audit verify --tenant {tenant}`"),
            ApiError::JobNotReplayed(JobState::Dead) => "An unfinished job does the same, so this one need not run again; wait for that one, or discard this one".into(),
            ApiError::JobNotDead(state) | ApiError::JobNotReplayed(state) => format!("It is {state}, so there is nothing to decide; only what is DEAD can be replayed or discarded"),
            ApiError::Silent(patience) => format!("Nothing came for {} s", patience.as_secs()),
            ApiError::Internal(_) => "Something went wrong on our side; it was logged".into(),
        }
    }
}

fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

impl ApiError {
    /// When to come back.
    fn retry_after(&self) -> Option<Duration> {
        match self {
            ApiError::RateLimited { wait, .. } | ApiError::TooOften { wait, .. } => Some(*wait),
            ApiError::RequestInFlight => Some(Duration::from_secs(1)),
            _ if self.status() == StatusCode::SERVICE_UNAVAILABLE => Some(RETRY_AFTER),
            _ => None,
        }
    }

    /// Logs what operators should know of. Once, where the error becomes an answer.
    pub fn log(&self) {
        match self {
            ApiError::Internal(error) => tracing::error!(error = format!("{error:#}"), "request failed"),
            ApiError::Busy(error) => tracing::warn!(error = %causes::chain_of(error), "database unavailable"),
            _ => {}
        }
    }
}

impl ApiError {
    /// The body of the answer, as JSON on one line.
    pub fn json(self) -> String {
        serde_json::to_string(&self.view()).unwrap_or_default()
    }

    fn view(self) -> ProblemView {
        let status = self.status().as_u16();
        let (code, title) = self.code();
        let detail = self.detail();
        let (cause, quarantine_id) = match self {
            ApiError::Kept(cause, id) => (*cause, Some(id.into())),
            other => (other, None),
        };
        let errors = match cause {
            ApiError::Refused(faults) => faults,
            ApiError::SourceNotAllowed(fault) | ApiError::Differs(fault) => vec![fault],
            _ => Vec::new(),
        };
        ProblemView {
            kind: format!("urn:sentinai:problem:{code}"),
            title,
            status,
            detail,
            code,
            errors: errors.into_iter().map(FaultView::from).collect(),
            quarantine_id,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        self.log();
        let retry_after = self.retry_after();
        let encoding = matches!(self, ApiError::UnsupportedEncoding(_));
        let mut response = (status, Json(self.view())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if encoding {
            // RFC 9110, section 15.5.16: what would be accepted.
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, zstd"));
        }
        if let Some(wait) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds(wait)));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"sentinai\""));
        }
        response
    }
}
