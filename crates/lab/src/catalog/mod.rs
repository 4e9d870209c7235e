//! Partition trees, bounds, sizes, row counts and indexes, from the system catalogs.

mod name;
mod order;
mod read;
mod tree;

pub use name::{Name, quote_ident};
pub use read::{RowCount, find_table, tree, tree_of};
pub use tree::{Index, Partitioning, Strategy, Tree};
