//! `EXPLAIN (ANALYZE, FORMAT JSON)` as types, and which partitions a query touched.

mod explain;
mod fate;
mod locks;
mod reads;
mod refusal;
mod relations;
mod shape;
mod start;
mod tree;
pub mod why;

pub use explain::{Explained, explain, explain_only};
pub use fate::{Fate, Leaf, Touched};
pub use reads::Reads;
pub use refusal::makes_a_table;
pub use tree::{Node, Plan};
pub use why::{Partitionwise, partitionwise};

#[cfg(test)]
mod tests;
