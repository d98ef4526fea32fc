//! A lean HTTP client: one kept connection, one request at a time.

use std::{convert::Infallible, net::SocketAddr};

use anyhow::{Context, bail};
use bytes::Bytes;
use futures::Stream;
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    Method, Request, Response,
    body::{Frame, Incoming},
    client::conn::http1::{SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinSet};

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Where and as whom to ask.
#[derive(Debug, Clone)]
pub struct Target {
    /// Of the server.
    pub address: SocketAddr,
    /// Below which the tenant's resources are.
    pub base: String,
    /// Of an operator of the tenant.
    pub key: String,
}

/// One connection.
pub struct Client {
    target: Target,
    sender: SendRequest<Body>,
    /// Drives the connection, and ends with it.
    _driver: JoinSet<()>,
}

impl Client {
    /// Connects.
    pub async fn connect(target: &Target) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(target.address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        let mut driver = JoinSet::new();
        driver.spawn(async move { drop(connection.await) });
        Ok(Client {
            target: target.clone(),
            sender,
            _driver: driver,
        })
    }

    /// Asks and reads the whole answer, which must be a success.
    pub async fn get(&mut self, path: &str) -> anyhow::Result<Bytes> {
        let answer = self
            .send(Method::GET, path, "application/json", Full::new(Bytes::new()).boxed_unsync())
            .await?;
        whole(answer, path).await
    }

    /// Sends one exception.
    pub async fn post(&mut self, body: Bytes) -> anyhow::Result<Bytes> {
        let answer = self
            .send(Method::POST, "/exceptions", "application/json", Full::new(body).boxed_unsync())
            .await?;
        whole(answer, "/exceptions").await
    }

    /// Sends lines; the answer is to be read while they are sent.
    pub async fn stream(&mut self, lines: impl Stream<Item = Bytes> + Send + 'static) -> anyhow::Result<Incoming> {
        let frames = futures::StreamExt::map(lines, |piece| Ok(Frame::data(piece)));
        let body = StreamBody::new(frames).boxed_unsync();
        let answer = self.send(Method::POST, "/exceptions", "application/x-ndjson", body).await?;
        if !answer.status().is_success() {
            bail!("the stream was refused: {}", answer.status());
        }
        Ok(answer.into_body())
    }

    async fn send(&mut self, method: Method, path: &str, kind: &str, body: Body) -> anyhow::Result<Response<Incoming>> {
        self.sender.ready().await?;
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.target.base))
            .header("host", self.target.address.to_string())
            .header("x-api-key", &self.target.key)
            .header("content-type", kind)
            .body(body)?;
        Ok(self.sender.send_request(request).await?)
    }
}

async fn whole(answer: Response<Incoming>, path: &str) -> anyhow::Result<Bytes> {
    let status = answer.status();
    let body = answer.into_body().collect().await.with_context(|| path.to_owned())?.to_bytes();
    if !status.is_success() {
        bail!("{path}: {status}: {}", String::from_utf8_lossy(&body));
    }
    Ok(body)
}
