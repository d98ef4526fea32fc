//! Content encodings of request bodies (RFC 9110, section 8.4): gzip and zstd, decoded as they arrive and in bounded memory.

use std::io;

use async_compression::{
    tokio::bufread::{GzipDecoder, ZstdDecoder},
    zstd::DParameter,
};
use axum::{extract::Request, http::header, middleware::Next, response::Response};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use tokio_util::io::{ReaderStream, StreamReader};

use super::problem::ApiError;

/// Largest window of zstd that a receiver has to support, 8 MiB (RFC 9659, section 3); a larger one would only take memory.
const MAX_WINDOW_LOG: u32 = 23;
/// Bytes decoded at a time.
const CHUNK: usize = 64 << 10;

/// A body without its encoding, piece by piece.
pub type Plain = BoxStream<'static, io::Result<Bytes>>;

/// Takes the encoding off a body. One encoding at most: stacked ones are a way to make bombs, and nobody sends them.
pub fn plain(request: Request) -> Result<Plain, ApiError> {
    let encoding = encoding(&request);
    let sent = request.into_body().into_data_stream().map_err(io::Error::other);
    Ok(match encoding.as_str() {
        "" | "identity" => sent.boxed(),
        "gzip" | "x-gzip" => {
            let mut decoder = GzipDecoder::new(StreamReader::new(sent));
            // Parts that were compressed one by one and joined (RFC 1952, section 2.2).
            decoder.multiple_members(true);
            ReaderStream::with_capacity(decoder, CHUNK).boxed()
        }
        "zstd" => {
            let mut decoder = ZstdDecoder::with_params(StreamReader::new(sent), &[DParameter::window_log_max(MAX_WINDOW_LOG)]);
            decoder.multiple_members(true);
            ReaderStream::with_capacity(decoder, CHUNK).boxed()
        }
        _ => return Err(ApiError::UnsupportedEncoding(encoding)),
    })
}

/// Takes back the refusal of plain answers. What was done is told in any case, never as 406; a server may leave the wish aside
/// (RFC 9110, section 12.5.3).
pub async fn answer_in_any_case(mut request: Request, next: Next) -> Response {
    let wishes = request.headers().get_all(header::ACCEPT_ENCODING).iter();
    if wishes.filter_map(|wish| wish.to_str().ok()).any(refuses_plain) {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    next.run(request).await
}

fn refuses_plain(wish: &str) -> bool {
    wish.split(',').any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let weight = weight.trim().to_ascii_lowercase();
        let none = weight.strip_prefix("q=").is_some_and(|weight| weight.trim().parse() == Ok(0.0));
        none && ["*", "identity"].contains(&name.trim().to_ascii_lowercase().as_str())
    })
}

/// All values of the header, joined, in lower case.
fn encoding(request: &Request) -> String {
    let values = request.headers().get_all(header::CONTENT_ENCODING).iter();
    let texts: Vec<String> = values
        .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_ascii_lowercase())
        .collect();
    texts.join(", ")
}
