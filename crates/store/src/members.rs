//! Members of a tenant: made with their first key, found by their name.

use chrono::{DateTime, Utc};
use domain::{
    event::EventKind,
    ids::{MemberId, TenantId},
    member::{DisplayName, folded},
    role::Role,
};
use serde_json::json;
use sqlx::PgConnection;

use crate::{OwnerStore, Store, StoreError, TenantScope, TenantTx};

/// A member as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub member_id: MemberId,
    /// Name for people.
    pub display_name: String,
    /// Role of the member.
    pub role: Role,
}

/// Outcome of a change of role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleChange {
    /// There is no such tenant.
    NoTenant,
    /// The tenant has no such member.
    NoMember,
    /// The member had this role before.
    Same(Member),
    /// The member as it is now, and the role it had.
    Changed(Member, Role),
}

struct MemberRow {
    member_id: String,
    display_name: String,
    role: String,
}

impl TryFrom<MemberRow> for Member {
    type Error = StoreError;
    fn try_from(row: MemberRow) -> Result<Self, StoreError> {
        let broken = |error: Box<dyn std::error::Error + Send + Sync>| StoreError::Bug(sqlx::Error::Decode(error));
        Ok(Self {
            member_id: row.member_id.parse().map_err(|error| broken(Box::new(error)))?,
            role: row.role.parse().map_err(|error| broken(Box::new(error)))?,
            display_name: row.display_name,
        })
    }
}

impl TenantTx {
    /// One member.
    pub async fn member(&mut self, id: &str) -> Result<Option<Member>, StoreError> {
        let (connection, tenant) = self.parts();
        let found = sqlx::query_as!(
            MemberRow,
            "-- member\nselect member_id, display_name, role from member where tenant_id = $1 and member_id = $2",
            tenant,
            id
        );
        found.fetch_optional(connection).await?.map(Member::try_from).transpose()
    }

    /// Adds members who are not there yet, with the ids that follow from their names. Only the owner may.
    pub async fn add_members(&mut self, members: &[(DisplayName, Role)], at: DateTime<Utc>) -> Result<(), StoreError> {
        let (connection, tenant) = self.parts();
        let ids: Vec<String> = members
            .iter()
            .map(|(name, _)| MemberId::of_name(name.as_str(), 1).to_string())
            .collect();
        sqlx::query!(
            "-- add_members
             insert into member (tenant_id, member_id, display_name, folded_name, role, created_at)
             select $1, m.member_id, m.display_name, m.folded_name, m.role, $6
             from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as m (member_id, display_name, folded_name, role)
             on conflict do nothing",
            tenant,
            &ids,
            &members.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>() as &[&str],
            &members.iter().map(|(name, _)| name.folded()).collect::<Vec<_>>(),
            &members.iter().map(|(_, role)| role.as_str()).collect::<Vec<_>>() as &[&str],
            at
        )
        .execute(connection)
        .await?;
        Ok(())
    }

    /// All members by name.
    pub async fn members(&mut self) -> Result<Vec<Member>, StoreError> {
        let (connection, tenant) = self.parts();
        let all = sqlx::query_as!(
            MemberRow,
            "-- members\nselect member_id, display_name, role from member where tenant_id = $1 order by display_name",
            tenant
        );
        all.fetch_all(connection).await?.into_iter().map(Member::try_from).collect()
    }
}

impl OwnerStore {
    /// Gives a member, by id or by name, another role.
    pub async fn set_role(&self, tenant: &TenantId, member: &str, role: Role, at: DateTime<Utc>) -> Result<RoleChange, StoreError> {
        let Some(mut change) = self.begin_change(tenant).await? else {
            return Ok(RoleChange::NoTenant);
        };
        let Some(mut member) = find(change.connection(), tenant.as_str(), member).await? else {
            return Ok(RoleChange::NoMember);
        };
        if member.role == role {
            return Ok(RoleChange::Same(member));
        }
        let before = std::mem::replace(&mut member.role, role);
        sqlx::query!(
            "-- set_role\nupdate member set role = $3 where tenant_id = $1 and member_id = $2",
            tenant.as_str(),
            member.member_id.as_str(),
            role.as_str()
        )
        .execute(change.connection())
        .await?;
        let data = json!({"memberId": member.member_id, "name": member.display_name, "role": role, "before": before});
        change.commit(EventKind::RoleChanged, at, &data).await?;
        Ok(RoleChange::Changed(member, before))
    }
}

impl Store {
    /// Members with a valid key whose role lets them work exceptions, by name.
    pub async fn workers(&self, tenant: &TenantId, at: DateTime<Utc>) -> Result<Vec<Member>, StoreError> {
        let mut tx = self.begin(&TenantScope::of(tenant.clone())).await?;
        let (connection, tenant) = tx.parts();
        let rows = sqlx::query_as!(
            MemberRow,
            "-- workers
             select member_id, display_name, role from member m where tenant_id = $1 and role <> 'viewer'
               and exists (select from access_key k where k.tenant_id = $1 and k.member_id = m.member_id
                           and k.revoked_at is null and (k.expires_at is null or k.expires_at > $2))
             order by display_name",
            tenant,
            at
        );
        let members = rows.fetch_all(connection).await?.into_iter().map(Member::try_from).collect();
        tx.commit().await?;
        members
    }
}

/// A member by id, else by name.
pub(crate) async fn find(connection: &mut PgConnection, tenant: &str, text: &str) -> Result<Option<Member>, StoreError> {
    let found = sqlx::query_as!(
        MemberRow,
        "-- member_by_id_or_name
         select member_id, display_name, role from member where tenant_id = $1 and (member_id = $2 or folded_name = $3)
         order by member_id = $2 desc limit 1",
        tenant,
        text,
        folded(text)
    );
    found.fetch_optional(connection).await?.map(Member::try_from).transpose()
}

/// The member of a name, made where there is none. Whoever calls this holds the tenant's chain.
pub(crate) async fn find_or_create(
    connection: &mut PgConnection,
    tenant: &str,
    (name, role): (&DisplayName, Role),
    at: DateTime<Utc>,
) -> Result<Member, StoreError> {
    let found = sqlx::query_as!(
        MemberRow,
        "-- member_of_name\nselect member_id, display_name, role from member where tenant_id = $1 and folded_name = $2",
        tenant,
        name.folded()
    );
    if let Some(row) = found.fetch_optional(&mut *connection).await? {
        return row.try_into();
    }
    let mut number = 1;
    loop {
        let member_id = MemberId::of_name(name.as_str(), number);
        let made = sqlx::query!(
            "-- create_member
             insert into member (tenant_id, member_id, display_name, folded_name, role, created_at) values ($1, $2, $3, $4, $5, $6)
             on conflict (tenant_id, member_id) do nothing",
            tenant,
            member_id.as_str(),
            name.as_str(),
            name.folded(),
            role.as_str(),
            at
        );
        if made.execute(&mut *connection).await?.rows_affected() == 1 {
            return Ok(Member {
                member_id,
                display_name: name.as_str().to_owned(),
                role,
            });
        }
        number += 1;
    }
}
