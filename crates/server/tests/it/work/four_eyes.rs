//! Whoever asks never decides: not over HTTP, not in the database.

use super::*;

async fn requests(app: &TestApp, state: &str) -> Vec<Value> {
    app.get(&format!("/approvals?state={state}")).await["items"]
        .as_array()
        .unwrap()
        .clone()
}

#[tokio::test]
async fn whoever_asks_never_decides_also_as_admin() {
    let app = TestApp::start().await;
    fresh(&app, "a", 50.0).await;
    let asked = does(&app, Role::Admin, "a", give_away()).await;
    assert_eq!((asked.status, &asked.body["outcome"]), (200, &json!("approvalRequested")));
    assert_eq!(asked.body["exception"]["status"], "PENDING_APPROVAL");
    for command in [json!({"command": "grant"}), json!({"command": "refuse", "reason": "no"})] {
        let own = does(&app, Role::Admin, "a", command).await;
        assert_eq!((own.status, &own.body["code"]), (403, &json!("own-request")));
    }
    assert_eq!(does(&app, Role::Operator, "a", json!({"command": "grant"})).await.status, 403);
    assert_eq!(requests(&app, "PENDING").await.len(), 1);
    let granted = done(&app, Role::Supervisor, "a", json!({"command": "grant", "note": "fine"})).await;
    assert_eq!(
        (&granted["status"], &granted["resolution"]),
        (&json!("RESOLVED"), &json!("GIVEN_AWAY"))
    );
    assert_eq!(requests(&app, "PENDING").await, [json!(null); 0]);
    let decided = &requests(&app, "GRANTED").await[0];
    assert_eq!(
        (&decided["requestedBy"], &decided["decidedBy"]),
        (&json!("test admin"), &json!("test supervisor"))
    );
    assert_eq!((&decided["note"], &decided["requestId"]), (&json!("fine"), &json!("a#2")));
    assert_eq!(
        kinds(&app, "a").await,
        ["received", "approval_requested", "approval_granted", "resolved"]
    );
}

#[tokio::test]
async fn the_table_itself_refuses_a_maker_who_is_the_checker() {
    let app = TestApp::start().await;
    fresh(&app, "a", 50.0).await;
    does(&app, Role::Operator, "a", give_away()).await;
    let mut connection = admin().await;
    for role in ["sentinai_app", "keep"] {
        for (state, by) in [
            ("GRANTED", Some("member:test-operator")),
            ("REFUSED", Some("member:test-operator")),
            ("GRANTED", None),
        ] {
            let mut tx = connection.begin().await.unwrap();
            if role != "keep" {
                sqlx::query("set local role sentinai_app").execute(&mut *tx).await.unwrap();
                sqlx::query("select set_config('app.tenant_id', $1, true)")
                    .bind(app.tenant.as_str())
                    .execute(&mut *tx)
                    .await
                    .unwrap();
            }
            let update = "update approval_request set state = $2, decided_by = $3 where tenant_id = $1 and request_id = 'a#2'";
            let refused = sqlx::query(update)
                .bind(app.tenant.as_str())
                .bind(state)
                .bind(by)
                .execute(&mut *tx)
                .await;
            let error = refused.expect_err("refused").into_database_error().expect("by the database");
            assert_eq!(error.constraint(), Some("maker_is_not_checker"), "{role} {state} {by:?}: {error}");
        }
    }
    let mut tx = connection.begin().await.unwrap();
    let update = "update approval_request set state = 'GRANTED', decided_by = 'member:somebody-else' where tenant_id = $1";
    let done = sqlx::query(update).bind(app.tenant.as_str()).execute(&mut *tx).await.unwrap();
    assert_eq!(done.rows_affected(), 1, "somebody else may");
    tx.rollback().await.unwrap();
}

#[tokio::test]
async fn what_changes_voids_the_request_about_it() {
    let app = TestApp::start().await;
    for id in ["escalated", "assigned", "revised", "cleared"] {
        fresh(&app, id, 50.0).await;
        does(&app, Role::Operator, id, give_away()).await;
    }
    done(&app, Role::Operator, "escalated", json!({"command": "escalate", "reason": "help"})).await;
    done(
        &app,
        Role::Supervisor,
        "assigned",
        json!({"command": "assign", "owner": "test admin"}),
    )
    .await;
    let revise = app.as_source(Method::POST, "/exceptions?onConflict=revise");
    let revised = revise.json(&json!({"exception": burnt("revised", 51.0)})).send().await.unwrap();
    assert_eq!(revised.status(), 202);
    assert_eq!(
        app.source_sends(
            "",
            &json!({"exception": {"state": "cleared", "sourceSystem": "Oven", "exceptionId": "cleared"}})
        )
        .await
        .status,
        202
    );
    let mut void: Vec<_> = requests(&app, "VOID").await;
    void.sort_by_key(|request| request["exceptionId"].to_string());
    let told: Vec<_> = void
        .iter()
        .map(|request| (request["exceptionId"].as_str().unwrap(), request["decidedBy"].as_str().unwrap()))
        .collect();
    let (clock, source) = ("system:clock", "source:Oven");
    assert_eq!(
        told,
        [("assigned", clock), ("cleared", source), ("escalated", clock), ("revised", source)]
    );
    assert_eq!(requests(&app, "PENDING").await, [json!(null); 0]);
    for (id, last) in [
        ("escalated", "escalated"),
        ("assigned", "assigned"),
        ("revised", "revised"),
        ("cleared", "resolved"),
    ] {
        assert_eq!(kinds(&app, id).await[1..], ["approval_requested", "approval_voided", last]);
        assert_eq!(
            does(&app, Role::Supervisor, id, json!({"command": "grant"})).await.status,
            409,
            "{id}"
        );
    }
    verify_chain(&app).await;
}

#[tokio::test]
async fn a_cursor_or_state_that_is_none_is_400() {
    let app = TestApp::start().await;
    for query in [
        "state=MAYBE",
        "cursor=x",
        "cursor=1.%00",
        "cursor=99999999999999999.a",
        "cursor=-1.a",
        "sate=PENDING",
    ] {
        let answer = app
            .as_role(Role::Viewer, Method::GET, &format!("/approvals?{query}"))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 400, "{query}");
    }
}
