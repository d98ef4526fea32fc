//! A server of its own for each test, with a tenant and a key per role.

use std::{collections::HashMap, time::Duration};

use chrono::TimeDelta;
use domain::{ids::TenantId, role::Role};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use server::{
    clock::ManualClock,
    http::{AppState, Auth, Limits, LiveFeed, router},
};
use store::{
    DatabaseUrl, OwnerStore, Store,
    keys::{KeyCreation, NewHolder, NewKey, SecretKey, hash},
};

use super::database::{TestTenant, make_tenant, noon, unique};

#[derive(Clone)]
pub struct TestApp {
    pub base: String,
    pub tenant: TenantId,
    pub url: DatabaseUrl,
    pub store: Store,
    pub owner: OwnerStore,
    /// The server's, at noon until a test moves it.
    pub clock: ManualClock,
    pub client: Client,
    keys: HashMap<Role, String>,
    source_key: String,
}

/// An HTTP client of this machine.
pub fn client() -> Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder().no_proxy().build().unwrap()
}

/// Keys for every role of a tenant.
pub async fn make_keys(owner: &OwnerStore, tenant: &TenantId) -> HashMap<Role, String> {
    let mut keys = HashMap::new();
    for role in Role::ALL {
        let name = format!("test {role}").parse().unwrap();
        let key = make_key(owner, tenant, NewHolder::Named(&name, role)).await;
        keys.insert(role, key);
    }
    keys
}

/// A key of source systems.
pub async fn make_source_key(owner: &OwnerStore, tenant: &TenantId, sources: &[&str]) -> String {
    let sources: Vec<String> = sources.iter().map(|source| (*source).to_owned()).collect();
    make_key(owner, tenant, NewHolder::Sources(&sources)).await
}

/// A key of a holder.
pub async fn make_key(owner: &OwnerStore, tenant: &TenantId, holder: NewHolder<'_>) -> String {
    let key = SecretKey::from_bytes(&hash(&unique("key")));
    let new = NewKey {
        tenant,
        holder,
        expires_at: None,
    };
    assert_eq!(owner.create_key(&key, &new, noon()).await.unwrap(), KeyCreation::Made);
    key.expose().to_owned()
}

/// Serves a store at noon on a free port until the test ends. It answers requests and does nothing else: no alarms, no jobs.
pub async fn serve(store: Store, auth: Auth) -> String {
    serve_within(store, &ManualClock::at(noon()), auth, Limits::default()).await
}

