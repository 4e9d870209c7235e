//! What reading each table took.

use std::collections::HashMap;

use super::Plan;
use crate::catalog::Name;

/// The sum over all scans of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Reads {
    /// Rows that came out of the scans.
    pub rows: f64,
    /// Milliseconds; those of parallel workers are added up.
    pub ms: f64,
    /// Blocks, from the server's buffers and from beneath.
    pub buffers: u64,
}

impl Reads {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            ms: self.ms + other.ms,
            buffers: self.buffers + other.buffers,
        }
    }
}

impl Plan {
    /// The tables that the plan scans, with what their scans took.
    #[must_use]
    pub fn reads(&self) -> HashMap<Name, Reads> {
        let mut all: HashMap<Name, Reads> = HashMap::new();
        // The index scan beneath a bitmap heap scan names no table, and is counted in what is above it.
        for node in self.nodes() {
            if let Some(table) = node.scanned() {
                let reads = Reads {
                    rows: node.total_rows(),
                    ms: node.total_ms(),
                    buffers: node.blocks_hit() + node.blocks_read(),
                };
                let sum = all.entry(table).or_default();
                *sum = sum.and(reads);
            }
        }
        all
    }
}
