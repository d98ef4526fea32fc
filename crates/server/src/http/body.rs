//! Request bodies, read whole up to a limit.

use axum::{
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use serde::de::DeserializeOwned;

use super::{encoding, problem::ApiError, state::AppState};

/// Largest body.
pub const MAX_BODY: usize = 8 << 20;

/// What is read and thrown away before a body that is too large is answered, so that its sender gets to read the answer.
const MAX_DISCARDED: usize = 64 << 20;

/// A JSON body as bytes, not yet parsed.
pub struct JsonBytes(pub Bytes);

impl FromRequest<AppState> for JsonBytes {
    type Rejection = ApiError;
    async fn from_request(request: Request, _: &AppState) -> Result<Self, ApiError> {
        require_json(request.headers())?;
        read(request).await.map(Self)
    }
}

/// A JSON body, parsed.
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for JsonBody<T> {
    type Rejection = ApiError;
    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let JsonBytes(bytes) = JsonBytes::from_request(request, state).await?;
        serde_json::from_slice(&bytes)
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
pub async fn read(request: Request) -> Result<Bytes, ApiError> {
    let mut stream = encoding::plain(request)?;
    let mut bytes = BytesMut::new();
    let mut seen = 0;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| broken(&error))?;
        seen += chunk.len();
        if seen <= MAX_BODY {
            bytes.extend_from_slice(&chunk);
        } else {
            bytes = BytesMut::new();
        }
        if seen > MAX_DISCARDED {
            break;
        }
    }
    if seen > MAX_BODY {
        Err(ApiError::TooLarge { limit: MAX_BODY })
    } else {
        Ok(bytes.freeze())
    }
}

/// The error of a body that cannot be read to its end.
pub fn broken(error: &std::io::Error) -> ApiError {
    ApiError::Malformed(format!("the body broke off, or is not encoded as Content-Encoding says: {error}"))
}
