//! A seeded history is a past like any other: its chain is sound, its deadlines and counters are exact, and nothing in it lies ahead.

use std::{collections::BTreeMap, process::Command, sync::Arc};

use chrono::{DateTime, Utc};
use domain::{clock::Pause, ids::TenantId, pack::Pack, role::Role};
use seeding::{Figures, SeedRun};
use serde_json::Value;
use server::{
    history::{NotWritten, Order, Written, write},
    http::{Auth, Limits},
};
use sqlx::{PgConnection, Row, postgres::PgRow};
use store::OwnerStore;

use super::{
    app::TestApp,
    audit_state::{PACK, with_pack},
    database::{TestTenant, noon},
    work::admin,
};

const COUNT: u32 = 300;

struct Desk {
    owner: OwnerStore,
    tenant: TenantId,
    pack: Arc<Pack>,
    database: PgConnection,
}

impl Desk {
    async fn new() -> Self {
        let TestTenant { owner, .. } = TestTenant::new().await;
        let pack = Arc::new(Pack::parse(PACK).unwrap());
        let tenant = with_pack(&owner, &pack).await;
        let database = admin().await;
        Self {
            owner,
            tenant,
            pack,
            database,
        }
    }

    async fn write(&self, seed: u64, count: u32) -> Result<Written, NotWritten> {
        let run = SeedRun {
            tenant: "HISTORY".to_owned(),
            seed,
            as_of: noon(),
            count,
        };
        let order = Order { run, days: 30, at: noon() };
        write(&self.owner, &self.tenant, &self.pack, &order, || {}).await
    }

    async fn rows(&mut self, sql: &'static str) -> Vec<PgRow> {
        let query = sqlx::query(sql).bind(self.tenant.as_str());
        query.fetch_all(&mut self.database).await.unwrap()
    }

    async fn texts(&mut self, sql: &'static str) -> Vec<String> {
        self.rows(sql).await.iter().map(|row| row.get(0)).collect()
    }

    async fn number(&mut self, sql: &'static str) -> i64 {
        self.rows(sql).await[0].get(0)
    }
}

async fn lived() -> (Desk, Figures) {
    let desk = Desk::new().await;
    match desk.write(7, COUNT).await.unwrap() {
        Written::New(figures) => (desk, *figures),
        Written::Before => panic!("a new tenant has no history"),
    }
}

#[tokio::test]
async fn its_chain_is_sound_and_its_figures_are_those_of_the_rows() {
    let (mut desk, figures) = lived().await;
    let mut reading = desk.owner.begin_reading(&desk.owner.scope(&desk.tenant)).await.unwrap();
    let verdict = reading.verify_chain(Vec::new(), |_| {}).await.unwrap();
    reading.commit().await.unwrap();
    assert_eq!(verdict.broken, None);
    // Tenant, pack and the history itself are told as well.
    assert_eq!(verdict.events, i64::from(figures.events) + 3);
    assert_eq!(figures.not_done, 0, "people know what the desk allows");
    let counted = [
        (
            figures.exceptions,
            desk.number("select count(*) from exception where tenant_id = $1").await,
        ),
        (
            figures.resolved,
            desk.number("select count(*) from exception where tenant_id = $1 and status = 'RESOLVED'")
                .await,
        ),
        (
            figures.parts,
            desk.number("select count(*) from exception where tenant_id = $1 and parent_id is not null")
                .await,
        ),
        (
            figures.breached,
            desk.number("select count(distinct exception_id) from event where tenant_id = $1 and kind = 'breached'")
                .await,
        ),
        (
            figures.recurred,
            desk.number("select coalesce(sum(occurrences - 1), 0)::bigint from recurrence where tenant_id = $1")
                .await,
        ),
        (
            figures.granted,
            desk.number("select count(*) from approval_request where tenant_id = $1 and state = 'GRANTED' and decided_by <> requested_by")
                .await,
        ),
        (
            figures.refused,
            desk.number("select count(*) from approval_request where tenant_id = $1 and state = 'REFUSED' and decided_by <> requested_by")
                .await,
        ),
    ];
    for (place, (told, stored)) in counted.into_iter().enumerate() {
        assert_eq!(i64::from(told), stored, "figure {place}: {figures:?}");
        assert!(stored > 0, "figure {place}: {figures:?}");
    }
    let open = desk
        .number("select count(*) from approval_request where tenant_id = $1 and state = 'PENDING'")
        .await;
    assert_eq!(open, i64::from(figures.pending));
}

