//! Members of pools: made once per seed and tenant, the same whenever they are seeded.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value};

use crate::{
    fault::SeedFault,
    make::Maker,
    plan::{Plan, PoolPlan},
    stream::Streams,
};

/// Dates of members count from this day, so that a member does not change with the day of seeding.
const ANCHOR: NaiveDate = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date");
/// How often a member is made again because another one has the same first attribute.
const ATTEMPTS: u64 = 64;

/// How often in all, per member and beyond: a pool whose members cannot differ must not take for ever.
const ATTEMPTS_PER_MEMBER: u64 = 4;
const FURTHER_ATTEMPTS: u64 = 4096;

/// Attributes of one member.
pub(crate) type Member = Map<String, Value>;

/// Members of all pools, in the order of the plan.
pub(crate) fn members(plan: &Plan<'_>, streams: &Streams) -> Result<Vec<Vec<Member>>, SeedFault> {
    let mut members = Vec::with_capacity(plan.pools.len());
    for pool in &plan.pools {
        let next = of_pool(plan, pool, &members, streams)?;
        members.push(next);
    }
    Ok(members)
}

/// The written ones, then the made ones. The first attribute tells members apart: it differs if it can.
fn of_pool(plan: &Plan<'_>, pool: &PoolPlan<'_>, earlier: &[Vec<Member>], streams: &Streams) -> Result<Vec<Member>, SeedFault> {
    let mut members = pool.members.to_vec();
    let first = |member: &Member| member.values().next().map(Value::to_string);
    let mut taken: BTreeSet<_> = members.iter().filter_map(first).collect();
    let stream_name = format!("pool {}", pool.name);
    let mut left = u64::from(pool.made) * ATTEMPTS_PER_MEMBER + FURTHER_ATTEMPTS;
    for index in 0..u64::from(pool.made) {
        let mut member = Member::new();
        for attempt in 0..ATTEMPTS.min(left.max(1)) {
            left = left.saturating_sub(1);
            let stream = streams.stream(&stream_name, index * ATTEMPTS + attempt);
            member = Maker::new(plan, earlier, stream, anchor(), ANCHOR).fields(&pool.steps)?;
            if first(&member).is_none_or(|text| taken.insert(text)) {
                break;
            }
        }
        members.push(member);
    }
    Ok(members)
}

fn anchor() -> DateTime<Utc> {
    ANCHOR.and_time(chrono::NaiveTime::MIN).and_utc()
}
