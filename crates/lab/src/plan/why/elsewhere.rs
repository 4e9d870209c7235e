//! Conditions on a table's columns that stand elsewhere in the plan than on its scans: where they
//! cannot prune.

use std::collections::BTreeMap;

use super::expr::Expr;
use super::occurrence::{Occurrence, base};
use super::{parse, text};
use crate::plan::{Node, Plan};

/// A condition away from the table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Elsewhere {
    /// The condition; the table's own columns have no qualifier.
    pub(super) condition: Expr,
    pub(super) place: Place,
}

/// Where a condition stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// In a join, or on the scan of the other table.
    Join,
    /// In a subquery that runs for each row.
    SubPlan,
    /// Above a boundary that conditions do not pass.
    Above {
        /// The CTE or subquery.
        boundary: String,
        /// Within, the condition would give the same rows.
        movable: bool,
    },
}

/// The conditions of a plan's nodes, each with its place.
pub(super) struct Conditions<'a> {
    plan: &'a Plan,
    all: Vec<(Expr, Place)>,
}

impl<'a> Conditions<'a> {
    pub(super) fn of(plan: &'a Plan, returned: &[text::Returned]) -> Self {
        // By the text without the scan's own name, which thousands of leaves have in common.
        let mut texts: BTreeMap<(String, bool), &str> = BTreeMap::new();
        let mut next = vec![(&plan.root, false)];
        while let Some((node, in_sub_plan)) = next.pop() {
            let named = |name: &str| name.starts_with("SubPlan");
            let in_sub_plan = in_sub_plan || node.subplan_name.as_deref().is_some_and(named);
            let alias = node.alias.as_deref().unwrap_or_default();
            for text in conditions(node) {
                texts.entry((text::without_alias(text, alias), in_sub_plan)).or_insert(text);
            }
            next.extend(node.children.iter().map(|child| (child, in_sub_plan)));
        }
        let all = texts.into_iter().flat_map(|((_, in_sub_plan), text)| {
            let place = if in_sub_plan { Place::SubPlan } else { Place::Join };
            parse::conditions(text, returned).into_iter().map(move |expr| (expr, place.clone()))
        });
        Self { plan, all: all.collect() }
    }

    /// Those that mention the table.
    pub(super) fn about(&self, occurrence: &Occurrence) -> Vec<Elsewhere> {
        let mut found: Vec<Elsewhere> = Vec::new();
        for (expr, place) in &self.all {
            let condition = seen_from(expr, &occurrence.alias);
            let others =
                condition.walk().any(|part| matches!(part, Expr::Column { table: Some(_), .. }));
            // On its own scans a condition mentions no other table, or is known already.
            let known = occurrence.conditions.contains(&condition);
            if condition == *expr || known || !others && *place == Place::Join {
                continue;
            }
            let one = Elsewhere { condition, place: place.clone() };
            if !found.contains(&one) {
                found.push(one);
            }
        }
        found.extend(self.above(occurrence));
        found
    }

    /// Conditions on the output of a CTE or subquery that hands the table's columns out by their own names.
    fn above(&self, occurrence: &Occurrence) -> Vec<Elsewhere> {
        let mut found = Vec::new();
        for scan in self.plan.nodes() {
            let (Some(filter), Some(alias)) = (&scan.filter, &scan.alias) else { continue };
            let Some((inner, boundary)) = self.within(scan) else { continue };
            let handed_out: Vec<String> =
                output(inner).iter().filter_map(|text| column_of(text, occurrence)).collect();
            let names: Vec<String> =
                output(inner).iter().filter_map(|text| name_of(text)).collect();
            let is_unique = |column: &&str| names.iter().filter(|name| name == column).count() == 1;
            for condition in parse::conditions(filter, &[]) {
                let condition = seen_from(&condition, alias);
                let columns: Vec<&str> = condition.own_columns().collect();
                let all = columns.iter().all(|column| handed_out.iter().any(|out| out == column));
                // What other readers do not ask for is no condition on the table.
                let asked = all && columns.iter().all(is_unique) && self.by_all(scan, &condition);
                if asked && !columns.is_empty() {
                    let movable = is_plain(inner);
                    let place = Place::Above { boundary: boundary.clone(), movable };
                    let one = Elsewhere { condition, place };
                    if !found.contains(&one) {
                        found.push(one);
                    }
                }
            }
        }
        found
    }

    /// Whether all that read the CTE of `scan` ask for `condition`; nobody else reads a subquery.
    fn by_all(&self, scan: &Node, condition: &Expr) -> bool {
        let same = |node: &&Node| node.cte_name.is_some() && node.cte_name == scan.cte_name;
        self.plan.nodes().filter(same).all(|reader| {
            let alias = reader.alias.as_deref().unwrap_or_default();
            let filter = reader.filter.as_deref().unwrap_or_default();
            parse::conditions(filter, &[]).iter().any(|one| seen_from(one, alias) == *condition)
        })
    }

    /// What a scan of a CTE or subquery reads, and what to call it.
    fn within(&self, scan: &'a Node) -> Option<(&'a Node, String)> {
        if let Some(name) = &scan.cte_name {
            let wanted = format!("CTE {name}");
            let inner =
                self.plan.nodes().find(|node| node.subplan_name.as_deref() == Some(&wanted))?;
            return Some((inner, wanted));
        }
        if scan.node_type == "Subquery Scan" {
            let name = scan.alias.as_deref().unwrap_or_default();
            return Some((scan.children.first()?, format!("subquery {name}")));
        }
        None
    }
}

/// Whether rows may be left out beneath `node` as well as above it: nothing counts, numbers or limits them.
fn is_plain(node: &Node) -> bool {
    node.walk().all(|node| match node.node_type.as_str() {
        "Append" | "Merge Append" | "Sort" | "Hash" | "Materialize" | "Gather" | "Gather Merge" => {
            true
        }
        _ if node.join_type.is_some() => node.join_type.as_deref() == Some("Inner"),
        other => other.contains("Scan") && other != "Subquery Scan" && other != "CTE Scan",
    })
}

/// What a node returns. EXPLAIN does not say it of an Append, whose partitions return the same.
fn output(node: &Node) -> &[String] {
    match node.children.first() {
        Some(child) if node.output.is_empty() && node.node_type.ends_with("Append") => {
            output(child)
        }
        _ => &node.output,
    }
}

pub(super) fn conditions(node: &Node) -> impl Iterator<Item = &str> {
    [
        &node.filter,
        &node.join_filter,
        &node.hash_cond,
        &node.merge_cond,
        &node.index_cond,
        &node.recheck_cond,
    ]
    .into_iter()
    .flatten()
    .map(String::as_str)
}

/// `expr` with the columns of the table called `alias` as its own.
pub(super) fn seen_from(expr: &Expr, alias: &str) -> Expr {
    expr.clone().map(&|part| match part {
        Expr::Column { table: Some(table), name } if table == alias || base(&table) == alias => {
            Expr::own(name)
        }
        other => other,
    })
}

/// The name of the column that `text` is, of whichever table; `None` for other expressions.
fn name_of(text: &str) -> Option<String> {
    match parse::list(text)?.as_slice() {
        [Expr::Column { name, .. }] => Some(name.clone()),
        _ => None,
    }
}

/// The table's column that `text`, an entry of a node's output, is; `None` for other expressions.
fn column_of(text: &str, occurrence: &Occurrence) -> Option<String> {
    match parse::list(text)?.as_slice() {
        [expr] => match seen_from(expr, &occurrence.alias) {
            Expr::Column { table: None, name } => Some(name),
            _ => None,
        },
        _ => None,
    }
}
