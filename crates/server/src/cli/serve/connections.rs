//! Connections: how many there may be, and how long one may take to say what it wants.

use std::{io::ErrorKind, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, Semaphore},
    task::JoinSet,
    time::timeout,
};
use tower::ServiceExt;

use super::{places::Places, writes::TimedWrites};

/// Bytes that a connection buffers. Headers that do not fit are answered 431.
const BUFFER: usize = 64 << 10;
/// Pause after a connection could not be accepted, usually for want of open files.
const PAUSE: Duration = Duration::from_millis(500);

/// What callers get of connections.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Most at a time.
    pub most: u32,
    /// Those of one address.
    pub places: Arc<Places>,
    /// Longest time from the connection to the headers of its first request.
    pub first_time: Duration,
    /// Longest time for the headers of later requests, and for a connection to be idle.
    pub header_time: Duration,
    /// Longest time in which nothing of an answer is read.
    pub write_time: Duration,
}

impl Bounds {
    /// The usual times for a number of connections. An idle one is kept longer than proxies keep it (60 s), so that they never send into
    /// one that is being closed.
    pub fn of(most: u32, places: Arc<Places>) -> Self {
        Self {
            most,
            places,
            first_time: Duration::from_secs(10),
            header_time: Duration::from_secs(75),
            write_time: Duration::from_secs(30),
        }
    }
}

/// Serves connections until `stop`, then lets their requests finish.
pub async fn serve(listener: TcpListener, router: Router, bounds: Bounds, stop: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(bounds.header_time)
        .max_buf_size(BUFFER);
    let (graceful, free) = (GracefulShutdown::new(), Arc::new(Semaphore::new(bounds.most as usize)));
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        let next = async {
            let free = Arc::clone(&free).acquire_owned().await;
            (accept(&listener).await, free)
        };
        let ((stream, peer), free) = tokio::select! {
            next = next => next,
            () = &mut stop => break,
        };
        while connections.try_join_next().is_some() {}
        let Some(place) = bounds.places.take(peer.ip()) else {
            tracing::debug!(%peer, "a connection was closed: its address has as many as it may");
            continue;
        };
        let asked = Arc::new(Notify::new());
        let first = Arc::clone(&asked);
        let service = router.clone().map_request(move |mut request: Request<Incoming>| {
            first.notify_one();
            request.extensions_mut().insert(ConnectInfo(peer));
            request.map(Body::new)
        });
        let stream = TokioIo::new(TimedWrites::new(stream, bounds.write_time));
        let connection = graceful.watch(http.serve_connection(stream, TowerToHyperService::new(service)));
        let first_time = bounds.first_time;
        connections.spawn(async move {
            tokio::pin!(connection);
            let ended = tokio::select! {
                ended = &mut connection => Some(ended),
                asked = timeout(first_time, asked.notified()) => match asked {
                    Ok(()) => Some(connection.await),
                    Err(_) => None,
                },
            };
            if let Some(Err(error)) = ended {
                tracing::debug!(%error, "a connection broke");
            }
            drop((free, place));
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // Gone before it was taken.
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) => {}
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

    /// A server of one page, as long as the returned set lives.
    async fn started(most: u32, header_time: Duration) -> (std::net::SocketAddr, JoinSet<()>) {
        let bounds = Bounds {
            header_time,
            ..Bounds::of(most, Places::new(most, Vec::new()))
        };
        started_with(bounds, Router::new().route("/", get(async || "here"))).await
    }

    async fn started_with(bounds: Bounds, router: Router) -> (std::net::SocketAddr, JoinSet<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, router, bounds, std::future::pending()));
        (address, tasks)
    }

    async fn answer(stream: &mut TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.expect("an answer");
        text
    }

    #[tokio::test]
    async fn headers_that_do_not_come_in_time_end_the_connection() {
        let (address, _server) = started(10, Duration::from_millis(200)).await;
        let mut slow = TcpStream::connect(address).await.expect("connected");
        slow.write_all(&REQUEST[..20]).await.expect("sent");
        assert!(!answer(&mut slow).await.contains("here"));
        let mut quick = TcpStream::connect(address).await.expect("connected");
        quick.write_all(REQUEST).await.expect("sent");
        assert!(answer(&mut quick).await.ends_with("here"));
    }

    #[tokio::test]
    async fn a_connection_that_never_asks_is_closed_long_before_an_idle_one() {
        let bounds = Bounds {
            first_time: Duration::from_millis(200),
            ..Bounds::of(10, Places::new(10, Vec::new()))
        };
        let (address, _server) = started_with(bounds, Router::new().route("/", get(async || "here"))).await;
        let mut silent = TcpStream::connect(address).await.expect("connected");
        assert_eq!(answer(&mut silent).await, "");
        let mut idle = TcpStream::connect(address).await.expect("connected");
        for _ in 0..2 {
            idle.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
            let mut buffer = [0; 1024];
            let read = idle.read(&mut buffer).await.expect("an answer");
            assert!(String::from_utf8_lossy(&buffer[..read]).ends_with("here"));
            tokio::time::sleep(Duration::from_millis(400)).await;
        }
    }

    #[tokio::test]
    async fn a_reader_that_never_reads_loses_its_connection() {
        let bounds = Bounds {
            write_time: Duration::from_millis(200),
            ..Bounds::of(1, Places::new(1, Vec::new()))
        };
        let endless = || async {
            let piece = || Ok::<_, std::io::Error>(bytes::Bytes::from_static(&[b'x'; 1 << 14]));
            Body::from_stream(futures::stream::repeat_with(piece))
        };
        let router = Router::new().route("/endless", get(endless)).route("/", get(async || "here"));
        let (address, _server) = started_with(bounds, router).await;
        let mut deaf = TcpStream::connect(address).await.expect("connected");
        deaf.write_all(b"GET /endless HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
        // There is one place: this is answered once the other has lost it.
        let mut next = TcpStream::connect(address).await.expect("connected");
        next.write_all(REQUEST).await.expect("sent");
        assert!(answer(&mut next).await.ends_with("here"));
        drop(deaf);
    }

    #[tokio::test]
    async fn connections_beyond_the_bound_wait_until_another_ends() {
        let (address, _server) = started(1, Duration::from_secs(60)).await;
        let mut first = TcpStream::connect(address).await.expect("connected");
        first.write_all(&REQUEST[..20]).await.expect("sent");
        let mut second = TcpStream::connect(address).await.expect("connected");
        second.write_all(REQUEST).await.expect("sent");
        let early = tokio::time::timeout(Duration::from_millis(300), second.readable()).await;
        assert!(early.is_err(), "answered beside the first");
        first.write_all(&REQUEST[20..]).await.expect("sent");
        assert!(answer(&mut first).await.ends_with("here"));
        assert!(answer(&mut second).await.ends_with("here"));
    }

    #[tokio::test]
    async fn headers_that_are_too_large_are_refused() {
        let (address, _server) = started(10, Duration::from_secs(60)).await;
        let mut stream = TcpStream::connect(address).await.expect("connected");
        // They do not end within the buffer.
        let mut large = "GET / HTTP/1.1\r\nhost: x\r\nlarge: ".to_owned();
        large.push_str(&"x".repeat(BUFFER - large.len()));
        stream.write_all(large.as_bytes()).await.expect("sent");
        assert!(answer(&mut stream).await.starts_with("HTTP/1.1 431 "));
    }
}
