//! Clients that send without pause, each its own exceptions in all forms, and note every acknowledgement.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use reqwest::{Client, Response};
use serde_json::Value;
use tokio::{sync::watch, task::JoinSet};

use super::{
    Ledger, Site,
    ledger::{Form, Sent},
    site::Sender,
};
use crate::{app::client, chance::Chance};

const CLIENTS: u64 = 6;
/// Pause of a client after a failure, as clients should make one.
const PAUSE: Duration = Duration::from_millis(50);
/// As long as a server may take for a request, and a little more.
const PATIENCE: Duration = Duration::from_secs(35);

/// What an answer says about the items of a request.
#[derive(Debug, Default)]
pub struct Answered {
    /// `accepted` or `duplicate` by index.
    pub outcomes: BTreeMap<usize, String>,
    /// Answers that no fault excuses.
    pub wrong: Vec<String>,
}

/// A running load on one tenant.
pub struct Load {
    ledger: Arc<Mutex<Ledger>>,
    acknowledged: watch::Sender<usize>,
    stop: watch::Sender<bool>,
    clients: JoinSet<()>,
}

impl Load {
    /// Clients of a tenant; each goes on to the next server when one fails.
    pub fn start(site: &Site, sender: &Sender, servers: &[String]) -> Self {
        let mut load = Self {
            ledger: Arc::default(),
            acknowledged: watch::Sender::new(0),
            stop: watch::Sender::new(false),
            clients: JoinSet::new(),
        };
        for number in 0..CLIENTS {
            let chance = Chance::of(site.seed, number + 1);
            let one = OneClient {
                number,
                client: client(),
                sender: sender.clone(),
                servers: servers.to_vec(),
            };
            let (ledger, acknowledged) = (Arc::clone(&load.ledger), load.acknowledged.clone());
            let stop = load.stop.subscribe();
            load.clients
                .spawn(async move { one.send_until(&stop, chance, &ledger, &acknowledged).await });
        }
        load
    }

    /// Waits until so many more exceptions are acknowledged; how long that took.
    pub async fn more(&self, count: u64, within: Duration) -> Duration {
        let began = std::time::Instant::now();
        let mut seen = self.acknowledged.subscribe();
        let goal = *seen.borrow() + usize::try_from(count).unwrap();
        let reached = tokio::time::timeout(within, seen.wait_for(|reached| *reached >= goal))
            .await
            .is_ok();
        assert!(reached, "not {count} more acknowledgements within {within:?}");
        began.elapsed()
    }

    /// Lets the clients finish what they began.
    pub async fn finish(mut self) -> Ledger {
        self.stop.send_replace(true);
        while let Some(ended) = self.clients.join_next().await {
            ended.unwrap();
        }
        std::mem::take(&mut self.ledger.lock().unwrap())
    }
}

struct OneClient {
    number: u64,
    client: Client,
    sender: Sender,
    servers: Vec<String>,
}

impl OneClient {
    async fn send_until(
        &self,
        stop: &watch::Receiver<bool>,
        mut chance: Chance,
        ledger: &Mutex<Ledger>,
        acknowledged: &watch::Sender<usize>,
    ) {
        let mut server = usize::try_from(self.number).unwrap();
        for number in 0.. {
            if *stop.borrow() {
                return;
            }
            let sent = Sent::next(&mut chance, self.number, number);
            let request = ledger.lock().unwrap().note(sent.clone());
            let answered = send(&self.client, &self.servers[server % self.servers.len()], &self.sender, &sent).await;
            ledger.lock().unwrap().settle(request, &answered);
            acknowledged.send_modify(|sum| *sum += answered.outcomes.len());
            if answered.outcomes.len() < sent.items.len() {
                server += 1;
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Sends a request once.
pub async fn send(client: &Client, server: &str, sender: &Sender, sent: &Sent) -> Answered {
    let kind = if sent.form == Form::Lines {
        "application/x-ndjson"
    } else {
        "application/json"
    };
    let request = client
        .post(format!("{server}/v1/tenants/{}/exceptions", sender.tenant))
        .header("x-api-key", &sender.key)
        .header("content-type", kind)
        .body(sent.body());
    let mut answered = Answered::default();
    match tokio::time::timeout(PATIENCE, request.send()).await {
        Ok(Ok(response)) => answered.read(response, sent).await,
        // It broke: the request is in doubt.
        Ok(Err(_)) => {}
        Err(_) => answered.wrong.push(format!("no answer within {PATIENCE:?}")),
    }
    answered
}

impl Answered {
    async fn read(&mut self, mut response: Response, sent: &Sent) {
        let (status, retry) = (response.status().as_u16(), response.headers().contains_key("retry-after"));
        let mut text = Vec::new();
        // What came before a connection broke counts.
        while let Ok(Some(piece)) = response.chunk().await {
            text.extend_from_slice(&piece);
        }
        let text = String::from_utf8_lossy(&text);
        match (status, sent.form) {
            (503, _) if retry => {}
            (202, Form::Single) => self.note(0, &text, sent),
            (200, Form::Batch) => {
                let results = serde_json::from_str::<Value>(&text).unwrap_or_default();
                for (index, result) in results["results"].as_array().into_iter().flatten().enumerate() {
                    self.note(index, &result.to_string(), sent);
                }
            }
            (200, Form::Lines) => {
                // The last line has no end if the connection broke within it.
                let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
                lines.enumerate().for_each(|(index, line)| self.note(index, line, sent));
            }
            _ => self.wrong.push(format!("{:?} was answered {status}: {text}", sent.form)),
        }
    }

    fn note(&mut self, index: usize, result: &str, sent: &Sent) {
        // Half an answer says nothing.
        let Ok(result) = serde_json::from_str::<Value>(result) else {
            return;
        };
        match result["outcome"].as_str() {
            Some(outcome @ ("accepted" | "duplicate")) if result["exceptionId"] == sent.items[index].id => {
                self.outcomes.insert(index, outcome.to_owned());
            }
            Some("failed") if result["status"] == 503 => {}
            _ => self.wrong.push(format!("{:?} item {index} was answered {result}", sent.form)),
        }
    }
}
