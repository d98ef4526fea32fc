//! Domain packs: the document an author writes and the compiled pack that triage uses.

pub mod document;
pub mod seed;
