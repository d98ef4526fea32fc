//! Which pages may act with the session cookie, and under which names browsers reach this server.
//!
//! A cookie comes along whoever made the browser send the request; the `Origin` header says whose page that was. Programs send a key
//! instead, which no browser adds by itself, so nothing is checked of them.

use std::{fmt, net::SocketAddr, str::FromStr};

use axum::{
    body::{Body, HttpBody},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use ipnet::IpNet;

use super::{
    NDJSON, body,
    problem::{ApiError, Origin},
    state::{AppState, Auth},
};

const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// How browsers reach this server.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// Its address, where a proxy publishes it under another one.
    pub public_url: Option<PublicUrl>,
    /// Networks of the proxies whose `X-Forwarded-Host` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<IpNet>,
}

/// Scheme, host and port, without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    is_https: bool,
    place: Place,
}

/// A host in lower case and its port.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place(String, u16);

/// The page that made a browser send a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// One of this server.
    Own,
    /// One of somebody else's, by its origin; `null` where the browser does not tell.
    Foreign(String),
    /// None that is named: the sender is no browser, or the request changes nothing.
    Unnamed,
}

/// What is known of a request's way here.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The page it comes from.
    pub page: Page,
    /// Whether it came to us, or to the proxy before us, over TLS.
    pub is_https: bool,
}

impl FromStr for PublicUrl {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "write scheme, host and perhaps port and nothing else, as in https://desk.example.com";
        let uri: Uri = text.parse().map_err(|_| SHAPE)?;
        let is_bare = uri.path_and_query().is_none_or(|rest| rest.as_str() == "/");
        let is_https = uri.scheme_str() == Some("https");
        match Place::of_origin(&uri) {
            Some(place) if is_bare && !text.contains('@') => Ok(Self { is_https, place }),
            _ => Err(SHAPE),
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https { "https" } else { "http" };
        write!(f, "{scheme}://{}:{}", self.place.0, self.place.1)
    }
}

impl Place {
    /// Of a URL; the port is that of its scheme where it names none.
    fn of_origin(uri: &Uri) -> Option<Self> {
        let port = default_port(uri)?;
        Some(Self::of(uri.authority()?, port))
    }

    fn of(authority: &Authority, default_port: u16) -> Self {
        Self(authority.host().to_ascii_lowercase(), authority.port_u16().unwrap_or(default_port))
    }
}

fn default_port(uri: &Uri) -> Option<u16> {
    match uri.scheme_str()? {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    }
}

impl Site {
    /// Name of the session cookie. With the prefix a browser takes it only from this very host and only over TLS (RFC 6265bis,
    /// section 4.1.3.2), so that no sibling host can set one.
    pub fn cookie_name(&self) -> &'static str {
        if self.is_published_over_tls() {
            "__Host-sentinai_session"
        } else {
            "sentinai_session"
        }
    }

    /// The session token that a request shows.
    pub fn session(&self, headers: &HeaderMap) -> Option<String> {
        let jar = CookieJar::from_headers(headers);
        jar.get(self.cookie_name()).map(|cookie| cookie.value().to_owned())
    }

    fn is_published_over_tls(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.is_https)
    }

    fn sender(&self, request: &Request) -> Sender {
        let headers = request.headers();
        let forwarded = |name: HeaderName| self.is_behind_trusted_proxy(request).then(|| last(headers, name)).flatten();
        let is_https = self.is_published_over_tls() || forwarded(FORWARDED_PROTO).is_some_and(|scheme| scheme == "https");
        let host = forwarded(FORWARDED_HOST).or_else(|| only(headers, header::HOST));
        Sender {
            page: self.page(headers, host),
            is_https,
        }
    }

    fn page(&self, headers: &HeaderMap, host: Option<&str>) -> Page {
        if !headers.contains_key(header::ORIGIN) {
            return Page::Unnamed;
        }
        let text = only(headers, header::ORIGIN).unwrap_or("");
        let is_own = || {
            let uri: Uri = text.parse().ok()?;
            let origin = Place::of_origin(&uri)?;
            // `Host` names no scheme; its default port is that of the page's.
            let host: Option<Authority> = host.and_then(|host| host.parse().ok());
            let here = host.map(|host| Place::of(&host, default_port(&uri).unwrap_or(0)));
            let published = self.public_url.as_ref().map(|url| &url.place);
            Some(here.as_ref() == Some(&origin) || published == Some(&origin))
        };
        if is_own() == Some(true) {
            Page::Own
        } else {
            Page::Foreign(text.to_owned())
        }
    }

    fn is_behind_trusted_proxy(&self, request: &Request) -> bool {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        peer.is_some_and(|ConnectInfo(peer)| {
            let address = peer.ip().to_canonical();
            self.trusted_proxies.iter().any(|network| network.contains(&address))
        })
    }
}

