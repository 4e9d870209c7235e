//! What a table is joined with, and whether rows without a partner are dropped.

use std::collections::BTreeMap;

use super::expr::Expr;
use super::keys::PartitionTree;
use super::occurrence::base;
use super::{elsewhere, parse, text};
use crate::plan::{Node, Plan};

/// The first scan of what the plan calls `table`.
pub(super) fn scan_of<'a>(plan: &'a Plan, table: &str) -> Option<&'a Node> {
    plan.nodes().find(|node| node.scanned().is_some() && is_called(node, table))
}

fn is_called(node: &Node, table: &str) -> bool {
    node.alias.as_deref().is_some_and(|alias| alias == table || base(alias) == table)
}

/// The conditions of a scan that are about one column and nothing else.
pub(super) fn conditions_on(scan: &Node, column: &str) -> Vec<Expr> {
    let alias = scan.alias.as_deref().unwrap_or_default();
    let texts = [&scan.filter, &scan.index_cond, &scan.recheck_cond].into_iter().flatten();
    texts
        .flat_map(|text| parse::conditions(&text::without_alias(text, alias), &[]))
        .filter(|condition| {
            let columns: Vec<&Expr> =
                condition.walk().filter(|part| matches!(part, Expr::Column { .. })).collect();
            let own =
                |part: &&Expr| matches!(part, Expr::Column { table: None, name } if name == column);
            !columns.is_empty() && columns.iter().all(own)
        })
        .collect()
}

/// Whether the join by `condition` of the partitioned table called `alias` and `table` drops rows of the
/// partitioned table that have no partner.
pub(super) fn drops_unmatched(
    plan: &Plan,
    tree: &PartitionTree,
    alias: &str,
    table: &str,
    condition: &Expr,
) -> bool {
    let ours = |node: &Node| {
        is_called(node, alias) && node.scanned().is_some_and(|name| tree.leaf(&name).is_some())
    };
    let theirs = |node: &Node| is_called(node, table) && node.scanned().is_some();
    let has = |node: &Node, wanted: &dyn Fn(&Node) -> bool| node.walk().any(wanted);
    // The lowest node that has both beneath it.
    let both = |node: &&Node| has(node, &ours) && has(node, &theirs);
    let Some(join) = plan.nodes().filter(both).last() else { return false };
    // Each text once: partitions differ in their own name alone.
    let mut texts: BTreeMap<String, &str> = BTreeMap::new();
    for node in join.walk() {
        let own = node.alias.as_deref().unwrap_or_default();
        for text in elsewhere::conditions(node) {
            texts.entry(text::without_alias(text, own)).or_insert(text);
        }
    }
    let by_condition = texts
        .into_values()
        .flat_map(|text| parse::conditions(text, &[]))
        .any(|one| elsewhere::seen_from(&one, alias) == *condition);
    let side = |name: &str| {
        join.children.iter().any(|child| {
            child.parent_relationship.as_deref() == Some(name)
                && has(child, &ours)
                && !has(child, &theirs)
        })
    };
    let (outer, inner) = (side("Outer"), side("Inner"));
    by_condition
        && match join.join_type.as_deref() {
            Some("Inner" | "Semi" | "Right Semi") => outer || inner,
            Some("Left" | "Anti") => inner,
            Some("Right" | "Right Anti") => outer,
            _ => false,
        }
}