#[tokio::test]
async fn everything_occurs_in_the_proportions_of_a_desk() {
    let (mut desk, figures) = lived().await;
    let rows = desk
        .rows("select kind, count(*) from event where tenant_id = $1 group by kind")
        .await;
    let kinds: BTreeMap<String, i64> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    for kind in [
        "received",
        "claimed",
        "assigned",
        "commented",
        "waiting",
        "resumed",
        "wait_ended",
        "escalated",
        "approval_requested",
        "approval_granted",
        "approval_refused",
        "resolved",
        "breached",
        "breach_imminent",
        "recurred",
        "linked",
        "step_completed",
        "history_seeded",
    ] {
        assert!(kinds.contains_key(kind), "{kind} is missing: {kinds:?}");
    }
    let share = |part: u32, whole: u32| f64::from(part) / f64::from(whole);
    assert!((0.85..0.99).contains(&share(figures.resolved, figures.exceptions)), "{figures:?}");
    assert!(
        (0.03..0.15).contains(&share(figures.resolved_late, figures.resolved)),
        "{figures:?}"
    );
    let unexplained = "select count(*) from exception where tenant_id = $1 and status = 'RESOLVED' and resolution <> 'FOLDED'
                       and (resolution is null or root_cause is null or owner is null)";
    assert_eq!(desk.number(unexplained).await, 0);
}

#[tokio::test]
async fn time_never_goes_back_and_nothing_lies_ahead() {
    let (mut desk, _) = lived().await;
    let rows = desk
        .rows("select exception_id, occurred_at from event where tenant_id = $1 and exception_id <> '' order by seq")
        .await;
    let mut last: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
    for row in &rows {
        let (id, at): (String, DateTime<Utc>) = (row.get(0), row.get(1));
        assert!(at <= noon(), "{id} at {at}");
        let before = last.insert(id.clone(), at);
        assert!(before.is_none_or(|before| before <= at), "{id} at {at} after {before:?}");
    }
    let ahead = "select count(*) from exception where tenant_id = $1
                 and greatest(created_at, received_at, resolved_at) > '2026-11-23T12:00:00Z'";
    assert_eq!(desk.number(ahead).await, 0);
    let untold = "select count(*) from exception where tenant_id = $1 and next_timer_at <= '2026-11-23T12:00:00Z'";
    assert_eq!(desk.number(untold).await, 0, "every alarm was told when it was due");
}

#[tokio::test]
async fn every_deadline_is_what_the_clock_computes() {
    let (mut desk, _) = lived().await;
    let rows = desk
        .rows(
            "select exception_id, exception_type, severity, created_at, respond_due_at, due_at, workflow::text
             from exception where tenant_id = $1",
        )
        .await;
    let mut waited = 0;
    for row in &rows {
        let kind = desk.pack.exception_type(row.get(1)).unwrap();
        let work: Value = row
            .get::<Option<String>, _>(6)
            .map_or(Value::Null, |work| serde_json::from_str(&work).unwrap());
        let pauses: Vec<Pause> = work
            .get("pauses")
            .map_or_else(Vec::new, |of| serde_json::from_value(of.clone()).unwrap());
        waited += usize::from(!pauses.is_empty());
        let start: DateTime<Utc> = work["restarted"]["at"]
            .as_str()
            .map_or_else(|| row.get(3), |at| at.parse().unwrap());
        let severity = row.get::<&str, _>(2).parse().unwrap();
        let computed = kind.policy.deadlines(&desk.pack, severity, start, &pauses);
        let stored: (DateTime<Utc>, DateTime<Utc>) = (row.get(4), row.get(5));
        assert_eq!((computed.respond_due_at, computed.due_at), stored, "{}", row.get::<&str, _>(0));
    }
    assert!(waited > 5, "{waited} of {} waited", rows.len());
}

#[tokio::test]
async fn its_counters_equal_its_rows() {
    let (mut desk, _) = lived().await;
    for (counted, kept) in [
        (
            "select facet_bucket::text || status || severity || exception_type || queue || source_system || ' ' || count(*) from exception
             where tenant_id = $1 group by facet_bucket, status, severity, exception_type, queue, source_system order by 1",
            "select facet_bucket::text || status || severity || exception_type || queue || source_system || ' ' || exceptions from facet_count
             where tenant_id = $1 and exceptions <> 0 order by 1",
        ),
        (
            "select facet_bucket::text || date_trunc('hour', due_at, 'UTC') || ' ' || count(*) from exception
             where tenant_id = $1 and status <> 'RESOLVED' group by facet_bucket, date_trunc('hour', due_at, 'UTC') order by 1",
            "select facet_bucket::text || due_hour || ' ' || exceptions from due_hour_count where tenant_id = $1 and exceptions <> 0 order by 1",
        ),
        (
            "select facet || value || facet_bucket || ' ' || count(*) from exception, lateral
                (values ('owner', owner), ('resolution', resolution), ('rootCause', root_cause)) as v (facet, value)
             where tenant_id = $1 and value is not null group by facet, value, facet_bucket order by 1",
            "select facet || value || facet_bucket || ' ' || exceptions from facet_value_count where tenant_id = $1 and exceptions <> 0 order by 1",
        ),
    ] {
        let counted = desk.texts(counted).await;
        assert_eq!(counted, desk.texts(kept).await);
        assert!(!counted.is_empty());
    }
}