/// A header that must not be there twice.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(first.trim())
}

/// The value that the nearest proxy added: those before it came from its client.
fn last(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let all = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    all.rsplit(',').next().map(str::trim).filter(|value| !value.is_empty())
}

/// Refuses what pages of other sites make a browser send.
pub async fn guard(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let sender = state.site.sender(&request);
    if let Err(problem) = admit(&state, &request, &sender.page) {
        return problem.into_response();
    }
    request.extensions_mut().insert(sender);
    next.run(request).await
}

fn admit(state: &AppState, request: &Request, page: &Page) -> Result<(), ApiError> {
    if state.auth == Auth::Off {
        // Without authentication the address is all that protects: neither a page of another site may use it, nor a name of that site's.
        refuse_foreign(page)?;
        refuse_foreign_host(request.headers())?;
    }
    if request.method().is_safe() || state.site.session(request.headers()).is_none() {
        return Ok(());
    }
    refuse_foreign(page)?;
    if *page == Page::Unnamed {
        return Err(ApiError::CrossSite(Origin::Unnamed));
    }
    require_json(request)
}

/// Refuses a request of another site's page.
pub fn refuse_foreign(page: &Page) -> Result<(), ApiError> {
    match page {
        Page::Foreign(origin) => Err(ApiError::CrossSite(Origin::Foreign(origin.clone()))),
        Page::Own | Page::Unnamed => Ok(()),
    }
}

/// What a form can send, or a script of another site without asking first, is never JSON by its type.
fn require_json(request: &Request<Body>) -> Result<(), ApiError> {
    match body::essence(request.headers()).as_str() {
        "application/json" | "text/json" | NDJSON => Ok(()),
        json if json.ends_with("+json") => Ok(()),
        _ if request.body().is_end_stream() => Ok(()),
        other => Err(ApiError::UnsupportedMediaType(other.to_owned())),
    }
}

/// Browsers mark where a request comes from. Where `Origin` is missing, as on requests that only read, this mark is not.
pub fn refuse_cross_site(headers: &HeaderMap) -> Result<(), ApiError> {
    match headers.get("sec-fetch-site").map(axum::http::HeaderValue::as_bytes) {
        Some(b"cross-site" | b"same-site") => Err(ApiError::CrossSite(Origin::Marked)),
        _ => Ok(()),
    }
}

