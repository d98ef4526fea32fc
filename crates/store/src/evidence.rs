//! Submitted bodies that events refer to by hash. Append-only; the same body is stored once.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::evidence::EvidenceHash;
use sqlx::PgConnection;

use crate::{StoreError, TenantTx};

/// A stored body.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredEvidence {
    /// JSON text, as `domain::evidence::Evidence` describes it.
    pub body: String,
    /// Time at which it was first stored (UTC).
    pub stored_at: DateTime<Utc>,
}

/// A body that is not what an event refers to.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct WrongEvidence {
    /// The hash, in hexadecimal digits.
    pub hash: String,
    /// True where the stored body has another hash; false where none is stored.
    pub is_stored: bool,
}

/// Stores bodies; those that are stored already stay.
pub(crate) async fn keep(
    connection: &mut PgConnection,
    tenant: &str,
    bodies: &BTreeMap<EvidenceHash, String>,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    if bodies.is_empty() {
        return Ok(());
    }
    let (hashes, bodies): (Vec<&[u8]>, Vec<&str>) = bodies.iter().map(|(hash, body)| (&hash.0[..], body.as_str())).unzip();
    sqlx::query(
        "-- keep_evidence
         insert into evidence (tenant_id, sha256, body, stored_at)
         select $1, e.sha256, e.body, $4 from unnest($2::bytea[], $3::text[]) as e (sha256, body)
         on conflict do nothing",
    )
    .bind(tenant)
    .bind(hashes)
    .bind(bodies)
    .bind(at)
    .execute(connection)
    .await?;
    Ok(())
}

impl TenantTx {
    /// A body that an event of this exception refers to.
    pub async fn evidence(&mut self, exception_id: &str, hash: EvidenceHash) -> Result<Option<StoredEvidence>, StoreError> {
        let (connection, tenant) = self.parts();
        let found = sqlx::query_as(
            "-- evidence
             select body, stored_at from evidence where tenant_id = $1 and sha256 = $3 and exists (
                 select from event where tenant_id = $1 and exception_id = $2 and strpos(data::text, $4) > 0)",
        );
        let found = found
            .bind(tenant)
            .bind(exception_id)
            .bind(&hash.0[..])
            .bind(format!("\"evidence\":\"{hash}\""));
        Ok(found.fetch_optional(connection).await?)
    }

    /// Bodies that are missing or altered, the first hundred of them.
    pub async fn wrong_evidence(&mut self) -> Result<Vec<WrongEvidence>, StoreError> {
        let (connection, tenant) = self.parts();
        let wrong = sqlx::query_as(
            r#"-- wrong_evidence
             with referred as (
                 select distinct decode(found[1], 'hex') as sha256
                 from event v cross join lateral regexp_matches(v.data::text, '"evidence":"([0-9a-f]{64})"', 'g') as found
                 where v.tenant_id = $1 and v.kind in ('resolved', 'revised', 'approval_requested')
             )
             select encode(r.sha256, 'hex') as hash, e.sha256 is not null as is_stored
             from referred r left join evidence e on e.tenant_id = $1 and e.sha256 = r.sha256
             where e.sha256 is null or sha256(convert_to(e.body, 'UTF8')) <> e.sha256
             order by 1 limit 100"#,
        );
        Ok(wrong.bind(tenant).fetch_all(connection).await?)
    }
}
