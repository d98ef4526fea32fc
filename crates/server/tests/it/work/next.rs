//! The next of a queue: whoever asks gets another one, the most urgent first.

use std::collections::HashSet;

use futures::future::join_all;

use super::*;

async fn next(app: &TestApp, queue: &str) -> Answer {
    let path = format!("/queues/{queue}/next");
    loop {
        let answer = Answer::of(app.as_role(Role::Operator, Method::POST, &path).send().await.unwrap()).await;
        // Where the machine is too slow for so many the server says so, and nothing has happened.
        if answer.status != 503 {
            return answer;
        }
        assert!(answer.headers.contains_key("retry-after"), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_at_once_get_each_of_150_once_the_most_urgent_first() {
    let app = TestApp::start().await;
    let losses = [50.0, 500.0, 5000.0];
    let exceptions: Vec<Value> = (0..150).map(|index| burnt(&format!("n{index}"), losses[index % 3])).collect();
    let sent = app.post(json!({"exceptions": exceptions}).to_string()).await;
    assert_eq!(sent.body["accepted"], 150, "{}", sent.body);
    let answers = join_all((0..200).map(|_| next(&app, "bakers"))).await;
    let got: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
    let ids: HashSet<&str> = got.iter().map(|answer| answer.body["exceptionId"].as_str().unwrap()).collect();
    let others: Vec<u16> = answers
        .iter()
        .map(|answer| answer.status)
        .filter(|status| !matches!(status, 200 | 204))
        .collect();
    assert_eq!((got.len(), ids.len()), (150, 150), "{others:?}");
    assert_eq!(answers.iter().filter(|answer| answer.status == 204).count(), 50);
    assert!(
        got.iter()
            .all(|answer| answer.body["owner"] == "test operator" && answer.body["status"] == "IN_PROGRESS")
    );
    let in_order = "select e.severity from event v join exception e on e.tenant_id = $1 and e.exception_id = v.exception_id
                    where v.tenant_id = $1 and v.kind = 'claimed' order by v.seq";
    let given: Vec<String> = sqlx::query_scalar(in_order)
        .bind(app.tenant.as_str())
        .fetch_all(&mut admin().await)
        .await
        .unwrap();
    let expected: Vec<&str> = ["CRITICAL", "HIGH", "MEDIUM"]
        .into_iter()
        .flat_map(|severity| vec![severity; 50])
        .collect();
    assert_eq!(given, expected);
    assert_eq!(verify_chain(&app).await, 300);
}

#[tokio::test]
async fn what_is_snoozed_assigned_or_elsewhere_is_not_next() {
    let app = TestApp::start().await;
    for id in ["assigned", "moved", "resolved", "free"] {
        fresh(&app, id, 50.0).await;
    }
    done(
        &app,
        Role::Supervisor,
        "assigned",
        json!({"command": "assign", "owner": "test admin"}),
    )
    .await;
    done(
        &app,
        Role::Supervisor,
        "moved",
        json!({"command": "move", "queue": "owner", "reason": "his"}),
    )
    .await;
    done(&app, Role::Operator, "resolved", resolve()).await;
    assert_eq!(next(&app, "bakers").await.body["exceptionId"], "free");
    assert_eq!(next(&app, "bakers").await.status, 204);
    assert_eq!(next(&app, "owner").await.body["exceptionId"], "moved");
    for unknown in ["nowhere", "%00", "bakers%2F..", "%FF"] {
        assert_eq!(next(&app, unknown).await.status, 404, "{unknown}");
    }
    let queues = app.get("/queues").await;
    assert_eq!(queues[0]["counts"], json!({"OPEN": 1, "IN_PROGRESS": 1}), "{queues}");
}
