//! Exceptions: received in batches, listed by filter, shown one by one.

mod facets;
mod filter;
mod list;
mod receive;
mod show;
mod tally;
mod terms;

pub use facets::{Facet, Facets};
pub use list::{Cursor, ExceptionRow, InvalidCursor, Page};
pub use receive::{Receipt, Stored};
pub use show::ExceptionDetail;
