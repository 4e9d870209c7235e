//! `EXPLAIN (ANALYZE, FORMAT JSON)` as types, and which partitions a query touched.

mod explain;
mod fate;
mod locks;
mod refusal;
mod relations;
mod start;
mod tree;

pub use explain::{Explained, explain};
pub use fate::{Fate, Leaf, Touched};
pub use tree::{Node, Plan};

#[cfg(test)]
mod tests;