#[tokio::test]
async fn the_same_seed_is_the_same_history_and_is_written_once() {
    let ((mut one, _), (mut other, _)) = tokio::join!(lived(), lived());
    let all = "select exception_id || ' ' || status || ' ' || coalesce(owner, '') || ' ' || version || ' ' || due_at
               from exception where tenant_id = $1 order by 1";
    let first = one.texts(all).await;
    assert_eq!(first, other.texts(all).await, "in another tenant");
    let events = one.number("select count(*) from event where tenant_id = $1").await;
    assert!(matches!(one.write(7, COUNT).await, Ok(Written::Before)));
    assert!(matches!(one.write(7, COUNT + 50).await, Err(NotWritten::Partly { .. })));
    assert_eq!(one.number("select count(*) from event where tenant_id = $1").await, events);
    assert_eq!(one.texts(all).await, first);
    assert!(
        matches!(one.write(8, 20).await, Ok(Written::New(_))),
        "another seed adds another one"
    );
    assert_eq!(one.texts(all).await.len(), first.len() + 20);
}

/// A server whose tenant is a desk.
async fn served() -> TestApp {
    let TestTenant { url, store, .. } = TestTenant::new().await;
    let Desk { owner, tenant, .. } = Desk::new().await;
    let tenant = TestTenant { url, store, owner, tenant };
    TestApp::of(tenant, Auth::Key, Limits::default()).await
}

/// Runs `sentinai seed` against a server; what it says, and whether it went well.
fn seed(app: &TestApp, database: &str, words: &str) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sentinai"))
        .args(["seed", "--api-url", &app.base, "--api-key", app.key(Role::Operator)])
        .args(words.split(' '))
        .env("DATABASE_URL", database)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    (output.status.success(), said)
}

async fn count(app: &TestApp) -> Value {
    app.get("/exceptions:count").await["count"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_sends_as_ever_and_writes_the_history_once() {
    let app = served().await;
    let database = crate::database::url().await;
    let words = "--history 14 --count 25 --seed 4 --as-of 2026-05-14T16:00:00Z";
    let (is_well, said) = seed(&app, database.expose(), words);
    assert!(is_well, "{said}");
    assert!(said.contains("with 25 exceptions and a history of 14 days with 50 ("), "{said}");
    assert!(said.contains("25 ingested, 0 duplicates, 0 failures"), "{said}");
    assert!(said.contains("50 of 50 exceptions of the history written"), "{said}");
    assert!(said.contains(": 50 exceptions and "), "{said}");
    assert_eq!(count(&app).await, 75);
    let (is_well, said) = seed(&app, database.expose(), words);
    assert!(is_well && said.contains("0 ingested, 25 duplicates"), "{said}");
    assert!(
        said.contains("the 50 exceptions of this history are stored already, nothing was added"),
        "{said}"
    );
    let (is_well, said) = seed(&app, database.expose(), &words.replace("--history 14", "--history 15"));
    assert!(
        !is_well && said.contains("are stored already") && said.contains("choose another --seed"),
        "{said}"
    );
    assert_eq!(count(&app).await, 75);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_is_told_before_anything_is_sent() {
    let app = served().await;
    let database = crate::database::url().await;
    let nowhere = "postgres://nobody@127.0.0.1:1/none";
    for (database, words, told) in [
        (nowhere, "--history 30", "give its administrator's address with DATABASE_URL"),
        (database.expose(), "--history 30 --as-of 2999-01-01T00:00:00Z", "is in the future"),
        (database.expose(), "--history 366 --count 10000000", "a history has at most 100,000"),
        (database.expose(), "--history 0", "write a whole number of days from 1 to 366"),
    ] {
        let (is_well, said) = seed(&app, database, words);
        assert!(!is_well && said.contains(told), "{words}: {said}");
    }
    assert_eq!(count(&app).await, 0);
}
