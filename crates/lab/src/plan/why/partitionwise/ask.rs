//! Looks at a plan, and at the plan that the settings would give.

use tokio_postgres::Transaction;

use super::super::experiment::{Bench, With};
use super::super::keys::PartitionTree;
use super::super::occurrence::occurrences;
use super::super::read;
use super::obstacle::{Pair, obstacle, pairs};
use super::shape::{aggregates_by_partition, aggregates_many, joins_by_partition};
use super::{Partitionwise, Wise};
use crate::error::{Context, Result};
use crate::plan::{Explained, Plan};

const JOIN: &str = "enable_partitionwise_join";
const AGGREGATE: &str = "enable_partitionwise_aggregate";
/// Planning partition by partition takes the square of their number, and memory likewise: beyond this
/// it is not tried.
const TRIED: usize = 512;

/// Tells whether the query of `explained`, which is [`explain`](crate::plan::explain)'s answer to `sql`, joins
/// and aggregates partition by partition; and if not, whether it could, and what to set.
///
/// Nothing is executed but plain EXPLAIN and reads of the catalog, each behind a savepoint. Fails when the
/// server ends a statement (a timeout, a lost connection).
pub async fn partitionwise(
    tx: &Transaction<'_>,
    sql: &str,
    explained: &Explained,
) -> Result<Partitionwise> {
    let nothing = Partitionwise { join: Wise::NotApplicable, aggregate: Wise::NotApplicable };
    let oids: Vec<u32> = explained.touched.iter().map(|touched| touched.oid).collect();
    if oids.is_empty() {
        return Ok(nothing);
    }
    let bench = Bench { tx };
    let trees = read::trees(tx, &oids).await?;
    let query = Query { bench, sql, plan: &explained.plan, trees: &trees };
    let found = occurrences(&explained.plan, &trees);
    let pairs = pairs(&found);
    let (join_on, aggregate_on) = settings(tx).await?;
    let join =
        if pairs.is_empty() { Wise::NotApplicable } else { query.join(&pairs, join_on).await? };
    let aggregates = aggregates_many(&explained.plan, &trees)
        || aggregates_by_partition(&explained.plan, &trees).is_some();
    let aggregate =
        if aggregates { query.aggregate(&join, aggregate_on).await? } else { Wise::NotApplicable };
    Ok(Partitionwise { join, aggregate })
}

async fn settings(tx: &Transaction<'_>) -> Result<(bool, bool)> {
    let what = || "cannot read the planner's settings";
    let sql =
        format!("SELECT current_setting('{JOIN}')::bool, current_setting('{AGGREGATE}')::bool");
    let row = tx.query_one(&sql, &[]).await.context(what)?;
    Ok((row.try_get(0).context(what)?, row.try_get(1).context(what)?))
}

struct Query<'a> {
    bench: Bench<'a>,
    sql: &'a str,
    plan: &'a Plan,
    trees: &'a [PartitionTree],
}

impl Query<'_> {
    async fn join(&self, pairs: &[Pair<'_>], on: bool) -> Result<Wise> {
        if on && joins_by_partition(self.plan, self.trees) {
            return Ok(Wise::Used { partial: false });
        }
        if !on {
            let seen = |plan: &Plan| joins_by_partition(plan, self.trees).then_some(false);
            match self.tried(&[JOIN], seen).await? {
                Tried::Not(wise) | Tried::Seen(wise) => return Ok(wise),
                Tried::Unseen => {}
            }
        }
        for pair in pairs {
            if let Some(obstacle) = obstacle(self.bench, self.trees, pair).await? {
                return Ok(Wise::Impossible { obstacle });
            }
        }
        Ok(Wise::NotChosen)
    }

    async fn aggregate(&self, join: &Wise, on: bool) -> Result<Wise> {
        let seen = |plan: &Plan| aggregates_by_partition(plan, self.trees);
        if on && let Some(partial) = seen(self.plan) {
            return Ok(Wise::Used { partial });
        }
        if !on {
            match self.tried(&[AGGREGATE], seen).await? {
                Tried::Not(wise) | Tried::Seen(wise) => return Ok(wise),
                Tried::Unseen => {}
            }
        }
        // What is joined as a whole cannot be aggregated by partition.
        if matches!(join, Wise::Possible { .. }) {
            match self.tried(&[JOIN, AGGREGATE], seen).await? {
                Tried::Not(wise) | Tried::Seen(wise) => return Ok(wise),
                Tried::Unseen => {}
            }
        }
        Ok(match join {
            Wise::Impossible { obstacle } => Wise::Impossible { obstacle: obstacle.clone() },
            _ => Wise::NotChosen,
        })
    }

    /// The plan with `names` switched on, looked at by `seen`.
    async fn tried(&self, names: &[&str], seen: impl Fn(&Plan) -> Option<bool>) -> Result<Tried> {
        let scans = self.plan.nodes().filter(|node| node.scanned().is_some()).count();
        if scans > TRIED {
            let because = format!("with {scans} partitions it would take long to try");
            return Ok(Tried::Not(Wise::NotKnown { because }));
        }
        let custom = ("plan_cache_mode", "force_custom_plan");
        let now: With = &[custom];
        let with: Vec<(&str, &str)> =
            names.iter().map(|name| (*name, "on")).chain([custom]).collect();
        let (Some(now), Some(then)) = (
            self.bench.plan_with_costs(now, self.sql).await?,
            self.bench.plan_with_costs(&with, self.sql).await?,
        ) else {
            let because = "the server refuses to explain the query again".to_owned();
            return Ok(Tried::Not(Wise::NotKnown { because }));
        };
        let Some(partial) = seen(&then) else { return Ok(Tried::Unseen) };
        let statements: Vec<String> = names.iter().map(|name| format!("SET {name} = on")).collect();
        Ok(Tried::Seen(Wise::Possible {
            statement: statements.join("; "),
            partial,
            cost: now.root.total_cost,
            cost_then: then.root.total_cost,
        }))
    }
}

/// What came of an attempt.
enum Tried {
    /// It was not made.
    Not(Wise),
    /// The plan works by partition.
    Seen(Wise),
    /// It does not.
    Unseen,
}
