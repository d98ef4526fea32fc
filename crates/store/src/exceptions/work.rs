//! The one road of every later change: where exceptions stand is read under the tenant's chain, the domain decides, and rows, counters,
//! requests and events are written in the same transaction.

use chrono::{DateTime, Utc};
use domain::{
    event::{EventKind, NewEvent},
    ids::TenantId,
    standing::Standing,
    work::{Decision, Pending, Settled},
};

use super::{
    columns::Columns,
    standing::{BY_ID, STANDING, StandingRow, stand},
    statement::Statement,
    tally::Tally,
    write::write,
};
use crate::{
    Store, StoreError, TenantScope, TenantTx,
    events::{ChainHead, LAST_EVENT_AT, lock_chain},
};

/// An exception as a decision needs it.
#[derive(Debug)]
pub struct Current {
    /// Where it stands.
    pub standing: Standing,
    /// Domain of its pack.
    pub domain: String,
    /// When its last event happened (UTC).
    pub last_event_at: Option<DateTime<Utc>>,
}

/// A transaction that holds the tenant's chain: nobody else changes anything of the tenant before it ends.
#[derive(Debug)]
pub struct Writing<'t> {
    pub(super) tx: &'t mut TenantTx,
    pub(super) head: ChainHead,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    standing: StandingRow,
    domain: String,
    last_event_at: Option<DateTime<Utc>>,
}

impl TenantTx {
    /// Takes the chain, to change exceptions.
    pub async fn write(&mut self) -> Result<Writing<'_>, StoreError> {
        let (connection, tenant) = self.parts();
        let head = lock_chain(connection, tenant).await?;
        Ok(Writing { tx: self, head })
    }

    /// The same, but only if the chain is free within a moment: longer than a busy tenant's transactions take, shorter than anybody notices.
    /// The transaction is of no use where it is not.
    pub async fn write_soon(&mut self) -> Result<Option<Writing<'_>>, StoreError> {
        let (connection, _) = self.parts();
        let patience = "-- chain_patience\nselect set_config('lock_timeout', '200ms', true)";
        sqlx::query(patience).execute(&mut *connection).await?;
        let writing = match self.write().await {
            Ok(writing) => writing,
            Err(error) if error.is_locked() => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Some(writing))
    }
}

impl Writing<'_> {
    /// Where exceptions stand, in the order of the bytes of their ids; those that do not exist are left out.
    pub async fn current(&mut self, ids: &[String]) -> Result<Vec<Current>, StoreError> {
        let mut statement = Statement::new("current_exceptions", self.tx.tenant().as_str());
        statement
            .push(format_args!("select {STANDING}, e.domain, {LAST_EVENT_AT} from unnest("))
            .bind(ids.to_vec())
            .push(format_args!("::text[]) as f (exception_id) cross join lateral {BY_ID}"));
        let mut current = self.read(&statement).await?;
        // Databases order texts in ways of their own.
        current.sort_unstable_by(|one, other| one.standing.exception_id.cmp(&other.standing.exception_id));
        Ok(current)
    }

    /// At most `limit` exceptions whose clock had something to tell by a time.
    pub async fn alarmed(&mut self, by: DateTime<Utc>, limit: u32) -> Result<Vec<Current>, StoreError> {
        let mut statement = Statement::new("alarmed_exceptions", self.tx.tenant().as_str());
        statement
            .push(format_args!(
                "select {STANDING}, e.domain, {LAST_EVENT_AT} from exception e where e.tenant_id = $1 and e.next_timer_at <= "
            ))
            .bind(by)
            .push(" order by e.next_timer_at limit ")
            .bind(i64::from(limit));
        self.read(&statement).await
    }

    /// Lets clocks that cannot be told now be looked at again at a later time. Nothing else of the exceptions changes.
    pub async fn postpone(&mut self, exception_ids: &[String], until: DateTime<Utc>) -> Result<(), StoreError> {
        let (connection, tenant) = self.tx.parts();
        sqlx::query!(
            "-- postpone_timers
             update exception set next_timer_at = $3 where tenant_id = $1 and exception_id = any($2)",
            tenant,
            exception_ids,
            until
        )
        .execute(connection)
        .await?;
        Ok(())
    }

    /// The most urgent exception of a queue that nobody has and that is not snoozed.
    pub async fn next_in(&mut self, queue: &str, at: DateTime<Utc>) -> Result<Option<Current>, StoreError> {
        for severity in domain::severity::Severity::ALL {
            let mut statement = Statement::new("next_in_queue", self.tx.tenant().as_str());
            // The first of each cell: its index has them in this order.
            statement
                .push(format_args!(
                    "select {STANDING}, e.domain, {LAST_EVENT_AT} from facet_count c cross join lateral
                     (select * from exception o where o.tenant_id = $1 and o.facet_bucket = c.facet_bucket and o.owner is null
                          and coalesce(o.snoozed_until, '-infinity') <= "
                ))
                .bind(at)
                .push(
                    " order by o.due_at, o.exception_id limit 1) as e
                     where c.tenant_id = $1 and c.status = 'OPEN' and c.exceptions > 0 and c.severity = ",
                )
                .bind(severity.as_str().to_owned())
                .push(" and c.queue = ")
                .bind(queue.to_owned())
                .push(" order by e.due_at, e.exception_id limit 1");
            if let Some(next) = self.read(&statement).await?.pop() {
                return Ok(Some(next));
            }
        }
        Ok(None)
    }

    async fn read(&mut self, statement: &Statement) -> Result<Vec<Current>, StoreError> {
        let rows: Vec<Row> = self.tx.fetch(statement).await?;
        rows.into_iter().map(Row::into_current).collect()
    }

    /// Whether an exception is a part of another one, and whether it has parts; `None` where there is none.
    pub async fn kin(&mut self, exception_id: &str) -> Result<Option<(bool, bool)>, StoreError> {
        let (connection, tenant) = self.tx.parts();
        let row = sqlx::query!(
            r#"-- kin_of_exception
             select parent_id is not null as "is_part!",
                    exists (select 1 from exception part where part.tenant_id = $1 and part.parent_id = $2) as "has_parts!"
             from exception where tenant_id = $1 and exception_id = $2"#,
            tenant,
            exception_id
        )
        .fetch_optional(connection)
        .await?;
        Ok(row.map(|row| (row.is_part, row.has_parts)))
    }

    /// Writes what was decided. The transaction still has to be committed.
    pub async fn record(self, decisions: &[Decision]) -> Result<(), StoreError> {
        let (connection, tenant) = self.tx.parts();
        let changed: Vec<&Decision> = decisions.iter().filter(|decision| decision.now != decision.before).collect();
        stand(
            connection,
            tenant,
            &changed.iter().map(|decision| &decision.now).collect::<Vec<_>>(),
        )
        .await?;
        let tally = Tally::of(changed.iter().map(|decision| (Some(&decision.before), &decision.now)));
        let events: Vec<_> = decisions.iter().flat_map(|decision| decision.events.iter().cloned()).collect();
        write(connection, &Columns::none(tenant), tally, self.head, &events).await?;
        for decision in decisions {
            request(connection, tenant, decision).await?;
        }
        Ok(())
    }
}

