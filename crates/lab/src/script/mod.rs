//! SQL files: their header, their statements, and running them one by one.

mod lexer;
mod split;

pub use split::{SplitError, Statement, statements};
