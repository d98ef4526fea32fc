//! Query parameters of small lists, refused as problems where they do not fit.

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use super::{problem::ApiError, state::AppState};

/// Parameters of the query.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Params<T> {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let found = Query::<T>::from_request_parts(parts, state).await;
        found
            .map(|Query(params)| Self(params))
            .map_err(|error| ApiError::Malformed(error.body_text()))
    }
}

/// One of some words, where it is given.
pub fn one_of<'w>(name: &str, given: Option<&str>, words: &[&'w str]) -> Result<Option<&'w str>, ApiError> {
    let Some(given) = given else {
        return Ok(None);
    };
    let found = words.iter().find(|word| **word == given);
    found
        .copied()
        .map(Some)
        .ok_or_else(|| ApiError::Malformed(format!("{name} is one of {}", words.join(", "))))
}
