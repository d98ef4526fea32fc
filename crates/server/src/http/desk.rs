//! The desk: the built pages of `ui/`, inside the binary.

use axum::{
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use rust_embed::RustEmbed;

use super::problem::ApiError;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../ui/dist"]
#[allow_missing = true]
struct Files;

/// Everything comes from ourselves; styles may be inline because components set positions.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// Serves a file of the build, or the desk for its own addresses.
pub async fn serve(method: Method, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("v1/") || path.starts_with("exceptions/") {
        return ApiError::NoSuchRoute(uri.path().to_owned()).into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return ApiError::MethodNotAllowed.into_response();
    }
    match Files::get(path) {
        Some(file) if !path.is_empty() => {
            // Names under assets/ carry a hash of their content.
            let cache = if path.starts_with("assets/") {
                "public, max-age=31536000, immutable"
            } else {
                "no-cache"
            };
            let kind = mime_guess::from_path(path).first_or_octet_stream();
            ([(header::CONTENT_TYPE, kind.as_ref()), (header::CACHE_CONTROL, cache)], file.data).into_response()
        }
        _ if path.starts_with("assets/") => ApiError::NoSuchRoute(uri.path().to_owned()).into_response(),
        _ => page("index.html"),
    }
}

/// A page of the build.
pub fn page(name: &str) -> Response {
    let Some(file) = Files::get(name) else {
        let text =
            "<!doctype html><title>SentinAI</title><p>The desk is not built. Run <code>make ui</code>, or <code>npm run dev</code> in ui/.";
        return (StatusCode::NOT_FOUND, Html(text)).into_response();
    };
    let mut response = Html(file.data).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
