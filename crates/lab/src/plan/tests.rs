//! Plans as PostgreSQL 15 and 18 wrote them (`fixtures/`, the version first), together with the
//! locks that were held, and what follows from both. All are of
//! `logs (id, at)`, ranges of `at` from 0, 10 and 20, and `one (at)`, which holds 5 and 15.

use super::fate::Evidence;
use super::locks::Locks;
use super::start::Whole;
use super::{Fate, Plan};
use crate::catalog::{Name, Partitioning, Strategy, Tree};

const GENERIC_15: &str = include_str!("fixtures/15_generic.json");
const INSERT_15: &str = include_str!("fixtures/15_insert.json");
const MERGE_15: &str = include_str!("fixtures/15_merge.json");
const MERGE_18: &str = include_str!("fixtures/18_merge.json");
const LATERAL_18: &str = include_str!("fixtures/18_lateral.json");
const NOTHING_18: &str = include_str!("fixtures/18_nothing.json");

const LOGS: u32 = 10;
const READ: &str = "AccessShareLock";
const WRITE: &str = "RowExclusiveLock";

fn table(oid: u32, name: &str, level: usize, children: Vec<Tree>) -> Tree {
    Tree {
        oid,
        name: Name::new("public", name),
        level,
        parent: (level > 0).then_some(LOGS),
        partitioning: (level == 0)
            .then(|| Partitioning { strategy: Strategy::Range, key: "RANGE (at)".to_owned() }),
        bounds: None,
        foreign: false,
        detach_pending: false,
        bytes: 0,
        rows: None,
        indexes: Vec::new(),
        children,
    }
}

fn logs() -> Tree {
    let leaves = [(11, "logs_1"), (12, "logs_2"), (13, "logs_3")];
    table(LOGS, "logs", 0, leaves.map(|(oid, name)| table(oid, name, 1, Vec::new())).into())
}

fn locks(mode: &str, oids: &[u32]) -> Locks {
    oids.iter().map(|oid| (*oid, mode.to_owned())).collect()
}

/// The fates of the leaves of `logs`; `None` when the query doesn't read it.
fn fates(document: &str, tree: Tree, before: &Locks, after: &Locks) -> Option<Vec<Fate>> {
    fates_with(document, tree, before, after, None)
}

fn fates_with(
    document: &str,
    tree: Tree,
    before: &Locks,
    after: &Locks,
    whole: Option<&Whole>,
) -> Option<Vec<Fate>> {
    let plan = Plan::from_json(document).unwrap();
    let evidence = Evidence { plan: &plan, trees: &[tree], before, after, whole };
    let mut touched = evidence.touched().into_iter();
    let logs = touched.next()?;
    assert_eq!((logs.oid, touched.next()), (LOGS, None));
    Some(logs.leaves.iter().map(|leaf| leaf.fate).collect())
}

use Fate::{NeverExecuted, PrunedAtPlan, PrunedAtStart, Scanned};

#[test]
fn locked_and_absent_is_pruned_at_start_where_subplans_were_removed() {
    let all = locks(READ, &[10, 11, 12, 13]);
    assert_eq!(
        fates(GENERIC_15, logs(), &Locks::default(), &all).unwrap(),
        [PrunedAtStart, Scanned, PrunedAtStart]
    );
    // Had the planner pruned the third, it would not be locked.
    let two = locks(READ, &[10, 11, 12]);
    assert_eq!(
        fates(GENERIC_15, logs(), &Locks::default(), &two).unwrap(),
        [PrunedAtStart, Scanned, PrunedAtPlan]
    );
    // All were locked before: the plan says that it removed two.
    assert_eq!(
        fates(GENERIC_15, logs(), &all, &all).unwrap(),
        [PrunedAtStart, Scanned, PrunedAtStart]
    );
}

