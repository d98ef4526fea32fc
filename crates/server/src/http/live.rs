//! Changes as Server-Sent Events: a hint that a list is out of date, never the truth itself.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::HeaderMap,
    response::sse::{Event, KeepAlive, Sse},
};
use futures::{Stream, StreamExt, stream};
use serde_json::json;
use store::{Store, live::Change};
use tokio::sync::broadcast::{self, error::RecvError};

use super::{
    actor::{self, Viewer},
    problem::ProblemView,
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

    /// Ends all open streams: the server stops.
    pub fn close(&self) {
        drop(self.0.send(Hint::Closing));
    }
}

/// Changes as they happen (Server-Sent Events)
///
/// Event `exceptions` with `{"received": n, "at": time}`; `n` is 0 where something may have been missed. Read the list again.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/live", operation_id = "followChanges", tag = "exceptions", params(("tenant" = String, Path)),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = "4XX", body = ProblemView)))]
pub async fn live(
    Viewer(identity): Viewer,
    State(state): State<AppState>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let tenant = identity.scope.tenant().clone();
    let start = (state.live.0.subscribe(), state, headers, tenant);
    let changes = stream::unfold(start, async |(mut changes, state, headers, tenant)| {
        let received = gather(&mut changes, tenant.as_str()).await?;
        // A key may have been revoked since: the stream ends with it.
        if !actor::is_still_member(&headers, &state, &tenant).await {
            return None;
        }
        let data = json!({"received": received, "at": state.clock.now()}).to_string();
        Some((
            Ok(Event::default().event("exceptions").data(data)),
            (changes, state, headers, tenant),
        ))
    });
    let hello = stream::once(async { Ok(Event::default().comment("connected")) });
    Sse::new(hello.chain(changes)).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

/// Waits for a change of the tenant and gathers those that follow closely. None when the server ends.
async fn gather(changes: &mut broadcast::Receiver<Hint>, tenant: &str) -> Option<u64> {
    let mut received = wait(changes, tenant).await?;
    let gathering = async {
        while let Some(more) = wait(changes, tenant).await {
            // What was missed cannot be counted, so neither can the sum.
            received = if received == 0 || more == 0 { 0 } else { received + more };
        }
    };
    // Gathering ends by itself only when the server stops.
    match tokio::time::timeout(GATHER, gathering).await {
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
