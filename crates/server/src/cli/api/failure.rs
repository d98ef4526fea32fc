//! Why a request gave nothing, and whether others would fare better.

use std::{error::Error, time::Duration};

use domain::fault::Fault;
use reqwest::StatusCode;
use serde::Deserialize;

/// Why a request gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nothing listens at the address.
    #[error("cannot connect: {0}")]
    Unreachable(String),
    /// The connection broke, or no answer came in time.
    #[error("no answer: {0}")]
    Lost(String),
    /// The server refused.
    #[error("{} - {}", .0.status, .0.detail)]
    Refused(Problem),
    /// The answer is not one of ours.
    #[error("{0}")]
    Strange(String),
    /// The tenant's pack cannot make exceptions.
    #[error("{0}")]
    Pack(String),
    /// Something on this machine.
    #[error("{0}")]
    Here(String),
}

/// A refusal (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// Stable code, that of the first fault where the input has any; empty where the answer is not ours.
    pub code: String,
    /// What happened.
    pub detail: String,
    /// When to try again, if the server says so.
    pub retry_after: Option<Duration>,
}

impl Failure {
    /// From what the HTTP client says.
    pub fn of(error: &reqwest::Error) -> Self {
        let cause = innermost(error);
        if error.is_connect() {
            Failure::Unreachable(cause)
        } else if error.is_builder() || error.is_redirect() {
            Failure::Strange(cause)
        } else {
            Failure::Lost(if error.is_timeout() { "it took too long".to_owned() } else { cause })
        }
    }

    /// From an answer that is not a success.
    pub fn refused(status: StatusCode, retry_after: Option<Duration>, body: &[u8]) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Body {
            code: String,
            detail: String,
            errors: Vec<Fault>,
        }
        let body: Body = serde_json::from_slice(body).unwrap_or_default();
        let first = body.errors.into_iter().next().map(|fault| fault.code.into_owned());
        let name = || status.canonical_reason().unwrap_or("refused").to_owned();
        Failure::Refused(Problem {
            status: status.as_u16(),
            code: first.unwrap_or(body.code),
            detail: if body.detail.is_empty() { name() } else { body.detail },
            retry_after,
        })
    }

    /// From the faults of a line: as a request of its own would have been refused.
    pub fn of_faults(faults: &[Fault]) -> Self {
        let code = faults.first().map(|fault| fault.code.to_string()).unwrap_or_default();
        let told = faults.iter().map(|fault| match fault.code.as_ref() {
            "differs" => fault.message.clone(),
            _ => format!("{}: {}", fault.pointer, fault.message),
        });
        Failure::Refused(Problem {
            status: if code == "differs" { 409 } else { 422 },
            detail: told.collect::<Vec<_>>().join("; "),
            code,
            retry_after: None,
        })
    }

    /// As a server refuses whoever has no valid key.
    pub fn unauthorized(detail: &str) -> Self {
        Failure::Refused(Problem {
            status: 401,
            code: "missing-credential".to_owned(),
            detail: detail.to_owned(),
            retry_after: None,
        })
    }

    /// The status of a refusal.
    pub fn status(&self) -> Option<u16> {
        match self {
            Failure::Refused(problem) => Some(problem.status),
            _ => None,
        }
    }

    /// Whether it may be over in a moment. Sending again is safe: intake knows the id.
    pub fn is_passing(&self) -> bool {
        matches!(self, Failure::Lost(_)) || matches!(self.status(), Some(429 | 502 | 503 | 504))
    }

    /// Whether every other exception of the tenant would fail the same way.
    pub fn concerns_all(&self) -> bool {
        match self {
            Failure::Refused(problem) => matches!(problem.status, 401 | 403 | 404) || problem.code == "no-active-pack" || self.is_passing(),
            Failure::Unreachable(_) | Failure::Lost(_) | Failure::Strange(_) | Failure::Here(_) => true,
            // What the trials of a pack did not meet is rare.
            Failure::Pack(_) => false,
        }
    }
}

fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &str) -> Failure {
        Failure::refused(StatusCode::from_u16(status).expect("status"), None, body.as_bytes())
    }

    #[test]
    fn a_problem_is_read_and_anything_else_has_a_text_too() {
        let problem = r#"{"type": "urn:x", "status": 409, "code": "differs", "detail": "it differs"}"#;
        assert_eq!(refused(409, problem).to_string(), "409 - it differs");
        assert_eq!(refused(502, "<html>bad gateway</html>").to_string(), "502 - Bad Gateway");
    }

    #[test]
    fn what_concerns_one_exception_does_not_stop_the_others() {
        assert!(!refused(409, r#"{"code": "differs"}"#).concerns_all());
        assert!(!refused(422, r#"{"code": "refused"}"#).concerns_all());
        assert!(!refused(500, "").concerns_all());
        for all in [
            refused(401, ""),
            refused(403, ""),
            refused(404, ""),
            refused(503, ""),
            refused(409, r#"{"code": "no-active-pack"}"#),
        ] {
            assert!(all.concerns_all(), "{all}");
        }
    }

    #[test]
    fn only_what_passes_is_tried_again() {
        assert!(refused(503, "").is_passing() && refused(429, "").is_passing());
        assert!(Failure::Lost("connection reset".into()).is_passing());
        assert!(!refused(401, "").is_passing() && !refused(500, "").is_passing());
        assert!(!Failure::Unreachable("refused".into()).is_passing());
    }
}
