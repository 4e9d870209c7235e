//! From a table's name to rows for it.

use std::sync::Arc;

use lab::Result;
use lab::connect::Session;

use super::plan::Planned;
use super::rows::OwnRows;
use super::table::Table;
use super::{find, probe};
use crate::rows::place::{Steps, placement};
use crate::rows::{Source, Wish};

/// Rows for a table that the user named.
pub struct Own {
    /// The rows; the table has weight 1.
    pub source: Source,
    /// For people: what could not be steered, a sentence each.
    pub notes: Vec<String>,
}

/// A load may well have more rows.
const FEW: u128 = 1_000_000;

/// Rows for the table that `name` names (as [`lab::catalog::find_table`] reads it). Some are tried
/// in a transaction that is rolled back; an error says which column or constraint refused them and
/// what to do. Triggers run for these, and sequences don't go back.
pub async fn source(session: &Session, name: &str, wish: &Wish) -> Result<Own> {
    let client = session.client();
    let tree = find::find(client, name).await?;
    let table = Table::read(client, &tree).await?;
    let steps = Steps::read(client, tree.oid).await?;
    let plan = Planned::new(client, &table, &steps, wish).await?;
    let layout = Arc::new(plan.layout(client).await?);
    let columns = plan.columns();
    let limits = plan.limits();
    let placed = placement(session, &tree, &steps, &columns, wish, &limits).await?;
    let mut notes = placed.notes;
    notes.extend(plan.notes());
    let source = Source {
        table: table.name.to_string(),
        label: table.name.name.clone(),
        weight: 1,
        columns,
        rows: Box::new(OwnRows::new(Arc::clone(&layout), placed.keys)),
    };
    let capacity = layout.capacity();
    if let Some(rows) = capacity.filter(|rows| *rows < FEW) {
        notes
            .push(format!("{}: at most {rows} more rows, then unique values repeat", source.table));
    }
    probe::probe(client, &source, capacity, wish.out_of_range.is_some()).await?;
    layout.rewind();
    Ok(Own { source, notes })
}
