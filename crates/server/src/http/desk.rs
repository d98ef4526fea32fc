//! The desk: the built pages of `ui/`, inside the binary.

use axum::{
    Router,
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use rust_embed::RustEmbed;

use super::{problem::ApiError, state::AppState};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../ui/dist"]
#[allow_missing = true]
struct Files;

/// Addresses of the desk's pages, as its router (`ui/src/router.tsx`) has them.
const PAGES: &str = include_str!("../../../../ui/pages.json");

/// Serves the desk at the addresses of its pages, and only there: a mistyped address of the API never looks like an answer.
pub fn router() -> Router<AppState> {
    let pages: Vec<String> = serde_json::from_str(PAGES).unwrap_or_default();
    pages
        .iter()
        .fold(Router::new(), |router, path| router.route(path, get(async || page("index.html"))))
}

/// Serves a file of the build; any other address is none.
pub async fn file(method: Method, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    let Some(file) = Files::get(path).filter(|_| !is_html(path)) else {
        return ApiError::NoSuchRoute(uri.path().to_owned()).into_response();
    };
    if method != Method::GET && method != Method::HEAD {
        return ([(header::ALLOW, "GET,HEAD")], ApiError::MethodNotAllowed).into_response();
    }
    // Names under assets/ carry a hash of their content.
    let cache = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    ([(header::CONTENT_TYPE, kind.as_ref()), (header::CACHE_CONTROL, cache)], file.data).into_response()
}

/// The only way to HTML: a page of the build.
pub fn page(name: &str) -> Response {
    let Some(file) = Files::get(name) else {
        let text =
            "<!doctype html><title>SentinAI</title><p>The desk is not built. Run <code>make ui</code>, or <code>npm run dev</code> in ui/.";
        return (StatusCode::NOT_FOUND, Html(text)).into_response();
    };
    let mut response = Html(file.data).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Pages have addresses of their own.
fn is_html(path: &str) -> bool {
    mime_guess::from_path(path).first().is_some_and(|kind| kind.subtype() == "html")
}
