//! Exceptions: received in batches, listed and counted by filter, shown one by one.

mod ages;
mod cells;
mod change;
mod columns;
mod count;
mod cursor;
mod details;
mod facets;
mod filter;
mod keys;
mod known;
mod list;
mod parts;
mod past;
mod plan;
mod receive;
mod recurrence;
mod row;
mod show;
pub(crate) mod standing;
pub(crate) mod statement;
mod tally;
pub(crate) mod terms;
mod work;
mod write;

pub use ages::AgedFrom;
pub use cells::{CellCache, KnownCell};
pub use cursor::{Cursor, InvalidCursor};
pub use facets::{Facet, Facets};
pub use list::{FullRow, Listing, Page};
pub use parts::{PartRow, Parts};
pub use receive::Received;
pub use row::ExceptionRow;
pub use show::ExceptionDetail;
pub use statement::Explained;
pub use work::{Current, Writing};
