//! The API as senders use it: one HTTP client, kept connections, bounded patience.

use std::{
    num::NonZeroU32,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use anyhow::Context;
use bytes::Bytes;
use domain::{exception::OnConflict, ids::TenantId};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, header};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    address::{ApiUrl, Key},
    failure::Failure,
    pace::{Backoff, Pace},
    target::Target,
};

/// Longest wait for one answer; the server gives up on a request after 30 s.
const ANSWER: Duration = Duration::from_secs(35);
/// A stream of lines takes as long as it takes; whoever reads its results watches it.
const ENDLESS: Duration = Duration::from_secs(365 * 24 * 3600);
const CONNECT: Duration = Duration::from_secs(5);

/// What need not be escaped in a path.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// Talks to one server.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    url: ApiUrl,
    pace: Option<Pace>,
    /// Whether the server has answered: only then is it worth waiting for it to come back.
    has_answered: AtomicBool,
}

/// What became of an exception.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// Id it is stored under.
    pub exception_id: String,
    /// `accepted` or `duplicate`.
    pub outcome: String,
    /// As triaged.
    pub severity: String,
}

/// Whom a key opens.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// `off` where no key is needed.
    pub auth: String,
    /// The key's tenant, if the key is valid.
    pub tenant_id: Option<TenantId>,
}

type Outcome<T> = Result<T, Failure>;

impl Client {
    /// A client of the server, sending no more than `rate` requests a second.
    pub fn new(url: &ApiUrl, rate: Option<NonZeroU32>) -> anyhow::Result<Self> {
        // The first client of the process installs it; later ones find it there.
        drop(rustls::crypto::ring::default_provider().install_default());
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .http1_only()
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(ANSWER);
        if !url.to_string().starts_with("https:") {
            // Without encryption the system's certificates need neither be there nor be read.
            builder = builder.tls_certs_only([]);
        }
        Ok(Client {
            http: builder.build().context("cannot make an HTTP client")?,
            url: url.clone(),
            pace: rate.map(Pace::new),
            has_answered: AtomicBool::new(false),
        })
    }

    /// The document of the tenant's active pack.
    pub async fn pack(&self, tenant: &TenantId, key: Option<&Key>) -> Outcome<Bytes> {
        self.get(&format!("/v1/tenants/{tenant}/pack/document"), key).await
    }

    /// Whom the key opens.
    pub async fn session(&self, key: Option<&Key>) -> Outcome<Session> {
        parsed(&self.get("/v1/session", key).await?)
    }

    /// Sends one exception, `{"exception": …}` as text.
    pub async fn send(&self, tenant: &TenantId, key: Option<&Key>, body: Bytes) -> Outcome<Receipt> {
        let call = Call {
            method: Method::POST,
            path: &format!("/v1/tenants/{tenant}/exceptions"),
            key,
            body: Some(body),
        };
        parsed(&self.patiently(&call).await?)
    }

    /// Reads one exception.
    pub async fn exception<T: DeserializeOwned>(&self, tenant: &TenantId, key: Option<&Key>, id: &str) -> Outcome<T> {
        let id = utf8_percent_encode(id, IN_PATH);
        parsed(&self.get(&format!("/v1/tenants/{tenant}/exceptions/{id}"), key).await?)
    }

    /// Asks, several times if the server cannot answer for the moment.
    pub async fn get(&self, path: &str, key: Option<&Key>) -> Outcome<Bytes> {
        self.patiently(&Call::get(path, key)).await
    }

    /// Sends a command that may be repeated, several times if the server cannot answer for the moment.
    pub async fn post(&self, path: &str, key: Option<&Key>, body: Bytes) -> Outcome<Bytes> {
        let call = Call {
            method: Method::POST,
            path,
            key,
            body: Some(body),
        };
        self.patiently(&call).await
    }

    /// Asks once.
    pub async fn get_once(&self, path: &str, key: Option<&Key>) -> Outcome<Bytes> {
        self.once(&Call::get(path, key)).await
    }

    /// Sends lines of NDJSON as the request's body and gives the answer, which comes meanwhile.
    pub async fn stream(&self, target: &Target, body: reqwest::Body) -> Outcome<reqwest::Response> {
        let query = match target.on_conflict {
            OnConflict::Refuse => "",
            OnConflict::Revise => "?onConflict=revise",
        };
        let url = format!("{}/v1/tenants/{}/exceptions{query}", self.url, target.tenant);
        let mut request = self.http.post(url).timeout(ENDLESS);
        if let Some(key) = &target.key {
            request = request.header("X-API-KEY", key.header());
        }
        let request = request.header(header::CONTENT_TYPE, "application/x-ndjson").body(body);
        // The head of the answer does not wait for the body.
        let answer = tokio::time::timeout(ANSWER, request.send());
        let answer = answer.await.map_err(|_| Failure::Lost("it took too long".to_owned()))?;
        let answer = answer.map_err(|error| Failure::of(&error))?;
        self.has_answered.store(true, Ordering::Relaxed);
        if answer.status().is_success() {
            return Ok(answer);
        }
        Err(refusal(answer).await?)
    }

    /// Whether what failed may be over in a moment.
    pub fn may_pass(&self, failure: &Failure) -> bool {
        let was_there = matches!(failure, Failure::Unreachable(_)) && self.has_answered.load(Ordering::Relaxed);
        failure.is_passing() || was_there
    }

    /// Waits until the next line, or the next request, may be sent.
    pub async fn turn(&self) {
        if let Some(pace) = &self.pace {
            pace.turn().await;
        }
    }

    async fn patiently(&self, call: &Call<'_>) -> Outcome<Bytes> {
        let mut backoff = Backoff::default();
        loop {
            self.turn().await;
            let failure = match self.once(call).await {
                Ok(body) => return Ok(body),
                Err(failure) => failure,
            };
            if !self.may_pass(&failure) {
                return Err(failure);
            }
            match backoff.pause(&failure) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(failure),
            }
        }
    }

    async fn once(&self, call: &Call<'_>) -> Outcome<Bytes> {
        let mut request = self.http.request(call.method.clone(), format!("{}{}", self.url, call.path));
        if let Some(key) = call.key {
            request = request.header("X-API-KEY", key.header());
        }
        if let Some(body) = &call.body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body.clone());
        }
        let answer = request.send().await.map_err(|error| Failure::of(&error))?;
        self.has_answered.store(true, Ordering::Relaxed);
        if answer.status().is_success() {
            return answer.bytes().await.map_err(|error| Failure::of(&error));
        }
        Err(refusal(answer).await?)
    }
}

/// What an answer that is not a success says.
async fn refusal(answer: reqwest::Response) -> Outcome<Failure> {
    let status = answer.status();
    let retry_after = answer
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|after| after.to_str().ok()?.parse().ok());
    let body = answer.bytes().await.map_err(|error| Failure::of(&error))?;
    Ok(Failure::refused(status, retry_after.map(Duration::from_secs), &body))
}

/// One request, to be sent as often as needed.
struct Call<'a> {
    method: Method,
    path: &'a str,
    key: Option<&'a Key>,
    body: Option<Bytes>,
}

impl<'a> Call<'a> {
    fn get(path: &'a str, key: Option<&'a Key>) -> Self {
        Call {
            method: Method::GET,
            path,
            key,
            body: None,
        }
    }
}

fn parsed<T: DeserializeOwned>(body: &[u8]) -> Outcome<T> {
    serde_json::from_slice(body).map_err(|error| Failure::Strange(format!("the answer is not one of SentinAI: {error}")))
}
