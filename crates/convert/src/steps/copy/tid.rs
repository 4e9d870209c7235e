//! Where in a table a batch begins and ends.

use std::fmt;

/// A row's place: block and number of its line pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tid {
    pub block: i64,
    pub line: u64,
}

impl Tid {
    /// The place `rows` rows on, where a block holds about `rows_a_block`: part of a block, or some whole ones.
    pub fn after(self, rows: u64, rows_a_block: u64) -> Self {
        let line = self.line + rows;
        if line + rows / 2 < rows_a_block {
            return Self { block: self.block, line };
        }
        let blocks = if self.line == 0 { rows / rows_a_block.max(1) } else { 0 };
        Self { block: self.block.saturating_add_unsigned(blocks.max(1)), line: 0 }
    }
}

impl fmt::Display for Tid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { block, line } = self;
        write!(f, "({block},{line})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_a_part_of_a_block_or_some_blocks() {
        let from = |block, line, rows, rows_a_block| {
            Tid { block, line }.after(rows, rows_a_block).to_string()
        };
        assert_eq!(from(7, 0, 20, 60), "(7,20)");
        assert_eq!(from(7, 20, 30, 60), "(8,0)", "the rest is not worth a batch");
        assert_eq!(from(7, 0, 60, 60), "(8,0)");
        assert_eq!(from(7, 0, 200, 60), "(10,0)");
        assert_eq!(from(7, 20, 200, 60), "(8,0)", "a block is done before the next begins");
        assert_eq!(from(7, 0, 20, 0), "(27,0)", "blocks without rows");
    }
}
