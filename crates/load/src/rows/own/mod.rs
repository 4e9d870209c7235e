//! Rows for any table, by what the catalog says of it.

mod check;
mod find;
mod groups;
mod invent;
mod known;
mod layout;
mod plan;
mod probe;
mod reference;
mod rows;
mod set;
mod sources;
mod table;
#[cfg(test)]
mod tests;
mod unique;

pub use sources::source;
