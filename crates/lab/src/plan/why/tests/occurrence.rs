//! Mentions of tables, put together from the leaves that a plan scans.

use super::super::expr;
use super::super::keys::{PartitionTree, Table};
use super::super::occurrence::{Occurrence, base, occurrences};
use super::key;
use crate::catalog::{Name, Strategy};
use crate::plan::Plan;

pub(super) fn tree(root: u32, name: &str, leaves: u32) -> PartitionTree {
    let table = |oid: u32, name: String, level: usize| Table {
        oid,
        name: Name::new("public", name),
        parent: (level > 0).then_some(root),
        level,
        key: (level == 0).then(|| key(Strategy::Range, &["n"])),
        default_partition: None,
    };
    let mut tree = PartitionTree { root, ..PartitionTree::default() };
    tree.tables.push(table(root, name.to_owned(), 0));
    for at in 0..leaves {
        let leaf = table(root + 1 + at, format!("{name}_p{at}"), 1);
        tree.leaves.insert(leaf.name.clone(), leaf.oid);
        tree.tables.push(leaf);
    }
    tree.by_oid = tree.tables.iter().enumerate().map(|(at, table)| (table.oid, at)).collect();
    tree
}

pub(super) fn plan(root: &str) -> Plan {
    Plan::from_json(&format!("[{{\"Plan\": {root}}}]")).unwrap()
}

pub(super) fn scan(table: &str, alias: &str, filter: &str) -> String {
    format!(
        r#"{{"Node Type": "Seq Scan", "Parent Relationship": "Member", "Schema": "public",
            "Relation Name": "{table}", "Alias": "{alias}", "Filter": "{filter}"}}"#
    )
}

pub(super) fn node(fields: &str, children: &[String]) -> String {
    format!(r#"{{{fields}, "Plans": [{}]}}"#, children.join(", "))
}

pub(super) fn append(children: &[String]) -> String {
    node(r#""Node Type": "Append", "Parent Relationship": "Outer""#, children)
}

/// What the query calls each table, its conditions, and how many leaves are scanned.
fn found(root: &str) -> Vec<String> {
    let text = |one: &Occurrence| {
        let conditions = expr::joined(&one.conditions, " AND ");
        let elsewhere: Vec<String> =
            one.elsewhere.iter().map(|one| format!("; {}", one.condition)).collect();
        format!("{}: {conditions} {}{}", one.alias, one.leaves.len(), elsewhere.concat())
    };
    occurrences(&plan(root), &[tree(10, "t", 3)]).iter().map(text).collect()
}

#[test]
fn leaves_with_the_same_conditions_are_one_mention() {
    let root = append(&[scan("t_p0", "t_1", "(t_1.n > 5)"), scan("t_p1", "t_2", "(t_2.n > 5)")]);
    assert_eq!(found(&root), ["t: n > 5 2"]);
    let union = append(&[scan("t_p0", "t_1", "(t_1.n = 5)"), scan("t_p1", "t_2", "(t_2.n = 15)")]);
    assert_eq!(found(&union), ["t: n = 15 1", "t: n = 5 1"]);
}

#[test]
fn a_number_in_a_name_is_no_partition() {
    assert_eq!(
        found(&scan("t_p0", "events_2024", "(events_2024.n = 5)")),
        ["events_2024: n = 5 1"]
    );
    let two = append(&[
        scan("t_p0", "events_2024_1", "(events_2024_1.n > 5)"),
        scan("t_p1", "events_2024_2", "(events_2024_2.n > 5)"),
    ]);
    assert_eq!(found(&two), ["events_2024: n > 5 2"]);
    assert_eq!((base("t_12"), base("t_x"), base("_1"), base("t_")), ("t", "t_x", "_1", "t_"));
}

#[test]
fn a_leaf_that_shows_less_belongs_to_the_rest() {
    let root = append(&[
        scan("t_p0", "t_1", "((t_1.n > 5) AND (t_1.m IS NOT NULL))"),
        scan("t_p1", "t_2", "(t_2.n > 5)"),
    ]);
    assert_eq!(found(&root), ["t: m IS NOT NULL AND n > 5 2"]);
}

#[test]
fn conditions_of_joins_stand_elsewhere() {
    let root = node(
        r#""Node Type": "Hash Join", "Join Type": "Inner", "Hash Cond": "(t.n = p.n)""#,
        &[
            append(&[scan("t_p0", "t_1", "(t_1.m = 1)"), scan("t_p1", "t_2", "(t_2.m = 1)")]),
            scan("p", "p", "(p.n < 5)"),
        ],
    );
    assert_eq!(found(&root), ["t: m = 1 2; n = p.n"]);
}
