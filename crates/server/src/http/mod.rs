//! The HTTP API: `<noun>/<verb>.rs` holds one endpoint each; [`router`] is the list of them, and the OpenAPI document comes from it.

mod actor;
mod ageing;
mod approvals;
mod audit;
mod body;
mod bulk;
mod desk;
mod disclosure;
mod docs;
mod encoding;
mod exceptions;
mod headers;
mod health;
mod idempotency;
mod identities;
mod jobs;
mod limits;
mod live;
mod names;
mod pack;
mod parameters;
mod params;
mod path;
mod people;
mod problem;
mod quarantine;
mod query;
mod queues;
mod rates;
mod session;
mod site;
mod state;
mod weight;

use axum::{
    Router,
    http::{Extensions, HeaderMap, StatusCode, Version, header},
    middleware,
    response::{IntoResponse, Response},
};
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, DefaultPredicate, Predicate, predicate::SizeAbove},
    trace::TraceLayer,
};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        RefOr,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::problem::ApiError;
pub use self::{
    limits::Limits,
    live::LiveFeed,
    site::{PublicUrl, Site},
    state::{AppState, Auth},
};

/// Media type of line-delimited JSON.
const NDJSON: &str = "application/x-ndjson";
/// Smallest answer that is compressed, in bytes: a smaller one fits into one packet anyway.
const WORTH_COMPRESSING: u64 = 1_300;

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
        .routes(routes!(exceptions::evidence::evidence))
        .routes(routes!(exceptions::commands::command))
        .routes(routes!(queues::list::list))
        .routes(routes!(queues::next::next))
        .routes(routes!(people::people))
        .routes(routes!(approvals::approvals))
        .routes(routes!(ageing::ageing))
        .routes(routes!(bulk::preview::preview))
        .routes(routes!(bulk::list::list))
        .routes(routes!(bulk::show::show))
        .routes(routes!(bulk::show::items))
        .routes(routes!(bulk::decide::commit))
        .routes(routes!(bulk::decide::grant))
        .routes(routes!(bulk::decide::discard))
        .routes(routes!(quarantine::list::list))
        .routes(routes!(quarantine::show::show))
        .routes(routes!(quarantine::replay::replay_many))
        .routes(routes!(quarantine::replay::replay_one))
        .routes(routes!(quarantine::discard::discard_many))
        .routes(routes!(quarantine::discard::discard_one))
        .routes(routes!(audit::events::events))
        .routes(routes!(audit::head::head))
        .routes(routes!(audit::verify::verify))
        .routes(routes!(jobs::list::list))
        .routes(routes!(jobs::show::show))
        .routes(routes!(jobs::replay::replay_many))
        .routes(routes!(jobs::replay::replay_one))
        .routes(routes!(jobs::discard::discard))
        .routes(routes!(pack::show))
        .routes(routes!(pack::document))
        .routes(routes!(live::live))
        .routes(routes!(session::create::create, session::show::show, session::delete::delete))
        .merge(health_api())
}

fn health_api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(health::process))
        .routes(routes!(health::database))
}

/// The OpenAPI 3.1 document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = api().into_openapi();
    problems_have_their_media_type(&mut document);
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    document.info.license = Some(utoipa::openapi::License::new("Apache-2.0"));
    document
}

/// Handlers name the body of a problem; this adds in which media type all of them come (RFC 9457, section 3).
fn problems_have_their_media_type(document: &mut utoipa::openapi::OpenApi) {
    let operations = document.paths.paths.values_mut().flat_map(|path| {
        [&mut path.get, &mut path.post, &mut path.put, &mut path.patch, &mut path.delete]
            .into_iter()
            .flatten()
    });
    for (status, response) in operations.flat_map(|operation| &mut operation.responses.responses) {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
            && let Some(body) = response.content.shift_remove("application/json")
        {
            response.content.insert("application/problem+json".to_owned(), body);
        }
    }
}

/// Health alone, for an address of its own.
pub fn health_router(state: AppState) -> Router {
    let (health, _) = health_api().split_for_parts();
    health.fallback(async || ApiError::NotFound).with_state(state)
}

/// The whole server: API, reference page, desk.
pub fn router(state: AppState) -> Router {
    let (api, _) = api().split_for_parts();
    let timed = api
        .layer(middleware::from_fn_with_state(state.clone(), limits::time_out))
        .layer(middleware::from_fn(rates::tell));
    timed
        .merge(docs::router())
        .merge(desk::router())
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .fallback(desk::file)
        .layer(middleware::from_fn_with_state(state.clone(), site::guard))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(
            CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(
                DefaultPredicate::new()
                    .and(SizeAbove::new(WORTH_COMPRESSING))
                    .and(is_no_conversation),
            ),
        )
        .layer(middleware::from_fn(encoding::answer_in_any_case))
        .layer(middleware::from_fn(headers::add))
        // Failures are logged once, where they become problems.
        .layer(TraceLayer::new_for_http().on_failure(()))
        .with_state(state)
}

/// Result lines are told as they come, and a compressor would keep them back. A file of lines may wait.
fn is_no_conversation(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let is_lines = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == NDJSON);
    !is_lines || headers.contains_key(header::CONTENT_DISPOSITION)
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
