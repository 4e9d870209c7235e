//! Each mention of a partitioned table in a query, with the conditions that its plan shows.
//!
//! A plan scans leaves, not the table; all leaves of one mention carry the same conditions. So
//! leaves are put together by table, name in the plan and conditions.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::elsewhere::{Conditions, Elsewhere};
use super::expr::Expr;
use super::keys::PartitionTree;
use super::{parse, text};
use crate::plan::{Node, Plan};

/// A mention of a partitioned table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Occurrence {
    /// OID of the partitioned table.
    pub(super) table: u32,
    /// What the query calls it.
    pub(super) alias: String,
    /// Conditions on the scans, joined by AND. Columns of the table have no qualifier.
    pub(super) conditions: Vec<Expr>,
    /// Conditions in other places that mention the table.
    pub(super) elsewhere: Vec<Elsewhere>,
    /// OIDs of the leaves that the plan scans.
    pub(super) leaves: BTreeSet<u32>,
    /// Conditions are out of sight: the scans are another server's.
    pub(super) hidden: bool,
}

/// The mentions of partitioned tables in `plan`, by what they are called.
pub(super) fn occurrences(plan: &Plan, trees: &[PartitionTree]) -> Vec<Occurrence> {
    let returned: Vec<text::Returned> = plan
        .nodes()
        .filter_map(|node| node.subplan_name.as_deref())
        .flat_map(text::returned)
        .collect();
    let scans: Vec<(&Node, u32, u32)> = plan
        .nodes()
        .filter_map(|node| owner(node, trees).map(|(table, leaf)| (node, table, leaf)))
        .collect();
    let names = Names::of(plan);
    let mut reader = Reader { returned, parsed: HashMap::new() };
    let mut found: Vec<Occurrence> = Vec::new();
    let mut at: HashMap<(u32, &str, String), usize> = HashMap::new();
    for (node, table, leaf) in scans {
        let alias = alias_of(node);
        let name = names.called(alias);
        let (conditions, text) = reader.conditions(node, alias);
        let tree = trees.iter().find(|tree| tree.root == table);
        let hidden = match &*node.node_type {
            "Foreign Scan" => node.remote_sql.as_deref().and_then(parse::remote).is_none(),
            "Custom Scan" => true,
            _ => false,
        };
        let index = *at.entry((table, name, text.clone())).or_insert_with(|| {
            found.push(Occurrence {
                table,
                alias: name.to_owned(),
                conditions: match tree {
                    Some(tree) => {
                        conditions.iter().cloned().map(|one| tree.collated(one)).collect()
                    }
                    None => conditions.clone(),
                },
                elsewhere: Vec::new(),
                leaves: BTreeSet::new(),
                hidden: conditions.is_empty() && hidden,
            });
            found.len() - 1
        });
        found[index].leaves.insert(leaf);
    }
    let conditions = Conditions::of(plan, &reader.returned);
    for occurrence in &mut found {
        occurrence.elsewhere = conditions.about(occurrence);
    }
    let mut found = merge_partial(merge_hidden(found));
    // The order of a plan is the planner's choice.
    found.sort_by_cached_key(|one| {
        (one.alias.clone(), super::expr::joined(&one.conditions, " AND "))
    });
    found
}

/// What the scans of a plan are called. EXPLAIN numbers those of a table of which there may be
/// several; `t_2024` alone is a name.
pub(super) struct Names<'a> {
    all: HashSet<&'a str>,
    /// By the name without a number, how many have it.
    bases: HashMap<&'a str, usize>,
    /// Those beneath nodes that had, or may have, several.
    numbered: HashSet<&'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn of(plan: &'a Plan) -> Self {
        let scans = || plan.nodes().filter(|node| node.scanned().is_some()).map(alias_of);
        let mut bases: HashMap<&str, usize> = HashMap::new();
        for alias in scans() {
            *bases.entry(base(alias)).or_default() += 1;
        }
        let several = |node: &&Node| node.subplans_removed > 0 || node.node_type == "ModifyTable";
        let numbered = plan.nodes().filter(several).flat_map(Node::walk).map(alias_of).collect();
        Self { all: scans().collect(), bases, numbered }
    }

    /// What the query calls the table whose partition the plan calls `alias`.
    pub(super) fn called<'b>(&self, alias: &'b str) -> &'b str {
        let short = base(alias);
        let is_base = self.bases.contains_key(alias);
        let several = self.bases.get(short).is_some_and(|count| *count > 1)
            || self.all.contains(short)
            || self.numbered.contains(alias);
        if several && !is_base { short } else { alias }
    }
}

/// The partitioned table and the leaf that `node` scans.
fn owner(node: &Node, trees: &[PartitionTree]) -> Option<(u32, u32)> {
    let name = node.scanned()?;
    let owners: Vec<_> = trees.iter().filter_map(|tree| Some((tree, tree.leaf(&name)?))).collect();
    // A table and a partition of it may both be named; what the plan calls the scan tells which.
    let called = |tree: &PartitionTree| {
        let name = &*tree.name().name;
        name == alias_of(node) || name == base(alias_of(node))
    };
    let (tree, leaf) = owners.iter().find(|(tree, _)| called(tree)).or(owners.first())?;
    Some((tree.root, *leaf))
}

