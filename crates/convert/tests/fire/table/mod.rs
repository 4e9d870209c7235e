//! The table under fire: invented from a seed, so that a failure can be had again.

mod arguments;
mod invent;
mod script;
mod values;

use lab::catalog::{Name, quote_ident};

use crate::strategy::Strategy;

pub use values::literal;

/// A row's values as PostgreSQL prints them, by [`Col`].
pub type Row = [Option<String>; Col::ALL.len()];

/// What a column is for. Its name and type differ from table to table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Col {
    /// Who may change the row: 0 nobody (the fixed subset), else a writer's number.
    Writer,
    /// First column of the key, unique among all rows of a writer when the key says so.
    Id,
    /// A time in the first half of 2088.
    At,
    /// One of four values.
    Kind,
    /// 0 to 999.
    Num,
    /// Few values a writer, often NULL: the second unique key.
    Code,
    /// A number to change.
    N,
    /// Nothing, a few letters, or enough for TOAST.
    Body,
}

impl Col {
    pub const ALL: [Self; 8] =
        [Self::Writer, Self::Id, Self::At, Self::Kind, Self::Num, Self::Code, Self::N, Self::Body];
}

/// Writers, apart from 0.
pub const WRITERS: usize = 3;
/// Ids that a writer uses; few, so that deleted keys come back.
pub const IDS: u32 = 60;
pub const DAYS: u32 = 181;

/// A table, and what shall become of it.
#[allow(clippy::struct_excessive_bools, reason = "each stands for itself")]
#[derive(Debug, Clone)]
pub struct Table {
    pub seed: u64,
    pub name: Name,
    /// Unquoted, by [`Col`].
    pub names: [String; Col::ALL.len()],
    pub types: [&'static str; Col::ALL.len()],
    pub key: Vec<Col>,
    /// Else a unique constraint over columns that are NOT NULL.
    pub primary: bool,
    /// Another unique key.
    pub unique: Option<Vec<Col>>,
    /// The constraint behind `unique` is checked at COMMIT.
    pub deferrable: bool,
    /// `ALWAYS`, `BY DEFAULT`.
    pub identity: Option<&'static str>,
    /// A column that was dropped, so that attribute numbers differ from positions.
    pub dropped: bool,
    /// Rows of the fixed subset.
    pub fixed: u32,
    /// How the source is partitioned.
    pub source: Option<Strategy>,
    /// How the target shall be.
    pub target: Vec<Strategy>,
    pub default: bool,
}

impl Table {
    /// A column's name, quoted.
    pub fn col(&self, column: Col) -> String {
        quote_ident(&self.names[column as usize]).into_owned()
    }

    /// All columns but the generated one, quoted, with commas.
    pub fn columns(&self) -> String {
        Col::ALL.map(|column| self.col(column)).join(", ")
    }

    /// The same, with `expression` made of each.
    pub fn each(&self, expression: impl Fn(&str) -> String) -> String {
        Col::ALL.map(|column| expression(&self.col(column))).join(", ")
    }

    /// Whether the target's keys forbid exactly what the source's do.
    pub fn keys_survive(&self) -> bool {
        let within = |key: &[Col]| self.target.iter().all(|level| key.contains(&level.column()));
        within(&self.key) && self.unique.as_ref().is_none_or(|unique| within(unique))
    }

    fn is_partition_column(&self, column: Col) -> bool {
        self.source.iter().chain(&self.target).any(|strategy| strategy.column() == column)
    }
}
