//! Chooses a partition for each row, and then a key that leads there.

use std::sync::Arc;

use bytes::BytesMut;
use rand::RngExt;

use super::resolve::Pick;
use super::spread::Shares;
use crate::fields::Fields;
use crate::rows::{Keys, Random};

/// A choice for each column of the key that is not free, by its place among the columns sent.
pub type Picks = Vec<(usize, Pick)>;

/// What is chosen from; the same for all connections.
#[derive(Debug)]
pub struct Plan {
    /// For each partition in the order of bounds, the ways in.
    pub leaves: Vec<Vec<Picks>>,
    /// How the partitions share the rows.
    pub shares: Shares,
    /// Ways to lie outside all bounds.
    pub outside: Vec<Picks>,
    /// The share of rows that do, from 0 to 1.
    pub outside_share: f64,
}

/// A column's value in this row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Free,
    Null,
    At(usize, usize),
}

/// Keys as a [`Plan`] wants them.
#[derive(Debug, Clone)]
pub struct Placement {
    plan: Arc<Plan>,
    buffer: BytesMut,
    cells: Vec<Cell>,
}

impl Placement {
    /// Keys for rows of `columns` columns.
    pub fn new(plan: Plan, columns: usize) -> Self {
        let cells = vec![Cell::Free; columns];
        Self { plan: Arc::new(plan), buffer: BytesMut::new(), cells }
    }
}

impl Keys for Placement {
    fn next(&mut self, random: &mut Random) {
        let plan = &*self.plan;
        let strays = plan.outside_share > 0.0 && random.random::<f64>() < plan.outside_share;
        let ways = if strays { &plan.outside } else { &plan.leaves[plan.shares.choose(random)] };
        let way = if ways.len() > 1 { random.random_range(0..ways.len()) } else { 0 };
        self.buffer.clear();
        self.cells.fill(Cell::Free);
        for (column, pick) in &ways[way] {
            let start = self.buffer.len() + 4; // the length before the value
            let null = pick.write(random, &mut Fields(&mut self.buffer));
            self.cells[*column] =
                if null { Cell::Null } else { Cell::At(start, self.buffer.len()) };
        }
    }

    fn value(&self, column: usize) -> Option<&[u8]> {
        match self.cells[column] {
            Cell::Free => None,
            Cell::Null => Some(&[]),
            Cell::At(start, end) => Some(&self.buffer[start..end]),
        }
    }

    fn is_null(&self, column: usize) -> bool {
        self.cells[column] == Cell::Null
    }

    fn clone_box(&self) -> Box<dyn Keys> {
        Box::new(self.clone())
    }
}
