//! Database addresses: the administrator's, and those of the roles derived from it.

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::percent_decode_str;
use sha2::Sha256;
use sqlx::postgres::PgConnectOptions;

use crate::{
    StoreError,
    pooler::{self, SessionFault},
};

/// Owns the tables; nobody logs in as it.
pub const OWNER_ROLE: &str = "sentinai_owner";
/// Serves requests: not owner, subject to row-level security.
pub const APP_ROLE: &str = "sentinai_app";
/// Reads the rows of every tenant, for dumps and for the administrator's statements. Nobody logs in as it, and no server is a member.
pub const READER_ROLE: &str = "sentinai_reader";
/// Learns which tenants have due work, and nothing else.
pub const WORKER_ROLE: &str = "sentinai_worker";

/// Address of a database, `postgres://user:password@host:port/database`.
#[derive(Clone)]
pub struct DatabaseUrl(url::Url);

/// The text is no address of a PostgreSQL database. Does not repeat it: it may hold a password.
#[derive(Debug, thiserror::Error)]
#[error("the database address is not of the form postgres://user:password@host:port/database")]
pub struct InvalidUrl;

impl std::str::FromStr for DatabaseUrl {
    type Err = InvalidUrl;
    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        let url = url::Url::parse(text.trim()).map_err(|_| InvalidUrl)?;
        let good = matches!(url.scheme(), "postgres" | "postgresql") && url.path().len() > 1 && !url.username().is_empty();
        if good { Ok(Self(url)) } else { Err(InvalidUrl) }
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.without_password())
    }
}

impl DatabaseUrl {
    /// With the password: for connecting, never for logs.
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }

    /// How to connect. Only what every pooler passes on is asked for when a connection begins; floats are short and exact without options
    /// since PostgreSQL 12.
    pub(crate) fn options(&self) -> Result<PgConnectOptions, sqlx::Error> {
        Ok(self.expose().parse::<PgConnectOptions>()?.extra_float_digits(None))
    }

    /// Fails where a pooler in transaction mode stands before the database.
    pub async fn check_session(&self) -> Result<(), SessionFault> {
        pooler::check(&self.options().map_err(StoreError::from)?).await
    }

    /// For messages and logs.
    pub fn without_password(&self) -> String {
        let mut url = self.0.clone();
        // Unwrap safety: an address with a user has a host, so its password can be set.
        url.set_password(None).unwrap_or_default();
        url.into()
    }

    /// The user it logs in as.
    pub fn user(&self) -> &str {
        self.0.username()
    }

    /// The database's name.
    pub fn database(&self) -> &str {
        self.0.path().trim_start_matches('/')
    }

    /// The same server's maintenance database.
    #[must_use]
    pub fn maintenance(&self) -> Self {
        let mut url = self.0.clone();
        url.set_path("/postgres");
        Self(url)
    }

    /// The same database as one of our login roles.
    #[must_use]
    pub fn as_role(&self, role: &str) -> Self {
        let mut url = self.0.clone();
        let password = self.role_password(role);
        // Unwrap safety: as in `without_password`.
        url.set_username(role).unwrap_or_default();
        url.set_password(password.as_deref()).unwrap_or_default();
        Self(url)
    }

    /// Password of a login role: HMAC-SHA256 of its name under the administrator's password, so that whoever may administer
    /// can also serve and nothing has to be kept. None where the server asks the administrator for none.
    ///
    /// # Panics
    /// Never: HMAC takes keys of any length.
    pub fn role_password(&self, role: &str) -> Option<String> {
        let secret = percent_decode_str(self.0.password().filter(|secret| !secret.is_empty())?).collect::<Vec<u8>>();
        // Unwrap safety: HMAC takes keys of any length.
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret).expect("a key of any length");
        mac.update(b"sentinai role ");
        mac.update(role.as_bytes());
        Some(hex_of(&mac.finalize().into_bytes()))
    }
}

/// Bytes as hex digits.
pub(crate) fn hex_of(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Unwrap safety: writing to a String cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_get_their_own_passwords_and_logs_get_none() {
        let url: DatabaseUrl = "postgres://postgres:geheim@127.0.0.1:5432/sentinai".parse().expect("valid");
        let app = url.as_role(APP_ROLE);
        assert_eq!(app.user(), APP_ROLE);
        assert_ne!(url.role_password(APP_ROLE), url.role_password(WORKER_ROLE));
        assert_eq!(format!("{app:?}"), "postgres://sentinai_app@127.0.0.1:5432/sentinai");
        assert_eq!(
            "postgres://u@h/d".parse::<DatabaseUrl>().expect("valid").role_password(APP_ROLE),
            None
        );
    }

    #[test]
    fn other_texts_are_refused_without_being_repeated() {
        for bad in ["", "mysql://u:secret@h/d", "postgres://h", "secret"] {
            let error = bad.parse::<DatabaseUrl>().expect_err("refused").to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
