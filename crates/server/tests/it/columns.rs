//! Columns that lists, filters and approvals read are filled on receipt and kept current by every command, and decisions are explained
//! from rule numbers.

use domain::role::Role;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{
    app::{TestApp, burnt},
    work::{claim, does, done, fresh},
};

/// Columns of an exception as text; empty for null.
async fn columns(app: &TestApp, id: &str, names: &[&str]) -> Vec<String> {
    let mut admin = PgConnection::connect(app.url.expose()).await.unwrap();
    let texts: Vec<String> = names.iter().map(|name| format!("coalesce(({name})::text, '')")).collect();
    let sql = format!(
        "select array[{}] from exception where tenant_id = $1 and exception_id = $2",
        texts.join(", ")
    );
    let row = sqlx::query_scalar(AssertSqlSafe(sql)).bind(app.tenant.as_str()).bind(id);
    row.fetch_one(&mut admin).await.unwrap()
}

async fn reasons(app: &TestApp, id: &str, about: &str) -> Vec<Value> {
    let detail = app.get(&format!("/exceptions/{id}")).await;
    let all = detail["reasons"].as_array().unwrap().iter();
    all.filter(|reason| reason["about"] == about).cloned().collect()
}

#[tokio::test]
async fn columns_follow_every_command() {
    let app = TestApp::start().await;
    fresh(&app, "a", 50.0).await;
    let names = [
        "owner",
        "status",
        "waiting_reason",
        "snoozed_until",
        "escalation",
        "root_cause",
        "resolution",
    ];
    assert_eq!(columns(&app, "a", &names).await, ["", "OPEN", "", "", "0", "", ""]);
    done(&app, Role::Operator, "a", claim()).await;
    let owner = columns(&app, "a", &["owner"]).await;
    assert!(!owner[0].is_empty());
    let until = "2026-11-23T15:00:00Z";
    done(
        &app,
        Role::Operator,
        "a",
        json!({"command": "wait", "reason": "FLOUR", "until": until}),
    )
    .await;
    assert_eq!(columns(&app, "a", &["status", "waiting_reason"]).await, ["WAITING", "FLOUR"]);
    done(&app, Role::Operator, "a", json!({"command": "resume"})).await;
    done(
        &app,
        Role::Operator,
        "a",
        json!({"command": "snooze", "until": "2026-11-25", "reason": "later"}),
    )
    .await;
    let snoozed = columns(&app, "a", &["waiting_reason", "snoozed_until is not null"]).await;
    assert_eq!(snoozed, ["", "true"]);
    assert_eq!(
        app.get("/exceptions/a").await["workflow"]["snoozedUntil"]
            .as_str()
            .map(|at| &at[..10]),
        Some("2026-11-24")
    );
    done(&app, Role::Operator, "a", json!({"command": "wake"})).await;
    let resolved = json!({"command": "resolve", "resolution": "THROWN_AWAY", "rootCause": "TIMER"});
    done(&app, Role::Operator, "a", resolved).await;
    let ended = columns(&app, "a", &["snoozed_until", "root_cause", "resolution", "resolved_at is not null"]).await;
    assert_eq!(ended, ["", "TIMER", "THROWN_AWAY", "true"]);
    assert_eq!(app.get("/exceptions/a").await["workflow"]["rootCause"], "TIMER");
    done(&app, Role::Supervisor, "a", json!({"command": "reopen", "reason": "again"})).await;
    assert_eq!(columns(&app, "a", &names).await, ["", "OPEN", "", "", "0", "", ""]);
}

#[tokio::test]
async fn what_is_received_fills_exposure_rules_and_findings() {
    let app = TestApp::start().await;
    let mut sent = burnt("b", -5000.5);
    sent["sourceSystem"] = json!("Till");
    sent["rawPayload"]["kind"] = json!("SPELT");
    assert_eq!(app.send(sent).await.status, 202);
    let names = [
        "exposure_minor",
        "exposure_currency",
        "highest_exposure_minor",
        "severity",
        "severity_rank",
        "severity_rule",
        "routing_rule",
        "failed_severity_rules",
        "finding_count",
        "breached_at = due_at",
    ];
    assert_eq!(
        columns(&app, "b", &names).await,
        ["500050", "EUR", "500050", "CRITICAL", "4", "2", "1", "", "1", "true"]
    );
    // The rule that reads the loss fails without one.
    assert_eq!(
        app.send(json!({"exceptionId": "c", "sourceSystem": "Oven", "exceptionType": "BURNT_BREAD", "rawPayload": {"oven": "1"}}))
            .await
            .status,
        202
    );
    let failed = columns(
        &app,
        "c",
        &["exposure_minor", "severity_rule", "failed_severity_rules", "breached_at"],
    )
    .await;
    assert_eq!(failed, ["", "", "{1}", ""]);
    assert_eq!(
        reasons(&app, "c", "severity").await,
        [
            json!({"about": "severity", "value": "not decided", "because": "rule 1 of BURNT_BREAD in Bakery 1.2.0 failed to evaluate"}),
            json!({"about": "severity", "value": "MEDIUM", "because": "default of BURNT_BREAD in Bakery 1.2.0"}),
        ]
    );
}

#[tokio::test]
async fn a_decision_is_explained_by_its_pack_version_and_shown_without_it() {
    let app = TestApp::start().await;
    assert_eq!(app.send(burnt("d", 101.0)).await.status, 202);
    let explained = json!({"about": "severity", "value": "HIGH", "because": "rule 1 of BURNT_BREAD in Bakery 1.2.0: more than 100 lost"});
    assert_eq!(reasons(&app, "d", "severity").await, [explained]);
    assert_eq!(reasons(&app, "d", "created").await[0]["because"], "the source's timestamp");
    assert_eq!(reasons(&app, "d", "type").await[0]["because"], "sent as exceptionType");
    let mut admin = PgConnection::connect(app.url.expose()).await.unwrap();
    let lost = "update exception set pack_version = '0.0.1' where tenant_id = $1 and exception_id = 'd'";
    sqlx::query(lost).bind(app.tenant.as_str()).execute(&mut admin).await.unwrap();
    let why = "explanation not available: pack Bakery 0.0.1";
    assert_eq!(
        reasons(&app, "d", "severity").await,
        [json!({"about": "severity", "value": "HIGH", "because": why})]
    );
    assert_eq!(
        reasons(&app, "d", "queue").await,
        [json!({"about": "queue", "value": "bakers", "because": why})]
    );
    let detail = app.get("/exceptions/d").await;
    assert_eq!((&detail["exceptionId"], &detail["clock"]), (&json!("d"), &Value::Null));
    // What decides by that version says so.
    assert_ne!(does(&app, Role::Operator, "d", claim()).await.status, 200);
}
