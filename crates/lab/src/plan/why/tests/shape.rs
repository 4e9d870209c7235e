//! Plans that work partition by partition, and those that only look like it.

use super::super::partitionwise::shape::{
    aggregates_by_partition, aggregates_many, joins_by_partition,
};
use super::occurrence::{append, node, plan, scan, tree};
use crate::plan::Plan;

fn join(at: u32, condition: &str) -> String {
    let one = scan(&format!("t_p{at}"), &format!("t_{}", at + 1), condition);
    let other = scan(&format!("u_p{at}"), &format!("u_{}", at + 1), "");
    node(
        r#""Node Type": "Hash Join", "Parent Relationship": "Member", "Join Type": "Inner""#,
        &[one, other],
    )
}

fn aggregate(mode: &str, child: String) -> String {
    let fields = format!(
        r#""Node Type": "Aggregate", "Parent Relationship": "Member", "Partial Mode": "{mode}""#
    );
    node(&fields, &[child])
}

fn trees() -> [super::super::keys::PartitionTree; 2] {
    [tree(10, "t", 3), tree(20, "u", 3)]
}

fn joins(plan: &Plan) -> bool {
    joins_by_partition(plan, &trees())
}

#[test]
fn joins_of_partitions() {
    assert!(joins(&plan(&append(&[join(0, ""), join(1, "")]))));
    // The branches of a UNION ALL ask for different things, or for the same partition.
    assert!(!joins(&plan(&append(&[join(0, "(t_1.n = 5)"), join(1, "(t_2.n = 15)")]))));
    assert!(!joins(&plan(&append(&[join(0, ""), join(0, "")]))));
    // A join of two Appends.
    let leaves = |table: &str| {
        append(&[
            scan(&format!("{table}_p0"), &format!("{table}_1"), ""),
            scan(&format!("{table}_p1"), &format!("{table}_2"), ""),
        ])
    };
    let whole =
        node(r#""Node Type": "Hash Join", "Join Type": "Inner""#, &[leaves("t"), leaves("u")]);
    assert!(!joins(&plan(&whole)));
}

#[test]
fn aggregates_of_partitions() {
    let one =
        |at: u32, mode: &str| aggregate(mode, scan(&format!("t_p{at}"), &format!("t_{at}"), ""));
    let of = |plan: &Plan| aggregates_by_partition(plan, &trees());
    let simple = plan(&append(&[one(0, "Simple"), one(1, "Simple")]));
    assert_eq!(of(&simple), Some(false));
    let partial = append(&[one(0, "Partial"), one(1, "Partial")]);
    let partial = plan(&aggregate("Finalize", partial));
    assert_eq!(of(&partial), Some(true));
    let whole =
        plan(&aggregate("Simple", append(&[scan("t_p0", "t_1", ""), scan("t_p1", "t_2", "")])));
    assert_eq!((of(&whole), aggregates_many(&whole, &trees())), (None, true));
    let single = plan(&aggregate("Simple", scan("t_p0", "t", "")));
    assert!(!aggregates_many(&single, &trees()));
}
