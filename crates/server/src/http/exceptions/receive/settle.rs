//! From the exceptions of a request to their results: the good ones are stored, the refused ones are kept, then there is an answer.

use domain::{exception::Arrival, fault::Fault, ids::QuarantineId, pack::Pack, reception};
use store::{
    keys::Identity,
    quarantine::{Refused, SentBy},
};

use super::{
    item::{self, Item, Place},
    views::AcceptedView,
};
use crate::{
    batcher::Memory,
    http::{idempotency::Asked, problem::ApiError, state::AppState},
    intake::Rejected,
};

/// With what the exceptions of a request are taken in.
pub struct Taking<'r> {
    /// The server.
    pub state: &'r AppState,
    /// The sender.
    pub identity: &'r Identity,
    /// The pack that triages.
    pub pack: &'r Pack,
    /// When and from whom.
    pub arrival: Arrival,
    /// The idempotent request it came with.
    pub asked: Option<Asked>,
    /// The memory of the body it came in.
    pub memory: Option<Memory>,
}

/// What became of an exception.
pub type Settled = Result<AcceptedView, Refusal>;

/// An exception that is not stored.
pub struct Refusal {
    /// Its id, where it has one.
    pub id: Option<String>,
    /// Why, with pointers into the body.
    pub faults: Vec<Fault>,
    /// What kind of refusal it is.
    pub kind: RefusalKind,
    /// Where it is kept; none where it is not JSON.
    pub quarantine_id: Option<QuarantineId>,
}

/// What kind of refusal it is: each is a problem of its own where one exception was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// A rule refuses it.
    Invalid,
    /// Another exception has its id.
    Differs,
    /// The sender may not send it.
    SourceNotAllowed,
    /// The database refuses it.
    NotStored,
}

impl Refusal {
    fn of(rejected: Rejected) -> Self {
        Self {
            id: rejected.id.map(Into::into),
            faults: rejected.faults,
            kind: RefusalKind::Invalid,
            quarantine_id: None,
        }
    }

    fn by_store(id: Option<String>, refusal: &reception::Refusal, place: &Place<'_>) -> Self {
        Self {
            faults: vec![item::refused(&place.id_at, id.as_deref(), refusal)],
            id,
            kind: match refusal {
                reception::Refusal::Differs(_) => RefusalKind::Differs,
                reception::Refusal::SourceNotAllowed(_) => RefusalKind::SourceNotAllowed,
                reception::Refusal::NothingToClear => RefusalKind::Invalid,
                reception::Refusal::NotStorable => RefusalKind::NotStored,
            },
            quarantine_id: None,
        }
    }
}

impl Taking<'_> {
    /// Stores and keeps; a result per item, in order.
    pub async fn settle(&self, items: Vec<Item<'_>>) -> Result<Vec<Settled>, ApiError> {
        let (mut good, mut slots) = (Vec::with_capacity(items.len()), Vec::with_capacity(items.len()));
        for (index, item) in items.into_iter().enumerate() {
            let Item { taken, place } = item.named_by(self.asked, index, self.pack);
            let taken = taken.map(|arriving| {
                let id = item::named(&arriving);
                good.push(arriving);
                id
            });
            slots.push((taken, place));
        }
        let receipts = self.state.batcher.store(&self.identity.scope, good, self.memory.clone()).await?;
        let (mut receipts, mut settled, mut refused) = (receipts.into_iter(), Vec::with_capacity(slots.len()), Vec::new());
        for (taken, place) in slots {
            let result = match taken {
                Ok(id) => match receipts.next().ok_or_else(no_receipt)? {
                    Ok(receipt) => Ok(AcceptedView::new(receipt, self.pack)),
                    Err(refusal) => Err(Refusal::by_store(id, &refusal, &place)),
                },
                Err(rejected) => Err(Refusal::of(rejected)),
            };
            settled.push(result.map_err(|refusal| self.to_be_kept(refusal, &place, &mut refused)));
        }
        let by = SentBy {
            actor: &self.identity.actor(),
            key_id: Some(&self.identity.key_id),
            at: self.arrival.at,
        };
        self.state.keeper.keep(&self.identity.scope, &refused, by).await?;
        Ok(settled)
    }

    fn to_be_kept(&self, mut refusal: Refusal, place: &Place<'_>, refused: &mut Vec<Refused>) -> Refusal {
        if let Some(kept) = place.refused(&refusal.faults, self.pack) {
            refusal.quarantine_id = Some(kept.id.clone());
            refused.push(kept);
        }
        refusal
    }
}

pub fn no_receipt() -> ApiError {
    ApiError::Internal(anyhow::anyhow!("the store gave no receipt"))
}
