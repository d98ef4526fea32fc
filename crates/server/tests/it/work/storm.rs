//! A storm of random commands by everybody on the same exceptions: what is stored afterwards holds together.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::{pack::Pack, status::Status};
use futures::future::join_all;

use super::*;
use crate::{
    chance::{Chance, seed},
    database::BAKERY,
};

const EXCEPTIONS: usize = 8;
const PEOPLE: u64 = 6;
const COMMANDS: usize = 50;

fn random(chance: &mut Chance) -> Value {
    let until = noon() + TimeDelta::minutes(i64::try_from(chance.within(1..5000)).unwrap());
    let commands = [
        claim(),
        claim(),
        resolve(),
        give_away(),
        json!({"command": "grant"}),
        json!({"command": "refuse", "reason": "no"}),
        json!({"command": "withdraw"}),
        json!({"command": "release"}),
        json!({"command": "wait", "reason": "FLOUR", "until": until}),
        json!({"command": "wait", "reason": "OVEN_MAKER", "until": until}),
        json!({"command": "resume"}),
        json!({"command": "escalate", "reason": "help"}),
        json!({"command": "handBack", "reason": "ours"}),
        json!({"command": "move", "queue": "owner", "reason": "his"}),
        json!({"command": "assign", "owner": "test supervisor"}),
        json!({"command": "changeSeverity", "severity": "CRITICAL", "reason": "now"}),
        json!({"command": "changeSeverity", "severity": "LOW", "reason": "later"}),
        json!({"command": "reopen", "reason": "again"}),
        json!({"command": "comment", "text": "hm"}),
        json!({"command": "snooze", "until": until.date_naive(), "reason": "tired"}),
    ];
    chance.of_list(&commands).clone()
}

async fn person(app: &TestApp, mut chance: Chance) -> usize {
    let mut done = 0;
    for _ in 0..COMMANDS {
        let role = *chance.of_list(&[Role::Operator, Role::Supervisor, Role::Admin]);
        let id = format!("s{}", chance.within(0..EXCEPTIONS as u64));
        if chance.within(0..10) == 0 {
            let revise = app.as_source(Method::POST, "/exceptions?onConflict=revise");
            let loss = f64::from(u32::try_from(chance.within(1..2000)).unwrap());
            let revised = revise.json(&json!({"exception": burnt(&id, loss)})).send().await.unwrap();
            assert_eq!(revised.status(), 202);
            continue;
        }
        let answer = does(app, role, &id, random(&mut chance)).await;
        assert!(matches!(answer.status, 200 | 403 | 409 | 422), "{answer:?}");
        done += usize::from(answer.status == 200);
    }
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_storm_of_commands_everything_stored_holds_together() {
    let app = TestApp::start().await;
    let seed = seed();
    for index in 0..EXCEPTIONS {
        fresh(&app, &format!("s{index}"), 50.0).await;
    }
    let done: usize = join_all((0..PEOPLE).map(|person_of| person(&app, Chance::of(seed, person_of))))
        .await
        .into_iter()
        .sum();
    assert!(done > 30, "{done}, seed {seed}");
    verify_chain(&app).await;

    let pack = Pack::parse(BAKERY).unwrap();
    let ids: Vec<String> = (0..EXCEPTIONS).map(|index| format!("s{index}")).collect();
    let mut tx = app.owner.begin(&app.owner.scope(&app.tenant)).await.unwrap();
    let current = tx.write().await.unwrap().current(&ids).await.unwrap();
    tx.commit().await.unwrap();
    let mut pending = BTreeSet::new();
    for standing in current.iter().map(|current| &current.standing) {
        let deadlines = standing.deadlines(&pack).unwrap();
        let stored = (standing.respond_due_at, standing.due_at);
        assert_eq!(stored, (deadlines.respond_due_at, deadlines.due_at), "seed {seed}: {standing:?}");
        assert_eq!(
            // What a source reported waits for an answer while work goes on.
            standing.work.pending.as_ref().is_some_and(|pending| pending.report().is_none()),
            standing.cell.status == Status::PendingApproval,
            "seed {seed}: {standing:?}"
        );
        pending.extend(standing.work.pending.iter().map(|pending| pending.id.clone()));
    }
    let requests = app.get("/approvals").await;
    let listed: BTreeSet<String> = requests["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|request| request["requestId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(listed, pending, "seed {seed}");
    for status in Status::ALL {
        let counted = app.get(&format!("/exceptions:count?status={status}")).await["count"].clone();
        assert_eq!(
            counted,
            current.iter().filter(|current| current.standing.cell.status == status).count(),
            "{status}, seed {seed}"
        );
    }
}
