//! A worker that is killed in the middle of a job: nothing of the attempt remains, another worker does it, once.

use std::time::Duration;

use sqlx::{Connection, PgConnection};

use super::Site;

const PATIENCE: Duration = Duration::from_secs(30);

async fn sweeps(connection: &mut PgConnection, tenant: &str) -> Vec<(String, i32)> {
    let jobs = sqlx::query_as("select state, attempts from job where tenant_id = $1 and kind = 'sweep' order by job_id");
    jobs.bind(tenant).fetch_all(connection).await.unwrap()
}

async fn until(connection: &mut PgConnection, tenant: &str, expected: &[(&str, i32)]) {
    let expected: Vec<(String, i32)> = expected.iter().map(|(state, attempts)| ((*state).to_owned(), *attempts)).collect();
    let there = async {
        while sweeps(connection, tenant).await != expected {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, there).await.expect("in time");
}

#[tokio::test]
async fn a_job_whose_worker_is_killed_is_done_once_by_another() {
    let site = Site::start().await;
    let tenant = site.sender().tenant.as_str();
    let mut admin = site.connection().await;
    let due = "update job set run_at = '2020-01-01Z' where tenant_id = $1 and kind = 'sweep'";
    sqlx::query("insert into quarantine_count (tenant_id, held) values ($1, 0)")
        .bind(tenant)
        .execute(&mut admin)
        .await
        .unwrap();
    sqlx::query(due).bind(tenant).execute(&mut admin).await.unwrap();

    // The sweep comes to this row and waits.
    let mut other = site.connection().await;
    let mut lock = other.begin().await.unwrap();
    sqlx::query("select from quarantine_count where tenant_id = $1 for update")
        .bind(tenant)
        .execute(&mut *lock)
        .await
        .unwrap();
    let worker = site.worker();
    until(&mut admin, tenant, &[("RUNNING", 1)]).await;
    drop(worker);
    lock.rollback().await.unwrap();
    assert_eq!(
        sweeps(&mut admin, tenant).await,
        [("RUNNING".to_owned(), 1)],
        "the lease still holds"
    );

    // The end of the lease.
    sqlx::query(due).bind(tenant).execute(&mut admin).await.unwrap();
    let worker = site.worker();
    until(&mut admin, tenant, &[("DONE", 2), ("QUEUED", 0)]).await;
    drop(worker);
}
