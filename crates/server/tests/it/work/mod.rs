//! Work on exceptions over real HTTP: verbs, four eyes, queues, the clock, and many at once.

mod clock;
mod filters;
mod four_eyes;
mod many;
mod next;
mod parts;
mod severity;
mod sources;
mod storm;
mod verbs;

use chrono::{DateTime, Utc};
use domain::{
    chain::{GENESIS, Link},
    role::Role,
};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection, Row};

use crate::{
    app::{Answer, TestApp, burnt},
    database::{self, noon},
};

/// A command as a role; what came of it.
pub async fn does(app: &TestApp, role: Role, id: &str, command: Value) -> Answer {
    let path = format!("/exceptions/{id}/commands");
    Answer::of(app.as_role(role, Method::POST, &path).json(&command).send().await.unwrap()).await
}

/// A command that must be done; the exception afterwards.
pub async fn done(app: &TestApp, role: Role, id: &str, command: Value) -> Value {
    let answer = does(app, role, id, command).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["exception"].clone()
}

/// Kinds of the events of an exception, in order.
pub async fn kinds(app: &TestApp, id: &str) -> Vec<String> {
    let events = app.get(&format!("/exceptions/{id}/events")).await;
    let kinds = events["items"].as_array().unwrap().iter();
    kinds.map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
}

/// Burnt bread that arose a moment ago, open.
pub async fn fresh(app: &TestApp, id: &str, loss: f64) {
    let mut exception = burnt(id, loss);
    exception.as_object_mut().unwrap().remove("timestamp");
    assert_eq!(app.send(exception).await.status, 202);
}

pub fn claim() -> Value {
    json!({"command": "claim"})
}

pub fn resolve() -> Value {
    json!({"command": "resolve", "resolution": "THROWN_AWAY", "rootCause": "TIMER"})
}

/// What a second person must decide.
pub fn give_away() -> Value {
    json!({"command": "resolve", "resolution": "GIVEN_AWAY", "rootCause": "TIMER"})
}

/// A connection that sees every tenant.
pub async fn admin() -> PgConnection {
    PgConnection::connect(database::url().await.expose()).await.unwrap()
}

/// Recomputes the tenant's whole chain from what is stored; how many of its events are about exceptions.
pub async fn verify_chain(app: &TestApp) -> usize {
    let rows =
        sqlx::query("select seq, exception_id, kind, actor, occurred_at, data::text, hash from event where tenant_id = $1 order by seq")
            .bind(app.tenant.as_str())
            .fetch_all(&mut admin().await)
            .await
            .unwrap();
    let mut hash = GENESIS;
    let mut about_exceptions = 0;
    for (index, row) in rows.iter().enumerate() {
        let seq: i64 = row.get(0);
        assert_eq!(seq, i64::try_from(index).unwrap() + 1);
        let at: DateTime<Utc> = row.get(4);
        let link = Link {
            tenant: app.tenant.as_str(),
            seq,
            exception_id: row.get(1),
            kind: row.get(2),
            actor: row.get(3),
            at,
            data: row.get(5),
        };
        about_exceptions += usize::from(!link.exception_id.is_empty());
        hash = link.hash(&hash);
        assert_eq!(row.get::<Vec<u8>, _>(6), hash, "event {seq}");
    }
    about_exceptions
}
