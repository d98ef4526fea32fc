//! What the clock tells by itself: each thing at its time, not before, and once, whatever the clocks of other servers show.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use futures::StreamExt;
use server::{alarms, http::LiveFeed};
use sqlx::AssertSqlSafe;
use tokio::task::JoinHandle;

use super::*;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Exceptions and what their clocks tell at [`due`].
const TOLD: [(&str, &str); 5] = [
    ("respond", "respond_breached"),
    ("imminent", "breach_imminent"),
    ("breach", "breached"),
    ("wait", "wait_ended"),
    ("request", "approval_expired"),
];

/// When they tell it.
fn due() -> DateTime<Utc> {
    noon() + TimeDelta::hours(1)
}

/// The event of a kind, if it is there.
async fn event(app: &TestApp, id: &str, kind: &str) -> Option<Value> {
    let events = app.get(&format!("/exceptions/{id}/events")).await;
    let found = events["items"].as_array().unwrap().iter().find(|event| event["kind"] == kind);
    found.cloned()
}

/// Changes rows behind the server's back.
async fn change(app: &TestApp, sql: &str, at: DateTime<Utc>) {
    let mut admin = PgConnection::connect(app.url.expose()).await.unwrap();
    let sql = sqlx::query(AssertSqlSafe(format!("update exception set {sql} and tenant_id = $2")));
    let changed = sql.bind(at).bind(app.tenant.as_str()).execute(&mut admin).await.unwrap();
    assert_eq!(changed.rows_affected(), 1);
}

/// Milk has three days around the clock, a quarter of it to respond, and is imminent an hour before.
async fn prepare(app: &TestApp) {
    for (id, hours) in [("respond", 18), ("imminent", 71), ("breach", 72), ("wait", 1)] {
        assert_eq!(app.send(milk(id, due() - TimeDelta::hours(hours))).await.status, 202);
    }
    done(app, Role::Operator, "wait", claim()).await;
    done(
        app,
        Role::Operator,
        "wait",
        json!({"command": "wait", "reason": "FLOUR", "until": due()}),
    )
    .await;
    fresh(app, "request", 50.0).await;
    done(app, Role::Operator, "request", give_away()).await;
    // A request stands for a day; this one's day is nearly over.
    let nearly = "next_timer_at = $1, workflow = jsonb_set(workflow::jsonb, '{pending,expiresAt}', to_jsonb($1::timestamptz))::json where exception_id = 'request'";
    change(app, nearly, due()).await;
    // What nobody can read the pack of keeps no other clock from telling.
    fresh(app, "unreadable", 50.0).await;
    let packless = "pack_version = '0.0.1', next_timer_at = $1 where exception_id = 'unreadable'";
    change(app, packless, noon() - TimeDelta::days(1)).await;
}

