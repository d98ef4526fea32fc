//! Changes as Server-Sent Events: a hint that a list is out of date, never the truth itself.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::HeaderMap,
    response::sse::{Event, Sse},
};
use domain::{ids::TenantId, role::Role};
use futures::{Stream, StreamExt, stream};
use serde_json::json;
use store::{Store, live::Change};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::timeout,
};

use super::{
    actor::{self, Access, Viewer},
    problem::{ApiError, ProblemView},
    state::AppState,
};

/// Changes of a moment are told together.
const GATHER: Duration = Duration::from_millis(150);
/// Changes a slow reader may fall behind; beyond, it is told to read again.
const BACKLOG: usize = 1024;
const RECONNECT: Duration = Duration::from_secs(1);

#[derive(Debug, Clone)]
enum Hint {
    /// Something of a tenant changed.
    Changed(Arc<Change>),
    /// Nobody listened for a while: anything may have changed.
    Missed,
    /// The server stops.
    Closing,
}

/// Hands changes from the database to all open desks.
#[derive(Debug, Clone)]
pub struct LiveFeed(broadcast::Sender<Hint>);

impl Default for LiveFeed {
    fn default() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }
}

impl LiveFeed {
    /// Listens to the database until cancelled, through any failure of it.
    pub async fn run(self, store: Store) {
        loop {
            if let Ok(mut listener) = store.listen().await {
                // Whatever happened while nobody listened.
                drop(self.0.send(Hint::Missed));
                while let Ok(change) = listener.next().await {
                    // No receiver means no open desk.
                    drop(self.0.send(change.map_or(Hint::Missed, |change| Hint::Changed(Arc::new(change)))));
                }
            }
            tokio::time::sleep(RECONNECT).await;
        }
    }

    /// Tenants in which something changed; `None` where that may have been missed. Ends when the server stops.
    pub fn tenants(&self) -> impl Stream<Item = Option<TenantId>> + use<> {
        stream::unfold(self.0.subscribe(), async |mut hints| {
            let tenant = match hints.recv().await {
                Ok(Hint::Changed(change)) => change.tenant.parse().ok(),
                Ok(Hint::Missed) | Err(RecvError::Lagged(_)) => None,
                Ok(Hint::Closing) | Err(RecvError::Closed) => return None,
            };
            Some((tenant, hints))
        })
    }

    /// Ends all open streams: the server stops.
    pub fn close(&self) {
        drop(self.0.send(Hint::Closing));
    }
}

/// Follow changes as they happen (Server-Sent Events)
///
/// Event `exceptions` with `{"received": n, "at": time}`; `n` is 0 where something may have been missed. Read the list again.
/// A comment every 15 seconds keeps the connection open. Event `end` is the last one: its data are the problem that a new request
/// would have, because the key was revoked, the role lowered or the tenant suspended.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/live", operation_id = "streamChanges", tag = "exceptions", params(("tenant" = String, Path)),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = "4XX", body = ProblemView)))]
pub async fn live(
    Viewer(identity): Viewer,
    State(state): State<AppState>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let reader = Reader {
        changes: state.live.0.subscribe(),
        state,
        headers,
        tenant: identity.scope.tenant().clone(),
    };
    let changes = stream::unfold(Some(reader), async |reader| {
        let mut reader = reader?;
        let (event, goes_on) = reader.next().await?;
        Some((Ok(event), goes_on.then_some(reader)))
    });
    let hello = stream::once(async { Ok(Event::default().comment("connected")) });
    Sse::new(hello.chain(changes))
}

/// One open stream.
struct Reader {
    changes: broadcast::Receiver<Hint>,
    state: AppState,
    headers: HeaderMap,
    tenant: TenantId,
}

impl Reader {
    /// The next event and whether others may follow. None when the server ends.
    async fn next(&mut self) -> Option<(Event, bool)> {
        let pulse = self.state.limits.live_pulse;
        let received = match timeout(pulse, wait(&mut self.changes, self.tenant.as_str())).await {
            Ok(change) => Some(gather(&mut self.changes, self.tenant.as_str(), change?).await?),
            Err(_) => None,
        };
        match actor::still(Access::Member(Role::Viewer), &self.headers, &self.state, &self.tenant).await {
            // Where the database does not answer, nobody knows: what is told is no more than that something changed.
            Ok(()) | Err(ApiError::Busy(_)) => {}
            Err(problem) => return Some((Event::default().event("end").data(problem.json()), false)),
        }
        let event = match received {
            Some(received) => Event::default()
                .event("exceptions")
                .data(json!({"received": received, "at": self.state.clock.now()}).to_string()),
            None => Event::default().comment(""),
        };
        Some((event, true))
    }
}

/// Adds to a change those that follow it closely. None when the server ends.
async fn gather(changes: &mut broadcast::Receiver<Hint>, tenant: &str, mut received: u64) -> Option<u64> {
    let gathering = async {
        while let Some(more) = wait(changes, tenant).await {
            // What was missed cannot be counted, so neither can the sum.
            received = if received == 0 || more == 0 { 0 } else { received + more };
        }
    };
    // Gathering ends by itself only when the server stops.
    match timeout(GATHER, gathering).await {
        Ok(()) => None,
        Err(_) => Some(received),
    }
}

async fn wait(changes: &mut broadcast::Receiver<Hint>, tenant: &str) -> Option<u64> {
    loop {
        match changes.recv().await {
            Ok(Hint::Changed(change)) if change.tenant == tenant => return Some(change.events),
            Ok(Hint::Changed(_)) => {}
            Ok(Hint::Missed) | Err(RecvError::Lagged(_)) => return Some(0),
            Ok(Hint::Closing) | Err(RecvError::Closed) => return None,
        }
    }
}
