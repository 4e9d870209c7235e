//! Plain EXPLAIN, never ANALYZE, of the query or of a condition alone, under other settings: what
//! is said afterwards has been seen. Each leaves the transaction as it was.

use std::collections::BTreeSet;

use tokio_postgres::Transaction;

use super::keys::PartitionTree;
use super::outline;
use crate::connect::search_path::FOR_QUERY;
use crate::error::{Context, Result};
use crate::plan::Plan;
use crate::plan::explain::json_document;

const SAVEPOINT: &str = "partition_lab_why";
const EXPLAIN: &str = "EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) ";
const EXPLAIN_WITH_COSTS: &str = "EXPLAIN (VERBOSE, FORMAT JSON) ";

/// Settings for one EXPLAIN: names and values of our own making.
pub(super) type With<'a> = &'a [(&'a str, &'a str)];

/// Prunes by bounds, and by nothing else.
pub(super) const BY_BOUNDS: With =
    &[("enable_partition_pruning", "on"), ("constraint_exclusion", "off")];
/// Shows every partition that conditions alone do not rule out, with their conditions.
pub(super) const UNPRUNED: With = &[
    ("enable_partition_pruning", "off"),
    ("constraint_exclusion", "off"),
    ("plan_cache_mode", "force_custom_plan"),
];
/// Shows each condition as a filter: some indexes hide conditions, others make some up.
pub(super) const WITHOUT_INDEXES: With =
    &[("enable_indexscan", "off"), ("enable_indexonlyscan", "off"), ("enable_bitmapscan", "off")];

/// A transaction in which things may be tried.
#[derive(Clone, Copy)]
pub(super) struct Bench<'a> {
    pub(super) tx: &'a Transaction<'a>,
}

/// The leaves that a condition leaves of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Left {
    /// OIDs of the leaves in the plan.
    pub(super) leaves: BTreeSet<u32>,
    /// Whether more left it when execution began.
    pub(super) at_start: bool,
}

impl Bench<'_> {
    /// The plan of `sql` under other settings; `None` when the server refuses it.
    pub(super) async fn plan(&self, with: With<'_>, sql: &str) -> Result<Option<Plan>> {
        let document = self.explained(with, &format!("{EXPLAIN}{sql}")).await?;
        document.map(|document| Plan::from_json(&document)).transpose()
    }

    /// The same with the planner's estimates of cost.
    pub(super) async fn plan_with_costs(&self, with: With<'_>, sql: &str) -> Result<Option<Plan>> {
        let document = self.explained(with, &format!("{EXPLAIN_WITH_COSTS}{sql}")).await?;
        document.map(|document| Plan::from_json(&document)).transpose()
    }

    async fn explained(&self, with: With<'_>, statement: &str) -> Result<Option<String>> {
        self.behind_savepoint(async {
            // EXPLAIN compiles expressions, and throws them away.
            let mut settings = "SET LOCAL jit = off".to_owned();
            for (name, value) in with {
                settings.extend(["; SET LOCAL ", name, " = ", value]);
            }
            settings.extend(["; ", FOR_QUERY]);
            self.tx.batch_execute(&settings).await?;
            let statement = self.tx.prepare(statement).await?;
            if !statement.params().is_empty() {
                return Ok(None);
            }
            self.tx.query_one(&statement, &[]).await.and_then(|row| json_document(&row)).map(Some)
        })
        .await
        .map(Option::flatten)
    }

    /// What `condition` alone leaves of the table; `None` when the server refuses it.
    pub(super) async fn left(
        &self,
        tree: &PartitionTree,
        with: With<'_>,
        condition: &str,
    ) -> Result<Option<Left>> {
        let sql = format!("SELECT FROM {} WHERE {condition}", tree.name());
        let document = self.explained(with, &format!("{EXPLAIN}{sql}")).await?;
        document.map(|document| outline::left(&document, tree)).transpose()
    }

    /// The text of each expression, evaluated by the server; `None` when one of them is NULL or fails.
    /// They are made of constants and PostgreSQL's own functions.
    pub(super) async fn values(&self, expressions: &[String]) -> Result<Option<Vec<String>>> {
        if expressions.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let texts: Vec<String> =
            expressions.iter().map(|one| format!("({one})::pg_catalog.text")).collect();
        let sql = format!("SELECT {}", texts.join(", "));
        let values = self.behind_savepoint(async {
            let row = self.tx.query_one(&sql, &[]).await?;
            (0..row.len()).map(|at| row.try_get::<_, Option<String>>(at)).collect()
        });
        Ok(values.await?.and_then(|values: Vec<Option<String>>| values.into_iter().collect()))
    }

    /// The outcome of `work`, undone; `None` when the server found fault with it.
    async fn behind_savepoint<T>(
        &self,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<Option<T>> {
        let what = || "cannot set a savepoint";
        self.tx.batch_execute(&format!("SAVEPOINT {SAVEPOINT}")).await.context(what)?;
        let outcome = work.await;
        let undone = self
            .tx
            .batch_execute(&format!(
                "ROLLBACK TO SAVEPOINT {SAVEPOINT}; RELEASE SAVEPOINT {SAVEPOINT}"
            ))
            .await
            .context(|| "cannot return to the savepoint");
        match outcome {
            Ok(value) => undone.map(|()| Some(value)),
            Err(error) if is_refusal(&error) => undone.map(|()| None),
            Err(error) => Err(error).context(|| "cannot find out why partitions are read"),
        }
    }
}

/// Whether the server rejected what it was given, for its form, its values or a missing right; a
/// timeout, a lost connection and the like concern the caller.
fn is_refusal(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|code| {
        let class = code.code().get(..2).unwrap_or_default();
        ["0A", "22", "42"].contains(&class)
    })
}

/// The leaves of `tree` in `plan`.
pub(super) fn left_in(plan: &Plan, tree: &PartitionTree) -> Left {
    Left {
        leaves: plan.nodes().filter_map(|node| tree.leaf(&node.scanned()?)).collect(),
        at_start: plan.nodes().any(|node| node.subplans_removed > 0),
    }
}
