//! One command for many exceptions: each is decided like a single one, by the same rules and with an event of its own.

use chrono::{DateTime, Utc};
use domain::{
    event::EventKind,
    pack::{
        Pack,
        approval::{ApprovalAction, ApprovalDocument},
    },
    role::Role,
    work::{Actor, Command, Decision, Refused},
};
use serde_json::{Value, json};
use store::{
    StoreError, TenantScope, TenantTx,
    bulk::{BulkItem, BulkRun, ItemOutcome},
    exceptions::Writing,
    tenant_event,
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

/// Adds the event of a step of a run to the chain; the change of each exception is an event of its own.
pub async fn record(tx: &mut TenantTx, run: &BulkRun, kind: EventKind, by: &str, at: DateTime<Utc>) -> Result<(), StoreError> {
    let command: Value = serde_json::from_str(&run.command).unwrap_or_default();
    let data = json!({
        "runId": run.run_id,
        "requestedBy": run.created_by,
        "command": command,
        "filter": run.filter,
        "exceptions": run.total,
    });
    tx.record(&[tenant_event(kind, by, at, &data)]).await
}

/// Lets a run wait for a second person, by a rule of the pack.
pub async fn request_approval(tx: &mut TenantTx, run: &BulkRun, rule: &ApprovalDocument, at: DateTime<Utc>) -> Result<(), StoreError> {
    tx.set_bulk_state(&run.run_id, "PENDING", None, at).await?;
    tx.set_approval_reason(&run.run_id, Some(&rule.because)).await?;
    record(tx, run, EventKind::BulkApprovalRequested, &run.created_by, at).await
}

/// The current role of the member that an actor names; who is no member may nothing.
async fn role_of(tx: &mut TenantTx, actor: &str) -> Result<Role, StoreError> {
    let member = match domain::member::of_actor(actor) {
        Some(id) => tx.member(id).await?,
        None => None,
    };
    Ok(member.map_or(Role::Viewer, |member| member.role))
}

/// Whoever requested a run, with their current role.
pub async fn requester(tx: &mut TenantTx, run: &BulkRun) -> Result<Actor, StoreError> {
    Ok(Actor {
        name: run.created_by.clone(),
        role: role_of(tx, &run.created_by).await?,
    })
}

/// The rule of the pack that a running run still lacks approval for, if any: the pack may have changed since it was committed.
pub async fn missing_approval<'p>(tx: &mut TenantTx, run: &BulkRun, pack: &'p Pack) -> Result<Option<&'p ApprovalDocument>, StoreError> {
    let Some(rule) = demand(pack, run.total) else { return Ok(None) };
    let approver = run.decided_by.as_ref().filter(|by| **by != run.created_by);
    let is_approved = match approver {
        Some(approver) => role_of(tx, approver).await? >= rule.approver,
        None => false,
    };
    Ok((!is_approved).then_some(rule))
}

/// Decides about exceptions in the order of their places; nothing is written yet.
pub async fn decide(
    work: &Work,
    writing: &mut Writing<'_>,
    items: &[BulkItem],
    (command, by, at): (&Command, &Actor, DateTime<Utc>),
) -> Result<Vec<(i64, Fate)>, NotDone> {
    if by.role < Role::Operator {
        let weak = || Fate::Refused(format!("this needs the role operator; the role of who asked is {} now", by.role));
        return Ok(items.iter().map(|item| (item.position, weak())).collect());
    }
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
