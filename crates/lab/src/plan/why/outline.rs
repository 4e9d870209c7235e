//! Which leaves a plan scans, and nothing else of it: a plan of thousands of partitions is read in
//! milliseconds.

use serde::Deserialize;

use super::experiment::Left;
use super::keys::PartitionTree;
use crate::catalog::Name;
use crate::error::{Context, Result};

#[derive(Deserialize)]
struct Plan {
    #[serde(rename = "Plan")]
    root: Node,
}

#[derive(Deserialize)]
struct Node {
    #[serde(rename = "Relation Name")]
    relation: Option<String>,
    #[serde(rename = "Schema")]
    schema: Option<String>,
    #[serde(rename = "Subplans Removed", default)]
    subplans_removed: u64,
    #[serde(rename = "Plans", default)]
    children: Vec<Node>,
}

/// The leaves of `tree` in the plan of a SELECT, which is a JSON document.
pub(super) fn left(document: &str, tree: &PartitionTree) -> Result<Left> {
    let plans: Vec<Plan> =
        serde_json::from_str(document).context(|| "cannot read the plan of an experiment")?;
    let mut left = Left::default();
    let mut next: Vec<Node> = plans.into_iter().map(|plan| plan.root).collect();
    while let Some(node) = next.pop() {
        left.at_start |= node.subplans_removed > 0;
        if let (Some(schema), Some(relation)) = (node.schema, node.relation) {
            left.leaves.extend(tree.leaf(&Name { schema, name: relation }));
        }
        next.extend(node.children);
    }
    Ok(left)
}
