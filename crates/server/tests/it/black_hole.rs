//! A network between server and database that swallows packets: nothing answers and nothing fails, so that only time tells.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use sqlx::{Connection, PgConnection};
use store::{DatabaseUrl, Store};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp},
};

use super::{
    app::{Answer, TestApp, burnt},
    database::TestTenant,
};
use server::http::{Auth, Limits};

/// Longer than anything may take that waits for nobody, also on a busy machine.
const BOUNDED: Duration = Duration::from_secs(60);

/// Passes bytes on between clients and a database until it has to swallow those of all connections that there are by then.
#[derive(Clone)]
struct Network {
    /// Connections up to this number are black holes.
    swallowed: Arc<AtomicUsize>,
    made: Arc<AtomicUsize>,
    url: DatabaseUrl,
}

impl Network {
    async fn to(database: &DatabaseUrl) -> Self {
        let address = reqwest::Url::parse(database.expose()).unwrap();
        let target = format!("{}:{}", address.host_str().unwrap(), address.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut through = address.clone();
        through.set_host(Some("127.0.0.1")).unwrap();
        through.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let network = Self {
            swallowed: Arc::default(),
            made: Arc::default(),
            url: through.as_str().parse().unwrap(),
        };
        let passing = network.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let database = TcpStream::connect(&target).await.unwrap();
                let number = passing.made.fetch_add(1, SeqCst) + 1;
                let ((from_client, to_client), (from_database, to_database)) = (client.into_split(), database.into_split());
                tokio::spawn(pass(from_client, to_database, number, Arc::clone(&passing.swallowed)));
                tokio::spawn(pass(from_database, to_client, number, Arc::clone(&passing.swallowed)));
            }
        });
        network
    }

    /// Swallows from now on whatever comes over the connections that there are, and over those to come.
    fn vanish(&self) {
        self.swallowed.store(usize::MAX, SeqCst);
    }

    /// New connections work again; nobody ever hears of the old ones.
    fn heal(&self) {
        self.swallowed.store(self.made.load(SeqCst), SeqCst);
    }
}

async fn pass(mut from: tcp::OwnedReadHalf, mut to: tcp::OwnedWriteHalf, number: usize, swallowed: Arc<AtomicUsize>) {
    let mut buffer = vec![0; 16 << 10];
    while let Ok(read) = from.read(&mut buffer).await {
        if number <= swallowed.load(SeqCst) {
            if read == 0 {
                // Not even its end gets through.
                std::future::pending::<()>().await;
            }
        } else if read == 0 || to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn connections_whose_packets_vanish_cost_a_bounded_time_and_no_place_in_the_pool() {
    let ours = TestTenant::new().await;
    let network = Network::to(&ours.url).await;
    // Two of them write.
    let store = Store::open(&network.url, 4).unwrap();
    let mut holder = PgConnection::connect(ours.url.expose()).await.unwrap();
    let mut lock = holder.begin().await.unwrap();
    sqlx::query("select 1 from chain_head where tenant_id = $1 for update")
        .bind(ours.tenant.as_str())
        .execute(&mut *lock)
        .await
        .unwrap();
    // One has begun, one waits within a statement.
    let begun = store.begin(&ours.scope()).await.unwrap();
    let mut waiting = store.begin(&ours.scope()).await.unwrap();
    let statement = tokio::spawn(async move { waiting.write().await.map(drop) });
    let asks = "select 1 from pg_stat_activity where cardinality(pg_blocking_pids(pid)) > 0 and datname = current_database()";
    let mut admin = PgConnection::connect(ours.url.expose()).await.unwrap();
    while sqlx::query(asks).fetch_all(&mut admin).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    network.vanish();
    let vanished = Instant::now();
    drop(begun);
    statement.abort();
    assert!(store.ping().await.is_err());
    network.heal();
    for _ in 0..2 {
        while store.begin(&ours.scope()).await.is_err() {
            assert!(vanished.elapsed() < BOUNDED, "the pool does not get its places back");
        }
    }
    let both = (store.begin(&ours.scope()).await, store.begin(&ours.scope()).await);
    assert!(both.0.is_ok() && both.1.is_ok(), "{both:?}");
    eprintln!("two places were back after {:?}", vanished.elapsed());
    lock.rollback().await.unwrap();
}

#[tokio::test]
async fn intake_behind_packets_that_vanish_is_refused_in_time_and_goes_on_with_the_network() {
    let tenant = TestTenant::new().await;
    let network = Network::to(&tenant.url).await;
    let app = TestApp::of(
        TestTenant {
            store: Store::open(&network.url, 4).unwrap(),
            ..tenant
        },
        Auth::Key,
        Limits::default(),
    )
    .await;
    assert_eq!(app.send(burnt("H-1", 1.0)).await.status, 202);
    network.vanish();
    let began = Instant::now();
    let (sent, ready) = tokio::join!(app.send(burnt("H-2", 1.0)), app.client.get(format!("{}/readyz", app.base)).send());
    assert_eq!(sent.status, 503, "{sent:?}");
    let ready = Answer::of(ready.unwrap()).await;
    assert_eq!((ready.status, &ready.body["code"]), (503, &serde_json::json!("not-ready")));
    network.heal();
    while app.send(burnt("H-3", 1.0)).await.status != 202 {
        assert!(began.elapsed() < BOUNDED, "intake does not come back");
    }
    while app.client.get(format!("{}/readyz", app.base)).send().await.unwrap().status() != 200 {
        assert!(began.elapsed() < BOUNDED, "it is not ready again");
    }
    for path in ["/exceptions/H-1", "/exceptions/H-3"] {
        app.get(path).await;
    }
    eprintln!("refused and back after {:?}", began.elapsed());
}