/// Of three leaves one is scanned, one was removed, and one a CHECK constraint excluded: all are locked.
#[test]
fn the_whole_plan_tells_what_was_removed_from_what_was_excluded() {
    let one_removed = GENERIC_15.replace("\"Subplans Removed\": 2", "\"Subplans Removed\": 1");
    let none = Locks::default();
    let all = locks(READ, &[10, 11, 12, 13]);
    let unclear = |document: &str, before: &Locks, after: &Locks| {
        let plan = Plan::from_json(document).unwrap();
        Evidence { plan: &plan, trees: &[logs()], before, after, whole: None }.is_unclear()
    };
    assert!(unclear(&one_removed, &none, &all), "more absent than removed");
    assert!(unclear(GENERIC_15, &none, &locks(READ, &[10, 11])), "less: another plan was executed");
    assert!(unclear(GENERIC_15, &all, &all), "locked before");
    assert!(!unclear(GENERIC_15, &none, &all));

    let tables = ["logs_1", "logs_2"].map(|name| Name::new("public", name));
    let whole = |locks| Whole { tables: tables.clone().into(), locks };
    let fates = |whole: Whole, before, after| {
        fates_with(&one_removed, logs(), before, after, Some(&whole)).unwrap()
    };
    let expected = [PrunedAtStart, Scanned, PrunedAtPlan];
    assert_eq!(fates(whole(None), &none, &all), expected);
    assert_eq!(fates(whole(None), &all, &all), expected, "whatever the locks");
    assert_eq!(fates(whole(Some(all.clone())), &none, &all), expected);
    // PostgreSQL 15: the plan without pruning has logs_1, which the planner had pruned.
    let one = locks(READ, &[10, 12]);
    let fates = fates(whole(Some(one.clone())), &none, &one);
    assert_eq!(fates, [PrunedAtPlan, Scanned, PrunedAtPlan]);
}

/// As PostgreSQL 15 to 18 write it; shortened.
#[test]
fn a_table_is_read_by_the_delete_beneath_an_insert_into_it() {
    let delete = |operation: &str| {
        format!(
            r#"[{{"Plan": {{"Node Type": "ModifyTable", "Operation": "Insert", "Schema": "public",
            "Relation Name": "logs", "Plans": [{{"Node Type": "ModifyTable", "Schema": "public",
            "Operation": "{operation}", "Relation Name": "logs", "Subplan Name": "CTE gone",
            "Plans": [{{"Node Type": "Result", "One-Time Filter": "false"}}]}}]}}}}]"#
        )
    };
    let (none, parent) = (Locks::default(), locks(WRITE, &[10]));
    assert_eq!(fates(&delete("Delete"), logs(), &none, &parent).unwrap(), [PrunedAtPlan; 3]);
    assert_eq!(fates(&delete("Insert"), logs(), &none, &parent), None);
}

/// `WITH gone AS (DELETE FROM logs_1 RETURNING *) INSERT INTO logs …`: both locked in the same mode.
#[test]
fn the_target_of_an_insert_is_not_read_with_a_partition_that_is_changed_directly() {
    let document = r#"[{"Plan": {"Node Type": "ModifyTable", "Operation": "Insert", "Schema": "public",
        "Relation Name": "logs", "Plans": [{"Node Type": "ModifyTable", "Operation": "Delete",
        "Schema": "public", "Relation Name": "logs_1", "Plans": [{"Node Type": "Seq Scan",
        "Schema": "public", "Relation Name": "logs_1", "Actual Loops": 1}]}]}}]"#;
    assert_eq!(fates(document, logs(), &Locks::default(), &locks(WRITE, &[10, 11])), None);
}

