//! Writing a past at once, as the owner of the tables does for seeded histories. Everything in it was decided by the same rules as what
//! happens now, and is written by the same statements; only the reading between the steps is spared, since nobody else can have written.

use std::collections::BTreeMap;

use domain::{event::NewEvent, lived::Lived, reception::Reception, standing::Standing, work::Settled};

use super::{
    columns::Columns,
    recurrence::{self, Recurrences},
    standing::stand,
    statement::Statement,
    tally::Tally,
    work::{Writing, ask, request, settle},
    write::write,
};
use crate::{StoreError, evidence::keep};

/// Steps, with what reception made of those that were received.
type Told<'l> = Vec<(&'l Lived, Option<Reception<'l>>)>;

impl Writing<'_> {
    /// How many of these ids are taken.
    pub async fn taken(&mut self, ids: &[String]) -> Result<i64, StoreError> {
        let mut statement = Statement::new("taken_ids", self.tx.tenant().as_str());
        statement
            .push("select count(*) from exception e where e.tenant_id = $1 and e.exception_id = any(")
            .bind(ids.to_vec())
            .push(")");
        let rows: Vec<(i64,)> = self.tx.fetch(&statement).await?;
        Ok(rows.first().map_or(0, |row| row.0))
    }

    /// Writes steps in the order of time. An exception may occur any number of times: where it stands last is written.
    /// The transaction still has to be committed.
    pub async fn relate(self, lived: &[Lived]) -> Result<(), StoreError> {
        let told: Told<'_> = lived.iter().map(|lived| (lived, received(lived))).collect();
        let (connection, tenant) = self.tx.parts();
        let entries = told
            .iter()
            .filter_map(|(_, reception)| reception.as_ref())
            .flat_map(Reception::outcome);
        let new = Columns::new(tenant, entries);
        write(connection, &new, Tally::of(changes(&told)), self.head, &events(&told)).await?;
        recurrence::count(connection, tenant, &recurrences(&told)).await?;
        stand(connection, tenant, &last(&told)).await?;
        for (lived, reception) in &told {
            if let Lived::Decided(decision) = lived {
                request(connection, tenant, decision).await?;
            }
            if let Some(reception) = reception
                && let Some(last) = reception.events.last()
            {
                keep(connection, tenant, &reception.evidence, last.at).await?;
            }
            for (exception_id, pending) in reception.iter().flat_map(|reception| &reception.asked) {
                ask(connection, tenant, exception_id, pending).await?;
            }
            for (pending, event) in reception.iter().flat_map(|reception| &reception.voided) {
                settle(connection, tenant, pending, Settled::Void, std::slice::from_ref(event)).await?;
            }
        }
        Ok(())
    }
}

/// What reception makes of an arrival; it is pure, so it is what was made of it before.
fn received(lived: &Lived) -> Option<Reception<'_>> {
    let Lived::Received { arriving, known } = lived else {
        return None;
    };
    let mut reception = Reception::new(known.iter().cloned());
    // What it refuses has no outcome.
    drop(reception.take(arriving));
    Some(reception)
}

/// Where exceptions stood before and after each step, in order.
fn changes<'t>(told: &'t Told<'_>) -> impl Iterator<Item = (Option<&'t Standing>, &'t Standing)> {
    told.iter().flat_map(|(lived, reception)| {
        let decided = match lived {
            Lived::Decided(decision) => Some((Some(&decision.before), &decision.now)),
            Lived::Received { .. } => None,
        };
        let entries = reception.iter().flat_map(Reception::outcome);
        entries.map(|entry| (entry.before.as_ref(), &entry.now)).chain(decided)
    })
}

/// Where exceptions stand at last that are known before their last step.
fn last<'t>(told: &'t Told<'_>) -> Vec<&'t Standing> {
    let known = changes(told).filter(|(before, now)| before.is_some_and(|before| before != *now));
    let last: BTreeMap<&str, &Standing> = known.map(|(_, now)| (now.exception_id.as_str(), now)).collect();
    last.into_values().collect()
}

fn recurrences(told: &Told<'_>) -> Recurrences {
    let mut sums = Recurrences::new();
    for (id, (times, seen)) in told
        .iter()
        .filter_map(|(_, reception)| reception.as_ref())
        .flat_map(|of| &of.recurrences)
    {
        let sum = sums.entry(id.clone()).or_insert((0, *seen));
        *sum = (sum.0 + times, sum.1.max(*seen));
    }
    sums
}

fn events(told: &Told<'_>) -> Vec<NewEvent> {
    let of = |(lived, reception): &(&Lived, Option<Reception<'_>>)| match (lived, reception) {
        (Lived::Decided(decision), _) => decision.events.clone(),
        (_, Some(reception)) => reception.events.clone(),
        _ => Vec::new(),
    };
    told.iter().flat_map(of).collect()
}