/// The same with other limits and a clock.
pub async fn serve_within(store: Store, clock: &ManualClock, auth: Auth, limits: Limits) -> String {
    let live = LiveFeed::default();
    tokio::spawn(live.clone().run(store.clone()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let app = router(AppState::new(store, clock.clock(), live, auth).with_limits(limits));
    tokio::spawn(async move { axum::serve(listener, app).await });
    base
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with(Auth::Key).await
    }

    pub async fn with(auth: Auth) -> Self {
        Self::of(TestTenant::new().await, auth, Limits::default()).await
    }

    /// In a database of its own, for tests that have alarms or jobs of all its tenants done.
    pub async fn alone() -> Self {
        Self::of(TestTenant::alone().await, Auth::Key, Limits::default()).await
    }

    /// With other limits.
    pub async fn within(limits: Limits) -> Self {
        Self::of(TestTenant::new().await, Auth::Key, limits).await
    }

    /// A server for a tenant that is there.
    pub async fn of(TestTenant { url, store, owner, tenant }: TestTenant, auth: Auth, limits: Limits) -> Self {
        let (keys, clock) = (make_keys(&owner, &tenant).await, ManualClock::at(noon()));
        let source_key = make_source_key(&owner, &tenant, &["Oven", "Till"]).await;
        Self {
            base: serve_within(store.clone(), &clock, auth, limits).await,
            tenant,
            url,
            store,
            owner,
            clock,
            client: client(),
            keys,
            source_key,
        }
    }

    /// Another server of the same tenant, with a clock that shows so much more.
    pub async fn with_skew(&self, skew: TimeDelta) -> Self {
        let clock = ManualClock::at(self.clock.now() + skew);
        Self {
            base: serve_within(self.store.clone(), &clock, Auth::Key, Limits::default()).await,
            clock,
            ..self.clone()
        }
    }

    /// Another tenant's key.
    pub async fn strangers_key(&self) -> String {
        self.neighbour().await.key(Role::Admin).to_owned()
    }

    /// Another tenant of the same server.
    pub async fn neighbour(&self) -> Self {
        let tenant = make_tenant(&self.owner).await;
        Self {
            keys: make_keys(&self.owner, &tenant).await,
            source_key: make_source_key(&self.owner, &tenant, &["Oven", "Till"]).await,
            base: self.base.clone(),
            url: self.url.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            owner: self.owner.clone(),
            client: self.client.clone(),
            tenant,
        }
    }

    pub fn key(&self, role: Role) -> &str {
        &self.keys[&role]
    }

    /// A request as a role, below the tenant's address.
    pub fn as_role(&self, role: Role, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/v1/tenants/{}{path}", self.base, self.tenant);
        self.client.request(method, url).header("x-api-key", self.key(role))
    }

    /// The key of the tenant's source systems.
    pub fn source_key(&self) -> &str {
        &self.source_key
    }

    /// A request as the tenant's source systems, below the tenant's address.
    pub fn as_source(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/v1/tenants/{}{path}", self.base, self.tenant);
        self.client.request(method, url).header("x-api-key", &self.source_key)
    }

    /// Sends exceptions as the tenant's source systems.
    pub async fn source_sends(&self, query: &str, body: &Value) -> Answer {
        Answer::of(
            self.as_source(Method::POST, &format!("/exceptions{query}"))
                .json(body)
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    /// Activates a version of the bakery's pack, and waits until the server knows it.
    pub async fn activate(&self, pack: &Value) {
        let version = pack["version"].as_str().unwrap();
        self.owner.import_pack("Bakery", version, &pack.to_string(), noon()).await.unwrap();
        let mut tx = self.owner.begin(&self.owner.scope(&self.tenant)).await.unwrap();
        tx.activate_pack("Bakery", version, "test", noon()).await.unwrap();
        tx.commit().await.unwrap();
        while self.get("/pack").await["version"] != version {
            tokio::task::yield_now().await;
        }
    }

    /// Waits until a list is answered with a status to the key of a role: what is known of a caller is used for a second.
    pub async fn until_answered(&self, role: Role, status: u16) {
        self.until(role, "/exceptions", |answer| answer.status().as_u16() == status).await;
    }

    /// Waits until an answer is as it shall be. The limit only catches what hangs.
    pub async fn until(&self, role: Role, path: &str, is_so: impl Fn(&Response) -> bool) {
        let asking = async { while !is_so(&self.as_role(role, Method::GET, path).send().await.unwrap()) {} };
        tokio::time::timeout(Duration::from_secs(60), asking)
            .await
            .unwrap_or_else(|_| panic!("{path} is not answered like that"));
    }

    pub async fn get(&self, path: &str) -> Value {
        let response = self.as_role(Role::Viewer, Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    /// Sends a body as it is.
    pub async fn post(&self, body: impl Into<reqwest::Body>) -> Answer {
        Answer::of(
            self.as_role(Role::Operator, Method::POST, "/exceptions")
                .body(body)
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    /// Sends one exception object.
    pub async fn send(&self, exception: Value) -> Answer {
        self.post(json!({"exception": exception}).to_string()).await
    }
}

/// Status and JSON body.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub headers: reqwest::header::HeaderMap,
}

impl Answer {
    pub async fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Self { status, body, headers }
    }

    /// The one-line detail of a problem, which every error has.
    pub fn detail(&self) -> &str {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        assert_eq!(self.body["status"], self.status, "{self:?}");
        self.body["detail"].as_str().expect("detail is a text")
    }
}

/// Burnt bread, a problem of its own: each id has an oven.
pub fn burnt(id: &str, loss: f64) -> Value {
    json!({
        "exceptionId": id, "sourceSystem": "Oven", "exceptionType": "BURNT_BREAD", "severity": "LOW", "timestamp": "2026-11-20T14:00:00Z",
        "rawPayload": {"oven": format!("O-{id}"), "loss": loss, "currency": "EUR", "kind": "WHEAT"}, "normalizedContext": {}
    })
}
