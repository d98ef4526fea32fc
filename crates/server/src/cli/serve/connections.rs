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
    sync::Semaphore,
    task::JoinSet,
};
use tower::ServiceExt;

/// Bytes that a connection buffers. Headers that do not fit are answered 431.
const BUFFER: usize = 64 << 10;
/// Pause after a connection could not be accepted, usually for want of open files.
const PAUSE: Duration = Duration::from_millis(500);

/// What callers get of connections.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Most at a time.
    most: u32,
    /// How long the headers of a request may take, and how long a connection may be idle.
    header_time: Duration,
}

impl Bounds {
    /// So many connections, each as patient as usual: more than proxies keep one open (60 s), so that they never send into one
    /// that is being closed.
    pub fn of(most: u32) -> Self {
        Self {
            most,
            header_time: Duration::from_secs(75),
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
            let place = Arc::clone(&free).acquire_owned().await;
            (accept(&listener).await, place)
        };
        let ((stream, peer), place) = tokio::select! {
            next = next => next,
            () = &mut stop => break,
        };
        let service = router.clone().map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request.map(Body::new)
        });
        let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let connection = graceful.watch(connection);
        connections.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke");
            }
            drop(place);
        });
        while connections.try_join_next().is_some() {}
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
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut tasks = JoinSet::new();
        let router = Router::new().route("/", get(async || "here"));
        tasks.spawn(serve(listener, router, Bounds { most, header_time }, std::future::pending()));
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
