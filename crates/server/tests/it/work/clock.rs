//! What the clock tells, it tells within a second of its time: on a server and a database of its own, where no other test's clocks ring.

use std::time::Duration;

use chrono::TimeDelta;
use futures::StreamExt;

use super::*;
use crate::{app::client, faults::Site};

/// Exceptions and what their clocks tell in two seconds.
const TOLD: [(&str, &str); 5] = [
    ("respond", "respond_breached"),
    ("imminent", "breach_imminent"),
    ("breach", "breached"),
    ("wait", "wait_ended"),
    ("request", "approval_expired"),
];

struct Desk {
    base: String,
    key: String,
    client: reqwest::Client,
}

impl Desk {
    async fn post(&self, path: &str, body: Value) {
        let request = self.client.post(format!("{}{path}", self.base)).header("x-api-key", &self.key);
        let answer = Answer::of(request.json(&body).send().await.unwrap()).await;
        assert!(matches!(answer.status, 200 | 202), "{path} {body}: {}", answer.body);
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        self.client
            .get(format!("{}{path}", self.base))
            .header("x-api-key", &self.key)
            .send()
            .await
            .unwrap()
    }

    /// The event of a kind, if it is there.
    async fn event(&self, id: &str, kind: &str) -> Option<Value> {
        let events: Value = self.get(&format!("/exceptions/{id}/events")).await.json().await.unwrap();
        events["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|event| event["kind"] == kind)
            .cloned()
    }
}

/// Milk has three days around the clock, a quarter of it to respond, and is imminent an hour before.
async fn prepare(desk: &Desk, soon: DateTime<Utc>) {
    let ages = [("respond", 18), ("imminent", 71), ("breach", 72), ("wait", 0)];
    for (id, hours) in ages {
        let arose = (soon - TimeDelta::hours(hours)).min(Utc::now());
        let milk = json!({"exceptionId": id, "sourceSystem": "Till", "exceptionType": "SOUR_MILK", "timestamp": arose, "rawPayload": {"fridge": id}});
        desk.post("/exceptions", json!({"exception": milk})).await;
    }
    desk.post("/exceptions/wait/commands", claim()).await;
    desk.post(
        "/exceptions/wait/commands",
        json!({"command": "wait", "reason": "FLOUR", "until": soon}),
    )
    .await;
    desk.post("/exceptions", json!({"exception": burnt("request", 50.0)})).await;
    desk.post("/exceptions/request/commands", give_away()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_clock_tells_it_tells_within_a_second_of_its_time() {
    let site = Site::with_tenants(2).await;
    let server = site.server().await;
    let [held, desk] = [0, 1].map(|index| Desk {
        base: format!("{}/v1/tenants/{}", server.base(), site.tenants[index].tenant),
        key: site.tenants[index].key.clone(),
        client: client(),
    });
    // A tenant whose chain somebody holds, and whose clock has something to tell, delays no other.
    held.post("/exceptions", json!({"exception": burnt("held", 50.0)})).await;
    let mut holder = site.connection().await;
    let mut holder = holder.begin().await.unwrap();
    let chain = sqlx::query("select seq from chain_head where tenant_id = $1 for update").bind(site.tenants[0].tenant.as_str());
    chain.fetch_one(&mut *holder).await.unwrap();
    let due = sqlx::query("update exception set next_timer_at = $1 where exception_id = 'held'").bind(Utc::now());
    assert_eq!(due.execute(&mut site.connection().await).await.unwrap().rows_affected(), 1);
    let mut live = desk.get("/live").await.bytes_stream();
    let soon = Utc::now() + TimeDelta::seconds(2);
    prepare(&desk, soon).await;
    // A request stands for a day; this one's day is nearly over.
    let nearly = "update exception set next_timer_at = $1, workflow = jsonb_set(workflow::jsonb, '{pending,expiresAt}', to_jsonb($2::text))::json where exception_id = 'request'";
    let nearly = sqlx::query(nearly).bind(soon).bind(soon.to_rfc3339());
    assert_eq!(nearly.execute(&mut site.connection().await).await.unwrap().rows_affected(), 1);
    // What nobody can read the pack of keeps no other clock from telling.
    desk.post("/exceptions", json!({"exception": burnt("unreadable", 50.0)})).await;
    let packless = "update exception set pack_version = '0.0.1', next_timer_at = $1 where exception_id = 'unreadable'";
    let packless = sqlx::query(packless).bind(soon - TimeDelta::days(1));
    assert_eq!(packless.execute(&mut site.connection().await).await.unwrap().rows_affected(), 1);
    let mut open = TOLD.to_vec();
    let told = async {
        while !open.is_empty() {
            live.next().await.unwrap().unwrap();
            let mut still = Vec::new();
            for (id, kind) in open {
                let Some(event) = desk.event(id, kind).await else {
                    still.push((id, kind));
                    continue;
                };
                let time = |value: &Value| value.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
                let late = time(&event["at"]) - time(&event["data"]["at"]);
                assert!(TimeDelta::zero() <= late && late < TimeDelta::seconds(1), "{kind} is {late} late");
                assert_eq!(event["actor"], "system:clock");
            }
            open = still;
        }
    };
    let finished = tokio::time::timeout(Duration::from_secs(10), told).await;
    assert!(finished.is_ok(), "the clock does not tell");
    let looked_at_again = "select next_timer_at from exception where exception_id = 'unreadable'";
    let looked_at_again: DateTime<Utc> = sqlx::query_scalar(looked_at_again)
        .fetch_one(&mut site.connection().await)
        .await
        .unwrap();
    assert!(looked_at_again > Utc::now() + TimeDelta::minutes(10), "{looked_at_again}");
}
