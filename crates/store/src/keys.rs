//! Access keys: 256 random bits, shown once, stored as SHA-256.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use domain::{ids::TenantId, rate::Rate, role::Role};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{OwnerStore, Store, StoreError, TenantScope, tenants::rate};

/// What every key starts with, so that it is recognised where it should not be (logs, repositories).
pub const PREFIX: &str = "snt_";

/// A key as its holder knows it. Not `Debug`, not `Display`: it is shown once, by whoever asks with [`SecretKey::expose`].
pub struct SecretKey(String);

impl SecretKey {
    /// A key from 32 random bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The key in clear.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Public name of the key: its first characters, too few to guess the rest.
    fn key_id(&self) -> &str {
        &self.0[..PREFIX.len() + 8]
    }
}

/// SHA-256 of a presented key or session token. A fast hash is right here: there is nothing to guess in 256 random bits.
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// A key as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the columns, which are commented")]
pub struct Key {
    pub key_id: String,
    pub tenant_id: String,
    pub name: String,
    pub role: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
}

/// What a new key is for.
#[derive(Debug, Clone)]
pub struct NewKey<'a> {
    /// Tenant it opens.
    pub tenant: &'a TenantId,
    /// What it is for.
    pub name: &'a str,
    /// What it may do.
    pub role: Role,
    /// When it stops working.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Who a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Permission to act within its tenant.
    pub scope: TenantScope,
    /// What it may do.
    pub role: Role,
    /// Public name of the key.
    pub key_id: String,
    /// What the key is for.
    pub key_name: String,
    /// Name of the tenant.
    pub tenant_name: String,
    /// Domain of the tenant.
    pub domain: String,
    /// Whether the tenant is refused everywhere.
    pub suspended: bool,
    /// How many requests of the tenant are answered; none for as many as come.
    pub rate: Option<Rate>,
    /// When key or session stops working.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A row of the identity queries.
pub(crate) struct IdentityRow {
    pub tenant_id: String,
    pub tenant_name: String,
    pub domain: String,
    pub suspended: bool,
    pub rate_per_second: Option<i32>,
    pub rate_burst: Option<i32>,
    pub key_id: String,
    pub key_name: String,
    pub role: String,
    pub expires_at: Option<DateTime<Utc>>,
}

impl IdentityRow {
    /// None for a row that a check constraint would have refused.
    pub(crate) fn identity(self) -> Option<Identity> {
        Some(Identity {
            scope: TenantScope::of(self.tenant_id.parse().ok()?),
            role: self.role.parse().ok()?,
            key_id: self.key_id,
            key_name: self.key_name,
            tenant_name: self.tenant_name,
            domain: self.domain,
            suspended: self.suspended,
            rate: rate(self.rate_per_second, self.rate_burst),
            expires_at: self.expires_at,
        })
    }
}

impl OwnerStore {
    /// Stores a key. False if there is no such tenant.
    pub async fn create_key(&self, key: &SecretKey, new: &NewKey<'_>, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let Some(mut change) = self.begin_change(new.tenant).await? else {
            return Ok(false);
        };
        sqlx::query!(
            "-- create_key
             insert into access_key (key_id, key_hash, tenant_id, name, role, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)",
            key.key_id(),
            &hash(key.expose())[..],
            new.tenant.as_str(),
            new.name,
            new.role.as_str(),
            at,
            new.expires_at
        )
        .execute(change.connection())
        .await?;
        let data = json!({"keyId": key.key_id(), "name": new.name, "role": new.role, "expiresAt": new.expires_at});
        change.commit("key-created", at, &data).await?;
        Ok(true)
    }

    /// Keys of one tenant or of all, oldest first.
    pub async fn keys(&self, tenant: Option<&TenantId>) -> Result<Vec<Key>, StoreError> {
        let all = sqlx::query_as!(
            Key,
            "-- keys
             select key_id, tenant_id, name, role, created_at, expires_at, revoked_at, last_used_at from access_key
             where $1::text is null or tenant_id = $1 order by tenant_id, created_at, key_id",
            tenant.map(TenantId::as_str)
        );
        Ok(all.fetch_all(&self.pool).await?)
    }

    /// Ends a key and the sessions made with it. False if there is no such key that works.
    pub async fn revoke_key(&self, key_id: &str, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let tenant = sqlx::query_scalar!(
            "-- key_tenant\nselect tenant_id from access_key where key_id = $1 and revoked_at is null",
            key_id
        );
        let tenant = tenant.fetch_optional(&self.pool).await?.and_then(|tenant| tenant.parse().ok());
        let Some(tenant) = tenant else { return Ok(false) };
        let Some(mut change) = self.begin_change(&tenant).await? else {
            return Ok(false);
        };
        let revoked = sqlx::query!(
            "-- revoke_key\nupdate access_key set revoked_at = $2 where key_id = $1 and revoked_at is null returning name",
            key_id,
            at
        );
        // Somebody else may have been faster.
        let Some(revoked) = revoked.fetch_optional(change.connection()).await? else {
            return Ok(false);
        };
        let data = json!({"keyId": key_id, "name": revoked.name});
        change.commit("key-revoked", at, &data).await?;
        Ok(true)
    }
}

impl Store {
    /// Whose key this is, unless it is unknown, revoked or expired.
    pub async fn identify(&self, key_hash: &[u8; 32], at: DateTime<Utc>) -> Result<Option<Identity>, StoreError> {
        let row = sqlx::query_as!(
            IdentityRow,
            r#"-- identify
             select t.tenant_id, t.name as tenant_name, t.domain, t.suspended_at is not null as "suspended!", t.rate_per_second, t.rate_burst,
                    k.key_id, k.name as key_name, k.role, k.expires_at
             from access_key k join tenant t on t.tenant_id = k.tenant_id
             where k.key_hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > $2)"#,
            &key_hash[..],
            at
        );
        Ok(row.fetch_optional(&self.pool).await?.and_then(IdentityRow::identity))
    }

    /// Notes the use of a key.
    pub async fn note_key_use(&self, key_id: &str, at: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query!(
            "-- note_key_use\nupdate access_key set last_used_at = $2 where key_id = $1",
            key_id,
            at
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Names and roles of the keys that may work exceptions now, each name once.
    pub async fn people(&self, tenant: &TenantId, at: DateTime<Utc>) -> Result<Vec<(String, String)>, StoreError> {
        let rows = sqlx::query!(
            r#"-- people
             select name as "name!", role as "role!" from access_key
             where tenant_id = $1 and role <> 'viewer' and revoked_at is null and (expires_at is null or expires_at > $2)
             group by name, role order by name, role"#,
            tenant.as_str(),
            at
        );
        let rows = rows.fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(|row| (row.name, row.role)).collect())
    }

    /// Acts for a tenant without any key: only for a server that was told to ask for none. None if there is no such tenant.
    pub async fn identify_without_key(&self, tenant: &TenantId) -> Result<Option<Identity>, StoreError> {
        let found = self.tenant(tenant).await?;
        Ok(found.map(|found| Identity {
            scope: TenantScope::of(tenant.clone()),
            role: Role::Admin,
            key_id: "auth-off".into(),
            key_name: "authentication is off".into(),
            tenant_name: found.name,
            domain: found.domain,
            suspended: found.suspended_at.is_some(),
            rate: found.rate,
            expires_at: None,
        }))
    }
}
