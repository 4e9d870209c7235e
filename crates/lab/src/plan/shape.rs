//! What is done partition by partition in a plan, and what is done once for the whole table.
//!
//! A partition-wise join or aggregate stands beneath the `Append` (or `MergeAppend`) that puts the
//! partitions' results together; the ordinary one stands above it. With a single partition left
//! there is no `Append`, and nothing to tell them apart by. A `UNION ALL` of joins looks like a
//! partition-wise join.

use super::{Node, Plan};

impl Plan {
    /// Joins of partition with partition.
    #[must_use]
    pub fn partitionwise_joins(&self) -> usize {
        self.beneath_append(Node::is_join)
    }

    /// Aggregates that finish the groups of a partition: the key is among the groups' columns, so
    /// no group has rows in two partitions.
    #[must_use]
    pub fn partitionwise_aggregates(&self) -> usize {
        self.beneath_append(|node| node.aggregates("Simple"))
    }

    /// Aggregates of a partition that another aggregate, above them all, completes.
    #[must_use]
    pub fn partial_aggregates(&self) -> usize {
        self.beneath_append(|node| node.aggregates("Partial"))
    }

    /// Nodes of these types, wherever they stand.
    #[must_use]
    pub fn count(&self, types: &[&str]) -> usize {
        self.nodes().filter(|node| types.contains(&node.node_type.as_str())).count()
    }

    fn beneath_append(&self, wanted: impl Fn(&Node) -> bool) -> usize {
        let (mut found, mut next) = (0, vec![(&self.root, false)]);
        while let Some((node, beneath)) = next.pop() {
            found += usize::from(beneath && wanted(node));
            let appends = matches!(node.node_type.as_str(), "Append" | "Merge Append");
            next.extend(node.children.iter().map(|child| {
                // A subplan works for a condition of the node, it is none of the Append's parts.
                (child, (beneath || appends) && !child.is_subplan())
            }));
        }
        found
    }
}

impl Node {
    fn is_join(&self) -> bool {
        matches!(self.node_type.as_str(), "Nested Loop" | "Hash Join" | "Merge Join")
    }

    fn aggregates(&self, mode: &str) -> bool {
        self.node_type == "Aggregate" && self.partial_mode.as_deref() == Some(mode)
    }

    fn is_subplan(&self) -> bool {
        matches!(self.parent_relationship.as_deref(), Some("InitPlan" | "SubPlan"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(root: &str) -> Plan {
        Plan::from_json(&format!("[{{\"Plan\": {root}}}]")).unwrap()
    }

    fn node(node_type: &str, rest: &str, children: &[String]) -> String {
        format!("{{\"Node Type\": \"{node_type}\"{rest}, \"Plans\": [{}]}}", children.join(", "))
    }

    #[test]
    fn tells_each_partitions_join_from_the_tables() {
        let scan = || node("Seq Scan", "", &[]);
        let join = || node("Hash Join", "", &[scan(), node("Hash", "", &[scan()])]);
        let each = plan(&node("Append", "", &[join(), join(), scan()]));
        assert_eq!((each.partitionwise_joins(), each.count(&["Hash Join"])), (2, 2));
        let whole = plan(&node("Hash Join", "", &[node("Append", "", &[scan(), scan()]), scan()]));
        assert_eq!((whole.partitionwise_joins(), whole.count(&["Hash Join"])), (0, 1));
    }

    #[test]
    fn tells_whole_groups_from_parts_of_them() {
        let aggregate = |mode: &str, children: &[String]| {
            node("Aggregate", &format!(", \"Partial Mode\": \"{mode}\""), children)
        };
        let full = [aggregate("Simple", &[]), aggregate("Simple", &[])];
        let full = plan(&node("Merge Append", "", &full));
        assert_eq!((full.partitionwise_aggregates(), full.partial_aggregates()), (2, 0));
        let parts = node("Append", "", &[aggregate("Partial", &[]), aggregate("Partial", &[])]);
        let parts = plan(&aggregate("Finalize", &[parts]));
        assert_eq!((parts.partitionwise_aggregates(), parts.partial_aggregates()), (0, 2));
        let whole = plan(&aggregate("Simple", &[node("Append", "", &[])]));
        assert_eq!((whole.partitionwise_aggregates(), whole.partial_aggregates()), (0, 0));
    }

    #[test]
    fn a_subplan_of_a_partitions_scan_is_not_partition_wise() {
        let subplan = node("Nested Loop", ", \"Parent Relationship\": \"SubPlan\"", &[]);
        let plan = plan(&node("Append", "", &[node("Seq Scan", "", &[subplan])]));
        assert_eq!(plan.partitionwise_joins(), 0);
    }
}
