//! Which held objects a decision is about: exactly one of `ids`, `code` and `all`.

use domain::ids::QuarantineId;
use serde::Deserialize;
use store::quarantine::Which;
use utoipa::ToSchema;

use crate::http::problem::ApiError;

/// Most objects of one request.
pub const MOST: i64 = 500;
const MAX_CODE: usize = 100;
const MAX_REASON: usize = 500;

/// Which held objects. Exactly one of `ids`, `code` and `all`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = QuarantineSelection)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SelectionBody {
    /// These, at most 500.
    #[schema(value_type = Option<Vec<String>>, max_items = 500)]
    ids: Option<Vec<QuarantineId>>,
    /// Those with this fault.
    #[schema(example = "unknown-type")]
    code: Option<String>,
    /// All of them; write `true`.
    all: Option<bool>,
    /// `next` of the answer before, where there was one.
    #[schema(value_type = Option<String>)]
    cursor: Option<QuarantineId>,
}

/// Which held objects to discard, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = QuarantineDiscard)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DiscardBody {
    /// These, at most 500.
    #[schema(value_type = Option<Vec<String>>, max_items = 500)]
    ids: Option<Vec<QuarantineId>>,
    /// Those with this fault.
    #[schema(example = "unknown-type")]
    code: Option<String>,
    /// All of them; write `true`.
    all: Option<bool>,
    /// Why, in 1 to 500 characters.
    reason: String,
}

/// Why something is discarded.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = QuarantineReason)]
#[serde(deny_unknown_fields)]
pub struct ReasonBody {
    /// In 1 to 500 characters.
    reason: String,
}

impl SelectionBody {
    /// Which, and behind which one to go on.
    pub fn read(self) -> Result<(Which, Option<QuarantineId>), ApiError> {
        Ok((which(self.ids, self.code, self.all)?, self.cursor))
    }
}

impl DiscardBody {
    /// Which, and why.
    pub fn read(self) -> Result<(Which, String), ApiError> {
        Ok((which(self.ids, self.code, self.all)?, reason(&self.reason)?))
    }
}

impl ReasonBody {
    /// Why.
    pub fn read(&self) -> Result<String, ApiError> {
        reason(&self.reason)
    }
}

fn which(ids: Option<Vec<QuarantineId>>, code: Option<String>, all: Option<bool>) -> Result<Which, ApiError> {
    let malformed = |why: &str| Err(ApiError::Malformed(why.to_owned()));
    match (ids, code, all) {
        (Some(ids), None, None) if ids.is_empty() || ids.len() > 500 => {
            malformed("ids: name 1 to 500 of them; for more send several requests")
        }
        (Some(ids), None, None) => Ok(Which::Ids(ids)),
        (None, Some(code), None) if code.is_empty() || code.len() > MAX_CODE || code.contains(char::is_control) => {
            malformed("code: write the code of a fault, e.g. unknown-type")
        }
        (None, Some(code), None) => Ok(Which::Code(code)),
        (None, None, Some(true)) => Ok(Which::All),
        _ => malformed(r#"say which: exactly one of "ids" (a list), "code" (of a fault) and "all": true"#),
    }
}

fn reason(text: &str) -> Result<String, ApiError> {
    let text = text.trim();
    let is_fit = (1..=MAX_REASON).contains(&text.chars().count()) && !text.chars().any(|c| c.is_control() && c != '\n');
    if is_fit {
        Ok(text.to_owned())
    } else {
        Err(ApiError::Malformed(format!(
            "reason: write why, in 1 to {MAX_REASON} characters without control characters"
        )))
    }
}
