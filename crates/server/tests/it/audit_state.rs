//! Stored exceptions are held against their events: what was changed past the program is named, what the program did is not.

use std::{collections::BTreeMap, sync::Arc};

use domain::{event::NewEvent, ids::TenantId, pack::Pack};
use seeding::SeedRun;
use serde_json::{Value, json};
use server::{
    anchors,
    history::{Order, write},
};
use store::OwnerStore;

use super::{
    app::TestApp,
    audit::Operator,
    database::{TestTenant, noon, unique},
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

#[tokio::test]
async fn what_is_changed_past_the_program_is_named() {
    let operator = Operator::new().await;
    let tenant = tenant_with_a_past(20).await;
    let (of, words) = (format!("tenant_id = '{tenant}'"), format!("--state --tenant {tenant}"));
    let one = format!("(select min(exception_id) from exception where {of})");
    let cases = [
        ("severity", "severity", "case severity when 'LOW' then 'HIGH' else 'LOW' end"),
        ("status", "status", "case status when 'OPEN' then 'IN_PROGRESS' else 'OPEN' end"),
        ("queue", "queue", "queue || '-elsewhere'"),
        ("owner", "owner", "'nobody-we-know'"),
        ("parent", "parent_id", "'another'"),
        ("dueAt", "due_at", "due_at + interval '1 second'"),
        ("respondDueAt", "respond_due_at", "respond_due_at - interval '1 hour'"),
        ("resolution", "resolution", "'WRITTEN_OFF'"),
        ("resolvedAt", "resolved_at", "'2020-01-01Z'"),
        ("exceptionType", "exception_type", "'CASH_BREAK_OR_NOT'"),
        ("sourceSystem", "source_system", "'elsewhere'"),
        ("content", "raw_payload", "'{\"amount\": 1}'"),
        ("contentSha256", "content_hash", "sha256('x')"),
    ];
    for (member, column, value) in cases {
        let kept = format!("create temp table kept as select {column} from exception where {of} and exception_id = {one}");
        let change = format!("{kept}; update exception set {column} = {value} where {of} and exception_id = {one}");
        let undo = format!("update exception e set {column} = kept.{column} from kept where {of} and exception_id = {one}");
        let chain = operator.while_tampered(&change, &undo, &words).await;
        assert_eq!(
            (&chain["ok"], &chain["state"]["altered"]),
            (&false.into(), &1.into()),
            "{member}: {chain:#}"
        );
        let problems = problems(&chain, "altered");
        assert!(
            problems.iter().any(|problem| problem.starts_with(&format!("{member}: "))),
            "{member}: {problems:?}"
        );
        assert!(chain["problem"].is_null(), "the chain itself is sound: {chain}");
    }
    let moved = format!("update exception set exception_id = 'never-received' where {of} and exception_id = {one}");
    let back =
        format!("update exception set exception_id = (select exception_id from kept) where {of} and exception_id = 'never-received'");
    let kept = format!("create temp table kept as select {one} as exception_id; {moved}");
    let problems = problems(&operator.while_tampered(&kept, &back, &words).await, "altered");
    assert!(problems.iter().any(|problem| problem.contains("no event says")), "{problems:?}");
    assert!(problems.iter().any(|problem| problem.contains("has no row")), "{problems:?}");
    assert_eq!(operator.verified(&words)["ok"], true, "everything is as it was");
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
            "facet bucket",
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
