//! What rules refused: kept once per content, listed, taken in later or discarded. Bounded per tenant, gone after a while.
//!
//! Whoever writes here holds the tenant's line of `quarantine_count`, so the number of held objects is exact.

mod decide;
mod keep;
mod list;

use chrono::{DateTime, Utc};
use domain::{
    fault::Fault,
    ids::{ExceptionId, QuarantineId},
    intake::quarantine::{Form, State},
};
use sqlx::PgConnection;

pub use self::{
    decide::{Discarded, HeldObject, Which},
    keep::Keep,
    list::{Listed, QuarantineCount, QuarantineCursor, QuarantineFilter, QuarantinePage, QuarantineRow},
};
use crate::StoreError;

/// Most objects that a tenant holds.
pub const MAX_HELD: i64 = 100_000;

/// An object that a rule refused.
#[derive(Debug, Clone)]
pub struct Refused {
    /// What its content decides.
    pub id: QuarantineId,
    /// What it was meant to be.
    pub form: Form,
    /// JSON text as sent.
    pub object: String,
    /// Id under which it would be stored.
    pub exception_id: ExceptionId,
    /// Type it claims.
    pub exception_type: Option<String>,
    /// System it names.
    pub source_system: Option<String>,
    /// Why, with pointers into the object.
    pub faults: Vec<Fault>,
}

/// Sender, key and time of an arrival.
#[derive(Debug, Clone, Copy)]
pub struct SentBy<'a> {
    /// As events name the sender.
    pub actor: &'a str,
    /// Public id of the key; none where no key was used.
    pub key_id: Option<&'a str>,
    /// To the microsecond.
    pub at: DateTime<Utc>,
}

/// Who does something, and when.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// As events name them.
    pub actor: &'a str,
    /// To the microsecond.
    pub at: DateTime<Utc>,
}

/// Locks the tenant's line and tells how many objects are held.
async fn lock_size(connection: &mut PgConnection, tenant: &str) -> Result<i64, StoreError> {
    let held = sqlx::query_scalar!(
        "-- lock_quarantine
         insert into quarantine_count (tenant_id, held) values ($1, 0)
         on conflict (tenant_id) do update set held = quarantine_count.held returning held",
        tenant
    );
    Ok(held.fetch_one(connection).await?)
}

async fn set_size(connection: &mut PgConnection, tenant: &str, held: i64) -> Result<(), StoreError> {
    sqlx::query!(
        "-- set_quarantine_count\nupdate quarantine_count set held = $2 where tenant_id = $1",
        tenant,
        held
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Faults as JSON text. Not every one of them could be jsonb, which takes no NUL.
fn faults_text(faults: &[Fault]) -> Result<String, StoreError> {
    serde_json::to_string(faults).map_err(|error| StoreError::Bug(sqlx::Error::Encode(error.into())))
}

fn faults_of(text: &str) -> Result<Vec<Fault>, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Bug(sqlx::Error::Decode(error.into())))
}

/// The codes of faults, each once, with commas between.
fn codes_text(faults: &[Fault]) -> String {
    let codes: std::collections::BTreeSet<&str> = faults.iter().map(|fault| &*fault.code).collect();
    codes.into_iter().collect::<Vec<_>>().join(",")
}

fn state_of(text: &str) -> Result<State, StoreError> {
    text.parse().map_err(|error| StoreError::Bug(sqlx::Error::Decode(Box::new(error))))
}
