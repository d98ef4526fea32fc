//! Desk sessions: a key exchanged for a cookie. A session ends with its key.

use chrono::{DateTime, Utc};

use crate::{
    Store, StoreError,
    keys::{Identity, IdentityRow},
};

impl Store {
    /// Starts a session and sweeps up expired ones.
    pub async fn create_session(
        &self,
        session_hash: &[u8; 32],
        key_id: &str,
        at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query!("-- sweep_sessions\ndelete from desk_session where expires_at < $1", at)
            .execute(&mut *self.connection().await?)
            .await?;
        sqlx::query!(
            "-- create_session\ninsert into desk_session (session_hash, key_id, created_at, expires_at) values ($1, $2, $3, $4)",
            &session_hash[..],
            key_id,
            at,
            expires_at
        )
        .execute(&mut *self.connection().await?)
        .await?;
        Ok(())
    }

    /// Whose session this is, unless it or its key ended.
    pub async fn identify_session(&self, session_hash: &[u8; 32], at: DateTime<Utc>) -> Result<Option<Identity>, StoreError> {
        let row = sqlx::query_as!(
            IdentityRow,
            r#"-- identify_session
             select t.tenant_id, t.name as tenant_name, t.domain, t.suspended_at is not null as "suspended!", t.rate_per_second, t.rate_burst,
                    k.key_id, k.member_id, k.sources, least(s.expires_at, k.expires_at) as expires_at
             from desk_session s join access_key k on k.key_id = s.key_id join tenant t on t.tenant_id = k.tenant_id
             where s.session_hash = $1 and s.expires_at > $2 and k.revoked_at is null and (k.expires_at is null or k.expires_at > $2)"#,
            &session_hash[..],
            at
        );
        // The connection is given back before another one is needed.
        let row = row.fetch_optional(&mut *self.connection().await?).await?;
        self.identity(row).await
    }

    /// Ends a session.
    pub async fn delete_session(&self, session_hash: &[u8; 32]) -> Result<(), StoreError> {
        sqlx::query!(
            "-- delete_session\ndelete from desk_session where session_hash = $1",
            &session_hash[..]
        )
        .execute(&mut *self.connection().await?)
        .await?;
        Ok(())
    }
}
