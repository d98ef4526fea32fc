//! Answers that go on for long end, with a last line that says why, when their reader may have them no more.

use std::time::Duration;

use domain::role::Role;
use futures::StreamExt;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use server::http::Limits;
use store::tenants::Suspension;
use tokio::{sync::mpsc, time::timeout};
use tokio_stream::wrappers::UnboundedReceiverStream;

use super::{
    app::{TestApp, burnt},
    database::noon,
};

const PATIENCE: Duration = Duration::from_secs(10);

enum Ending {
    Revoked,
    Suspended,
}

impl Ending {
    async fn happen(&self, app: &TestApp, role: Role) {
        match self {
            Self::Revoked => assert!(app.owner.revoke_key(&app.key(role)[..12], noon()).await.unwrap()),
            Self::Suspended => assert!(app.owner.set_suspended(&app.tenant, Suspension::Suspended, noon()).await.unwrap()),
        }
        app.until_answered(role, self.status()).await;
    }

    fn status(&self) -> u16 {
        match self {
            Self::Revoked => 401,
            Self::Suspended => 403,
        }
    }
}

/// All that still comes, as text.
async fn rest(response: Response) -> String {
    timeout(PATIENCE, response.text()).await.expect("an end").unwrap()
}

#[tokio::test]
async fn an_idle_event_stream_ends_with_a_problem() {
    for ending in [Ending::Revoked, Ending::Suspended] {
        let app = TestApp::within(Limits {
            live_pulse: Duration::from_millis(200),
            ..Limits::default()
        })
        .await;
        let mut stream = app.as_role(Role::Viewer, Method::GET, "/live").send().await.unwrap();
        assert_eq!(stream.chunk().await.unwrap().unwrap(), ": connected\n\n");
        // Signs of life, and nothing else.
        for _ in 0..2 {
            let chunk = timeout(PATIENCE, stream.chunk()).await.unwrap().unwrap().unwrap();
            assert!(chunk.starts_with(b":"), "{chunk:?}");
        }
        ending.happen(&app, Role::Viewer).await;
        let text = rest(stream).await;
        let last = text.rsplit("event: end\ndata: ").next().unwrap().trim();
        let problem: Value = serde_json::from_str(last).unwrap_or_else(|_| panic!("{text}"));
        assert_eq!(problem["status"], ending.status(), "{text}");
        assert!(problem["detail"].is_string() && problem["code"].is_string(), "{text}");
    }
}

#[tokio::test]
async fn a_stream_of_lines_stores_nothing_more_and_says_why() {
    for ending in [Ending::Revoked, Ending::Suspended] {
        let app = TestApp::start().await;
        let (lines, body) = mpsc::unbounded_channel::<String>();
        let body = UnboundedReceiverStream::new(body).map(Ok::<_, std::io::Error>);
        let request = app
            .as_role(Role::Operator, Method::POST, "/exceptions")
            .header("content-type", "application/x-ndjson")
            .body(reqwest::Body::wrap_stream(body));
        let send = |id: &str| lines.send(format!("{}\n", burnt(id, 1.0))).unwrap();
        send("L-1");
        let mut answer = timeout(PATIENCE, request.send()).await.unwrap().unwrap();
        let first = timeout(PATIENCE, answer.chunk()).await.unwrap().unwrap().unwrap();
        assert!(String::from_utf8_lossy(&first).contains("\"accepted\""), "{first:?}");
        ending.happen(&app, Role::Operator).await;
        send("L-2");
        let text = rest(answer).await;
        let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!(
            (&last["outcome"], &last["status"], &last["line"]),
            (&json!("failed"), &json!(ending.status()), &json!(2)),
            "{text}"
        );
        assert!(!last["detail"].as_str().unwrap().is_empty());
        app.owner.set_suspended(&app.tenant, Suspension::Lifted, noon()).await.unwrap();
        app.until_answered(Role::Viewer, 200).await;
        assert_eq!(app.get("/exceptions:count").await["count"], 1);
    }
}
