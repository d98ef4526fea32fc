//! What every handler can reach.

use std::sync::Arc;

use store::Store;
use tokio_util::task::TaskTracker;

use super::{
    identities::Identities,
    limits::{Limits, Room},
    live::LiveFeed,
    names::MemberNames,
    rates::Rates,
    site::Site,
};
use crate::{batcher::Batcher, clock::Clock, fresh::Fresh, keeper::Keeper, packs::Packs, pulse::Pulse, recorder::Recorder, work::Work};

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
    pub(super) clock: Clock,
    pub(super) batcher: Arc<Batcher>,
    pub(super) keeper: Arc<Keeper>,
    pub(super) recorder: Arc<Recorder>,
    pub(super) packs: Arc<Packs>,
    pub(super) work: Work,
    pub(super) identities: Arc<Identities>,
    pub(super) names: Arc<MemberNames>,
    pub(super) rates: Arc<Rates>,
    pub(super) limits: Limits,
    pub(super) room: Arc<Room>,
    pub(super) finishing: TaskTracker,
    pub(super) live: LiveFeed,
    pub(super) auth: Auth,
    pub(super) site: Arc<Site>,
    /// Of the workers of this process, where it has some.
    pub(super) workers: Option<Pulse>,
    /// What keeps it from serving, if anything.
    pub(super) readiness: Arc<Fresh<(), Option<String>>>,
    /// Fault of the schema, if there is one.
    pub(super) schema: Arc<Fresh<(), Option<String>>>,
}

impl AppState {
    /// State over a store, with the usual limits.
    pub fn new(store: Store, clock: Clock, live: LiveFeed, auth: Auth) -> Self {
        let packs: Arc<Packs> = Arc::default();
        Self {
            work: Work::new(store.clone(), Arc::clone(&packs)),
            batcher: Arc::new(Batcher::new(store.clone())),
            keeper: Arc::new(Keeper::new(store.clone())),
            recorder: Arc::new(Recorder::new(store.clone(), clock.clone())),
            store,
            clock,
            packs,
            identities: Arc::default(),
            names: Arc::default(),
            rates: Arc::default(),
            limits: Limits::default(),
            room: Arc::new(Room::new(Limits::default().body_memory)),
            finishing: TaskTracker::new(),
            live,
            auth,
            site: Arc::default(),
            workers: None,
            readiness: Arc::default(),
            schema: Arc::default(),
        }
    }

    /// The same with other limits; before the first request.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self {
            limits,
            room: Arc::new(Room::new(limits.body_memory)),
            ..self
        }
    }

    /// The same, reached by browsers in another way; before the first request.
    #[must_use]
    pub fn with_site(self, site: Site) -> Self {
        Self {
            site: Arc::new(site),
            ..self
        }
    }

    /// The same beside workers whose sign of life this is; before the first request.
    #[must_use]
    pub fn with_workers(self, pulse: Pulse) -> Self {
        Self {
            workers: Some(pulse),
            ..self
        }
    }

    /// What writes down what callers did; to be flushed before the process ends.
    pub fn recorder(&self) -> Arc<Recorder> {
        Arc::clone(&self.recorder)
    }

    /// Packs that are compiled already, for others of this process.
    pub fn packs(&self) -> Arc<Packs> {
        Arc::clone(&self.packs)
    }

    /// Work that goes on though its caller has gone; to be waited for before the process ends.
    pub fn finishing(&self) -> TaskTracker {
        self.finishing.clone()
    }
}
