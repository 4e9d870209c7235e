//! Rows, invented: what is inserted, apart from how.

pub mod demo;
pub mod own;
pub mod place;
mod sql;
mod value;
mod wish;

use rand::rngs::StdRng;

use crate::fields::Fields;
pub use wish::{Spread, Wish};

/// The random numbers behind the rows; a seed gives the same rows on every machine.
pub type Random = StdRng;

/// A table that takes rows, and where its rows come from.
pub struct Source {
    /// As it must stand in a statement: `public.event_logs`.
    pub table: String,
    /// For people: `event_logs`.
    pub label: String,
    /// Its share of the inserts, among the weights of all sources.
    pub weight: u32,
    /// The columns that are sent; the others are left to the server.
    pub columns: Vec<Column>,
    /// Invents the values of those columns.
    pub rows: Box<dyn Rows>,
}

impl Source {
    /// The same rows for another table, such as the one that it was made from.
    pub fn for_table(&self, table: String, label: String) -> Self {
        Self {
            table,
            label,
            weight: self.weight,
            columns: self.columns.clone(),
            rows: self.rows.clone_box(),
        }
    }
}

/// A column whose values are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Unquoted.
    pub name: String,
    /// Its type's OID: parameters are declared with it, and sent in that type's binary format.
    pub type_oid: u32,
}

/// Invents the rows of one table. Each connection has its own clone.
pub trait Rows: Send + Sync {
    /// Appends one row: exactly one field for each column of the [`Source`], in their order.
    fn write(&mut self, random: &mut Random, fields: &mut Fields<'_>);

    /// The same again for another connection.
    fn clone_box(&self) -> Box<dyn Rows>;
}

/// Chooses the partition key of each row, so that rows go where the load wants them.
pub trait Keys: Send + Sync {
    /// Chooses the next row's key.
    fn next(&mut self, random: &mut Random);

    /// The binary value of `columns[column]` in that row, which is empty for [NULL](Self::is_null);
    /// `None` when any value will do.
    fn value(&self, column: usize) -> Option<&[u8]>;

    /// Whether that value is NULL, for which a list partition may be there.
    fn is_null(&self, _column: usize) -> bool {
        false
    }

    /// The same again for another connection.
    fn clone_box(&self) -> Box<dyn Keys>;
}
