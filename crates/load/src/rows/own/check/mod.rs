//! What a CHECK says, where it says it simply.

mod facts;
mod lexer;
mod parse;

pub use facts::{Comparison, Fact};
pub use lexer::rename_value;
pub use parse::facts;
