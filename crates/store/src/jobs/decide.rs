//! Decisions about dead letters: run again, or given up. Each is an event of the tenant's chain.

use domain::event::{EventKind, NewEvent};
use serde_json::{Value, json};

use crate::{
    StoreError, TenantTx,
    events::{append, lock_chain},
    quarantine::By,
};

/// Dead letters that somebody decides about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhichJobs {
    /// This one.
    One(i64),
    /// Those of a kind.
    Kind(String),
    /// All of them.
    All,
}

/// A portion that runs again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplayedJobs {
    /// How many.
    pub replayed: usize,
    /// Whether there are more.
    pub more: bool,
}

impl WhichJobs {
    fn id(&self) -> Option<i64> {
        match self {
            WhichJobs::One(id) => Some(*id),
            WhichJobs::Kind(_) | WhichJobs::All => None,
        }
    }

    fn kind(&self) -> Option<&str> {
        match self {
            WhichJobs::Kind(kind) => Some(kind),
            WhichJobs::One(_) | WhichJobs::All => None,
        }
    }
}

impl TenantTx {
    /// Lets dead letters run again at once, at most `most`, the oldest first, each with all its attempts and from where it came to.
    /// One whose dedupe key an unfinished job has stays dead: that job does the same.
    pub async fn replay_jobs(&mut self, which: &WhichJobs, by: By<'_>, most: u16) -> Result<ReplayedJobs, StoreError> {
        let (connection, tenant) = self.parts();
        let head = lock_chain(connection, tenant).await?;
        let jobs = sqlx::query!(
            r#"-- replay_jobs
             with chosen as (
                 select distinct on (dedupe_key, case when dedupe_key is null then job_id end) job_id from job as dead
                 where tenant_id = $1 and state = 'DEAD' and ($2::bigint is null or job_id = $2) and ($3::text is null or kind = $3)
                   and not exists (select from job as other
                       where other.tenant_id = $1 and other.dedupe_key = dead.dedupe_key and other.finished_at is null)
                 order by dedupe_key, case when dedupe_key is null then job_id end, job_id
             ), portion as (
                 select job_id from chosen order by job_id limit $5
             ), replayed as (
                 update job set state = 'QUEUED', attempts = 0, run_at = $4, finished_at = null
                 where tenant_id = $1 and state = 'DEAD' and job_id in (select job_id from portion)
                 returning job_id, kind
             )
             select job_id as "job_id!", kind as "kind!" from replayed, pg_notify('sentinai_jobs', $1) order by job_id"#,
            tenant,
            which.id(),
            which.kind(),
            by.at,
            i64::from(most)
        );
        let jobs = jobs.fetch_all(&mut *connection).await?;
        let event = |data: Value| decision(EventKind::JobReplayed, by, &data);
        let events: Vec<NewEvent> = jobs
            .iter()
            .map(|job| event(json!({"jobId": job.job_id.to_string(), "kind": job.kind})))
            .collect();
        if !events.is_empty() {
            append(connection, tenant, head, &events).await?;
        }
        Ok(ReplayedJobs {
            replayed: jobs.len(),
            more: jobs.len() == usize::from(most),
        })
    }

    /// Gives up a dead letter. False if it is not one.
    pub async fn discard_job(&mut self, job_id: i64, reason: &str, by: By<'_>) -> Result<bool, StoreError> {
        let (connection, tenant) = self.parts();
        let head = lock_chain(connection, tenant).await?;
        let kind = sqlx::query_scalar!(
            "-- discard_job
             update job set state = 'DISCARDED', finished_at = $3 where tenant_id = $1 and job_id = $2 and state = 'DEAD' returning kind",
            tenant,
            job_id,
            by.at
        );
        let Some(kind) = kind.fetch_optional(&mut *connection).await? else {
            return Ok(false);
        };
        let data = json!({"jobId": job_id.to_string(), "kind": kind, "reason": reason});
        append(connection, tenant, head, &[decision(EventKind::JobDiscarded, by, &data)]).await?;
        Ok(true)
    }
}

fn decision(kind: EventKind, by: By<'_>, data: &Value) -> NewEvent {
    NewEvent {
        exception_id: String::new(),
        kind,
        actor: by.actor.to_owned(),
        at: by.at,
        data: data.to_string(),
    }
}
