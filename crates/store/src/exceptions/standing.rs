//! Where exceptions stand, read and written as a whole.

use chrono::{DateTime, Utc};
use domain::{
    cell::Cell,
    exposure::Exposure,
    standing::{Standing, Work},
};
use sqlx::{PgConnection, types::Json};

use crate::StoreError;

/// Columns of a [`StandingRow`], of `exception e`.
pub const STANDING: &str = "e.exception_id, e.version, e.pack_version, e.status, e.severity, e.exception_type,
    e.queue, e.source_system, e.fingerprint, e.created_at, e.respond_due_at, e.due_at, e.resolution, e.resolved_at, e.owner, e.parent_id, e.escalation, e.root_cause,
    e.snoozed_until, e.breached_at,
    e.next_timer_at, e.exposure_minor, e.exposure_currency, e.highest_exposure_minor, e.workflow";

/// The row `exception e` whose id is `f.exception_id`, to be joined laterally. The primary key alone has this order, so it is the only way to
/// the row that needs no sorting: a plan that was made while the table was empty does not walk a tenant's rows when it is full.
pub const BY_ID: &str =
    "(select * from exception o where o.tenant_id = $1 and o.exception_id >= f.exception_id and o.exception_id <= f.exception_id
    order by o.exception_id limit 1) as e";

/// Where an exception stands, as stored.
#[derive(Debug, sqlx::FromRow)]
pub struct StandingRow {
    exception_id: String,
    version: i64,
    pack_version: String,
    status: String,
    severity: String,
    exception_type: String,
    queue: String,
    source_system: String,
    fingerprint: Option<String>,
    created_at: DateTime<Utc>,
    respond_due_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    resolution: Option<String>,
    resolved_at: Option<DateTime<Utc>>,
    owner: Option<String>,
    parent_id: Option<String>,
    escalation: i16,
    root_cause: Option<String>,
    snoozed_until: Option<DateTime<Utc>>,
    breached_at: Option<DateTime<Utc>>,
    next_timer_at: Option<DateTime<Utc>>,
    exposure_minor: Option<i64>,
    exposure_currency: Option<String>,
    highest_exposure_minor: Option<i64>,
    workflow: Option<Json<Work>>,
}

impl StandingRow {
    /// As the domain knows it.
    pub fn into_standing(self) -> Result<Standing, StoreError> {
        let unknown = |what: &str| StoreError::Bug(sqlx::Error::Decode(what.into()));
        let work = Work {
            owner: self.owner,
            parent: self.parent_id,
            escalation: u32::try_from(self.escalation).map_err(|_| unknown("a negative number of escalations"))?,
            root_cause: self.root_cause,
            snoozed_until: self.snoozed_until,
            ..self.workflow.map(|work| work.0).unwrap_or_default()
        };
        Ok(Standing {
            exception_id: self.exception_id,
            version: self.version,
            pack_version: self.pack_version,
            cell: Cell {
                status: self.status.parse().map_err(|_| unknown("a status this program does not know"))?,
                severity: self
                    .severity
                    .parse()
                    .map_err(|_| unknown("a severity this program does not know"))?,
                exception_type: self.exception_type,
                queue: self.queue,
                source_system: self.source_system,
            },
            fingerprint: self.fingerprint,
            created_at: self.created_at,
            respond_due_at: self.respond_due_at,
            due_at: self.due_at,
            resolution: self.resolution,
            resolved_at: self.resolved_at,
            breached_at: self.breached_at,
            alarm_at: self.next_timer_at,
            exposure: Exposure {
                minor: self.exposure_minor,
                currency: self.exposure_currency,
                highest_minor: self.highest_exposure_minor,
            },
            work,
        })
    }
}

