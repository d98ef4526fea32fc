//! Stored exceptions are held against their events: what was changed past the program is named, what the program did is not.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::{event::NewEvent, ids::TenantId, pack::Pack, role::Role};
use seeding::SeedRun;
use serde_json::{Value, json};
use server::{
    anchors,
    history::{Order, write},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use store::OwnerStore;

use super::{
    app::TestApp,
    audit::Operator,
    database::{self, TestTenant, noon, unique},
};

/// A pack with seeds.
pub const PACK: &str = include_str!("../../../../domainpacks/finance.sample.json");

/// A tenant with a past of all kinds of events.
async fn tenant_with_a_past(count: u32) -> TenantId {
    let TestTenant { owner, .. } = TestTenant::new().await;
    let pack = Arc::new(Pack::parse(PACK).unwrap());
    let tenant = with_pack(&owner, &pack).await;
    let run = SeedRun {
        tenant: "STATE".to_owned(),
        seed: 11,
        as_of: noon(),
        count,
    };
    write(&owner, &tenant, &pack, &Order { run, days: 20, at: noon() }, || {})
        .await
        .unwrap();
    tenant
}

/// A tenant that uses the pack.
pub async fn with_pack(owner: &OwnerStore, pack: &Pack) -> TenantId {
    let tenant: TenantId = unique("S").parse().unwrap();
    let (domain, version) = (pack.domain(), pack.version());
    owner.import_pack(domain, &version, PACK, noon()).await.unwrap();
    owner.create_tenant(&tenant, "A desk", domain, noon()).await.unwrap();
    let mut tx = owner.begin(&owner.scope(&tenant)).await.unwrap();
    tx.activate_pack(domain, &version, "test", noon()).await.unwrap();
    tx.commit().await.unwrap();
    tenant
}

fn problems(chain: &Value, kind: &str) -> Vec<String> {
    let all = chain["state"]["differences"].as_array().unwrap().iter();
    let of_kind = all.filter(|difference| difference["kind"] == kind);
    of_kind
        .map(|difference| difference["problem"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_past_of_all_kinds_of_events_is_as_its_events_say() {
    let tenant = tenant_with_a_past(300).await;
    let chain = Operator::new().await.verified(&format!("--state --tenant {tenant}"));
    assert_eq!(chain["ok"], true, "{chain:#}");
    assert_eq!(
        (&chain["state"]["altered"], &chain["state"]["derived"]),
        (&0.into(), &0.into()),
        "{chain:#}"
    );
    assert!(chain["state"]["exceptions"].as_u64().unwrap() >= 300, "{chain:#}");
}

/// Columns of `exception` with another value, and how a problem begins that tells it. What events tell is altered.
const TOLD: [(&str, &str, &str); 31] = [
    ("domain", "'Elsewhere'", "pack"),
    ("pack_version", "'9.9.9'", "pack"),
    ("exception_type", "'CASH_BREAK_OR_NOT'", "exceptionType"),
    ("severity", "case severity when 'LOW' then 'HIGH' else 'LOW' end", "severity"),
    ("source_system", "'elsewhere'", "sourceSystem"),
    ("exposure_minor", "coalesce(exposure_minor, 0) + 1", "exposure"),
    ("exposure_currency", "'XTS'", "exposure"),
    ("highest_exposure_minor", "coalesce(highest_exposure_minor, 0) + 1", "exposure"),
    ("status", "case status when 'OPEN' then 'IN_PROGRESS' else 'OPEN' end", "status"),
    ("queue", "queue || '-elsewhere'", "queue"),
    ("owner", "'nobody-we-know'", "owner"),
    ("waiting_reason", "'NOTHING'", "waitingReason"),
    ("snoozed_until", "'2030-01-01Z'", "snoozedUntil"),
    ("escalation", "escalation + 1", "escalation"),
    ("escalation", "-1", "the row cannot be read"),
    ("resolution", "'NEVER'", "resolution"),
    ("root_cause", "'NOBODY'", "rootCause"),
    ("parent_id", "'another'", "parent"),
    ("recurrence_of", "'another'", "recurrenceOf"),
    (
        "other_reasons",
        "'[{\"about\": \"x\", \"value\": \"y\", \"because\": \"z\"}]'",
        "otherReasons",
    ),
    ("received_at", "received_at - interval '1 second'", "receivedAt"),
    ("respond_due_at", "respond_due_at - interval '1 hour'", "respondDueAt"),
    ("due_at", "due_at + interval '1 second'", "dueAt"),
    ("breached_at", "'2020-01-01Z'", "breachedAt"),
    ("resolved_at", "'2020-01-01Z'", "resolvedAt"),
    ("workflow", "'{\"respondedAt\": \"2020-01-01T00:00:00Z\"}'", "respondedAt"),
    ("workflow", "'5'", "the row cannot be read"),
    ("raw_payload", "'{\"amount\": 1}'", "content"),
    ("normalized_context", "'{\"changed\": true}'", "content"),
    ("envelope", "'{\"exceptionId\": \"another\"}'", "content"),
    ("content_hash", "sha256('x')", "contentSha256"),
];

/// The same of what follows from other values: derived.
const DERIVED: [(&str, &str); 15] = [
    ("claimed_severity", "coalesce(claimed_severity, '') || 'MILD'"),
    ("severity_rule", "coalesce(severity_rule, 0) + 1"),
    ("failed_severity_rules", "'{99}'"),
    ("routing_rule", "coalesce(routing_rule, 0) + 1"),
    ("failed_routing_rules", "'{99}'"),
    ("title", "title || '!'"),
    ("fingerprint", "'another'"),
    ("finding_count", "finding_count + 1"),
    ("findings", "'[{\"pointer\": \"\", \"code\": \"x\", \"message\": \"y\"}]'"),
    ("entities", "'[{\"field\": \"x\", \"label\": \"y\", \"value\": \"z\"}]'"),
    ("created_at", "created_at - interval '1 second'"),
    ("aged_from", "aged_from - 1"),
    ("next_timer_at", "'2999-01-01Z'"),
    ("facet_bucket", "facet_bucket + 1"),
    ("search_terms", "'another'"),
];

/// Columns that are not compared.
const NOT_COMPARED: [(&str, &str); 5] = [
    ("tenant_id", "a row of another tenant is missing here, and nobody received it there"),
    (
        "exception_id",
        "a row with another id is missing, and nobody received the other one",
    ),
    (
        "severity_changed",
        "PostgreSQL computes it from the severity and its last change and lets nobody write it",
    ),
    ("severity_rank", "PostgreSQL computes it from the severity and lets nobody write it"),
    (
        "version",
        "counts changes for If-Match; several events may be one change, and no decision depends on it",
    ),
];

/// Number of rows that are changed for one report: it names 100 differences at most.
const AT_ONCE: usize = 8;

#[tokio::test]
async fn every_column_is_compared_or_listed_with_a_reason() {
    let columns = "select column_name::text from information_schema.columns where table_schema = 'public' and table_name = 'exception'";
    let mut admin = PgConnection::connect(database::url().await.expose()).await.unwrap();
    let stored: BTreeSet<String> = sqlx::query_scalar(columns)
        .fetch_all(&mut admin)
        .await
        .unwrap()
        .into_iter()
        .collect();
    let compared = TOLD
        .iter()
        .map(|(column, ..)| *column)
        .chain(DERIVED.iter().map(|(column, _)| *column));
    let known: BTreeSet<String> = compared
        .chain(NOT_COMPARED.iter().map(|(column, _)| *column))
        .map(str::to_owned)
        .collect();
    assert_eq!(known, stored);
}

#[tokio::test]
async fn a_wrong_value_of_each_column_is_named() {
    let operator = Operator::new().await;
    let tenant = tenant_with_a_past(40).await;
    let of = format!("tenant_id = '{tenant}'");
    let told = TOLD.iter().map(|(column, value, begins)| (*column, *value, *begins, "altered"));
    let derived = DERIVED.iter().map(|(column, value)| (*column, *value, *column, "derived"));
    let cases: Vec<_> = told.chain(derived).collect();
    for cases in cases.chunks(AT_ONCE) {
        let (mut change, mut undo) = (Vec::new(), Vec::new());
        for (place, (column, value, ..)) in cases.iter().enumerate() {
            let one = format!("(select exception_id from exception where {of} order by exception_id offset {place} limit 1)");
            let kept = format!("kept_{place}");
            change.push(format!(
                "create temp table {kept} as select exception_id, {column} as value from exception where {of} and exception_id = {one};
                 update exception set {column} = {value} where {of} and exception_id = {one};"
            ));
            undo.push(format!(
                "update exception e set {column} = k.value from {kept} k where {of} and e.exception_id = k.exception_id;"
            ));
        }
        let ids: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!(
            "select exception_id from exception where {of} order by exception_id"
        )))
        .fetch_all(&mut PgConnection::connect(database::url().await.expose()).await.unwrap())
        .await
        .unwrap();
        let chain = operator
            .while_tampered(&change.concat(), &undo.concat(), &format!("--state --tenant {tenant}"))
            .await;
        let differences = chain["state"]["differences"].as_array().unwrap();
        for ((column, value, begins, kind), id) in cases.iter().zip(&ids) {
            let is_named = differences.iter().any(|difference| {
                difference["exceptionId"] == *id
                    && difference["kind"] == *kind
                    && difference["problem"].as_str().unwrap().starts_with(&format!("{begins}: "))
            });
            assert!(is_named, "{column} = {value} of {id}: {chain:#}");
        }
        let altered = cases.iter().filter(|(.., kind)| *kind == "altered").count();
        assert_eq!(
            (&chain["ok"], &chain["state"]["altered"]),
            (&(altered == 0).into(), &altered.into()),
            "{chain:#}"
        );
        assert!(chain["problem"].is_null(), "the chain itself is sound: {chain}");
    }
    let chain = operator.verified(&format!("--state --tenant {tenant}"));
    assert_eq!(
        (&chain["ok"], &chain["state"]["derived"]),
        (&true.into(), &0.into()),
        "everything is as it was: {chain:#}"
    );
}

#[tokio::test]
async fn a_row_that_is_moved_is_missing_and_was_never_received() {
    let operator = Operator::new().await;
    let tenant = tenant_with_a_past(20).await;
    let (of, words) = (format!("tenant_id = '{tenant}'"), format!("--state --tenant {tenant}"));
    let one = format!("(select min(exception_id) from exception where {of})");
    let kept = format!("create temp table kept as select {one} as exception_id;");
    let moved = format!("{kept} update exception set exception_id = 'never-received' where {of} and exception_id = {one}");
    let back =
        format!("update exception set exception_id = (select exception_id from kept) where {of} and exception_id = 'never-received'");
    let found = problems(&operator.while_tampered(&moved, &back, &words).await, "altered");
    assert!(found.iter().any(|problem| problem.contains("no event says")), "{found:?}");
    assert!(found.iter().any(|problem| problem.contains("has no row")), "{found:?}");
    let moved = format!("{kept} update exception set tenant_id = 'NOBODY' where {of} and exception_id = {one}");
    let back = format!(
        "update exception set tenant_id = '{tenant}' where tenant_id = 'NOBODY' and exception_id = (select exception_id from kept)"
    );
    let found = problems(&operator.while_tampered(&moved, &back, &words).await, "altered");
    assert!(found.iter().any(|problem| problem.contains("has no row")), "{found:?}");
    assert_eq!(operator.verified(&words)["ok"], true, "everything is as it was");
}

#[tokio::test]
async fn derived_values_of_a_pack_that_cannot_be_read_are_left_out_in_one_line() {
    let app = TestApp::alone().await;
    assert_eq!(app.send(super::app::burnt("a", 1.0)).await.status, 202);
    let operator = Operator::of(&app.url);
    let words = format!("--state --tenant {}", app.tenant);
    let change = "create temp table kept as select document from domain_pack; update domain_pack set document = '{}'";
    let undo = "update domain_pack set document = (select document from kept)";
    let chain = operator.while_tampered(change, undo, &words).await;
    let skipped = &chain["state"]["skipped"];
    assert_eq!(
        (&chain["ok"], skipped),
        (&true.into(), &json!({"exceptions": 1, "packs": ["Bakery 1.2.0"]})),
        "{chain:#}"
    );
    assert_eq!(operator.verified(&words)["state"]["skipped"]["exceptions"], 0);
}

/// Revisions, a wait, a severity set by a member, and recurrences that raise the exposure.
#[tokio::test]
async fn derived_values_follow_from_content_and_events_after_work_revisions_and_repetitions() {
    use super::work::{claim, done, fresh};
    let app = TestApp::start().await;
    let milk = |id: &str, state: &str| json!({"exceptionId": id, "sourceSystem": "Till", "exceptionType": "SOUR_MILK", "state": state, "rawPayload": {"fridge": "F1"}});
    fresh(&app, "a", 50.0).await;
    done(&app, Role::Operator, "a", claim()).await;
    let until = noon() + chrono::TimeDelta::hours(1);
    done(
        &app,
        Role::Operator,
        "a",
        json!({"command": "wait", "reason": "FLOUR", "until": until}),
    )
    .await;
    let severe = json!({"command": "changeSeverity", "severity": "HIGH", "reason": "the mayor's"});
    done(&app, Role::Operator, "a", severe).await;
    app.clock.advance(chrono::TimeDelta::minutes(10));
    let mut revised = super::app::burnt("a", 5000.0);
    revised.as_object_mut().unwrap().remove("timestamp");
    assert_eq!(
        app.source_sends("?onConflict=revise", &json!({"exception": revised})).await.status,
        202
    );
    for (id, state) in [("m", "open"), ("n", "open"), ("m", "cleared"), ("o", "open")] {
        let answer = app.source_sends("", &json!({"exception": milk(id, state)})).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
    }
    let chain = Operator::new().await.verified(&format!("--state --tenant {}", app.tenant));
    assert_eq!((&chain["ok"], &chain["state"]["derived"]), (&true.into(), &0.into()), "{chain:#}");
}

#[tokio::test]
async fn evidence_that_is_altered_or_missing_is_named() {
    let app = TestApp::start().await;
    let milk =
        |fridge: &str| json!({"exceptionId": "a", "sourceSystem": "Till", "exceptionType": "SOUR_MILK", "rawPayload": {"fridge": fridge}});
    assert_eq!(app.send(milk("F1")).await.status, 202);
    assert_eq!(
        app.source_sends("?onConflict=revise", &json!({"exception": milk("F2")}))
            .await
            .status,
        202
    );
    let cleared = json!({"exception": {"state": "cleared", "sourceSystem": "Till", "exceptionId": "a"}});
    assert_eq!(app.source_sends("", &cleared).await.status, 202);
    let operator = Operator::new().await;
    let (tenant, words) = (&app.tenant, format!("--state --tenant {}", app.tenant));
    let of = format!("tenant_id = '{tenant}' and body like '%F1%'");
    assert_eq!(operator.verified(&words)["state"]["altered"], 0);
    for (change, undo, problem) in [
        (
            "update evidence set body = replace(body, 'F1', 'F7') where",
            "update evidence set body = replace(body, 'F7', 'F1') where",
            "has another body",
        ),
        (
            "create temp table kept as select * from evidence; delete from evidence where",
            "insert into evidence select * from kept where",
            "is missing",
        ),
    ] {
        let undo = format!(
            "{undo} {}",
            of.replace("F1", if change.starts_with("update") { "F7" } else { "F1" })
        );
        let chain = operator.while_tampered(&format!("{change} {of}"), &undo, &words).await;
        assert_eq!((&chain["ok"], &chain["state"]["altered"]), (&false.into(), &1.into()), "{chain:#}");
        let problems = problems(&chain, "altered");
        assert!(
            problems[0].starts_with("evidence ") && problems[0].contains(problem),
            "{problems:?}"
        );
    }
    assert_eq!(operator.verified(&words)["ok"], true);
}

#[tokio::test]
async fn derived_values_that_differ_are_no_tampering() {
    let operator = Operator::new().await;
    let tenant = tenant_with_a_past(150).await;
    let (of, words) = (format!("tenant_id = '{tenant}'"), format!("--state --tenant {tenant}"));
    for (what, change) in [
        (
            "facet_bucket",
            format!("update exception set facet_bucket = facet_bucket + 1 where {of}"),
        ),
        (
            "facet_count",
            format!("update facet_count set exceptions = exceptions + 1 where {of}"),
        ),
        (
            "facet_value_count",
            format!("update facet_value_count set exceptions = exceptions + 1 where {of}"),
        ),
        (
            "due_hour_count",
            format!("update due_hour_count set exceptions = exceptions + 1 where {of}"),
        ),
    ] {
        let undo = change.replace("+ 1", "- 1");
        let chain = operator.while_tampered(&change, &undo, &words).await;
        assert_eq!(
            (&chain["ok"], &chain["state"]["altered"]),
            (&true.into(), &0.into()),
            "{what}: {chain:#}"
        );
        let problems = problems(&chain, "derived");
        assert!(problems.iter().any(|problem| problem.starts_with(what)), "{what}: {problems:?}");
    }
}

#[tokio::test]
async fn a_chain_that_is_shortened_is_noticed_by_the_anchors_that_were_written() {
    let ours = TestTenant::new().await;
    let (operator, tenant) = (Operator::new().await, &ours.tenant);
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(unique("anchors"));
    let mut written = BTreeMap::new();
    for _ in 0..2 {
        ours.store.record(tenant, &[happened()]).await.unwrap();
        anchors::append(&ours.store, &file, &mut written, noon()).await.unwrap();
    }
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains(tenant.as_str())).collect();
    assert_eq!(lines.len(), 2, "one whenever the chain went on");
    let words = format!("--tenant {tenant} --anchors {}", file.display());
    let sound = operator.verified(&words);
    assert_eq!(sound["ok"], true, "{sound}");

    let of = format!("tenant_id = '{tenant}'");
    let shorten = format!(
        "delete from event where {of} and seq = (select max(seq) from event where {of});
         update chain_head h set seq = e.seq, hash = e.hash from event e
         where h.{of} and e.{of} and e.seq = (select max(seq) from event where {of})"
    );
    operator.while_tampered(&shorten, "select", &format!("--tenant {tenant}")).await;
    assert_eq!(
        operator.verified(&format!("--tenant {tenant}"))["ok"],
        true,
        "without anchors it is not noticed"
    );
    let broken = operator.verified(&words);
    assert_eq!(broken["ok"], false);
    assert!(
        broken["problem"].as_str().unwrap().contains("events were removed at the end"),
        "{broken}"
    );
}

fn happened() -> NewEvent {
    NewEvent {
        exception_id: String::new(),
        kind: domain::event::EventKind::PackActivated,
        actor: "test".to_owned(),
        at: noon(),
        data: "{}".to_owned(),
    }
}