fn milk(id: &str, arose: DateTime<Utc>) -> Value {
    json!({"exceptionId": id, "sourceSystem": "Till", "exceptionType": "SOUR_MILK", "timestamp": arose, "rawPayload": {"fridge": id}})
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_clock_tells_it_tells_at_its_time_and_not_before() {
    let app = TestApp::alone().await;
    // A tenant whose chain somebody holds, and whose clock has something to tell, delays no other.
    let held = app.neighbour().await;
    fresh(&held, "held", 50.0).await;
    change(&held, "next_timer_at = $1 where exception_id = 'held'", noon()).await;
    let mut holder = PgConnection::connect(app.url.expose()).await.unwrap();
    let mut holder = holder.begin().await.unwrap();
    let chain = sqlx::query("select seq from chain_head where tenant_id = $1 for update").bind(held.tenant.as_str());
    chain.fetch_one(&mut *holder).await.unwrap();
    prepare(&app).await;

    let (listening, alarms) = watching(&app, 8);
    let mut live = app.as_role(Role::Viewer, Method::GET, "/live").send().await.unwrap().bytes_stream();
    app.clock.set(due() - TimeDelta::microseconds(1));
    until(async || is_postponed(&app).await).await;
    for (id, kind) in TOLD {
        assert_eq!(event(&app, id, kind).await, None, "{id} before its time");
    }
    app.clock.set(due());
    for (id, kind) in TOLD {
        until(async || event(&app, id, kind).await.is_some()).await;
        let event = event(&app, id, kind).await.unwrap();
        let time = |value: &Value| value.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        assert_eq!((time(&event["at"]), time(&event["data"]["at"])), (due(), due()), "{id}");
        assert_eq!(event["actor"], "system:clock");
    }
    let hint = async { while !String::from_utf8_lossy(&live.next().await.unwrap().unwrap()).contains("event: exceptions") {} };
    tokio::time::timeout(PATIENCE, hint).await.expect("open desks are told");
    listening.abort();
    alarms.abort();
}

/// Watches the clocks as a server does, with some connections.
fn watching(app: &TestApp, connections: u32) -> (JoinHandle<()>, JoinHandle<()>) {
    let live = LiveFeed::default();
    let alarms = alarms::run(app.store.beside(connections), app.clock.clock(), Arc::default(), live.tenants());
    (tokio::spawn(live.run(app.store.beside(1))), tokio::spawn(alarms))
}

/// Whether what nobody can read the pack of is put off.
async fn is_postponed(app: &TestApp) -> bool {
    let mut admin = PgConnection::connect(app.url.expose()).await.unwrap();
    let alarm = sqlx::query_scalar("select next_timer_at from exception where tenant_id = $1 and exception_id = 'unreadable'");
    let alarm: DateTime<Utc> = alarm.bind(app.tenant.as_str()).fetch_one(&mut admin).await.unwrap();
    alarm > noon() + TimeDelta::minutes(10)
}

/// Waits until something is so.
async fn until(is_so: impl AsyncFn() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("in time");
}

/// Everything that happened to an exception: kinds, and times that never go back.
async fn told(app: &TestApp, id: &str) -> Vec<String> {
    let events = app.get(&format!("/exceptions/{id}/events")).await;
    let mut last = DateTime::<Utc>::MIN_UTC;
    let mut kinds = Vec::new();
    for event in events["items"].as_array().unwrap() {
        let at: DateTime<Utc> = event["at"].as_str().unwrap().parse().unwrap();
        assert!(last <= at, "{} at {at} after {last}", event["kind"]);
        last = at;
        kinds.push(event["kind"].as_str().unwrap().to_owned());
    }
    kinds
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_whose_clocks_differ_tell_each_thing_once_and_never_go_back() {
    for skew in [-120, 120].map(TimeDelta::seconds) {
        let app = TestApp::alone().await;
        let other = app.with_skew(skew).await;
        // A window that has not begun when they arrive: everything in it is still to tell.
        let late = noon() + TimeDelta::hours(72);
        for id in ["late", "gone"] {
            assert_eq!(app.send(milk(id, noon())).await.status, 202);
        }
        let watching = [&app, &other].map(|app| watching(app, 4));
        // The one that is ahead tells it; then the one that is behind works on it.
        let (ahead, behind) = if skew < TimeDelta::zero() { (&app, &other) } else { (&other, &app) };
        let until_due = late - ahead.clock.now();
        for server in [&app, &other] {
            server.clock.advance(until_due);
        }
        for id in ["late", "gone"] {
            until(async || event(&app, id, "breached").await.is_some()).await;
        }
        done(behind, Role::Operator, "late", claim()).await;
        let commands = [
            json!({"command": "comment", "text": "hm"}),
            json!({"command": "changeSeverity", "severity": "HIGH", "reason": "the mayor's"}),
            json!({"command": "wait", "reason": "OVEN_MAKER", "until": late + TimeDelta::hours(1)}),
            json!({"command": "resume"}),
        ];
        for (number, command) in commands.into_iter().enumerate() {
            done([ahead, behind][number % 2], Role::Operator, "late", command).await;
        }
        let revised = json!({"exception": milk("late", noon() - TimeDelta::hours(8))});
        let revise = behind.as_source(Method::POST, "/exceptions?onConflict=revise").json(&revised);
        assert_eq!(revise.send().await.unwrap().status(), 202);
        let clear = json!({"exception": {"state": "cleared", "sourceSystem": "Till", "exceptionId": "gone"}});
        let cleared = behind.as_source(Method::POST, "/exceptions").json(&clear).send().await.unwrap();
        assert_eq!(cleared.status(), 202);
        // Both clocks go on, and nobody has anything left to tell.
        for server in [&app, &other] {
            server.clock.advance(TimeDelta::minutes(10));
            until(async || {
                let timers = server.store.next_timers(None).await.unwrap();
                timers.iter().all(|(_, at)| *at > server.clock.now())
            })
            .await;
        }
        for (listening, alarms) in watching {
            listening.abort();
            alarms.abort();
        }
        for id in ["late", "gone"] {
            let kinds = told(&app, id).await;
            for kind in ["respond_breached", "breach_imminent", "breached"] {
                let times = kinds.iter().filter(|told| *told == kind).count();
                assert_eq!(times, 1, "{kind} with a skew of {skew}: {kinds:?}");
            }
        }
    }
}
