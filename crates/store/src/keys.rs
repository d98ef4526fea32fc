//! Access keys: 256 random bits, shown once, stored as SHA-256.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use domain::{
    event::EventKind,
    exception::source_actor,
    ids::{MemberId, TenantId},
    member::DisplayName,
    rate::Rate,
    role::Role,
};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    OwnerStore, Store, StoreError, TenantScope,
    members::{Member, find, find_or_create},
    tenants::rate,
};

/// Name of the member who acts where no key is needed: one for all, so that nobody approves their own request.
const LOCAL: &str = "local";

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
    /// Display name of the member, or the source systems.
    pub holder: String,
    /// Role of the member; none for a source key.
    pub role: Option<Role>,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
}

/// A new key.
#[derive(Debug, Clone)]
pub struct NewKey<'a> {
    /// Tenant it opens.
    pub tenant: &'a TenantId,
    /// Holder of the key.
    pub holder: NewHolder<'a>,
    /// When it stops working.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Holder of a new key.
#[derive(Debug, Clone, Copy)]
pub enum NewHolder<'a> {
    /// The member of this name, who is made with this role where there is nobody of that name.
    Named(&'a DisplayName, Role),
    /// A member who is there, by id or name.
    Member(&'a str),
    /// Source systems.
    Sources(&'a [String]),
}

/// Holder of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// A member.
    Member(Member),
    /// Source systems: the key submits, clears and revises as them, and does nothing else.
    Sources(Arc<[String]>),
}

/// Outcome of storing a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyCreation {
    /// It is stored.
    Made,
    /// There is no such tenant.
    NoTenant,
    /// The member of that name has this role, not the one asked for.
    OtherRole(Role),
    /// There is no such member.
    NoMember,
}

/// Who a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Permission to act within its tenant.
    pub scope: TenantScope,
    /// Holder of the key.
    pub holder: Holder,
    /// Public id of the key.
    pub key_id: String,
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

impl Identity {
    /// Role of the member; none for a source key.
    pub fn role(&self) -> Option<Role> {
        self.member().map(|member| member.role)
    }

    /// The member, where it is one.
    pub fn member(&self) -> Option<&Member> {
        match &self.holder {
            Holder::Member(member) => Some(member),
            Holder::Sources(_) => None,
        }
    }

    /// As events name the caller.
    pub fn actor(&self) -> String {
        match &self.holder {
            Holder::Member(member) => domain::member::actor(member.member_id.as_str()),
            Holder::Sources(sources) => source_actor(sources.first().map_or("", String::as_str)),
        }
    }
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
    pub member_id: Option<String>,
    pub sources: Option<Vec<String>>,
    pub expires_at: Option<DateTime<Utc>>,
}

impl IdentityRow {
    /// None for a row that a check constraint would have refused.
    fn identity(self, holder: Holder) -> Option<Identity> {
        Some(Identity {
            scope: TenantScope::of(self.tenant_id.parse().ok()?),
            holder,
            key_id: self.key_id,
            tenant_name: self.tenant_name,
            domain: self.domain,
            suspended: self.suspended,
            rate: rate(self.rate_per_second, self.rate_burst),
            expires_at: self.expires_at,
        })
    }
}

impl OwnerStore {
    /// Stores a key.
    pub async fn create_key(&self, key: &SecretKey, new: &NewKey<'_>, at: DateTime<Utc>) -> Result<KeyCreation, StoreError> {
        let Some(mut change) = self.begin_change(new.tenant).await? else {
            return Ok(KeyCreation::NoTenant);
        };
        let tenant = new.tenant.as_str();
        let holder = match new.holder {
            NewHolder::Named(name, role) => match find_or_create(change.connection(), tenant, (name, role), at).await? {
                member if member.role == role => Holder::Member(member),
                member => return Ok(KeyCreation::OtherRole(member.role)),
            },
            NewHolder::Member(text) => match find(change.connection(), tenant, text).await? {
                Some(member) => Holder::Member(member),
                None => return Ok(KeyCreation::NoMember),
            },
            NewHolder::Sources(sources) => Holder::Sources(sources.into()),
        };
        let (member_id, sources) = match &holder {
            Holder::Member(member) => (Some(member.member_id.as_str()), None),
            Holder::Sources(sources) => (None, Some(&sources[..])),
        };
        sqlx::query!(
            "-- create_key
             insert into access_key (key_id, key_hash, tenant_id, member_id, sources, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)",
            key.key_id(),
            &hash(key.expose())[..],
            tenant,
            member_id,
            sources,
            at,
            new.expires_at
        )
        .execute(change.connection())
        .await?;
        let told = match &holder {
            Holder::Member(member) => json!({"memberId": member.member_id, "name": member.display_name, "role": member.role}),
            Holder::Sources(sources) => json!({"sources": &sources[..]}),
        };
        let mut data = json!({"keyId": key.key_id(), "expiresAt": new.expires_at});
        if let (Some(data), serde_json::Value::Object(told)) = (data.as_object_mut(), told) {
            data.extend(told);
        }
        change.commit(EventKind::KeyCreated, at, &data).await?;
        Ok(KeyCreation::Made)
    }

