//! Round trips to the database, counted by a proxy that reads what is sent to it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use store::{DatabaseUrl, Store};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream},
};

use super::{database::TestTenant, receive::burnt};

/// Messages after which a client waits: a simple query (`Q`), and the `Sync` (`S`) that ends everything else. One that ends nothing does not
/// count: so the pool looks at a connection that was given back, and nobody waits for it.
type Counted = Arc<AtomicUsize>;

/// Passes one connection on and counts. What begins it has no type: a length, then the rest.
async fn pass(client: TcpStream, server: TcpStream, counted: Counted) -> std::io::Result<()> {
    let ((mut from, mut to_client), (mut from_server, mut to)) = (client.into_split(), server.into_split());
    let back = tokio::spawn(async move { copy(&mut from_server, &mut to_client).await });
    let (mut has_type, mut is_open) = (false, false);
    loop {
        let kind = if has_type { Some(from.read_u8().await?) } else { None };
        let length = from.read_i32().await?;
        let mut body = vec![0; usize::try_from(length - 4).unwrap()];
        from.read_exact(&mut body).await?;
        if let Some(kind) = kind {
            counted.fetch_add(usize::from(kind == b'Q' || (kind == b'S' && is_open)), SeqCst);
            is_open = !matches!(kind, b'Q' | b'S');
            to.write_u8(kind).await?;
        }
        to.write_i32(length).await?;
        to.write_all(&body).await?;
        // A request for TLS, 80877103, is refused; the same connection begins again without.
        has_type = has_type || body[..4] != 80_877_103_i32.to_be_bytes();
        if back.is_finished() {
            return Ok(());
        }
    }
}

/// Address of a proxy before a database, and its counter.
async fn counting(url: &DatabaseUrl) -> (DatabaseUrl, Counted) {
    let (credentials, place) = url.expose().rsplit_once('@').unwrap();
    let (address, database) = place.split_once('/').unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let through = format!("{credentials}@{}/{database}", listener.local_addr().unwrap());
    let (address, counted) = (address.to_owned(), Counted::default());
    let ours = Arc::clone(&counted);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&address).await.unwrap();
            tokio::spawn(pass(client, server, Arc::clone(&ours)));
        }
    });
    (through.parse().unwrap(), counted)
}

#[tokio::test]
async fn a_batch_is_stored_and_durable_after_five_messages() {
    let ours = TestTenant::new().await;
    let (through, counted) = counting(&ours.url).await;
    let store = Store::open(&through, 2).unwrap();
    let mut least = usize::MAX;
    for round in 0..20 {
        let before = counted.load(SeqCst);
        let (life, mut tx) = store.begin_unflushed(&ours.scope()).await.unwrap();
        let batch: Vec<_> = (0..=round % 3).map(|number| burnt(&format!("m-{round}-{number}"), 1.0)).collect();
        tx.receive(&batch).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.flush().await.unwrap(), life);
        // The first ones prepare their statements, and after a pause the session that flushes is asked whether it lives.
        least = least.min(counted.load(SeqCst) - before);
    }
    assert_eq!(least, 5, "begin, read, write, commit, flush");
}

/// The lock is not part of the statement that reads: that would see the database as it was before it waited.
#[tokio::test]
async fn who_waited_for_the_chain_sees_what_its_holder_stored() {
    let ours = TestTenant::new().await;
    let (_, mut first) = ours.store.begin_unflushed(&ours.scope()).await.unwrap();
    first.receive(&[burnt("both", 1.0)]).await.unwrap();
    let second = async {
        let (_, mut tx) = ours.store.begin_unflushed(&ours.scope()).await.unwrap();
        let receipt = tx.receive(&[burnt("both", 1.0)]).await.unwrap().remove(0).unwrap();
        tx.commit().await.unwrap();
        receipt.outcome
    };
    let first = async {
        super::chain::somebody_waits_for_the_chain(&ours).await;
        first.commit().await.unwrap();
    };
    let (outcome, ()) = tokio::join!(second, first);
    assert_eq!(outcome, domain::reception::Outcome::Duplicate);
    super::counters::assert_exact(&ours).await;
}
