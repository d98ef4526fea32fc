//! `Idempotency-Key`: a request is carried out once, however often it is sent (draft-ietf-httpapi-idempotency-key-header-07).
//!
//! A handler reads the question from its request and puts its work into [`once`]. Without the header nothing is asked of the database.

mod key;

use std::panic::AssertUnwindSafe;

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header, response::Parts},
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use futures::FutureExt;
use sha2::{Digest, Sha256};
use store::{
    Store, StoreError, TenantScope,
    idempotency::{Attempt, Claim, KeptAnswer},
};
use tokio::time::timeout;

use super::{problem::ApiError, state::AppState};

/// How long an answer is kept.
const KEPT_FOR: TimeDelta = TimeDelta::hours(24);
/// What a request may take beyond its time before it is taken for dead.
const GRACE: TimeDelta = TimeDelta::seconds(15);
/// Largest answer that is kept.
const MAX_ANSWER: usize = 1 << 20;

/// Tells that an answer is a kept one.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A request that came with a key: the key, and a hash of everything but the body.
pub struct Question {
    key: [u8; 32],
    asked: Sha256,
}

/// A question with its body: what is carried out once.
#[derive(Clone, Copy)]
pub struct Asked {
    key: [u8; 32],
    request: [u8; 32],
}

/// Whether the request has the header. For handlers that cannot honour it.
pub fn is_asked(request: &Request) -> bool {
    request.headers().contains_key(key::HEADER)
}

impl Question {
    /// None where the request came without a key.
    ///
    /// Another caller's request is another request, so that nobody gets an answer that was not theirs.
    pub fn of(request: &Request, caller: &str) -> Result<Option<Self>, ApiError> {
        let Some(key) = key::of(request.headers())? else {
            return Ok(None);
        };
        let mut asked = Sha256::new();
        let media = request.headers().get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
        part(&mut asked, request.method().as_str().as_bytes());
        part(&mut asked, request.uri().path_and_query().map_or("", |at| at.as_str()).as_bytes());
        part(&mut asked, media);
        // Events in binary mode have their attributes in headers; sorted, because their order means nothing.
        let mut attributes: Vec<_> = request
            .headers()
            .iter()
            .filter(|(name, _)| name.as_str().starts_with("ce-"))
            .collect();
        attributes.sort_by_key(|(name, _)| name.as_str());
        for (name, value) in attributes {
            part(&mut asked, name.as_str().as_bytes());
            part(&mut asked, value.as_bytes());
        }
        let mut own = Sha256::new_with_prefix(key);
        own.update(caller.as_bytes());
        let key = own.finalize().into();
        Ok(Some(Self { key, asked }))
    }

    /// With the body, decompressed.
    pub fn with(mut self, body: &[u8]) -> Asked {
        part(&mut self.asked, body);
        Asked {
            key: self.key,
            request: self.asked.finalize().into(),
        }
    }
}

/// Each part with its length, so that no two requests make the same text.
fn part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

impl Asked {
    /// 128 bits that follow from key and request: ids made from them are the same each time the request is carried out.
    pub fn seed(&self, index: usize) -> [u8; 16] {
        let mut hash = Sha256::new_with_prefix(self.key);
        hash.update(self.request);
        hash.update((index as u64).to_be_bytes());
        let mut seed = [0; 16];
        seed.copy_from_slice(&hash.finalize()[..16]);
        seed
    }
}

/// Does the work, or answers as it was answered before.
///
/// Work that has begun goes on when its caller has gone, so that the retry finds an answer.
pub async fn once(
    state: &AppState,
    scope: &TenantScope,
    asked: Option<Asked>,
    work: impl Future<Output = Result<Response, ApiError>> + Send + 'static,
) -> Result<Response, ApiError> {
    let Some(asked) = asked else { return work.await };
    let at = state.clock.now();
    let patience = state.limits.request_time;
    let attempt = Attempt {
        key_hash: asked.key,
        request_hash: asked.request,
        at,
        locked_until: at + patience + GRACE,
        expires_at: at + KEPT_FOR,
    };
    match claim(&state.store, scope, &attempt).await? {
        Claim::InFlight => return Err(ApiError::RequestInFlight),
        Claim::OtherRequest => return Err(ApiError::KeyReused),
        Claim::Finished(answer) => return replay(answer),
        Claim::Ours => {}
    }
    let (store, scope) = (state.store.clone(), scope.clone());
    let carried_out = state.finishing.spawn(async move {
        let done = timeout(patience, AssertUnwindSafe(work).catch_unwind()).await;
        let answer = match done {
            Ok(Ok(answer)) => answer.into_response(),
            Ok(Err(_)) => ApiError::Internal(anyhow::anyhow!("the work of an idempotent request panicked")).into_response(),
            Err(_) => ApiError::TimedOut.into_response(),
        };
        finish(&store, &scope, &attempt, answer).await
    });
    // Only the end of the process ends it early.
    carried_out.await.map_err(|_| ApiError::TimedOut)?
}

async fn claim(store: &Store, scope: &TenantScope, attempt: &Attempt) -> Result<Claim, StoreError> {
    let mut tx = store.begin(scope).await?;
    let claim = tx.claim_request(attempt).await?;
    tx.commit().await?;
    Ok(claim)
}

/// Keeps an answer, or frees the key where a retry may fare better. The caller gets the answer either way: what it says is done.
async fn finish(store: &Store, scope: &TenantScope, attempt: &Attempt, answer: Response) -> Result<Response, ApiError> {
    let (head, body) = read(answer).await?;
    let passing = head.status.is_server_error() || head.status == StatusCode::TOO_MANY_REQUESTS;
    let finished = if passing {
        release(store, scope, attempt).await
    } else if body.len() > MAX_ANSWER {
        // Retries are told that it was carried out.
        let (head, body) = read(ApiError::AnswerNotKept { limit: MAX_ANSWER }.into_response()).await?;
        keep(store, scope, attempt, &kept(&head, &body)).await
    } else {
        keep(store, scope, attempt, &kept(&head, &body)).await
    };
    if let Err(error) = finished {
        tracing::warn!(%error, tenant = %scope.tenant(), "the answer to an idempotent request was not kept");
    }
    Ok(Response::from_parts(head, Body::from(body)))
}

/// An answer that is in memory already, as its bytes.
async fn read(answer: Response) -> Result<(Parts, Bytes), ApiError> {
    let (head, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await;
    Ok((head, body.map_err(|error| ApiError::Internal(error.into()))?))
}

fn kept(head: &Parts, body: &Bytes) -> KeptAnswer {
    let headers = head.headers.iter();
    let headers = headers.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    KeptAnswer {
        status: head.status.as_u16(),
        headers: headers.collect(),
        body: body.to_vec(),
    }
}

async fn keep(store: &Store, scope: &TenantScope, attempt: &Attempt, answer: &KeptAnswer) -> Result<(), StoreError> {
    let mut tx = store.begin(scope).await?;
    // An attempt that was taken for dead leaves the key to the one that took over.
    let _: bool = tx.keep_answer(attempt, answer).await?;
    tx.commit().await
}

async fn release(store: &Store, scope: &TenantScope, attempt: &Attempt) -> Result<(), StoreError> {
    let mut tx = store.begin(scope).await?;
    tx.release_request(attempt).await?;
    tx.commit().await
}

fn replay(answer: KeptAnswer) -> Result<Response, ApiError> {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).map_err(|error| ApiError::Internal(error.into()))?;
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}
