//! Exceptions: received in batches, listed by filter, shown one by one.

mod change;
mod columns;
mod facets;
mod filter;
mod insert;
mod known;
mod list;
mod receive;
mod recurrence;
mod show;
mod tally;
mod terms;

pub use facets::{Facet, Facets};
pub use list::{Cursor, ExceptionRow, InvalidCursor, Page};
pub use receive::Received;
pub use show::ExceptionDetail;
