//! Domain packs: imported once, activated per tenant, never changed.

use chrono::{DateTime, Utc};
use domain::event::EventKind;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    OwnerStore, Store, StoreError, TenantTx,
    events::{append, lock_chain},
    tenant_event,
    tenants::Created,
};

/// A pack as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackRow {
    /// Domain.
    pub domain: String,
    /// Version.
    pub version: String,
    /// When it was imported.
    pub imported_at: DateTime<Utc>,
}

/// Outcome of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    /// It is new.
    New,
    /// The same document was there.
    Existing,
    /// Another document was there under the same version; it was not touched.
    Differs,
}

impl OwnerStore {
    /// Stores a pack's text under its domain and version.
    pub async fn import_pack(&self, domain: &str, version: &str, document: &str, at: DateTime<Utc>) -> Result<Imported, StoreError> {
        let sha256: [u8; 32] = Sha256::digest(document.as_bytes()).into();
        let made = sqlx::query!(
            "-- import_pack
             insert into domain_pack (domain, version, document, sha256, imported_at) values ($1, $2, $3, $4, $5) on conflict do nothing",
            domain,
            version,
            document,
            &sha256[..],
            at
        );
        if made.execute(&self.pool).await?.rows_affected() == 1 {
            return Ok(Imported::New);
        }
        let stored = sqlx::query_scalar!(
            "-- pack_hash\nselect sha256 from domain_pack where domain = $1 and version = $2",
            domain,
            version
        );
        Ok(if stored.fetch_one(&self.pool).await? == sha256 {
            Imported::Existing
        } else {
            Imported::Differs
        })
    }

    /// All packs by domain and time of import.
    pub async fn packs(&self) -> Result<Vec<PackRow>, StoreError> {
        let all = sqlx::query_as!(
            PackRow,
            "-- packs\nselect domain, version, imported_at from domain_pack order by domain, imported_at"
        );
        Ok(all.fetch_all(&self.pool).await?)
    }

    /// Whether a pack is there.
    pub async fn has_pack(&self, domain: &str, version: &str) -> Result<bool, StoreError> {
        let found = sqlx::query_scalar!(
            "-- has_pack\nselect 1 from domain_pack where domain = $1 and version = $2",
            domain,
            version
        );
        Ok(found.fetch_optional(&self.pool).await?.is_some())
    }
}

impl TenantTx {
    /// Version of a domain's pack that the tenant uses now.
    pub async fn active_pack(&mut self, domain: &str) -> Result<Option<String>, StoreError> {
        let (connection, tenant) = self.parts();
        let newest = sqlx::query_scalar!(
            "-- active_pack
             select version from pack_activation where tenant_id = $1 and domain = $2 order by activation desc limit 1",
            tenant,
            domain
        );
        Ok(newest.fetch_optional(connection).await?)
    }

    /// Makes the tenant use a version from now on. Only the owner may.
    pub async fn activate_pack(&mut self, domain: &str, version: &str, actor: &str, at: DateTime<Utc>) -> Result<Created, StoreError> {
        let (connection, tenant) = self.parts();
        let head = lock_chain(connection, tenant).await?;
        let before = self.active_pack(domain).await?;
        if before.as_deref() == Some(version) {
            return Ok(Created::Existing);
        }
        let (connection, tenant) = self.parts();
        sqlx::query!(
            "-- activate_pack
             insert into pack_activation (tenant_id, activation, domain, version, activated_at, activated_by)
             select $1, coalesce(max(activation), 0) + 1, $2, $3, $4, $5 from pack_activation where tenant_id = $1
             on conflict do nothing",
            tenant,
            domain,
            version,
            at,
            actor
        )
        .execute(&mut *connection)
        .await?;
        let data = json!({"domain": domain, "version": version, "before": before});
        append(
            connection,
            tenant,
            head,
            &[tenant_event(EventKind::PackActivated, actor, at, &data)],
        )
        .await?;
        Ok(Created::New)
    }
}

impl Store {
    /// Text of a pack.
    pub async fn pack_document(&self, domain: &str, version: &str) -> Result<Option<String>, StoreError> {
        document(&mut *self.connection().await?, domain, version).await
    }
}

impl OwnerStore {
    /// Text of a pack.
    pub async fn pack_document(&self, domain: &str, version: &str) -> Result<Option<String>, StoreError> {
        document(&self.pool, domain, version).await
    }
}

async fn document(executor: impl sqlx::PgExecutor<'_>, domain: &str, version: &str) -> Result<Option<String>, StoreError> {
    let document = sqlx::query_scalar!(
        "-- pack_document\nselect document from domain_pack where domain = $1 and version = $2",
        domain,
        version
    );
    Ok(document.fetch_optional(executor).await?)
}