    /// Keys of one tenant or of all, oldest first.
    pub async fn keys(&self, tenant: Option<&TenantId>) -> Result<Vec<Key>, StoreError> {
        let rows = sqlx::query!(
            "-- keys
             select key_id, tenant_id, member_id, sources, created_at, expires_at, revoked_at, last_used_at from access_key
             where $1::text is null or tenant_id = $1 order by tenant_id, created_at, key_id",
            tenant.map(TenantId::as_str)
        );
        let rows = rows.fetch_all(&self.pool).await?;
        let mut members: HashMap<(String, String), Member> = HashMap::new();
        for tenant in rows.iter().map(|row| row.tenant_id.as_str()).collect::<BTreeSet<_>>() {
            let Ok(id) = tenant.parse() else { continue };
            let mut tx = self.begin(&self.scope(&id)).await?;
            for member in tx.members().await? {
                members.insert((tenant.to_owned(), member.member_id.to_string()), member);
            }
        }
        let keys = rows.into_iter().map(|row| {
            let member = row.member_id.and_then(|member| members.get(&(row.tenant_id.clone(), member)));
            let sources = row.sources.unwrap_or_default().join(", ");
            Key {
                holder: member.map_or(sources, |member| member.display_name.clone()),
                role: member.map(|member| member.role),
                key_id: row.key_id,
                tenant_id: row.tenant_id,
                created_at: row.created_at,
                expires_at: row.expires_at,
                revoked_at: row.revoked_at,
                last_used_at: row.last_used_at,
            }
        });
        Ok(keys.collect())
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
            "-- revoke_key\nupdate access_key set revoked_at = $2 where key_id = $1 and revoked_at is null returning member_id",
            key_id,
            at
        );
        // Somebody else may have been faster.
        let Some(revoked) = revoked.fetch_optional(change.connection()).await? else {
            return Ok(false);
        };
        let data = json!({"keyId": key_id, "memberId": revoked.member_id});
        change.commit(EventKind::KeyRevoked, at, &data).await?;
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
                    k.key_id, k.member_id, k.sources, k.expires_at
             from access_key k join tenant t on t.tenant_id = k.tenant_id
             where k.key_hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > $2)"#,
            &key_hash[..],
            at
        );
        // The connection is given back before another one is needed.
        let row = row.fetch_optional(&mut *self.connection().await?).await?;
        self.identity(row).await
    }

    /// The identity of a row; its member is looked up within the tenant.
    pub(crate) async fn identity(&self, row: Option<IdentityRow>) -> Result<Option<Identity>, StoreError> {
        let Some(row) = row else { return Ok(None) };
        if let Some(sources) = &row.sources {
            let holder = Holder::Sources(sources.clone().into());
            return Ok(row.identity(holder));
        }
        let (Ok(tenant), Some(member)) = (row.tenant_id.parse(), &row.member_id) else {
            return Ok(None);
        };
        let mut tx = self.begin_reading(&TenantScope::of(tenant)).await?;
        let member = tx.member(member).await?;
        tx.commit().await?;
        Ok(member.and_then(|member| row.identity(Holder::Member(member))))
    }

    /// Notes the use of a key.
    pub async fn note_key_use(&self, key_id: &str, at: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query!(
            "-- note_key_use\nupdate access_key set last_used_at = $2 where key_id = $1",
            key_id,
            at
        )
        .execute(&mut *self.connection().await?)
        .await?;
        Ok(())
    }

    /// The source systems of a key, whether it still works or not: what was sent with it was sent by them.
    pub async fn sources_of_keys(&self, tenant: &TenantId, key_ids: &[String]) -> Result<HashMap<String, Arc<[String]>>, StoreError> {
        let rows = sqlx::query!(
            r#"-- sources_of_keys
             select key_id, sources as "sources!" from access_key where tenant_id = $1 and key_id = any($2) and sources is not null"#,
            tenant.as_str(),
            key_ids
        );
        let rows = rows.fetch_all(&mut *self.connection().await?).await?;
        Ok(rows.into_iter().map(|row| (row.key_id, row.sources.into())).collect())
    }

    /// Acts for a tenant without any key: only for a server that was told to ask for none. None if there is no such tenant.
    pub async fn identify_without_key(&self, tenant: &TenantId) -> Result<Option<Identity>, StoreError> {
        let found = self.tenant(tenant).await?;
        Ok(found.map(|found| Identity {
            scope: TenantScope::of(tenant.clone()),
            holder: Holder::Member(Member {
                member_id: MemberId::of_name(LOCAL, 1),
                display_name: LOCAL.into(),
                role: Role::Admin,
            }),
            key_id: "auth-off".into(),
            tenant_name: found.name,
            domain: found.domain,
            suspended: found.suspended_at.is_some(),
            rate: found.rate,
            expires_at: None,
        }))
    }
}
