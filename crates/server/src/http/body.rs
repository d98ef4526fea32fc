//! Request bodies, read whole: up to a size, within a time, and in memory that all requests share. It is taken as bytes arrive, so that
//! whoever only announces a body holds none of it.

use std::sync::Arc;

use axum::{
    body::HttpBody,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::{
    actor::Caller,
    encoding,
    limits::{Held, Holder},
    problem::ApiError,
    state::AppState,
    weight,
};

/// Largest body of exceptions.
pub const MAX_BODY: usize = 8 << 20;

/// Largest other body: a login, a command, a selection.
pub const MAX_COMMAND: usize = 64 << 10;

/// Memory that a body takes at first.
const FIRST: usize = 16 << 10;

/// Most JSON values in a body: parsed, they take about 256 MiB.
const MAX_VALUES: usize = 1_000_000;

/// What is read and thrown away before a body that has no place is answered, so that its sender gets to read the answer.
const MAX_DISCARDED: usize = 64 << 20;

/// A whole body. Its part of the memory for bodies is free again when it is dropped, so keep it until the request is answered.
pub struct WholeBody {
    /// Decompressed.
    pub bytes: Bytes,
    /// Its part of the memory; a clone keeps it for what was made of the text.
    pub held: Arc<Held>,
}

/// A small JSON body, parsed.
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for JsonBody<T> {
    type Rejection = ApiError;
    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        require_json(request.headers())?;
        let body = read(state, request, MAX_COMMAND).await?;
        serde_json::from_slice(&body.bytes)
            .map(Self)
            .map_err(|error| ApiError::Malformed(format!("the body does not fit: {error}")))
    }
}

/// A missing type is taken as JSON: many small clients send none, or the default of their tool.
pub fn require_json(headers: &HeaderMap) -> Result<(), ApiError> {
    match essence(headers).as_str() {
        "" | "application/json" | "text/json" | "text/plain" | "application/x-www-form-urlencoded" | "application/octet-stream" => Ok(()),
        other if other.ends_with("+json") && !other.starts_with("application/cloudevents") => Ok(()),
        other => Err(ApiError::UnsupportedMediaType(other.to_owned())),
    }
}

/// The media type without its parameters, in lower case; empty where none was sent.
pub fn essence(headers: &HeaderMap) -> String {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
}

/// Reads a whole body of at most `most` bytes, decompressed: the limit counts those, so nothing small becomes large in memory.
pub async fn read(state: &AppState, request: Request, most: usize) -> Result<WholeBody, ApiError> {
    let mut held = state
        .room
        .holder(request.extensions().get().map(|Caller(caller)| caller.scope.tenant()));
    let patience = state.limits.body_time;
    let gathered = timeout(patience, gather(&mut held, request, most)).await;
    let bytes = gathered.unwrap_or(Err(ApiError::TooSlow(patience)))?;
    let values = weight::values(&bytes);
    if values > MAX_VALUES {
        return Err(ApiError::TooManyValues { limit: MAX_VALUES });
    }
    let held = Arc::new(held.with_values(values * weight::VALUE).await?);
    Ok(WholeBody { bytes, held })
}

async fn gather(held: &mut Holder, request: Request, most: usize) -> Result<Bytes, ApiError> {
    let (mut bytes, mut seen) = (BytesMut::new(), 0);
    let declared = request.body().size_hint().exact().and_then(|size| usize::try_from(size).ok());
    let mut stream = encoding::plain(request)?;
    let mut room = Ok(());
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| broken(&error))?;
        seen += chunk.len();
        if room.is_ok() && seen <= most && seen > held.bytes() {
            // Twice as much each time, up to what is to come: few waits, and at most double of what came.
            let next = seen.next_power_of_two().max(FIRST).min(most);
            room = held.hold(declared.map_or(next, |declared| declared.clamp(seen, next))).await;
            // A buffer that grows is copied: for a moment it is there twice.
            bytes.reserve(held.bytes().saturating_sub(bytes.len()));
        }
        if room.is_ok() && seen <= most {
            bytes.extend_from_slice(&chunk);
        } else {
            bytes = BytesMut::new();
            held.give_back();
        }
        if seen > MAX_DISCARDED {
            break;
        }
    }
    if seen > most {
        return Err(ApiError::TooLarge { limit: most });
    }
    room.map(|()| bytes.freeze())
}

/// The error of a body that cannot be read to its end.
pub fn broken(error: &std::io::Error) -> ApiError {
    ApiError::Malformed(format!("the body broke off, or is not encoded as Content-Encoding says: {error}"))
}
