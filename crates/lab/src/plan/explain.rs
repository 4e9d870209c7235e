//! Runs a query under EXPLAIN and finds out which partitions it touched.

use std::collections::BTreeSet;
use std::error::Error as StdError;

use tokio_postgres::types::{FromSql, Type};
use tokio_postgres::{Row, Transaction};

use super::fate::Evidence;
use super::locks::{Locked, Locks};
use super::start::Whole;
use super::{Plan, Touched, locks, refusal};
use crate::catalog::{RowCount, Tree, tree_of};
use crate::connect::search_path::for_query;
use crate::error::{Context, Result};
use crate::script::lexer::{Token, tokens};

const PLAN_ONLY: &str = "EXPLAIN (FORMAT JSON) ";
const VERBOSE: &str = "EXPLAIN (VERBOSE, FORMAT JSON) ";
const ANALYZE: &str = "EXPLAIN (ANALYZE, BUFFERS, VERBOSE, FORMAT JSON) ";
/// Long enough that no transaction has a savepoint of this name already.
const SAVEPOINT: &str = "partition_lab_explain";

/// A statement's plan and the partitioned tables that it touched.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The plan, with what execution measured.
    pub plan: Plan,
    /// Whether it was executed; if not, a partition that is in the plan counts as never executed.
    pub analyzed: bool,
    /// The partitioned tables that the statement reads, by name; empty when there is none. The
    /// target of an INSERT is not read.
    pub touched: Vec<Touched>,
}

impl Explained {
    /// The entry of the table of this name, without its schema.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Touched> {
        self.touched.iter().find(|touched| touched.table.name == name)
    }
}

/// **Executes** `sql` under `EXPLAIN (ANALYZE)` and tells which partitions it touched.
///
/// All of it happens behind a savepoint, to which the transaction then returns, so it is left as
/// it was found: an INSERT's rows are gone, locks are released, and a query that fails does not
/// abort the transaction. Whether the query may write, and for how long it may run, is the caller's choice:
/// `READ ONLY`, `statement_timeout`.
///
/// `sql` is one statement, with or without a semicolon and comments; it is sent over the
/// extended protocol, in which the server refuses a second one. So it cannot end the transaction.
///
/// Earlier statements of the same transaction may have locked the tables. That is allowed for, with
/// two exceptions. A table of which *no* partition reaches the plan goes unnoticed when it was
/// locked in the same mode before: run a `PREPARE` before the transaction, therefore. And on PostgreSQL
/// 15 partitions pruned by the planner count as removed at start, when both happened to one table and all were
/// locked in the same mode before.
///
/// On PostgreSQL 15 the session's cached plans may be discarded (`DISCARD PLANS`): prepared statements stay,
/// and are planned anew when they are next executed.
///
/// Fails with a usage error for several statements, none, one without a plan (`VACUUM`) or with parameters
/// (`$1`), and with the server's own error for all else. One that makes a table does so in `READ ONLY` too:
/// [`makes_a_table`](super::makes_a_table) tells.
pub async fn explain(tx: &Transaction<'_>, sql: &str) -> Result<Explained> {
    explain_with(tx, sql, ANALYZE).await
}

/// The same without executing it: [`Explained::analyzed`] is false.
pub async fn explain_only(tx: &Transaction<'_>, sql: &str) -> Result<Explained> {
    explain_with(tx, sql, VERBOSE).await
}

async fn explain_with(tx: &Transaction<'_>, sql: &str, how: &str) -> Result<Explained> {
    if refusal::is_nothing(sql) {
        return Err(refusal::of_nothing());
    }
    let (before, mut planned) = behind_savepoint(tx, async {
        let before = locks::read(tx).await?.locks;
        Ok((before, plan_only(tx, sql).await?))
    })
    .await?;
    if planned.has_read_bounds || may_execute(sql) {
        // Once in a session, planning locks tables that the query does not read: for the bounds of a partition, and for a prepared
        // statement's generic plan, which is made to compare its cost. Now both are there.
        planned = behind_savepoint(tx, plan_only(tx, sql)).await?;
    }
    Box::pin(behind_savepoint(tx, explained(tx, sql, how, &before, planned))).await
}

/// Undoes what `work` did, its locks included, whether it succeeded or failed.
pub(super) async fn behind_savepoint<T>(
    tx: &Transaction<'_>,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let what = || "cannot set a savepoint";
    tx.batch_execute(&format!("SAVEPOINT {SAVEPOINT}")).await.context(what)?;
    let done = work.await;
    let undone = tx
        .batch_execute(&format!("ROLLBACK TO SAVEPOINT {SAVEPOINT}; RELEASE SAVEPOINT {SAVEPOINT}"))
        .await
        .context(|| "cannot return to the savepoint");
    let done = done?;
    undone.map(|()| done)
}

/// Whether `sql` may execute a prepared statement.
fn may_execute(sql: &str) -> bool {
    let is_execute = |token: &Token| token.is_code() && token.text.eq_ignore_ascii_case("execute");
    tokens(sql).is_ok_and(|all| all.iter().any(is_execute))
}

/// What is locked after planning.
async fn plan_only(tx: &Transaction<'_>, sql: &str) -> Result<Locked> {
    run(tx, PLAN_ONLY, sql).await?;
    locks::read(tx).await
}

async fn explained(
    tx: &Transaction<'_>,
    sql: &str,
    how: &str,
    before: &Locks,
    planned: Locked,
) -> Result<Explained> {
    let plan = Plan::from_json(&run(tx, how, sql).await?)?;
    let trees = trees(tx, planned.topmost).await?;
    let after = &planned.locks;
    let mut evidence = Evidence { plan: &plan, trees: &trees, before, after, whole: None };
    let whole = if evidence.is_unclear() { Some(Whole::ask(tx, sql).await?) } else { None };
    evidence.whole = whole.as_ref();
    let touched = evidence.touched();
    Ok(Explained { plan, analyzed: how == ANALYZE, touched })
}

async fn trees(tx: &Transaction<'_>, tables: BTreeSet<u32>) -> Result<Vec<Tree>> {
    let mut trees = Vec::new();
    for oid in tables {
        trees.extend(tree_of(tx, oid, RowCount::Estimated).await?);
    }
    Ok(trees)
}

/// The document that EXPLAIN returns.
pub(super) async fn run(tx: &Transaction<'_>, explain: &str, sql: &str) -> Result<String> {
    let refused = |error| refusal::of_server(&error, sql, explain.len());
    let row = for_query(tx, async {
        let statement = tx.prepare(&format!("{explain}{sql}")).await.map_err(refused)?;
        if !statement.params().is_empty() {
            return Err(refusal::of_parameters(statement.params().len()));
        }
        tx.query_one(&statement, &[]).await.map_err(refused)
    })
    .await?;
    json_document(&row).context(|| "cannot read the plan")
}

/// The document in a row that EXPLAIN returned.
pub(super) fn json_document(row: &Row) -> Result<String, tokio_postgres::Error> {
    row.try_get(0).map(|JsonText(document)| document)
}

/// The `json` that EXPLAIN wrote, unparsed, for it may need a repair: see [`Plan::from_json`].
struct JsonText(String);

impl<'a> FromSql<'a> for JsonText {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(str::from_utf8(raw)?.to_owned()))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSON
    }
}
