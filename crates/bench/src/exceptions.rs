//! Exceptions to send: as the seeder makes them, each with an id of its own.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context;
use bytes::Bytes;
use domain::pack::document::PackDocument;
use seeding::{SeedRun, Seeder};
use tokio::sync::mpsc::Sender;

use crate::environment::{PACK, now};

/// Different exceptions that are sent again and again under new ids, so that making them takes nothing from the measurement.
const POOL: u32 = 2000;

/// Lines of a pool, with a place for the id.
pub struct Pool {
    lines: Vec<(String, String)>,
    next: AtomicU64,
    prefix: String,
}

impl Pool {
    /// Makes the pool; `name` keeps its ids apart from those of others.
    pub fn new(name: &str) -> anyhow::Result<Self> {
        let mut lines = Vec::new();
        make(POOL, name, &mut |id, text| {
            let (before, after) = text.split_once(id).context("the id is in the text")?;
            lines.push((before.to_owned(), after.to_owned()));
            Ok(true)
        })?;
        Ok(Pool {
            lines,
            next: AtomicU64::new(0),
            prefix: format!("{name}-"),
        })
    }

    /// The next exception, as one line without its end.
    pub fn next(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let index = usize::try_from(number % self.lines.len() as u64).unwrap_or_default();
        let (before, after) = &self.lines[index];
        format!("{before}{}{number}{after}", self.prefix)
    }

    /// The next exception as the body of a request.
    pub fn body(&self) -> Bytes {
        format!("{{\"exception\":{}}}", self.next()).into()
    }
}

/// Sends so many different exceptions, in pieces of some lines, until nobody takes them.
pub fn send(count: u32, name: &str, to: &Sender<Bytes>) -> anyhow::Result<()> {
    const PIECE: usize = 64 << 10;
    let mut piece = String::new();
    make(count, name, &mut |_, text| {
        piece += text;
        piece.push('\n');
        let is_full = piece.len() >= PIECE;
        Ok(!is_full || to.blocking_send(std::mem::take(&mut piece).into()).is_ok())
    })?;
    drop(to.blocking_send(piece.into()));
    Ok(())
}

type Take<'t> = dyn FnMut(&str, &str) -> anyhow::Result<bool> + 't;

fn make(count: u32, name: &str, take: &mut Take<'_>) -> anyhow::Result<()> {
    let document: PackDocument = serde_json::from_str(PACK)?;
    let seeder = Seeder::new(&document).map_err(|fault| anyhow::anyhow!("{fault}"))?;
    let run = SeedRun {
        tenant: name.to_owned(),
        seed: 7,
        as_of: now(),
        count,
    };
    let series = seeder.start(&run).map_err(|fault| anyhow::anyhow!("{fault}"))?;
    for index in 0..series.len() {
        let made = series.get(index).context("the series has ended")?;
        let exception = made.map_err(|fault| anyhow::anyhow!("{fault}"))?;
        if !take(&exception.exception_id, &exception.body().to_string())? {
            break;
        }
    }
    Ok(())
}
