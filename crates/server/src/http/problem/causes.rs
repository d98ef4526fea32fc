//! Failures of what lies behind the API, as the problems they become.

use std::sync::Arc;

use domain::work::Refused;
use store::StoreError;

use super::ApiError;
use crate::{batcher::NotStored, keeper::NotKept, packs::NoPack, recorder::NotRecorded, work::NotDone};

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Arc::new(error).into()
    }
}

impl From<Arc<StoreError>> for ApiError {
    fn from(error: Arc<StoreError>) -> Self {
        match *error {
            // A conflict that survived the retries of its caller is load, not a fault of the request.
            StoreError::Unavailable(_) | StoreError::Interrupted | StoreError::Conflict(_) => ApiError::Busy(error),
            StoreError::Bug(_) => ApiError::Internal(anyhow::Error::new(error)),
        }
    }
}

impl From<NotStored> for ApiError {
    fn from(failure: NotStored) -> Self {
        match failure {
            NotStored::QueueFull => ApiError::Overloaded,
            NotStored::Failed(error) => error.into(),
        }
    }
}

impl From<NotKept> for ApiError {
    fn from(failure: NotKept) -> Self {
        match failure {
            NotKept::Full => ApiError::QuarantineFull,
            NotKept::QueueFull => ApiError::Overloaded,
            NotKept::Failed(error) => error.into(),
        }
    }
}

impl From<NotDone> for ApiError {
    fn from(failure: NotDone) -> Self {
        match failure {
            NotDone::NotFound => ApiError::NotFound,
            NotDone::Stale { version } => ApiError::Stale { version },
            NotDone::Refused(Refused::NotNow { status, allowed }) => ApiError::NotNow { status, allowed },
            NotDone::Refused(Refused::Conflict(why)) => ApiError::Conflict(why),
            NotDone::Refused(Refused::Invalid(faults)) => ApiError::Refused(faults),
            NotDone::Refused(Refused::RoleTooWeak { needed, has }) => ApiError::RoleTooWeak { needed, has },
            NotDone::Refused(refused @ (Refused::Owned { .. } | Refused::NotTheirRequest { .. })) => {
                ApiError::Conflict(crate::bulk::sentence(&refused))
            }
            NotDone::Refused(Refused::OwnRequest) => ApiError::OwnRequest,
            NotDone::NoPack(error) => error.into(),
            NotDone::Failed(error) => error.into(),
        }
    }
}

impl From<NotRecorded> for ApiError {
    fn from(_: NotRecorded) -> Self {
        ApiError::NotRecorded
    }
}

impl From<NoPack> for ApiError {
    fn from(error: NoPack) -> Self {
        match error {
            NoPack::Store(error) => error.into(),
            NoPack::NotActive(_) => ApiError::NoActivePack(error.to_string()),
            NoPack::Unusable(..) => ApiError::Internal(error.into()),
        }
    }
}

/// An error with what caused it, for the log.
pub(super) fn chain_of(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
