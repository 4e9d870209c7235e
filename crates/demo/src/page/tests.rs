//! The page of an example: what it holds, and where its links lead.

use std::collections::HashSet;

use lab::catalog::{Name, Partitioning, Strategy, Tree};
use lab::plan::why::{Level, Reason, Why};
use lab::plan::{Explained, Fate, Leaf, Plan, Touched};

use super::{About, queries, query};
use crate::xray::Xray;

/// A partition named to be mistaken for markup.
const EVIL: &str = "a<b>\"&'";

/// A table or partition; a leaf without `children`.
pub fn tree(oid: u32, name: &str, level: usize, bytes: u64, children: Vec<Tree>) -> Tree {
    Tree {
        oid,
        name: Name::new("public", name),
        level,
        parent: (level > 0).then_some(1),
        partitioning: (!children.is_empty())
            .then(|| Partitioning { strategy: Strategy::List, key: "LIST (k)".to_owned() }),
        bounds: (level > 0).then(|| format!("FOR VALUES IN ('{name}')")),
        foreign: false,
        detach_pending: false,
        bytes,
        rows: None,
        indexes: Vec::new(),
        children,
    }
}

/// A scanned partition, one never executed, one removed at start, and one pruned in a level below.
fn example(analyzed: bool) -> Xray {
    let deep = tree(6, "t_deep", 1, 0, vec![tree(5, "t_deep_1", 2, 0, Vec::new())]);
    let leaves = vec![
        tree(2, EVIL, 1, 80_000, Vec::new()),
        tree(3, "t_idle", 1, 40_000, Vec::new()),
        tree(4, "t_removed", 1, 8_000, Vec::new()),
        deep,
    ];
    let whole = tree(1, "t", 0, 0, leaves);
    let read = if analyzed { Fate::Scanned } else { Fate::NeverExecuted };
    let fates = [read, Fate::NeverExecuted, Fate::PrunedAtStart, Fate::PrunedAtPlan];
    let leaf = |(leaf, fate): (&Tree, Fate)| Leaf {
        name: leaf.name.clone(),
        oid: leaf.oid,
        fate,
        locked: true,
    };
    let touched = Touched {
        table: whole.name.clone(),
        oid: 1,
        leaves: whole.leaves().zip(fates).map(leaf).collect(),
        tree: whole.clone(),
    };
    let scan = |name: &str, loops: u32| {
        serde_json::json!({"Node Type": "Seq Scan", "Schema": "public", "Relation Name": name, "Alias": name,
            "Filter": "(k <> '<i>'::text)", "Actual Loops": loops, "Actual Rows": 3, "Actual Total Time": 0.5})
    };
    let plan = serde_json::json!([{"Execution Time": 1.5, "Plan": {"Node Type": "Append", "Subplans Removed": 1,
        "Actual Loops": 1, "Actual Rows": 3, "Plans": [scan(EVIL, u32::from(analyzed)), scan("t_idle", 0)]}}]);
    let plan = Plan::from_json(&plan.to_string()).unwrap();
    let level = Level {
        level: 0,
        table: whole.name.clone(),
        tables: 1,
        strategy: Strategy::List,
        key: "k".to_owned(),
        reasons: vec![Reason::PrunedBy { condition: "k = '<i>'".to_owned() }],
        suggestions: Vec::new(),
    };
    let why = Why { table: whole.name.clone(), oid: 1, alias: "t".to_owned(), levels: vec![level] };
    Xray {
        sql: "SELECT '<u>' AS \"&\"".to_owned(),
        explained: Explained { plan, analyzed, touched: vec![touched] },
        whys: vec![why],
        partitionwise: None,
    }
}

fn about() -> About {
    About { server: "PostgreSQL <18>".into(), at: "2026-03-04T05:06:07Z".parse().unwrap() }
}

fn page(analyzed: bool) -> String {
    query(&example(analyzed), &about()).into_string()
}

/// What stands in each `name="…"`.
fn values<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    page.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn is_whole_in_itself_and_runs_nothing() {
    for analyzed in [true, false] {
        lab::page::assert_self_contained(&page(analyzed));
    }
}

#[test]
fn what_comes_from_outside_is_text() {
    let page = page(true);
    for never in ["<b>\"", "<i>'", "<u>", "<18>"] {
        assert!(!page.contains(never), "{never}");
    }
    for escaped in
        ["a&lt;b&gt;&quot;&amp;'", "(k &lt;&gt; '&lt;i&gt;'::text)", "'&lt;u&gt;'", "&lt;18&gt;"]
    {
        assert!(page.contains(escaped), "{escaped}: {page}");
    }
}

/// How many links there are; each leads to a name that is there once.
fn links(page: &str) -> usize {
    let ids: Vec<&str> = values(page, "id");
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "twice the same: {ids:?}");
    let links: Vec<&str> = values(page, "href");
    for link in &links {
        assert!(ids.contains(&&link[1..]), "{link} leads nowhere");
    }
    links.len()
}

#[test]
fn each_leaf_has_its_place_and_each_link_its_end() {
    let page = page(true);
    let drawn: Vec<&str> = page.split("style=\"inset:").skip(1).collect();
    assert_eq!(drawn.len(), 4 + 1, "four leaves and the one around the last");
    assert_eq!(links(&page), 4, "two from the map, and two back");
    for (class, link) in [("s", true), ("n", true), ("r", false), ("p", false)] {
        let start = format!("<{} class=\"{class}\"", if link { "a" } else { "i" });
        assert!(page.contains(&start), "{start}: {page}");
    }
}

#[test]
fn no_fate_is_told_by_colour_alone() {
    let page = page(true);
    for told in [
        "● scanned",
        "◌ in the plan, never executed",
        "⊖ removed at executor start",
        "○ pruned at plan time",
        "</i>1 scanned",
        "</i>1 removed at executor start",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(page.contains("LIST (k): 1 of 4 partitions scanned"), "{page}");
    assert!(page.contains("LIST (k): 0 of 1 partition scanned"), "{page}");
}

#[test]
fn what_was_not_run_has_no_figures() {
    let page = page(false);
    assert!(page.contains("in the plan") && !page.contains("never executed"), "{page}");
    assert!(!page.contains(" ms") && !page.contains("0 rows"), "{page}");
}

#[test]
fn a_partition_on_two_maps_has_one_name() {
    let mut xray = example(true);
    let mut again = xray.explained.touched[0].clone();
    again.oid = 7;
    xray.explained.touched.push(again);
    let page = query(&xray, &about()).into_string();
    assert_eq!((page.matches(" id=\"part-").count(), page.matches("<a class=").count()), (2, 4));
}

#[test]
fn two_queries_have_a_page_with_both_and_what_differs() {
    let (before, after) = (example(true), example(true));
    let page = queries(["before", "after"], [&before, &after], &about()).into_string();
    lab::page::assert_self_contained(&page);
    assert_eq!(links(&page), 8, "four each");
    assert!(page.contains("<th>partitions</th><td class=\"number\">1 of 4</td>"), "{page}");
    assert_eq!(page.matches("pruned at plan time by k = '&lt;i&gt;'").count(), 2, "{page}");
}