fn alias_of(node: &Node) -> &str {
    node.alias.as_deref().unwrap_or_default()
}

/// `alias` without the number that EXPLAIN adds for each partition.
pub(super) fn base(alias: &str) -> &str {
    match alias.rsplit_once('_') {
        Some((base, number))
            if !base.is_empty()
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit()) =>
        {
            base
        }
        _ => alias,
    }
}

struct Reader {
    returned: Vec<text::Returned>,
    /// By the texts of a scan's conditions: thousands of leaves repeat the same few. With them a text
    /// by which mentions are told apart.
    parsed: HashMap<Vec<String>, (Vec<Expr>, String)>,
}

impl Reader {
    fn conditions(&mut self, node: &Node, alias: &str) -> &(Vec<Expr>, String) {
        let text = |text: &Option<String>| {
            text.as_deref().map(|text| text::without_alias(text, alias)).unwrap_or_default()
        };
        let remote = node.remote_sql.clone().unwrap_or_default();
        let texts =
            vec![text(&node.filter), text(&node.index_cond), text(&node.recheck_cond), remote];
        let returned = &self.returned;
        self.parsed.entry(texts).or_insert_with_key(|texts| {
            let conditions = conditions(texts, returned);
            let numberless = conditions.iter().cloned().map(without_numbers).collect::<Vec<_>>();
            (conditions, super::expr::joined(&numberless, " AND "))
        })
    }
}

/// The conditions in a filter, in what an index is searched by and in what another server is asked,
/// each once.
fn conditions(texts: &[String], returned: &[text::Returned]) -> Vec<Expr> {
    let Some((remote, texts)) = texts.split_last() else { return Vec::new() };
    let mut found =
        texts.iter().filter(|text| !text.is_empty()).map(|text| parse::conditions(text, returned));
    let mut all: Vec<Expr> = Vec::new();
    if texts.first().is_some_and(|filter| !filter.is_empty()) {
        all.extend(found.next().unwrap_or_default());
    }
    let patterns: BTreeSet<String> = all.iter().filter_map(pattern_column).collect();
    // An index is searched for `LIKE 'U%'` by bounds that the planner made up.
    // And it adds `IS NOT NULL` for max().
    let made_up = |expr: &Expr| {
        matches!(expr, Expr::Is { what: "NOT NULL", .. })
            || expr.own_columns().any(|column| patterns.contains(column))
    };
    all.extend(found.flatten().filter(|expr| !made_up(expr)));
    all.extend(parse::remote(remote).unwrap_or_default());
    let by_text: BTreeMap<String, Expr> =
        all.into_iter().rev().map(|expr| (expr.to_string(), expr)).collect();
    by_text.into_values().collect()
}

/// Other tables' columns under the name that the query calls them by: in a partition-wise join each
/// partition meets another partition of the other side.
fn without_numbers(expr: Expr) -> Expr {
    expr.map(&|expr| match expr {
        Expr::Column { table: Some(table), name } => {
            Expr::Column { table: Some(base(&table).to_owned()), name }
        }
        other => other,
    })
}

/// The column of a condition for which the planner makes up bounds.
fn pattern_column(expr: &Expr) -> Option<String> {
    let Expr::Binary { left, op, .. } = expr else { return None };
    let pattern = ["~~", "~~*", "~", "~*", "^@", "<<", "<<="].contains(&op.as_str());
    let left = if let Expr::Cast { operand, .. } = &**left { operand } else { left };
    match &**left {
        Expr::Column { table: None, name } if pattern => Some(name.clone()),
        _ => None,
    }
}

/// Some leaves show fewer conditions, since what they are (NOT NULL, say) implies the others: leaves of
/// one mention all the same, if no leaf is in both.
fn merge_partial(mut found: Vec<Occurrence>) -> Vec<Occurrence> {
    found.sort_by_key(|one| std::cmp::Reverse(one.conditions.len()));
    let mut merged: Vec<Occurrence> = Vec::new();
    for mut one in found {
        let whole = merged.iter_mut().find(|other| {
            (other.table, &other.alias) == (one.table, &one.alias)
                && other.leaves.is_disjoint(&one.leaves)
                && one.conditions.iter().all(|condition| other.conditions.contains(condition))
        });
        match whole {
            Some(other) => other.leaves.append(&mut one.leaves),
            None => merged.push(one),
        }
    }
    merged
}

/// Foreign leaves do not show their conditions; where other leaves of the same mention do, these
/// are theirs too.
fn merge_hidden(found: Vec<Occurrence>) -> Vec<Occurrence> {
    let (hidden, mut visible): (Vec<_>, Vec<_>) = found.into_iter().partition(|one| one.hidden);
    for mut one in hidden {
        let same = |other: &&mut Occurrence| (other.table, &other.alias) == (one.table, &one.alias);
        match visible.iter_mut().find(same) {
            Some(other) => other.leaves.append(&mut one.leaves),
            None => visible.push(one),
        }
    }
    visible
}
