//! Bulk runs: the exceptions they are about, frozen, and what became of each.

use chrono::{DateTime, Utc};

use crate::{StoreError, TenantTx};

/// Kind of the job that carries a run out.
pub const BULK: &str = "bulk";

/// A command on many exceptions.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names are those of the columns, which are commented")]
pub struct BulkRun {
    pub run_id: String,
    pub state: String,
    pub command: String,
    pub filter: String,
    pub total: i64,
    pub processed: i64,
    pub done: i64,
    pub approvals_requested: i64,
    pub refused: i64,
    pub approval_reason: Option<String>,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// An exception of a run.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names are those of the columns, which are commented")]
pub struct BulkItem {
    pub position: i64,
    pub exception_id: String,
    pub outcome: Option<String>,
    pub problem: Option<String>,
}

/// What became of an exception of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemOutcome {
    /// Its place.
    pub position: i64,
    /// `DONE`, `APPROVAL_REQUESTED` or `REFUSED`.
    pub outcome: &'static str,
    /// Why it was refused.
    pub problem: Option<String>,
}

impl TenantTx {
    /// Keeps a new run; its exceptions follow.
    pub async fn begin_bulk(&mut self, run: &BulkRun) -> Result<(), StoreError> {
        let (connection, tenant) = self.parts();
        sqlx::query!(
            "-- begin_bulk
             insert into bulk_run (tenant_id, run_id, state, command, filter, total, processed, done, approvals_requested, refused, approval_reason,
                 created_by, created_at, expires_at)
             values ($1, $2, 'PREVIEW', $3::text::json, $4, $5, 0, 0, 0, 0, $6, $7, $8, $9)",
            tenant,
            run.run_id,
            run.command,
            run.filter,
            run.total,
            run.approval_reason,
            run.created_by,
            run.created_at,
            run.expires_at
        )
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Adds exceptions to a run, behind `after` that it has. An exception that it has already is a bug of the caller.
    pub async fn freeze(&mut self, run_id: &str, after: i64, ids: &[String]) -> Result<(), StoreError> {
        let (connection, tenant) = self.parts();
        let frozen = sqlx::query!(
            "-- freeze_bulk_items
             insert into bulk_item (tenant_id, run_id, position, exception_id)
             select $1, $2, $3 + i.place, i.id from unnest($4::text[]) with ordinality as i (id, place) on conflict do nothing",
            tenant,
            run_id,
            after,
            ids
        )
        .execute(connection)
        .await?;
        if frozen.rows_affected() == ids.len() as u64 {
            Ok(())
        } else {
            Err(StoreError::Bug(sqlx::Error::Protocol("an exception is twice in a bulk run".into())))
        }
    }

    /// A run that nobody else moves on until the transaction ends.
    pub async fn hold_bulk_run(&mut self, run_id: &str) -> Result<Option<BulkRun>, StoreError> {
        let (connection, tenant) = self.parts();
        sqlx::query!(
            "-- hold_bulk_run\nselect run_id from bulk_run where tenant_id = $1 and run_id = $2 for update",
            tenant,
            run_id
        )
        .fetch_optional(connection)
        .await?;
        self.bulk_run(run_id).await
    }

    /// A run.
    pub async fn bulk_run(&mut self, run_id: &str) -> Result<Option<BulkRun>, StoreError> {
        let (connection, tenant) = self.parts();
        let run = sqlx::query_as!(
            BulkRun,
            r#"-- bulk_run
             select run_id, state, command::text as "command!", filter, total, processed, done, approvals_requested, refused, approval_reason,
                    created_by, created_at, expires_at, decided_by, decided_at, finished_at
             from bulk_run where tenant_id = $1 and run_id = $2"#,
            tenant,
            run_id
        );
        Ok(run.fetch_optional(connection).await?)
    }

    /// The newest runs, newest first, older than `before`.
    pub async fn bulk_runs(&mut self, before: Option<DateTime<Utc>>, limit: i64) -> Result<Vec<BulkRun>, StoreError> {
        let (connection, tenant) = self.parts();
        let runs = sqlx::query_as!(
            BulkRun,
            r#"-- bulk_runs
             select run_id, state, command::text as "command!", filter, total, processed, done, approvals_requested, refused, approval_reason,
                    created_by, created_at, expires_at, decided_by, decided_at, finished_at
             from bulk_run where tenant_id = $1 and ($2::timestamptz is null or created_at < $2) order by created_at desc, run_id desc limit $3"#,
            tenant,
            before,
            limit
        );
        Ok(runs.fetch_all(connection).await?)
    }

    /// Notes why a run as a whole needs approval, by the rules of now; `None` where it does not.
    pub async fn set_approval_reason(&mut self, run_id: &str, reason: Option<&str>) -> Result<(), StoreError> {
        let (connection, tenant) = self.parts();
        sqlx::query!(
            "-- set_bulk_approval_reason\nupdate bulk_run set approval_reason = $3 where tenant_id = $1 and run_id = $2",
            tenant,
            run_id,
            reason
        )
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Moves a run on. Who decided is kept with it.
    pub async fn set_bulk_state(&mut self, run_id: &str, state: &str, by: Option<&str>, at: DateTime<Utc>) -> Result<(), StoreError> {
        let (connection, tenant) = self.parts();
        sqlx::query!(
            "-- set_bulk_state
             update bulk_run set state = $3, decided_by = coalesce($4, decided_by), decided_at = case when $4::text is null then decided_at else $5 end,
                 finished_at = case when $3 = 'DONE' then $5 else finished_at end
             where tenant_id = $1 and run_id = $2",
            tenant,
            run_id,
            state,
            by,
            at
        )
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Exceptions of a run behind a place, all or those with an outcome.
    pub async fn bulk_items(&mut self, run_id: &str, outcome: Option<&str>, after: i64, limit: i64) -> Result<Vec<BulkItem>, StoreError> {
        let (connection, tenant) = self.parts();
        let items = sqlx::query_as!(
            BulkItem,
            "-- bulk_items
             select position, exception_id, outcome, problem from bulk_item
             where tenant_id = $1 and run_id = $2 and position > $4 and ($3::text is null or outcome = $3) order by position limit $5",
            tenant,
            run_id,
            outcome,
            after,
            limit
        );
        Ok(items.fetch_all(connection).await?)
    }

    /// Notes what became of exceptions of a run, and counts it.
    pub async fn settle_items(&mut self, run_id: &str, outcomes: &[ItemOutcome]) -> Result<(), StoreError> {
        let (connection, tenant) = self.parts();
        let count = |outcome: &str| i64::try_from(outcomes.iter().filter(|item| item.outcome == outcome).count()).unwrap_or(i64::MAX);
        sqlx::query!(
            "-- settle_bulk_items
             with processed as (
                 update bulk_item set outcome = s.outcome, problem = s.problem
                 from unnest($3::bigint[], $4::text[], $5::text[]) as s (position, outcome, problem)
                 where bulk_item.tenant_id = $1 and bulk_item.run_id = $2 and bulk_item.position = s.position
             )
             update bulk_run set processed = processed + cardinality($3::bigint[]), done = done + $6,
                 approvals_requested = approvals_requested + $7, refused = refused + $8
             where tenant_id = $1 and run_id = $2",
            tenant,
            run_id,
            &outcomes.iter().map(|item| item.position).collect::<Vec<_>>(),
            &outcomes.iter().map(|item| item.outcome).collect::<Vec<_>>() as &[&str],
            &outcomes.iter().map(|item| item.problem.as_deref()).collect::<Vec<_>>() as &[Option<&str>],
            count("DONE"),
            count("APPROVAL_REQUESTED"),
            count("REFUSED")
        )
        .execute(connection)
        .await?;
        Ok(())
    }
}
