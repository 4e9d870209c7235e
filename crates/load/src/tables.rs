//! The tables of a load and their leaves.

use std::collections::HashMap;
use std::time::Duration;

use lab::catalog::{self, RowCount, Tree};
use lab::connect::Session;
use lab::{Context, Error, Result};
use tokio::time::{Instant, sleep};

use crate::rows::Source;
use crate::stats::{Latencies, LeafStats, TableStats};

/// The partition tree of `table`, as SQL names it or a person does.
pub async fn tree(session: &Session, table: &str) -> Result<Tree> {
    let tree = catalog::tree(session.client(), table, RowCount::Estimated).await?;
    tree.ok_or_else(|| {
        Error::failed(format!("there is no table {table}")).next("cargo run -p setup")
    })
}

/// Statistics of `source` before its first row.
pub async fn nothing_yet(session: &Session, source: &Source) -> Result<TableStats> {
    let tree = tree(session, &source.table).await?;
    let leaves = tree.leaves().map(|leaf| LeafStats {
        oid: leaf.oid,
        name: leaf.name.name.clone(),
        inserted: 0,
        latency: None,
    });
    Ok(TableStats {
        name: source.label.clone(),
        inserted: 0,
        in_doubt: 0,
        latency: Latencies::precise()?,
        leaves: leaves.collect(),
    })
}

/// Names the leaves that were attached during the run.
pub async fn name_new_leaves(session: &Session, tables: &mut [TableStats]) -> Result<()> {
    let leaves = tables.iter_mut().flat_map(|table| &mut table.leaves);
    for leaf in leaves.filter(|leaf| leaf.name.is_empty()) {
        let name = "SELECT coalesce((SELECT relname FROM pg_class WHERE oid = $1), 'oid ' || $1)";
        let row = session.client().query_one(name, &[&leaf.oid]).await;
        leaf.name = row.context(|| "cannot name a new partition")?.get(0);
    }
    Ok(())
}

/// Whether a leaf was attached during the run.
pub fn has_new_leaves(tables: &[TableStats]) -> bool {
    tables.iter().flat_map(|table| &table.leaves).any(|leaf| leaf.name.is_empty())
}

/// What is left to say when the server is away: new leaves by their OIDs, and no leaves where
/// they were to be counted at the end.
pub fn forget_unknown(tables: &mut [TableStats], counted_at_end: bool) {
    for table in tables {
        if counted_at_end {
            table.leaves.clear();
        }
        for leaf in table.leaves.iter_mut().filter(|leaf| leaf.name.is_empty()) {
            leaf.name = format!("oid {}", leaf.oid);
        }
    }
}

/// Rows that the server's statistics have counted in each leaf: where nobody asks for the
/// partition of each row.
pub struct Inserted(HashMap<u32, i64>);

/// How long sessions that have ended may take to hand in their counts.
const HANDED_IN: Duration = Duration::from_secs(2);

impl Inserted {
    /// As of now.
    pub async fn now(session: &Session, tables: &[TableStats]) -> Result<Self> {
        const INSERTED_ROWS: &str = include_str!("../../../scripts/inspect/inserted_rows.sql");
        let leaves = tables.iter().flat_map(|table| &table.leaves);
        let oids: Vec<u32> = leaves.map(|leaf| leaf.oid).collect();
        let rows = session.client().query(INSERTED_ROWS, &[&oids]).await;
        let rows = rows.context(|| "cannot read the statistics of the partitions")?;
        Ok(Self(rows.iter().map(|row| (row.get(0), row.get(1))).collect()))
    }

    /// Writes into `tables` what has come since. When that is not what was acknowledged, because
    /// others have inserted, too, or statements were refused, nobody knows: the table's leaves
    /// are taken away.
    pub async fn fill(&self, session: &Session, tables: &mut [TableStats]) -> Result<()> {
        let given_up = Instant::now() + HANDED_IN;
        loop {
            let now = Self::now(session, tables).await?;
            let mut complete = true;
            for table in &mut *tables {
                for leaf in &mut table.leaves {
                    let since = |counts: &Self| counts.0.get(&leaf.oid).copied().unwrap_or(0);
                    leaf.inserted = u64::try_from(since(&now) - since(self)).unwrap_or(0);
                }
                let counted: u64 = table.leaves.iter().map(|leaf| leaf.inserted).sum();
                complete &= counted == table.inserted;
            }
            if complete {
                return Ok(());
            }
            if Instant::now() > given_up {
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
        for table in tables {
            let counted: u64 = table.leaves.iter().map(|leaf| leaf.inserted).sum();
            if counted != table.inserted {
                table.leaves.clear();
            }
        }
        Ok(())
    }
}