/// Sets where exceptions stand. Nobody else can have changed the rows: whoever calls this holds the chain.
pub async fn stand(connection: &mut PgConnection, tenant: &str, now: &[&Standing]) -> Result<(), StoreError> {
    if now.is_empty() {
        return Ok(());
    }
    let work = now.iter().map(|now| work(&now.work)).collect::<Result<Vec<_>, _>>()?;
    sqlx::query!(
        "-- stand_exceptions
         update exception set status = s.status, severity = s.severity, queue = s.queue, facet_bucket = s.facet_bucket, version = s.version,
             respond_due_at = s.respond_due_at, due_at = s.due_at, resolution = s.resolution, resolved_at = s.resolved_at,
             owner = s.owner, parent_id = s.parent_id, next_timer_at = s.next_timer_at, workflow = s.workflow::json, waiting_reason = s.waiting_reason,
             snoozed_until = s.snoozed_until, escalation = s.escalation, root_cause = s.root_cause,
             exposure_minor = s.exposure_minor, exposure_currency = s.exposure_currency, highest_exposure_minor = s.highest_exposure_minor,
             breached_at = s.breached_at
         from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::timestamptz[], $9::timestamptz[],
                     $10::text[], $11::timestamptz[], $12::text[], $13::text[], $14::timestamptz[], $15::text[],
                     $16::text[], $17::timestamptz[], $18::smallint[], $19::text[], $20::bigint[], $21::text[], $22::bigint[], $23::timestamptz[])
              as s (exception_id, status, severity, queue, facet_bucket, version, respond_due_at, due_at, resolution, resolved_at, owner, parent_id,
                    next_timer_at, workflow, waiting_reason, snoozed_until, escalation, root_cause,
                    exposure_minor, exposure_currency, highest_exposure_minor, breached_at)
         where exception.tenant_id = $1 and exception.exception_id = s.exception_id",
        tenant,
        &now.iter().map(|now| now.exception_id.as_str()).collect::<Vec<_>>() as &[&str],
        &now.iter().map(|now| now.cell.status.as_str()).collect::<Vec<_>>() as &[&str],
        &now.iter().map(|now| now.cell.severity.as_str()).collect::<Vec<_>>() as &[&str],
        &now.iter().map(|now| now.cell.queue.as_str()).collect::<Vec<_>>() as &[&str],
        &now.iter().map(|now| now.cell.id()).collect::<Vec<_>>(),
        &now.iter().map(|now| now.version).collect::<Vec<_>>(),
        &now.iter().map(|now| now.respond_due_at).collect::<Vec<_>>(),
        &now.iter().map(|now| now.due_at).collect::<Vec<_>>(),
        &now.iter().map(|now| now.resolution.as_deref()).collect::<Vec<_>>() as &[Option<&str>],
        &now.iter().map(|now| now.resolved_at).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        &now.iter().map(|now| now.work.owner.as_deref()).collect::<Vec<_>>() as &[Option<&str>],
        &now.iter().map(|now| now.work.parent.as_deref()).collect::<Vec<_>>() as &[Option<&str>],
        &now.iter().map(|now| now.alarm_at).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        &work as &[Option<String>],
        &now.iter().map(|now| now.work.waiting.as_ref().map(|waiting| waiting.reason.as_str())).collect::<Vec<_>>() as &[Option<&str>],
        &now.iter().map(|now| now.work.snoozed_until).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        &now.iter().map(|now| i16::try_from(now.work.escalation).unwrap_or(i16::MAX)).collect::<Vec<_>>(),
        &now.iter().map(|now| now.work.root_cause.as_deref()).collect::<Vec<_>>() as &[Option<&str>],
        &now.iter().map(|now| now.exposure.minor).collect::<Vec<_>>() as &[Option<i64>],
        &now.iter().map(|now| now.exposure.currency.as_deref()).collect::<Vec<_>>() as &[Option<&str>],
        &now.iter().map(|now| now.exposure.highest_minor).collect::<Vec<_>>() as &[Option<i64>],
        &now.iter().map(|now| now.breached_at).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
    )
    // Planned for the rows that there are now: nothing in the shape of an update forces the primary key.
    .persistent(false)
    .execute(connection)
    .await?;
    Ok(())
}

/// What of the workflow has no column of its own, as JSON; `None` for nothing.
pub fn work(work: &Work) -> Result<Option<String>, StoreError> {
    let beside = Work {
        escalation: 0,
        root_cause: None,
        snoozed_until: None,
        owner: None,
        parent: None,
        ..work.clone()
    };
    if beside == Work::default() {
        return Ok(None);
    }
    let text = serde_json::to_string(&beside).map_err(|error| StoreError::Bug(sqlx::Error::Encode(error.into())))?;
    Ok(Some(text))
}
