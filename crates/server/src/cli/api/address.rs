//! Where a server is and what opens it, as arguments.

use std::{fmt, str::FromStr};

use anyhow::{Context, bail};
use reqwest::{Url, header::HeaderValue};

/// Address of a server, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiUrl(String);

impl FromStr for ApiUrl {
    type Err = anyhow::Error;
    fn from_str(text: &str) -> anyhow::Result<Self> {
        let url = Url::parse(text.trim()).context("write it like http://localhost:8000")?;
        if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() {
            bail!("write it like http://localhost:8000");
        }
        Ok(ApiUrl(text.trim().trim_end_matches('/').to_owned()))
    }
}

impl fmt::Display for ApiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An access key; never printed.
#[derive(Debug, Clone)]
pub struct Key(HeaderValue);

impl Key {
    /// As the value of a header.
    pub fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl FromStr for Key {
    type Err = anyhow::Error;
    fn from_str(text: &str) -> anyhow::Result<Self> {
        let text = text.trim();
        let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_plain {
            bail!("a key has letters, digits and signs, no spaces");
        }
        let mut value = HeaderValue::from_str(text)?;
        value.set_sensitive(true);
        Ok(Key(value))
    }
}
