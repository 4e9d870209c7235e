//! Values of PostgreSQL's types: what they are, and how they are invented and written.

mod binary;
mod kind;
mod line;
mod literal;
mod natural;
mod pool;
mod walk;
mod words;

pub use binary::{Binary, convert, typed, typed_literals};
pub use kind::{Kind, Typed, kind};
pub use line::{DAY, Line, day};
pub use literal::literal;
pub use natural::natural;
pub use pool::Pool;
pub use walk::Walk;
use words::Parts;
pub use words::{candidates, shapes, steady};
