//! The API's description: `/openapi.json` for machines, `/docs` for people (a page of the desk's build, no other site involved).

use axum::{Json, Router, response::Response, routing::get};

use super::{desk, openapi, state::AppState};

/// Routes of the description itself; they are not part of it.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/openapi.json", get(async || Json(openapi())))
        .route("/docs", get(page))
}

async fn page() -> Response {
    desk::page("docs.html")
}
