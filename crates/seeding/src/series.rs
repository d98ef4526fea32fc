//! The exceptions of one run, each by its index.
//!
//! Exception *i* depends on pack, seed, tenant and *i* alone, with two exceptions: its id and its time (and the dates that
//! count from it) on the as-of time, and its type on the count where it stands in for a type that would be missing otherwise.

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use crate::{
    exception::{SeedRun, SeededException},
    fault::SeedFault,
    make::Maker,
    pool::{self, Member},
    schedule::Slots,
    seeder::Seeder,
    stream::{Stream, Streams, Weights},
};

/// Over how long exceptions arise, and what tells a run from others of the same seed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) window: TimeDelta,
    pub(crate) prefix: &'static str,
}

/// What is sent to the API: the last seven days.
pub(crate) const WEEK: Span = Span {
    window: TimeDelta::days(7),
    prefix: "",
};

/// A run that has been started.
pub struct Series<'s, 'p> {
    seeder: &'s Seeder<'p>,
    streams: Streams,
    members: Vec<Vec<Member>>,
    /// Times of each type.
    slots: Vec<Slots>,
    types: Types,
    count: u32,
    as_of: DateTime<Utc>,
}

/// Type of each exception.
enum Types {
    /// As its stream says: each type is there by itself.
    Drawn,
    /// Kept, because some stand in for missing types.
    Kept(Vec<usize>),
}

impl<'s, 'p> Series<'s, 'p> {
    pub(crate) fn new(seeder: &'s Seeder<'p>, run: &SeedRun, span: Span) -> Result<Self, SeedFault> {
        let streams = Streams {
            seed: run.seed,
            tenant: run.tenant.clone(),
            prefix: "",
        };
        let plan = &seeder.plan;
        // The same things recur in every run of a seed.
        let members = pool::members(plan, &streams)?;
        let streams = Streams {
            prefix: span.prefix,
            ..streams
        };
        Ok(Series {
            members,
            slots: plan.types.iter().map(|of| of.profile.slots(run.as_of, span.window)).collect(),
            types: types(seeder, &streams, run.count),
            count: if plan.weights.is_some() { run.count } else { 0 },
            as_of: run.as_of,
            seeder,
            streams,
        })
    }

    /// Number of exceptions.
    pub fn len(&self) -> u32 {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The exception of an index from 0, the same in whatever order they are asked for.
    pub fn get(&self, index: u32) -> Option<Result<SeededException, SeedFault>> {
        Some(self.make(index, self.type_of(index)?))
    }

    /// Type of an exception, as an index of the plan.
    pub(crate) fn type_of(&self, index: u32) -> Option<usize> {
        if index >= self.count {
            return None;
        }
        match &self.types {
            Types::Drawn => Some(draw(self.seeder.plan.weights.as_ref()?, &self.streams, index)),
            Types::Kept(types) => types.get(usize::try_from(index).ok()?).copied(),
        }
    }

    /// When an exception of a type arises.
    pub(crate) fn time_of(&self, index: u32, of: usize) -> DateTime<Utc> {
        self.slots[of].draw(&mut self.stream("time", index))
    }

    /// A stream of an exception.
    pub(crate) fn stream(&self, name: &str, index: u32) -> Stream {
        self.streams.stream(name, u64::from(index))
    }

    /// All exceptions in order.
    pub fn iter(&self) -> impl Iterator<Item = Result<SeededException, SeedFault>> {
        (0..).map_while(|index| self.get(index))
    }

    pub(crate) fn make(&self, index: u32, of: usize) -> Result<SeededException, SeedFault> {
        self.make_like(index, of, self.time_of(index, of), index)
    }

    /// The exception of an index as it arises at a time, with the fields of the exception `like`.
    pub(crate) fn make_like(&self, index: u32, of: usize, created_at: DateTime<Utc>, like: u32) -> Result<SeededException, SeedFault> {
        let plan = &self.seeder.plan.types[of];
        let mut identity = self.stream("identity", index);
        let uuid = uuid(identity.bytes(), self.as_of);
        let source = plan.sources[plan.source_weights.choose(&mut identity)];
        let mut maker = self.maker(self.stream("fields", like), created_at, of);
        Ok(SeededException {
            exception_id: self.id_with(&uuid, index),
            exception_type: plan.name.to_owned(),
            severity: plan.document.severity,
            source_system: source.to_owned(),
            domain: self.seeder.pack.domain.clone(),
            created_at,
            raw_payload: maker.fields(&plan.fields)?,
            normalized_context: maker.fields(&plan.context)?,
        })
    }

    /// Id of an exception.
    pub(crate) fn id_of(&self, index: u32) -> String {
        self.id_with(&uuid(self.stream("identity", index).bytes(), self.as_of), index)
    }

    fn id_with(&self, uuid: &str, index: u32) -> String {
        format!("{}-{uuid}-{:04}", self.seeder.pack.id_prefix, u64::from(index) + 1)
    }

    fn maker(&self, stream: Stream, created_at: DateTime<Utc>, of: usize) -> Maker<'_, 'p> {
        let plan = &self.seeder.plan;
        let today = plan.types[of].profile.calendar.local_date(created_at);
        Maker::new(plan, &self.members, stream, created_at, today)
    }
}

/// Chooses types by weight. Where there are at least as many exceptions as types, each type is there: a missing one
/// replaces, at a random place, one of a type that is there more than once.
fn types(seeder: &Seeder<'_>, streams: &Streams, count: u32) -> Types {
    let Some(weights) = &seeder.plan.weights else {
        return Types::Drawn;
    };
    let mut counts = vec![0_u32; weights.len()];
    let mut different = 0;
    for index in 0..count {
        let of = draw(weights, streams, index);
        different += usize::from(counts[of] == 0);
        counts[of] += 1;
        if different == counts.len() {
            return Types::Drawn;
        }
    }
    let mut types: Vec<_> = (0..count).map(|index| draw(weights, streams, index)).collect();
    if types.len() >= counts.len() {
        stand_in(&mut types, counts, &mut streams.stream("places", 0));
    }
    Types::Kept(types)
}

fn draw(weights: &Weights, streams: &Streams, index: u32) -> usize {
    weights.choose(&mut streams.stream("type", u64::from(index)))
}

/// Puts missing types at random places.
fn stand_in(types: &mut [usize], mut counts: Vec<u32>, stream: &mut Stream) {
    let mut missing: Vec<_> = (0..counts.len()).filter(|of| counts[*of] == 0).collect();
    let mut places: Vec<_> = (0..types.len()).collect();
    stream.shuffle(&mut places);
    for place in places {
        let old = types[place];
        if counts[old] > 1
            && let Some(new) = missing.pop()
        {
            counts[old] -= 1;
            types[place] = new;
        }
    }
}

/// A UUID in the form of version 4. The same exception as of another time has another one: it is another exception.
fn uuid(random: [u8; 16], as_of: DateTime<Utc>) -> String {
    let hash = Sha256::new()
        .chain_update(random)
        .chain_update(as_of.timestamp_micros().to_be_bytes());
    let mut bytes = hash.finalize();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex::encode(&bytes[..16]);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
