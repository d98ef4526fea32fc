//! What arises in a history and when: single exceptions, repetitions of earlier ones, and incidents whose exceptions are parts of one.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{series::Series, stream::Stream};

/// Share of exceptions that repeat an earlier one on purpose; some do by themselves.
const REPEATS: f64 = 0.06;
/// How many of the earlier ones of its type an exception may repeat.
const RECENT: usize = 6;
/// One incident for so many exceptions, at most [`MOST_INCIDENTS`].
const PER_INCIDENT: u32 = 400;
const MOST_INCIDENTS: u32 = 40;
/// Parts of an incident.
const FEWEST_PARTS: i64 = 4;
const MOST_PARTS: i64 = 40;
/// Within how many minutes the parts arise, and how many stay before the end.
const BURST: i64 = 90;
/// Longest that a source takes to send one, in seconds.
const LATENCY: i64 = 100;

/// An exception that arises.
#[derive(Debug, Clone)]
pub(super) struct Occasion {
    /// Of the series.
    pub(super) index: u32,
    /// Its type, as an index of the plan.
    pub(super) of: usize,
    pub(super) created_at: DateTime<Utc>,
    pub(super) received_at: DateTime<Utc>,
    /// The exception whose fields it has; mostly itself.
    pub(super) like: u32,
    /// The exception it is a part of.
    pub(super) whole: Option<u32>,
}

/// All of a history, in the order in which they are received.
pub(super) fn all(series: &Series<'_, '_>, end: DateTime<Utc>) -> Vec<Occasion> {
    let mut all: Vec<Occasion> = (0..series.len()).filter_map(|index| single(series, index)).collect();
    incidents(&mut all, series, end);
    all.sort_by_key(|occasion| (occasion.created_at, occasion.index));
    repeat(&mut all, series);
    for occasion in &mut all {
        let latency = series.stream("latency", occasion.index).between(1, LATENCY * 1000);
        let latest = (end - occasion.created_at).num_milliseconds();
        occasion.received_at = occasion.created_at + TimeDelta::milliseconds(latency.min(latest));
    }
    all.sort_by_key(|occasion| (occasion.received_at, occasion.index));
    all
}

fn single(series: &Series<'_, '_>, index: u32) -> Option<Occasion> {
    let of = series.type_of(index)?;
    let created_at = series.time_of(index, of);
    Some(Occasion {
        index,
        of,
        created_at,
        received_at: created_at,
        like: index,
        whole: None,
    })
}

/// Makes some exceptions parts of others: of the same type, and soon after.
fn incidents(all: &mut [Occasion], series: &Series<'_, '_>, end: DateTime<Utc>) {
    let count = (series.len() / PER_INCIDENT).clamp(1, MOST_INCIDENTS);
    let mut stream = series.stream("incidents", 0);
    let mut places: Vec<usize> = (0..all.len()).collect();
    stream.shuffle(&mut places);
    for _ in 0..count {
        let most = i64::from(series.len() / 25).clamp(FEWEST_PARTS, MOST_PARTS);
        let parts = stream.between(FEWEST_PARTS, most);
        incident(all, &mut places, parts, end, &mut stream);
    }
}

fn incident(all: &mut [Occasion], places: &mut Vec<usize>, parts: i64, end: DateTime<Utc>, stream: &mut Stream) {
    let Some(whole) = places.pop().map(|place| all[place].clone()) else {
        return;
    };
    if whole.created_at + TimeDelta::minutes(BURST) >= end {
        return;
    }
    for _ in 0..parts {
        let Some(place) = places.pop() else { return };
        let part = &mut all[place];
        part.of = whole.of;
        part.created_at = whole.created_at + TimeDelta::seconds(stream.between(30, BURST * 60));
        part.whole = Some(whole.index);
    }
}

/// Gives some exceptions the fields of an earlier one of their type.
fn repeat(all: &mut [Occasion], series: &Series<'_, '_>) {
    let mut recent: Vec<Vec<u32>> = Vec::new();
    for occasion in all.iter_mut().filter(|occasion| occasion.whole.is_none()) {
        if recent.len() <= occasion.of {
            recent.resize_with(occasion.of + 1, Vec::new);
        }
        let earlier = &mut recent[occasion.of];
        let mut stream = series.stream("repeat", occasion.index);
        if !earlier.is_empty() && stream.unit() < REPEATS {
            let back = stream.index(earlier.len().min(RECENT));
            occasion.like = earlier[earlier.len() - 1 - back];
        }
        earlier.push(occasion.like);
    }
}
