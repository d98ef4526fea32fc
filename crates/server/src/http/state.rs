//! What every handler can reach.

use std::sync::Arc;

use store::Store;

use super::{identities::Identities, live::LiveFeed};
use crate::{batcher::Batcher, keeper::Keeper, packs::Packs};

/// Whether requests need a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Auth {
    /// Every request needs a key or a session.
    Key,
    /// No request needs one. Only on a loopback address.
    Off,
}

/// Shared by all requests.
#[derive(Debug, Clone)]
pub struct AppState {
    pub(super) store: Store,
    pub(super) batcher: Arc<Batcher>,
    pub(super) keeper: Arc<Keeper>,
    pub(super) packs: Arc<Packs>,
    pub(super) identities: Arc<Identities>,
    pub(super) live: LiveFeed,
    pub(super) auth: Auth,
}

impl AppState {
    /// State over a store.
    pub fn new(store: Store, live: LiveFeed, auth: Auth) -> Self {
        Self {
            batcher: Arc::new(Batcher::new(store.clone())),
            keeper: Arc::new(Keeper::new(store.clone())),
            store,
            packs: Arc::default(),
            identities: Arc::default(),
            live,
            auth,
        }
    }
}
