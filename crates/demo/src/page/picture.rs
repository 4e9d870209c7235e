//! What a query read: totals, maps with their legend, and the plan beside them.

use std::collections::HashMap;
use std::time::Duration;

use lab::catalog::Tree;
use lab::page::tile;
use lab::plan::{Explained, Fate, Touched};
use lab::report::{self, plural};
use maud::{Markup, html};

use super::draw::{self, Map};
use super::nodes::Nodes;
use super::plan::plan;

/// A query that was explained.
#[derive(Clone, Copy)]
pub struct Picture<'a> {
    pub explained: &'a Explained,
    /// Stands before the names of its elements.
    pub prefix: &'a str,
    /// Of all its maps together, in pixels.
    pub height: f64,
}

impl Picture<'_> {
    /// Maps beside the plan.
    pub fn draw(&self) -> Markup {
        let tables = &self.explained.touched;
        let nodes = Nodes::new(&self.explained.plan, tables, self.prefix);
        html! {
            div.pair {
                div.maps {
                    @for touched in tables { (self.map(touched, &nodes)) }
                    @if tables.is_empty() { p.about { "It reads no partitioned table." } }
                }
                div.nodes { (plan(&self.explained.plan.root, &nodes, self.explained.analyzed)) }
            }
        }
    }

    #[allow(clippy::cast_precision_loss)] // a few tables
    fn map(&self, touched: &Touched, nodes: &Nodes) -> Markup {
        let reads = self.explained.plan.reads();
        let analyzed = self.explained.analyzed;
        let height = (self.height / self.explained.touched.len().max(1) as f64).max(150.0);
        let map = Map { touched, nodes, reads: &reads, analyzed, height };
        html! {
            figure {
                figcaption { h3 { (touched.table.name) } span.about { (report::bytes(touched.tree.total_bytes())) } }
                @for level in levels(touched, analyzed) { p.level { (level) } }
                (map.draw())
                (legend(touched, analyzed))
            }
        }
    }

    /// The headline figures.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a count of rows
    pub fn tiles(&self) -> Markup {
        let plan = &self.explained.plan;
        let (hit, read) = (plan.root.blocks_hit(), plan.root.blocks_read());
        let rows = report::count(plan.rows_affected() as u64);
        let became = if plan.writes() { "written" } else { "returned" };
        let tables = &self.explained.touched;
        let count = |fate| tables.iter().map(|table| table.count(fate)).sum::<usize>();
        let total: usize = tables.iter().map(Touched::total).sum();
        let planned = report::duration(Duration::from_secs_f64(plan.planning_ms / 1e3));
        let text = |n: usize| report::count(n as u64);
        let analyzed = self.explained.analyzed;
        let of = format!("of {}", plural(total as u64, "partition"));
        html! {
            dl.tiles {
                @if analyzed {
                    (tile("rows", &rows, became, false))
                    (tile("time", &report::duration(Duration::from_secs_f64(plan.execution_ms / 1e3)), &format!("planned in {planned}"), false))
                    (tile("buffers", &report::count(hit + read), &format!("{} read from disk", report::count(read)), false))
                    (tile("scanned", &text(count(Fate::Scanned)), &of, false))
                } @else {
                    (tile("in the plan", &text(count(Fate::NeverExecuted)), &of, false))
                }
                (tile("pruned", &text(count(Fate::PrunedAtPlan)), "at plan time", false))
                @if count(Fate::PrunedAtStart) > 0 {
                    (tile("removed", &text(count(Fate::PrunedAtStart)), "at executor start", false))
                }
                @if analyzed && count(Fate::NeverExecuted) > 0 {
                    (tile("skipped", &text(count(Fate::NeverExecuted)), "never executed", false))
                }
            }
        }
    }
}

/// Only what the map shows.
fn legend(touched: &Touched, analyzed: bool) -> Markup {
    let fates = [Fate::Scanned, Fate::NeverExecuted, Fate::PrunedAtStart, Fate::PrunedAtPlan];
    html! {
        ul.legend {
            @for fate in fates.into_iter().filter(|fate| touched.count(*fate) > 0) {
                @let (sign, class, words) = draw::sign(fate, analyzed);
                li { i class=(class) { (sign) } (report::count(touched.count(fate) as u64)) " " (words) }
            }
        }
    }
}

/// A line a level: its key, and how many of its partitions lead to something that was read.
fn levels(touched: &Touched, analyzed: bool) -> Vec<String> {
    let fates: HashMap<u32, Fate> =
        touched.leaves.iter().map(|leaf| (leaf.oid, leaf.fate)).collect();
    let read = if analyzed { Fate::Scanned } else { Fate::NeverExecuted };
    let any = |tree: &Tree, wanted: &dyn Fn(Fate) -> bool| {
        tree.leaves().any(|leaf| fates.get(&leaf.oid).is_some_and(|fate| wanted(*fate)))
    };
    let mut lines = Vec::new();
    let mut parents = vec![&touched.tree];
    loop {
        let next: Vec<&Tree> = parents
            .iter()
            .flat_map(|parent| &parent.children)
            .filter(|child| any(child, &|_| true))
            .collect();
        if next.is_empty() {
            return lines;
        }
        let mut keys: Vec<&str> = parents
            .iter()
            .filter_map(|parent| parent.partitioning.as_ref())
            .map(|partitioning| partitioning.key.as_str())
            .collect();
        keys.sort_unstable();
        keys.dedup();
        let count = next.iter().filter(|child| any(child, &|fate| fate == read)).count();
        lines.push(format!(
            "{}: {} of {} {}",
            keys.join(", "),
            report::count(count as u64),
            plural(next.len() as u64, "partition"),
            if analyzed { "scanned" } else { "in the plan" }
        ));
        parents = next;
    }
}
