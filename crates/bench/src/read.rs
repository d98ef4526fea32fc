//! Reading: lists by filter, order and place, facets, search, one exception.

use std::sync::Arc;

use anyhow::Context;
use serde::Deserialize;

use crate::{
    client::Client,
    environment::Environment,
    load::{Ask, Measured, closed},
    median::median,
};

/// Clients that read at a time.
const CLIENTS: u64 = 8;
/// Exceptions that come before the 2,000th page of 50.
const DEEP: usize = 99_950;
/// Ids that are asked for one by one.
const IDS: usize = 5000;
/// Bar of every list.
const BAR: &str = "≤ 1,000 µs, p99 < 10 ms";
/// Bar of counts and searches.
const COUNT_BAR: &str = "p99 < 50 ms";
/// Bar of a single exception.
const ONE_BAR: &str = "p99 < 5 ms";
/// Filters and orders.
const LISTS: [(&str, &str); 6] = [
    ("newest first", "sort=-created"),
    ("by due time", "sort=due"),
    ("open, by severity", "status=OPEN&sort=severity"),
    ("critical, by due time", "severity=CRITICAL&sort=due"),
    ("one type, newest first", "type=CASH_BREAK&sort=-created"),
    (
        "one type of one severity, by queue",
        "type=SETTLEMENT_FAIL&severity=HIGH&sort=queue",
    ),
];

/// Measures all of it.
pub async fn all(environment: &Environment, seconds: u64, runs: u32) -> anyhow::Result<Vec<Measured>> {
    let mut client = Client::connect(&environment.target).await?;
    let (mut measured, times) = (Vec::new(), (seconds, runs));
    let first = page(&mut client, "/exceptions?limit=500&sort=-created").await?;
    for (name, query) in LISTS {
        let path = format!("/exceptions?limit=50&{query}");
        measured.push(reads(environment, (&format!("list, {name}, first page"), BAR), vec![path], times).await?);
        let Some(cursor) = deep(&mut client, query).await? else { continue };
        let path = format!("/exceptions?limit=50&{query}&cursor={cursor}");
        measured.push(
            reads(
                environment,
                (&format!("list, {name}, 2,000th page or the last"), BAR),
                vec![path],
                times,
            )
            .await?,
        );
    }
    for (name, query) in [("all", ""), ("critical", "?severity=CRITICAL")] {
        let path = format!("/exceptions:facets{query}");
        measured.push(reads(environment, (&format!("facets, {name}"), COUNT_BAR), vec![path], times).await?);
    }
    let words = first
        .items
        .iter()
        .filter_map(|item| item.title.split_whitespace().max_by_key(|word| word.len()));
    let words: Vec<String> = words
        .filter(|word| word.chars().all(|c| c.is_ascii_alphanumeric()))
        .map(|word| format!("/exceptions?q={word}"))
        .collect();
    if !words.is_empty() {
        measured.push(reads(environment, ("search for a word of a title", COUNT_BAR), words, times).await?);
    }
    let ids = first
        .items
        .iter()
        .map(|item| format!("/exceptions/{}", item.exception_id))
        .take(IDS)
        .collect();
    measured.push(reads(environment, ("one exception", ONE_BAR), ids, times).await?);
    Ok(measured)
}

async fn reads(
    environment: &Environment,
    (name, bar): (&str, &str),
    paths: Vec<String>,
    (seconds, runs): (u64, u32),
) -> anyhow::Result<Measured> {
    let paths = Paths(Arc::new(paths));
    median(runs, async || closed(environment, name, bar, CLIENTS, seconds, paths.clone()).await).await
}

/// Asks for one address after the other.
#[derive(Clone)]
struct Paths(Arc<Vec<String>>);

impl Ask for Paths {
    async fn ask(&self, client: &mut Client, number: u64) -> anyhow::Result<()> {
        let index = usize::try_from(number)? % self.0.len();
        client.get(&self.0[index]).await.map(drop)
    }
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Item>,
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    exception_id: String,
    title: String,
}

async fn page(client: &mut Client, path: &str) -> anyhow::Result<Page> {
    serde_json::from_slice(&client.get(path).await?).with_context(|| path.to_owned())
}

/// The cursor of the 2,000th page, or of the last that is full.
async fn deep(client: &mut Client, query: &str) -> anyhow::Result<Option<String>> {
    let (mut cursor, mut passed): (Option<String>, usize) = (None, 0);
    while passed < DEEP {
        let limit = (DEEP - passed).min(500);
        let after = cursor.as_ref().map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
        let page = page(client, &format!("/exceptions?limit={limit}&{query}{after}")).await?;
        passed += page.items.len();
        let Some(next) = page.next else { break };
        cursor = Some(next);
    }
    Ok(cursor)
}
