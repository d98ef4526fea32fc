//! Tenants: who shares this installation.

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};
use domain::{event::EventKind, ids::TenantId, rate::Rate};
use serde_json::json;

use crate::{OwnerStore, Store, StoreError, tenant_event};

/// A tenant as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub tenant_id: String,
    /// Name for people.
    pub name: String,
    /// Domain whose active pack triages.
    pub domain: String,
    /// Since when it is refused everywhere.
    pub suspended_at: Option<DateTime<Utc>>,
    /// Days for which refused objects are kept.
    pub quarantine_days: i32,
    /// How many of its requests are answered; none for as many as come.
    pub rate: Option<Rate>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

struct TenantRow {
    tenant_id: String,
    name: String,
    domain: String,
    suspended_at: Option<DateTime<Utc>>,
    quarantine_days: i32,
    rate_per_second: Option<i32>,
    rate_burst: Option<i32>,
    created_at: DateTime<Utc>,
}

impl From<TenantRow> for Tenant {
    fn from(row: TenantRow) -> Self {
        Self {
            tenant_id: row.tenant_id,
            name: row.name,
            domain: row.domain,
            suspended_at: row.suspended_at,
            quarantine_days: row.quarantine_days,
            rate: rate(row.rate_per_second, row.rate_burst),
            created_at: row.created_at,
        }
    }
}

/// The two columns as one; a check constraint refuses what is not positive.
pub(crate) fn rate(per_second: Option<i32>, burst: Option<i32>) -> Option<Rate> {
    let positive = |column: Option<i32>| NonZeroU32::new(u32::try_from(column?).ok()?);
    Some(Rate {
        per_second: positive(per_second)?,
        burst: positive(burst)?,
    })
}

/// Whether a tenant is refused everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspension {
    /// From now on.
    Suspended,
    /// No longer.
    Lifted,
}

/// Outcome of making something that may be there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// It is new.
    New,
    /// It was there and is unchanged.
    Existing,
}

impl OwnerStore {
    /// Makes a tenant, the start of its chain and its daily sweep.
    pub async fn create_tenant(&self, tenant: &TenantId, name: &str, domain: &str, at: DateTime<Utc>) -> Result<Created, StoreError> {
        let scope = self.scope(tenant);
        let mut tx = self.begin(&scope).await?;
        let (connection, id) = tx.parts();
        let made = sqlx::query!(
            "-- create_tenant
             insert into tenant (tenant_id, name, domain, created_at) values ($1, $2, $3, $4) on conflict do nothing",
            id,
            name,
            domain,
            at
        )
        .execute(&mut *connection)
        .await?
        .rows_affected();
        sqlx::query!(
            "-- start_chain
             insert into chain_head (tenant_id, seq, hash) values ($1, 0, $2) on conflict do nothing",
            id,
            &domain::chain::GENESIS[..]
        )
        .execute(&mut *connection)
        .await?;
        if made == 1 {
            let data = json!({"name": name, "domain": domain});
            tx.record(&[tenant_event(EventKind::TenantCreated, self.actor(), at, &data)])
                .await?;
            tx.enqueue_sweep(None, at).await?;
        }
        tx.commit().await?;
        Ok(if made == 1 { Created::New } else { Created::Existing })
    }

    /// All tenants by id.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        let all = sqlx::query_as!(
            TenantRow,
            "-- tenants
             select tenant_id, name, domain, suspended_at, quarantine_days, rate_per_second, rate_burst, created_at from tenant order by tenant_id"
        );
        Ok(all.fetch_all(&self.pool).await?.into_iter().map(Tenant::from).collect())
    }

    /// Refuses a tenant everywhere from now on, or no longer. False if there is no such tenant.
    pub async fn set_suspended(&self, tenant: &TenantId, standing: Suspension, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let (since, kind) = match standing {
            Suspension::Suspended => (Some(at), EventKind::TenantSuspended),
            Suspension::Lifted => (None, EventKind::TenantResumed),
        };
        let Some(mut change) = self.begin_change(tenant).await? else {
            return Ok(false);
        };
        sqlx::query!(
            "-- set_suspended\nupdate tenant set suspended_at = $2 where tenant_id = $1",
            tenant.as_str(),
            since
        )
        .execute(change.connection())
        .await?;
        change.commit(kind, at, &json!({})).await?;
        Ok(true)
    }

    /// Sets for how many days what is refused from now on is kept. False if there is no such tenant.
    pub async fn set_quarantine_days(&self, tenant: &TenantId, days: u16, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let Some(mut change) = self.begin_change(tenant).await? else {
            return Ok(false);
        };
        sqlx::query!(
            "-- set_quarantine_days\nupdate tenant set quarantine_days = $2 where tenant_id = $1",
            tenant.as_str(),
            i32::from(days)
        )
        .execute(change.connection())
        .await?;
        change.commit(EventKind::QuarantineDaysSet, at, &json!({"days": days})).await?;
        Ok(true)
    }

    /// Limits how many requests of a tenant are answered from now on, or no longer. False if there is no such tenant.
    pub async fn set_rate(&self, tenant: &TenantId, rate: Option<Rate>, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let column = |value: NonZeroU32| i32::try_from(value.get()).unwrap_or(i32::MAX);
        let Some(mut change) = self.begin_change(tenant).await? else {
            return Ok(false);
        };
        sqlx::query!(
            "-- set_rate\nupdate tenant set rate_per_second = $2, rate_burst = $3 where tenant_id = $1",
            tenant.as_str(),
            rate.map(|rate| column(rate.per_second)),
            rate.map(|rate| column(rate.burst))
        )
        .execute(change.connection())
        .await?;
        let data = json!({"perSecond": rate.map(|rate| rate.per_second), "burst": rate.map(|rate| rate.burst)});
        change.commit(EventKind::RateSet, at, &data).await?;
        Ok(true)
    }
}

impl Store {
    /// One tenant.
    pub async fn tenant(&self, tenant: &TenantId) -> Result<Option<Tenant>, StoreError> {
        let found = sqlx::query_as!(
            TenantRow,
            "-- tenant
             select tenant_id, name, domain, suspended_at, quarantine_days, rate_per_second, rate_burst, created_at from tenant where tenant_id = $1",
            tenant.as_str()
        );
        Ok(found.fetch_optional(&mut *self.connection().await?).await?.map(Tenant::from))
    }
}
