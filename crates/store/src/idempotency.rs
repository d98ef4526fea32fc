//! Requests that came with an Idempotency-Key: each is carried out by one caller at a time, and its answer is kept for the retries.
//!
//! A key passes through two short transactions, claimed before the work and finished after it, so nobody waits on a lock meanwhile.

use chrono::{DateTime, Utc};

use crate::{StoreError, TenantTx};

/// Most expired keys that one request removes in passing.
const SWEPT: i64 = 100;

/// One try to carry out a request.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// SHA-256 of the key.
    pub key_hash: [u8; 32],
    /// SHA-256 of what was asked.
    pub request_hash: [u8; 32],
    /// When it began.
    pub at: DateTime<Utc>,
    /// Until when others wait for it. Also tells it from other attempts.
    pub locked_until: DateTime<Utc>,
    /// When the key is forgotten.
    pub expires_at: DateTime<Utc>,
}

/// What the key says about an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nobody carries the request out: do it.
    Ours,
    /// Somebody does.
    InFlight,
    /// It was carried out: this was the answer.
    Finished(KeptAnswer),
    /// The key was used for something else.
    OtherRequest,
}

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// HTTP status.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The bytes.
    pub body: Vec<u8>,
}

impl TenantTx {
    /// Claims the key for an attempt, unless a living key says otherwise.
    pub async fn claim_request(&mut self, attempt: &Attempt) -> Result<Claim, StoreError> {
        let (connection, tenant) = self.parts();
        let claimed = sqlx::query!(
            "-- claim_request
             insert into idempotent_request (tenant_id, key_hash, request_hash, locked_until, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (tenant_id, key_hash) do update set request_hash = excluded.request_hash, locked_until = excluded.locked_until,
                 status = null, headers = null, body = null, created_at = excluded.created_at, expires_at = excluded.expires_at
             where idempotent_request.expires_at <= $5
                or (idempotent_request.status is null and idempotent_request.locked_until <= $5
                    and idempotent_request.request_hash = excluded.request_hash)",
            tenant,
            &attempt.key_hash[..],
            &attempt.request_hash[..],
            attempt.locked_until,
            attempt.at,
            attempt.expires_at
        );
        if claimed.execute(connection).await?.rows_affected() == 1 {
            return Ok(Claim::Ours);
        }
        self.found_request(attempt).await
    }

    /// What a living key says.
    async fn found_request(&mut self, attempt: &Attempt) -> Result<Claim, StoreError> {
        let (connection, tenant) = self.parts();
        let found = sqlx::query!(
            "-- idempotent_request
             select request_hash, status, headers, body from idempotent_request where tenant_id = $1 and key_hash = $2",
            tenant,
            &attempt.key_hash[..]
        );
        let Some(found) = found.fetch_optional(connection).await? else {
            // Released in between: the next retry finds it free.
            return Ok(Claim::InFlight);
        };
        if found.request_hash != attempt.request_hash {
            return Ok(Claim::OtherRequest);
        }
        let (Some(status), Some(headers), Some(body)) = (found.status, found.headers, found.body) else {
            return Ok(Claim::InFlight);
        };
        Ok(Claim::Finished(KeptAnswer {
            status: u16::try_from(status).unwrap_or(500),
            headers: serde_json::from_value(headers).unwrap_or_default(),
            body,
        }))
    }

    /// Keeps the answer of an attempt and removes some expired ones. False if another attempt took over.
    pub async fn keep_answer(&mut self, attempt: &Attempt, answer: &KeptAnswer) -> Result<bool, StoreError> {
        let (connection, tenant) = self.parts();
        let kept = sqlx::query!(
            "-- keep_answer
             update idempotent_request set status = $4, headers = $5, body = $6
             where tenant_id = $1 and key_hash = $2 and locked_until = $3 and status is null",
            tenant,
            &attempt.key_hash[..],
            attempt.locked_until,
            i16::try_from(answer.status).unwrap_or(500),
            serde_json::json!(answer.headers),
            answer.body
        );
        let kept = kept.execute(&mut *connection).await?.rows_affected() == 1;
        sqlx::query!(
            "-- sweep_idempotent_requests
             delete from idempotent_request where tenant_id = $1 and key_hash in (
                 select key_hash from idempotent_request where tenant_id = $1 and expires_at <= $2
                 order by expires_at limit $3 for update skip locked)",
            tenant,
            attempt.at,
            SWEPT
        )
        .execute(connection)
        .await?;
        Ok(kept)
    }

    /// Frees the key of an attempt that came to nothing, so that a retry is carried out.
    pub async fn release_request(&mut self, attempt: &Attempt) -> Result<(), StoreError> {
        let (connection, tenant) = self.parts();
        sqlx::query!(
            "-- release_request
             delete from idempotent_request where tenant_id = $1 and key_hash = $2 and locked_until = $3 and status is null",
            tenant,
            &attempt.key_hash[..],
            attempt.locked_until
        )
        .execute(connection)
        .await?;
        Ok(())
    }
}