/// A join that another server does names its tables in one line.
#[test]
fn reads_the_tables_of_a_foreign_join() {
    let join = r#"[{"Plan": {"Node Type": "Foreign Scan", "Operation": "Select", "Actual Loops": 1,
        "Relations": "(public.logs_1 l_1) LEFT JOIN (public.logs_2 \"l (2)\")"}}]"#;
    let none = Locks::default();
    let found = fates(join, logs(), &none, &locks(READ, &[10, 11, 12])).unwrap();
    assert_eq!(found, [Scanned, Scanned, PrunedAtPlan]);
    let never = join.replace("\"Actual Loops\": 1", "\"Actual Loops\": 0");
    let found = fates(&never, logs(), &none, &locks(READ, &[10, 11, 12])).unwrap();
    assert_eq!(found, [NeverExecuted, NeverExecuted, PrunedAtPlan]);
}

#[test]
fn no_loops_is_never_executed() {
    let all = locks(READ, &[10, 11, 12, 13]);
    let fates = fates(LATERAL_18, logs(), &Locks::default(), &all).unwrap();
    assert_eq!(fates, [Scanned, Scanned, NeverExecuted]);
}

#[test]
fn a_table_that_the_plan_never_names_is_known_by_its_lock() {
    let parent = locks(READ, &[10]);
    let none = Locks::default();
    assert_eq!(fates(NOTHING_18, logs(), &none, &parent).unwrap(), [PrunedAtPlan; 3]);
    assert_eq!(
        fates(NOTHING_18, logs(), &locks(WRITE, &[10]), &parent).unwrap(),
        [PrunedAtPlan; 3]
    );
    assert_eq!(fates(NOTHING_18, logs(), &parent, &parent), None, "the lock is an earlier one");
}

#[test]
fn the_target_of_a_merge_is_read_and_that_of_an_insert_is_not() {
    let none = Locks::default();
    for merge in [MERGE_15, MERGE_18] {
        let fates = fates(merge, logs(), &none, &locks(WRITE, &[10, 11, 12])).unwrap();
        assert_eq!(fates, [Scanned, Scanned, PrunedAtPlan]);
        assert_eq!(Plan::from_json(merge).unwrap().root.targets(), 2);
    }
    assert_eq!(fates(INSERT_15, logs(), &none, &locks(WRITE, &[10])), None);
}

#[test]
fn what_is_locked_is_told_apart_from_what_is_read() {
    let plan = Plan::from_json(GENERIC_15).unwrap();
    let (trees, none) = ([logs()], Locks::default());
    for (after, locked) in [(locks(READ, &[10, 11, 12, 13]), 3), (locks(READ, &[10, 12]), 1)] {
        let evidence =
            Evidence { plan: &plan, trees: &trees, before: &none, after: &after, whole: None };
        assert_eq!(evidence.touched()[0].locked(), locked);
    }
}

#[test]
fn a_partition_pending_detach_is_not_counted() {
    let mut tree = logs();
    tree.children[2].detach_pending = true;
    let locked = locks(READ, &[10, 11, 12]);
    assert_eq!(fates(LATERAL_18, tree, &Locks::default(), &locked).unwrap(), [Scanned, Scanned]);
}

/// PostgreSQL 18 writes mean rows as fractions; 15 whole.
#[test]
fn reads_what_was_measured() {
    for (document, rows, hit) in [(GENERIC_15, 10.0, 1), (LATERAL_18, 20.0, 3)] {
        let plan = Plan::from_json(document).unwrap();
        assert!((plan.rows() - rows).abs() < f64::EPSILON, "{plan:?}");
        assert_eq!((plan.root.blocks_hit(), plan.root.blocks_read()), (hit, 0));
        assert!(plan.execution_ms > 0.0 && plan.planning_ms > 0.0);
        assert!(plan.nodes().all(|node| node.executed() || node.rows == 0.0));
    }
    let nothing = Plan::from_json(NOTHING_18).unwrap();
    assert_eq!(nothing.root.one_time_filter.as_deref(), Some("false"));
}

#[test]
fn refuses_what_is_not_one_plan() {
    assert!(Plan::from_json("[]").unwrap_err().to_string().contains("0 statements"));
    assert!(Plan::from_json("[{}]").unwrap_err().to_string().contains("cannot read the plan"));
}
