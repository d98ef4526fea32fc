//! The HTTP API: `<noun>/<verb>.rs` holds one endpoint each; [`router`] is the list of them, and the OpenAPI document comes from it.

mod actor;
mod body;
mod desk;
mod docs;
mod encoding;
mod exceptions;
mod health;
mod identities;
mod live;
mod pack;
mod problem;
mod query;
mod session;
mod state;

use std::time::Duration;

use axum::{
    Router,
    extract::Request,
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, DefaultPredicate, Predicate},
    set_header::SetResponseHeaderLayer,
    trace::TraceLayer,
};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::problem::ApiError;
pub use self::{
    live::LiveFeed,
    state::{AppState, Auth},
};

/// Media type of line-delimited JSON.
const NDJSON: &str = "application/x-ndjson";
/// Longest a request may take, its body included.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(OpenApi)]
#[openapi(
    info(title = "SentinAI", description = "The exception desk for business operations."),
    modifiers(&Security),
    security(("key" = []), ("bearer" = [])),
    components(schemas(problem::ProblemView)),
)]
struct Document;

struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("key", SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-API-KEY"))));
        components.add_security_scheme(
            "bearer",
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
        );
    }
}

fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(exceptions::receive::receive, exceptions::list::list))
        .routes(routes!(exceptions::receive::receive_at_short_path))
        .routes(routes!(exceptions::facets::facets))
        .routes(routes!(exceptions::count::count))
        .routes(routes!(exceptions::export::export))
        .routes(routes!(exceptions::show::show))
        .routes(routes!(exceptions::recurrences::recurrences))
        .routes(routes!(exceptions::events::events))
        .routes(routes!(pack::show))
        .routes(routes!(pack::document))
        .routes(routes!(live::live))
        .routes(routes!(session::create::create, session::show::show, session::delete::delete))
        .routes(routes!(health::process))
        .routes(routes!(health::database))
}

/// The OpenAPI 3.1 document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = api().into_openapi();
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    document.info.license = Some(utoipa::openapi::License::new("Apache-2.0"));
    document
}

/// The whole server: API, reference page, desk.
pub fn router(state: AppState) -> Router {
    let (api, _) = api().split_for_parts();
    let timed = api
        .layer(middleware::from_fn(time_out))
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed);
    timed
        .merge(docs::router())
        .fallback(desk::serve)
        .layer(middleware::from_fn_with_state(state.clone(), actor::refuse_foreign_hosts))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(is_no_conversation)))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::REFERRER_POLICY,
            HeaderValue::from_static("same-origin"),
        ))
        // Failures are logged once, where they become problems.
        .layer(TraceLayer::new_for_http().on_failure(()))
        .with_state(state)
}

/// Result lines are told as they come, and a compressor would keep them back. A file of lines may wait.
fn is_no_conversation(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let is_lines = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == NDJSON);
    !is_lines || headers.contains_key(header::CONTENT_DISPOSITION)
}

/// Gives up on requests that take too long. Streams of events are answered at once and go on.
async fn time_out(request: Request, next: Next) -> Response {
    tokio::time::timeout(REQUEST_TIMEOUT, next.run(request))
        .await
        .unwrap_or_else(|_| ApiError::TimedOut.into_response())
}

#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic");
    let response = ApiError::Internal(anyhow::anyhow!("panic: {text}")).into_response();
    debug_assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    response
}
