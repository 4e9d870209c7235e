//! SQL files: their header, their statements, and running them one by one.
//!
//! A file sent whole would be one implicit transaction, in which `CREATE INDEX CONCURRENTLY` and
//! `VACUUM` fail, and an error would name no line; so files are split, and each statement is sent,
//! timed and reported by itself.

mod embedded;
pub(crate) mod excerpt;
mod forbidden;
mod header;
pub mod lexer;
mod run;
mod source;
mod split;

pub use forbidden::Forbidden;
pub use header::{Header, Runs};
pub use run::{Observer, Outcome, run};
pub use source::{Script, Scripts, split};
pub use split::{SplitError, Statement, statements};
