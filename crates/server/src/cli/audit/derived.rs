//! Derived values of stored exceptions, computed again by the pack version that triaged each.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use domain::{
    exception::{Arrival, OnConflict, Received, Sender},
    fault::Fault,
    intake::{Content, RawException},
    pack::Pack,
    triage::triage,
};
use serde::Serialize;
use serde_json::value::RawValue;
use store::{OwnerStore, StoreError, state::StoredState};

/// Pack versions that cannot be read, of which a report tells the names.
const MOST: usize = 10;

/// Recomputes derived values.
pub struct Recomputation<'s> {
    store: &'s OwnerStore,
    packs: HashMap<(String, String), Option<Arc<Pack>>>,
    /// Exceptions that were left out.
    pub skipped: Skipped,
}

/// Exceptions whose derived values were not computed again, because their pack cannot be read.
#[derive(Debug, Default, Serialize)]
pub struct Skipped {
    /// Number of exceptions.
    pub exceptions: u64,
    /// Name and version of their packs, at most ten.
    pub packs: BTreeSet<String>,
}

impl<'s> Recomputation<'s> {
    /// Reads packs from a store, each once.
    pub fn new(store: &'s OwnerStore) -> Self {
        Self {
            store,
            packs: HashMap::new(),
            skipped: Skipped::default(),
        }
    }

    /// The exception as if its content were received again at the time at which it was triaged; an error where it would be refused.
    /// `None` where nothing can be computed: its pack cannot be read, or nobody knows when it was triaged.
    pub async fn of(&mut self, state: &StoredState) -> Result<Option<Result<Received, String>>, StoreError> {
        let Some(pack) = self.pack(state).await? else {
            self.skipped.exceptions += 1;
            if self.skipped.packs.len() < MOST {
                self.skipped.packs.insert(state.pack());
            }
            return Ok(None);
        };
        Ok(received(state, &pack))
    }

    async fn pack(&mut self, state: &StoredState) -> Result<Option<Arc<Pack>>, StoreError> {
        let key = (state.domain.clone(), state.standing.pack_version.clone());
        if let Some(known) = self.packs.get(&key) {
            return Ok(known.clone());
        }
        let document = self.store.pack_document(&key.0, &key.1).await?;
        let pack = document.and_then(|document| Pack::parse(&document).ok()).map(Arc::new);
        self.packs.insert(key, pack.clone());
        Ok(pack)
    }
}

fn received(state: &StoredState, pack: &Arc<Pack>) -> Option<Result<Received, String>> {
    let at = state.replay.triaged_at()?;
    let Content {
        payload, context, header, ..
    } = &state.content;
    let id = state.standing.exception_id.parse().ok()?;
    let read = || {
        let object = RawValue::from_string(Content::object(header, payload, context)).map_err(|error| error.to_string())?;
        let told = |faults: Vec<Fault>| {
            faults
                .first()
                .map_or_else(String::new, |fault| format!("{} {}", fault.code, fault.pointer))
        };
        let raw = RawException::parse(&object).map_err(told)?;
        let triaged = triage(&raw, pack, at).map_err(told)?;
        // Of the arrival only the time decides about derived values.
        let arrival = Arrival {
            at,
            sender: Sender::Member(String::new()),
            on_conflict: OnConflict::Refuse,
        };
        Ok(Received::new(id, raw, triaged, pack, arrival))
    };
    Some(read())
}
