//! One command for many exceptions: each is decided like a single one, by the same rules and with an event of its own.

use chrono::{DateTime, Utc};
use domain::{
    pack::{
        Pack,
        approval::{ApprovalAction, ApprovalDocument},
    },
    work::{Actor, Command, Decision, Refused},
};
use store::{
    TenantScope, TenantTx,
    bulk::{BulkItem, BulkRun, ItemOutcome},
    exceptions::Writing,
};

use crate::work::{NotDone, Order, Work};

/// Exceptions of one transaction: others of the tenant wait so long.
pub const PORTION: i64 = 250;

/// How one of the exceptions would fare, or fared.
#[derive(Debug)]
pub enum Fate {
    /// It is changed.
    Done(Box<Decision>),
    /// It waits for a second person.
    Asked(Box<Decision>),
    /// It stays as it is, and why.
    Refused(String),
}

/// What the pack demands for so many exceptions at once: of several demands that of the strongest approver, else the first.
pub fn demand(pack: &Pack, count: i64) -> Option<&ApprovalDocument> {
    let demands = pack.document().approvals.iter().rev();
    let bulk = demands.filter(|demand| demand.action == ApprovalAction::Bulk && count > demand.more_than.map_or(0, i64::from));
    bulk.max_by_key(|demand| demand.approver)
}

/// Decides about exceptions in the order of their places; nothing is written yet.
pub async fn decide(
    work: &Work,
    writing: &mut Writing<'_>,
    items: &[BulkItem],
    (command, by, at): (&Command, &Actor, DateTime<Utc>),
) -> Result<Vec<(i64, Fate)>, NotDone> {
    let ids: Vec<String> = items.iter().map(|item| item.exception_id.clone()).collect();
    let current = writing.current(&ids).await?;
    let mut fates = Vec::with_capacity(items.len());
    for item in items {
        // In the order of their ids.
        let found = current.binary_search_by(|current| current.standing.exception_id.as_str().cmp(&item.exception_id));
        let Ok(place) = found else {
            fates.push((item.position, Fate::Refused("it is not there any more".into())));
            continue;
        };
        let order = Order {
            exception_id: &item.exception_id,
            command,
            by,
            seen: None,
            at,
        };
        let fate = match work.decide(writing, &current[place], order).await {
            Ok(decision) if decision.asked.is_some() => Fate::Asked(Box::new(decision)),
            Ok(decision) => Fate::Done(Box::new(decision)),
            Err(NotDone::Refused(refused)) => Fate::Refused(sentence(&refused)),
            Err(other) => return Err(other),
        };
        fates.push((item.position, fate));
    }
    Ok(fates)
}

/// Carries a run out for its next exceptions, in the caller's transaction; how many there were.
pub async fn carry_out(
    work: &Work,
    tx: &mut TenantTx,
    run: &BulkRun,
    (command, by, at): (&Command, &Actor, DateTime<Utc>),
) -> Result<usize, NotDone> {
    let items = tx.bulk_items(&run.run_id, None, run.processed, PORTION).await?;
    let mut writing = tx.write().await?;
    let fates = decide(work, &mut writing, &items, (command, by, at)).await?;
    let (mut decisions, mut outcomes) = (Vec::new(), Vec::with_capacity(items.len()));
    for (position, fate) in fates {
        let (outcome, problem) = match fate {
            Fate::Done(decision) => {
                decisions.push(*decision);
                ("DONE", None)
            }
            Fate::Asked(decision) => {
                decisions.push(*decision);
                ("APPROVAL_REQUESTED", None)
            }
            Fate::Refused(why) => ("REFUSED", Some(why)),
        };
        outcomes.push(ItemOutcome {
            position,
            outcome,
            problem,
        });
    }
    writing.record(&decisions).await?;
    tx.settle_items(&run.run_id, &outcomes).await?;
    Ok(items.len())
}

/// Why one was refused, for people.
pub fn sentence(refused: &Refused) -> String {
    match refused {
        Refused::NotNow { status, allowed } => format!("it is {status}, which allows {}", allowed.join(", ")),
        Refused::Conflict(why) => why.clone(),
        Refused::Owned { .. } => "somebody else works on it: ask them, or a supervisor".into(),
        Refused::NotTheirRequest { .. } => "only who asked can take it back".into(),
        Refused::Invalid(faults) => faults.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>().join("; "),
        Refused::RoleTooWeak { needed, .. } => format!("this needs the role {needed}"),
        Refused::OwnRequest => "whoever asks never decides".into(),
    }
}

/// What a preview found out.
#[derive(Debug, Default)]
pub struct Forecast {
    /// How many would be changed.
    pub done: i64,
    /// How many would wait for a second person.
    pub asked: i64,
    /// How many would be refused, by reason, most first.
    pub refused: Vec<(String, i64)>,
}

/// How a run would fare now, without writing anything.
pub async fn forecast(
    work: &Work,
    scope: &TenantScope,
    run_id: &str,
    (command, by, at): (&Command, &Actor, DateTime<Utc>),
) -> Result<Forecast, NotDone> {
    let (mut forecast, mut behind) = (Forecast::default(), 0);
    let mut reasons = std::collections::BTreeMap::<String, i64>::new();
    loop {
        let mut tx = work.begin(scope).await?;
        let items = tx.bulk_items(run_id, None, behind, 4 * PORTION).await?;
        let Some(last) = items.last() else { break };
        behind = last.position;
        let mut writing = tx.write().await?;
        for (_, fate) in decide(work, &mut writing, &items, (command, by, at)).await? {
            match fate {
                Fate::Done(_) => forecast.done += 1,
                Fate::Asked(_) => forecast.asked += 1,
                Fate::Refused(why) => *reasons.entry(why).or_default() += 1,
            }
        }
    }
    forecast.refused = reasons.into_iter().collect();
    forecast.refused.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Ok(forecast)
}
