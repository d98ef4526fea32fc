//! Request bodies, read whole: up to a size, within a time, and in memory that all requests share.

use axum::{
    body::HttpBody,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::{encoding, limits::Held, problem::ApiError, state::AppState, weight};

/// Largest body.
pub const MAX_BODY: usize = 8 << 20;

/// Most JSON values in a body: parsed, they take about 256 MiB.
const MAX_VALUES: usize = 1_000_000;

/// What is read and thrown away before a body that has no place is answered, so that its sender gets to read the answer.
const MAX_DISCARDED: usize = 64 << 20;

/// A whole body. Its part of the memory for bodies is free again when it is dropped, so keep it until the request is answered.
pub struct WholeBody {
    /// Decompressed.
    pub bytes: Bytes,
    _held: Held,
}

/// A JSON body, parsed.
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for JsonBody<T> {
    type Rejection = ApiError;
    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        require_json(request.headers())?;
        let body = read(state, request).await?;
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

/// Reads a whole body, decompressed. The limit counts decompressed bytes, so nothing small becomes large in memory.
pub async fn read(state: &AppState, request: Request) -> Result<WholeBody, ApiError> {
    let patience = state.limits.body_time;
    let gathered = timeout(patience, gather(state, request)).await;
    let (bytes, held) = gathered.unwrap_or(Err(ApiError::TooSlow(patience)))?;
    let values = weight::values(&bytes);
    if values > MAX_VALUES {
        return Err(ApiError::TooManyValues { limit: MAX_VALUES });
    }
    let held = state.room.hold_values(held, values * weight::VALUE).await?;
    Ok(WholeBody { bytes, _held: held })
}

async fn gather(state: &AppState, request: Request) -> Result<(Bytes, Held), ApiError> {
    let (mut bytes, mut held, mut seen) = (BytesMut::new(), Held::default(), 0);
    let declared = request.body().size_hint().exact().and_then(|size| usize::try_from(size).ok());
    let mut stream = encoding::plain(request)?;
    // Whoever says how much comes gets room for all of it at once or not at all, so that bodies do not wait for each other half read.
    let mut room = state
        .room
        .hold(&mut held, declared.filter(|size| *size <= MAX_BODY).unwrap_or(0))
        .await;
    // A buffer that grows is copied: for a moment it is there twice.
    bytes.reserve(held.bytes());
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| broken(&error))?;
        seen += chunk.len();
        if room.is_ok() && seen <= MAX_BODY && seen > held.bytes() {
            // Twice as much each time: few waits, and at most double of what came.
            room = state.room.hold(&mut held, seen.next_power_of_two()).await;
        }
        if room.is_ok() && seen <= MAX_BODY {
            bytes.extend_from_slice(&chunk);
        } else {
            (bytes, held) = (BytesMut::new(), Held::default());
        }
        if seen > MAX_DISCARDED {
            break;
        }
    }
    if seen > MAX_BODY {
        return Err(ApiError::TooLarge { limit: MAX_BODY });
    }
    room.map(|()| (bytes.freeze(), held))
}

/// The error of a body that cannot be read to its end.
pub fn broken(error: &std::io::Error) -> ApiError {
    ApiError::Malformed(format!("the body broke off, or is not encoded as Content-Encoding says: {error}"))
}
