//! Who holds a key or a session: asked of the database once a second per credential, not per request.
//!
//! Revocation, expiry and suspension take effect within that second.

use std::{collections::HashMap, sync::Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use store::{Store, StoreError, keys::Identity};

use crate::{fresh::Fresh, lock::lock};

/// How exactly the last use of a key is kept.
const USE_NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// What a request shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Credential {
    /// SHA-256 of a key.
    Key([u8; 32]),
    /// SHA-256 of a session's token.
    Session([u8; 32]),
}

/// Answers of the last second.
#[derive(Debug, Default)]
pub struct Identities {
    known: Fresh<Credential, Identity>,
    used: Mutex<HashMap<String, DateTime<Utc>>>,
}

impl Identities {
    /// Whose credential this is, unless it is unknown or ended.
    pub async fn of(&self, store: &Store, credential: Credential, now: DateTime<Utc>) -> Result<Option<Identity>, StoreError> {
        if let Some(identity) = self.known.get(&credential) {
            return Ok(Some(identity));
        }
        let found = match credential {
            Credential::Key(hash) => store.identify(&hash, now).await?,
            Credential::Session(hash) => store.identify_session(&hash, now).await?,
        };
        let Some(identity) = found else {
            self.forget(credential);
            return Ok(None);
        };
        self.known.put(credential, identity.clone());
        self.note_use(store, &identity, now).await;
        Ok(Some(identity))
    }

    /// Forgets a credential at once: at logout.
    pub fn forget(&self, credential: Credential) {
        self.known.forget(&credential);
    }

    async fn note_use(&self, store: &Store, identity: &Identity, now: DateTime<Utc>) {
        let due = lock(&self.used)
            .get(&identity.key_id)
            .is_none_or(|noted| now - *noted >= USE_NOTED_EVERY);
        if !due {
            return;
        }
        lock(&self.used).insert(identity.key_id.clone(), now);
        // The request matters more than this note.
        if let Err(error) = store.note_key_use(&identity.key_id, now).await {
            tracing::warn!(%error, key = identity.key_id, "the use of a key was not noted");
        }
    }
}
