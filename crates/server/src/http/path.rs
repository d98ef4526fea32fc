//! Parts of a path by their names.

use std::{collections::HashMap, str::FromStr};

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};

use super::{problem::ApiError, state::AppState};

/// A part of the path. One that cannot exist is as absent as one that does not.
pub async fn part<T: FromStr>(parts: &mut Parts, state: &AppState, name: &str) -> Result<T, ApiError> {
    let Path(path) = Path::<HashMap<String, String>>::from_request_parts(parts, state)
        .await
        .map_err(|_| ApiError::NotFound)?;
    path.get(name).and_then(|text| text.parse().ok()).ok_or(ApiError::NotFound)
}
