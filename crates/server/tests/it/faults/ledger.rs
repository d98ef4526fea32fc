//! What was sent and what was acknowledged: the senders' side of the story.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::load::Answered;
use crate::{app::burnt, chance::Chance};

/// How a request carries its exceptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Single,
    /// `{"exceptions": […]}`: stored together or not at all.
    Batch,
    /// NDJSON: each line for itself.
    Lines,
}

/// A request and what is known of it.
#[derive(Debug, Clone)]
pub struct Sent {
    pub form: Form,
    pub items: Vec<Item>,
}

/// An exception and whether a server said that it is stored.
#[derive(Debug, Clone)]
pub struct Item {
    pub id: String,
    pub object: Value,
    pub acknowledged: bool,
}

impl Sent {
    /// The next request of a client.
    pub fn next(chance: &mut Chance, client: u64, number: u64) -> Self {
        let (form, most) = match chance.within(0..3) {
            0 => (Form::Single, 1),
            1 => (Form::Batch, 20),
            _ => (Form::Lines, 40),
        };
        let item = |index: u32| Item {
            id: format!("{client}-{number}-{index}"),
            object: burnt(&format!("{client}-{number}-{index}"), f64::from(index)),
            acknowledged: false,
        };
        let items = (0..u32::try_from(chance.within(1..most + 1)).unwrap()).map(item).collect();
        Self { form, items }
    }

    pub fn body(&self) -> String {
        let objects: Vec<&Value> = self.items.iter().map(|item| &item.object).collect();
        match self.form {
            Form::Single => json!({"exception": objects[0]}).to_string(),
            Form::Batch => json!({"exceptions": objects}).to_string(),
            Form::Lines => objects.iter().flat_map(|object| [object.to_string(), "\n".into()]).collect(),
        }
    }

    pub fn is_in_doubt(&self) -> bool {
        self.items.iter().any(|item| !item.acknowledged)
    }
}

/// All requests of a run, and answers that nobody should ever get.
#[derive(Debug, Default)]
pub struct Ledger {
    pub requests: Vec<Sent>,
    pub wrong: Vec<String>,
}

impl Ledger {
    /// Notes a request before it is sent.
    pub fn note(&mut self, sent: Sent) -> usize {
        self.requests.push(sent);
        self.requests.len() - 1
    }

    /// Notes what came back.
    pub fn settle(&mut self, request: usize, answered: &Answered) {
        for index in answered.outcomes.keys() {
            self.requests[request].items[*index].acknowledged = true;
        }
        self.wrong.extend(answered.wrong.clone());
    }

    pub fn acknowledged(&self) -> usize {
        self.items().filter(|item| item.acknowledged).count()
    }

    pub fn in_doubt(&self) -> usize {
        self.items().filter(|item| !item.acknowledged).count()
    }

    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.requests.iter().flat_map(|request| &request.items)
    }

    /// What was sent under an id, as its payload's text.
    pub fn payloads(&self) -> BTreeMap<&str, String> {
        self.items()
            .map(|item| (item.id.as_str(), item.object["rawPayload"].to_string()))
            .collect()
    }
}