impl Row {
    fn into_current(self) -> Result<Current, StoreError> {
        Ok(Current {
            standing: self.standing.into_standing()?,
            domain: self.domain,
            last_event_at: self.last_event_at,
        })
    }
}

/// Keeps what a decision asked of a second person, and how what was asked before ended.
pub(super) async fn request(connection: &mut sqlx::PgConnection, tenant: &str, decision: &Decision) -> Result<(), StoreError> {
    if let Some(pending) = &decision.asked {
        ask(connection, tenant, &decision.now.exception_id, pending).await?;
    }
    if let Some((pending, how)) = &decision.settled {
        settle(connection, tenant, pending, *how, &decision.events).await?;
    }
    Ok(())
}

/// Keeps a request that waits for a second person.
pub(super) async fn ask(
    connection: &mut sqlx::PgConnection,
    tenant: &str,
    exception_id: &str,
    pending: &Pending,
) -> Result<(), StoreError> {
    let request = serde_json::to_string(pending).map_err(|error| StoreError::Bug(sqlx::Error::Encode(error.into())))?;
    sqlx::query!(
        "-- ask_second_person
         insert into approval_request (tenant_id, request_id, exception_id, state, requested_by, requested_at, expires_at, request)
         values ($1, $2, $3, 'PENDING', $4, $5, $6, $7::text::json)",
        tenant,
        pending.id,
        exception_id,
        pending.by,
        pending.at,
        pending.expires_at,
        request
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes how a request ended, as one of the events of its exception tells it. The table itself refuses a maker who is the checker.
pub(super) async fn settle(
    connection: &mut sqlx::PgConnection,
    tenant: &str,
    pending: &Pending,
    how: Settled,
    events: &[NewEvent],
) -> Result<(), StoreError> {
    let kind = match how {
        Settled::Granted => EventKind::ApprovalGranted,
        Settled::Refused => EventKind::ApprovalRefused,
        Settled::Withdrawn => EventKind::ApprovalWithdrawn,
        Settled::Void => EventKind::ApprovalVoided,
        Settled::Expired => EventKind::ApprovalExpired,
    };
    let event = events.iter().find(|event| event.kind == kind);
    let told: Option<serde_json::Value> = event.and_then(|event| serde_json::from_str(&event.data).ok());
    let note = told.and_then(|told| told.get("note").or_else(|| told.get("reason"))?.as_str().map(str::to_owned));
    sqlx::query!(
        "-- settle_request
         update approval_request set state = $3, decided_by = $4, decided_at = $5, note = $6
         where tenant_id = $1 and request_id = $2 and state = 'PENDING'",
        tenant,
        pending.id,
        how.as_str(),
        event.map(|event| event.actor.as_str()),
        event.map(|event| event.at),
        note
    )
    .execute(connection)
    .await?;
    Ok(())
}

impl Store {
    /// Returns the time of the next timer (UTC) of each of these tenants, or of all. Leaves out suspended tenants and those without a timer.
    pub async fn next_timers(&self, tenants: Option<&[TenantId]>) -> Result<Vec<(TenantScope, DateTime<Utc>)>, StoreError> {
        let candidates: Option<Vec<&str>> = tenants.map(|tenants| tenants.iter().map(TenantId::as_str).collect());
        let timers: Vec<(String, DateTime<Utc>)> = sqlx::query_as("-- next_timers\nselect of_tenant, fires_at from next_timers($1)")
            .bind(candidates)
            .fetch_all(&mut *self.connection().await?)
            .await?;
        let scoped = |(tenant, at): (String, _)| Some((TenantScope::of(tenant.parse().ok()?), at));
        Ok(timers.into_iter().filter_map(scoped).collect())
    }
}
