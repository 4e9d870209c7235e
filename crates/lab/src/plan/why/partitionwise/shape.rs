//! What a plan that works partition by partition looks like: an Append of joins or aggregates, each of
//! one partition of the same tables.

use std::collections::{BTreeMap, BTreeSet};

use super::super::keys::PartitionTree;
use super::super::occurrence::Names;
use super::super::text;
use crate::plan::{Node, Plan};

/// The leaves beneath a node, by mention: the table, what the query calls it, and the conditions on it.
type Mentions = BTreeMap<(u32, String, String), BTreeSet<u32>>;

/// Whether `plan` joins partition by partition.
pub(in super::super) fn joins_by_partition(plan: &Plan, trees: &[PartitionTree]) -> bool {
    let names = Names::of(plan);
    plan.nodes().filter(|node| is_append(node)).any(|append| {
        let children: Vec<Mentions> = members(append)
            .filter(|child| child.walk().any(|node| node.join_type.is_some()))
            .map(|child| mentions(child, trees, &names))
            .collect();
        children.len() == members(append).count() && alike(&children, 2)
    })
}

/// Whether `plan` aggregates partition by partition, and whether only in part.
pub(in super::super) fn aggregates_by_partition(
    plan: &Plan,
    trees: &[PartitionTree],
) -> Option<bool> {
    let names = Names::of(plan);
    plan.nodes().filter(|node| is_append(node)).find_map(|append| {
        let aggregates: Vec<&Node> = members(append).filter_map(aggregate_in).collect();
        let children: Vec<Mentions> =
            aggregates.iter().map(|aggregate| mentions(aggregate, trees, &names)).collect();
        let all = children.len() == members(append).count() && alike(&children, 1);
        let partial = |node: &&Node| node.partial_mode.as_deref() == Some("Partial");
        all.then(|| aggregates.iter().any(partial))
    })
}

/// Whether the plan groups or aggregates what comes from more than one partition of a table.
pub(in super::super) fn aggregates_many(plan: &Plan, trees: &[PartitionTree]) -> bool {
    let names = Names::of(plan);
    plan.nodes()
        .filter(|node| is_aggregate(node))
        .any(|node| mentions(node, trees, &names).values().any(|leaves| leaves.len() > 1))
}

fn is_append(node: &Node) -> bool {
    node.node_type == "Append" || node.node_type == "Merge Append"
}

fn is_aggregate(node: &Node) -> bool {
    node.node_type == "Aggregate" || node.node_type == "Group"
}

fn members(append: &Node) -> impl Iterator<Item = &Node> {
    append.children.iter().filter(|child| child.parent_relationship.as_deref() == Some("Member"))
}

/// The aggregate at the top of a partition's part of the plan.
fn aggregate_in(mut node: &Node) -> Option<&Node> {
    loop {
        if is_aggregate(node) {
            return Some(node);
        }
        let [child] = node.children.as_slice() else { return None };
        node = child;
    }
}

fn mentions(node: &Node, trees: &[PartitionTree], names: &Names) -> Mentions {
    let mut found = Mentions::new();
    for scan in node.walk() {
        let Some(name) = scan.scanned() else { continue };
        let alias = scan.alias.as_deref().unwrap_or_default();
        for tree in trees {
            if let Some(leaf) = tree.leaf(&name) {
                // An index may be used in one partition and not in another: filters differ then.
                let filter = scan.filter.as_deref().filter(|_| scan.index_cond.is_none());
                let filter =
                    filter.map(|text| text::without_alias(text, alias)).unwrap_or_default();
                let mention = (tree.root, names.called(alias).to_owned(), filter);
                found.entry(mention).or_default().insert(leaf);
            }
        }
    }
    found
}

/// Whether the parts mention the same tables, at least `count`, and no leaf twice. The branches of a UNION ALL
/// would not.
fn alike(parts: &[Mentions], count: usize) -> bool {
    let Some(first) = parts.first() else { return false };
    let same = |part: &Mentions| part.keys().eq(first.keys());
    let apart = first.keys().all(|mention| {
        let leaves = || parts.iter().filter_map(|part| part.get(mention));
        let all: BTreeSet<u32> = leaves().flatten().copied().collect();
        leaves().map(BTreeSet::len).sum::<usize>() == all.len()
    });
    parts.len() > 1 && first.len() >= count && parts.iter().all(same) && apart
}