/// Refuses names that are not this machine's: another site may let one of its own lead here.
fn refuse_foreign_host(headers: &HeaderMap) -> Result<(), ApiError> {
    let host = only(headers, header::HOST).unwrap_or("");
    let authority: Option<Authority> = host.parse().ok();
    match authority.as_ref().map(Authority::host) {
        Some("localhost" | "127.0.0.1" | "[::1]") => refuse_cross_site(headers),
        _ => Err(ApiError::CrossSite(Origin::Host(host.to_owned()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A request of so many headers from an address.
    fn request(headers: &[(&'static str, &str)], peer: &str) -> Request {
        let mut request = Request::new(Body::empty());
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().expect("a value"));
        }
        let peer: SocketAddr = peer.parse().expect("an address");
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    }

    fn page(site: &Site, headers: &[(&'static str, &str)]) -> Page {
        site.sender(&request(headers, "10.0.0.9:1234")).page
    }

    fn foreign(origin: &str) -> Page {
        Page::Foreign(origin.to_owned())
    }

    #[test]
    fn a_page_is_ours_by_host_and_port() {
        let site = Site::default();
        for (host, origin) in [
            ("localhost:8000", "http://localhost:8000"),
            ("LOCALHOST:8000", "http://localhost:8000"),
            ("localhost:5173", "http://localhost:5173"),
            ("desk.example", "https://desk.example"),
            ("desk.example:443", "https://desk.example"),
            ("desk.example", "http://desk.example:80"),
            ("[::1]:8000", "http://[::1]:8000"),
        ] {
            assert_eq!(page(&site, &[("host", host), ("origin", origin)]), Page::Own, "{host} {origin}");
        }
        for (host, origin) in [
            ("localhost:8000", "http://localhost:5173"),
            ("localhost:8000", "http://127.0.0.1:8000"),
            ("localhost:8000", "null"),
            ("localhost:8000", ""),
            ("localhost:8000", "localhost:8000"),
            ("desk.example", "https://evil.desk.example"),
            ("desk.example", "https://desk.example.evil"),
            ("desk.example", "https://desk.example:8443"),
            ("desk.example", "https://evil@desk.example:80"),
            ("desk.example", "chrome-extension://desk.example"),
            ("desk.example, evil.example", "https://evil.example"),
        ] {
            assert_eq!(
                page(&site, &[("host", host), ("origin", origin)]),
                foreign(origin),
                "{host} {origin}"
            );
        }
        let twice = [("host", "a"), ("origin", "http://a"), ("origin", "http://b")];
        assert_ne!(page(&site, &twice), Page::Own);
        assert_ne!(page(&site, &[("host", "a"), ("host", "b"), ("origin", "http://b")]), Page::Own);
        assert_eq!(page(&site, &[("host", "a")]), Page::Unnamed);
    }

    #[test]
    fn a_published_address_is_ours_too() {
        let site = Site {
            public_url: Some("https://desk.example".parse().expect("valid")),
            ..Site::default()
        };
        assert_eq!(
            page(&site, &[("host", "10.0.0.1:8000"), ("origin", "https://desk.example")]),
            Page::Own
        );
        let plain = "http://desk.example";
        assert_eq!(page(&site, &[("host", "10.0.0.1:8000"), ("origin", plain)]), foreign(plain));
        assert_eq!(site.cookie_name(), "__Host-sentinai_session");
        for wrong in [
            "desk.example",
            "ftp://desk.example",
            "https://desk.example/below",
            "https://u@desk.example",
            "https://",
        ] {
            assert!(wrong.parse::<PublicUrl>().is_err(), "{wrong}");
        }
        assert!("http://10.0.0.1:8000/".parse::<PublicUrl>().is_ok());
    }

    #[test]
    fn only_a_trusted_proxy_says_how_a_request_came() {
        let site = Site {
            trusted_proxies: vec!["10.0.0.0/24".parse().expect("valid")],
            ..Site::default()
        };
        let headers = [
            ("host", "inner:8000"),
            ("origin", "https://desk.example"),
            ("x-forwarded-host", "sent-by-client.example, desk.example"),
            ("x-forwarded-proto", "https"),
        ];
        let through = site.sender(&request(&headers, "10.0.0.7:4711"));
        assert_eq!((through.page, through.is_https), (Page::Own, true));
        let mapped = site.sender(&request(&headers, "[::ffff:10.0.0.7]:4711"));
        assert_eq!(mapped.page, Page::Own);
        let beside = site.sender(&request(&headers, "10.0.1.7:4711"));
        assert_eq!((beside.page, beside.is_https), (foreign("https://desk.example"), false));
    }
}
