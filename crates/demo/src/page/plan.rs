//! The plan as a nested list.

use std::time::Duration;

use lab::plan::Node;
use lab::report::{self, plural};
use maud::{Markup, html};

use super::nodes::Nodes;

/// Nodes side by side that are printed; more of them would fill a handout.
const PRINTED: usize = 40;

/// The plan of a query.
pub fn plan(root: &Node, nodes: &Nodes, analyzed: bool) -> Markup {
    let mut list = List { nodes, analyzed, next: 0 };
    html! { ol.plan { (list.node(root)) } }
}

struct List<'a> {
    nodes: &'a Nodes,
    analyzed: bool,
    next: usize,
}

impl List<'_> {
    /// A node and what is beneath it. They are numbered as `Plan::nodes` walks them.
    fn node(&mut self, node: &Node) -> Markup {
        let number = self.next;
        self.next += 1;
        let idle = self.analyzed && !node.executed();
        let table = node.scanned();
        let first = table.as_ref().and_then(|table| self.nodes.number(table));
        html! {
            li id=(self.nodes.id(number)) {
                div.node.idle[idle] {
                    b { (name(node)) }
                    @if let Some(relation) = &node.relation {
                        " on "
                        @match first {
                            Some(first) => a href={ "#" (self.nodes.partition(first)) } { (relation) },
                            None => span { (relation) },
                        }
                        @if let Some(alias) = node.alias.as_ref().filter(|alias| *alias != relation) { " " (alias) }
                    }
                    @if let Some(index) = &node.index_name { " using " span { (index) } }
                    @if self.analyzed { small { (figures(node)) } }
                    @for (what, condition) in conditions(node) {
                        p { (what) " " code { (condition) } }
                    }
                }
                @if !node.children.is_empty() {
                    ol.many[node.children.len() > PRINTED] {
                        @for child in &node.children { (self.node(child)) }
                    }
                    @if node.children.len() > PRINTED {
                        p.printed { "… and " (report::count((node.children.len() - PRINTED) as u64)) " more beneath it" }
                    }
                }
            }
        }
    }
}

/// As EXPLAIN names it in text.
fn name(node: &Node) -> String {
    let mut name = match (node.node_type.as_str(), &node.operation) {
        ("ModifyTable", Some(operation)) => operation.clone(),
        (kind, _) => kind.to_owned(),
    };
    if let Some(join) = node.join_type.as_ref().filter(|join| *join != "Inner") {
        name = format!("{name}, {}", join.to_lowercase());
    }
    if let Some(mode) = node.partial_mode.as_ref().filter(|mode| *mode != "Simple") {
        name = format!("{mode} {name}");
    }
    match &node.subplan_name {
        Some(subplan) => format!("{subplan}: {name}"),
        None => name,
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // counts
fn figures(node: &Node) -> String {
    if !node.executed() {
        return "never executed".to_owned();
    }
    let time = report::duration(Duration::from_secs_f64(node.total_ms().max(0.0) / 1e3));
    let mut parts = vec![plural(node.total_rows() as u64, "row"), time];
    if node.loops > 1.0 {
        parts.insert(1, plural(node.loops as u64, "loop"));
    }
    parts.push(plural(node.blocks_hit() + node.blocks_read(), "buffer"));
    parts.join(" · ")
}

/// What it looks for, and what it leaves out.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a count of rows
fn conditions(node: &Node) -> Vec<(String, String)> {
    let keys = |keys: &[String]| (!keys.is_empty()).then(|| keys.join(", "));
    let removed = match (node.rows_removed_by_filter * node.loops) as u64 {
        0 => "filter".to_owned(),
        rows => format!("filter, which removed {}:", plural(rows, "row")),
    };
    let all = [
        ("index condition", node.index_cond.clone()),
        ("rechecked", node.recheck_cond.clone()),
        ("joined by", node.hash_cond.clone().or_else(|| node.merge_cond.clone())),
        ("join filter", node.join_filter.clone()),
        (&removed, node.filter.clone()),
        ("checked once", node.one_time_filter.clone()),
        ("sorted by", keys(&node.sort_key)),
        ("grouped by", keys(&node.group_key)),
        (
            "removed at executor start:",
            (node.subplans_removed > 0).then(|| plural(node.subplans_removed, "subplan")),
        ),
    ];
    all.into_iter().filter_map(|(what, text)| Some((what.to_owned(), text?))).collect()
}
