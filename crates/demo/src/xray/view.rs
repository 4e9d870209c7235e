//! A table's partitions as they are shown: on all levels, with runs of the same fate folded where there are many.

use std::collections::HashMap;

use lab::catalog::Tree;
use lab::plan::{Explained, Fate, Reads, Touched};

/// Children of one table that are shown each on its own line; of more, neighbours of the same fate share one.
const LINES: usize = 16;

/// From so many neighbours on.
const FEW: usize = 3;

/// Scanned ones are what one looks for: they are folded only from so many on.
const MANY: usize = 12;

/// A line of the tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Of the partition, or of the first and the last of a run.
    pub name: String,
    /// As `PostgreSQL` writes it; nothing for a run.
    pub bounds: Option<String>,
    /// Leaves by what became of them.
    pub fates: Fates,
    /// Rows, time and buffers of all of them.
    pub reads: Reads,
    /// What hangs below.
    pub children: Vec<Shown>,
}

/// How many leaves met which fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fates {
    /// Read.
    pub scanned: usize,
    /// In the plan, and not read.
    pub never_executed: usize,
    /// In the plan, and removed when execution began.
    pub at_start: usize,
    /// Not in the plan.
    pub at_plan: usize,
}

impl Fates {
    fn of(fate: Fate) -> Self {
        let mut one = Self::default();
        *match fate {
            Fate::Scanned => &mut one.scanned,
            Fate::NeverExecuted => &mut one.never_executed,
            Fate::PrunedAtStart => &mut one.at_start,
            Fate::PrunedAtPlan => &mut one.at_plan,
        } = 1;
        one
    }

    fn and(self, other: Self) -> Self {
        Self {
            scanned: self.scanned + other.scanned,
            never_executed: self.never_executed + other.never_executed,
            at_start: self.at_start + other.at_start,
            at_plan: self.at_plan + other.at_plan,
        }
    }

    /// How many there are.
    pub fn total(self) -> usize {
        self.scanned + self.never_executed + self.at_start + self.at_plan
    }

    /// The fate that all of them share.
    pub fn only(self) -> Option<Fate> {
        let all = [
            (self.scanned, Fate::Scanned),
            (self.never_executed, Fate::NeverExecuted),
            (self.at_start, Fate::PrunedAtStart),
            (self.at_plan, Fate::PrunedAtPlan),
        ];
        all.into_iter().find(|(count, _)| *count == self.total()).map(|(_, fate)| fate)
    }
}

/// The whole table.
pub fn shown(explained: &Explained, touched: &Touched) -> Shown {
    let tree = &touched.tree;
    let fates = touched.leaves.iter().map(|leaf| (leaf.oid, leaf.fate)).collect();
    let reads = explained.plan.reads();
    let whole = unfolded(tree, &fates, &reads);
    folded(whole.unwrap_or_else(|| Shown::of(tree)))
}

impl Shown {
    fn of(tree: &Tree) -> Self {
        Self {
            name: tree.name.name.clone(),
            bounds: tree.bounds.clone(),
            fates: Fates::default(),
            reads: Reads::default(),
            children: Vec::new(),
        }
    }
}

/// Nothing for what queries do not see (pending detach) and for what has no leaves.
fn unfolded(
    tree: &Tree,
    fates: &HashMap<u32, Fate>,
    reads: &HashMap<lab::catalog::Name, Reads>,
) -> Option<Shown> {
    let mut shown = Shown::of(tree);
    if tree.is_leaf() {
        shown.fates = Fates::of(*fates.get(&tree.oid)?);
        shown.reads = reads.get(&tree.name).copied().unwrap_or_default();
        return Some(shown);
    }
    shown.children =
        tree.children.iter().filter_map(|child| unfolded(child, fates, reads)).collect();
    for child in &shown.children {
        shown.fates = shown.fates.and(child.fates);
        shown.reads = shown.reads.and(child.reads);
    }
    Some(shown)
}

fn folded(mut shown: Shown) -> Shown {
    let many = shown.children.len() > LINES;
    let children = std::mem::take(&mut shown.children);
    if !many {
        shown.children = children.into_iter().map(folded).collect();
        return shown;
    }
    for run in
        children.chunk_by(|a, b| a.fates.only().is_some() && a.fates.only() == b.fates.only())
    {
        let least = if run[0].fates.only() == Some(Fate::Scanned) { MANY } else { FEW };
        if run.len() < least {
            shown.children.extend(run.iter().cloned().map(folded));
        } else {
            shown.children.push(together(run));
        }
    }
    shown
}

fn together(run: &[Shown]) -> Shown {
    let [first, last] = [run.first(), run.last()].map(|end| end.map_or("", |end| &end.name));
    Shown {
        name: format!("{first} … {}", differing(first, last)),
        bounds: None,
        fates: run.iter().fold(Fates::default(), |all, one| all.and(one.fates)),
        reads: run.iter().fold(Reads::default(), |all, one| all.and(one.reads)),
        children: Vec::new(),
    }
}

/// `last` without what `first` begins with too, up to an underscore: `31` for `todos_00` and `todos_31`.
fn differing<'a>(first: &str, last: &'a str) -> &'a str {
    let same = first.bytes().zip(last.bytes()).take_while(|(a, b)| a == b).count();
    let from =
        last.as_bytes()[..same].iter().rposition(|byte| *byte == b'_').map_or(0, |at| at + 1);
    last.get(from..).unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::differing;

    #[test]
    fn the_end_of_a_run_is_named_by_what_differs() {
        for (first, last, named) in [
            ("todos_00", "todos_31", "31"),
            ("logs_2024_01", "logs_2025_12", "2025_12"),
            ("logs_2024_01", "logs_default", "default"),
            ("a", "b", "b"),
            ("p_1", "p_10", "10"),
            ("größe_ä", "größe_ö", "ö"),
        ] {
            assert_eq!(differing(first, last), named);
        }
    }
}
