//! Holds what `lab::plan` found against what the lines say.

use std::collections::{BTreeMap, BTreeSet};

use lab::plan::Fate;

use crate::entries::Entry;
use crate::reader;
use crate::session::Seen;

/// The fate of each leaf of the tables that a query reads.
type Fates = BTreeMap<String, Fate>;

/// How often each fate was met: a corpus that never meets one proves nothing of it.
#[derive(Debug, Default)]
pub struct Tally {
    pub at_plan: usize,
    pub at_start: usize,
    pub never: usize,
    pub scanned: usize,
}

impl Tally {
    pub fn add(&mut self, fates: &Fates) {
        for fate in fates.values() {
            *match fate {
                Fate::PrunedAtPlan => &mut self.at_plan,
                Fate::PrunedAtStart => &mut self.at_start,
                Fate::NeverExecuted => &mut self.never,
                Fate::Scanned => &mut self.scanned,
            } += 1;
        }
    }
}

/// The fates, if both ways agree on all of them; else what they don't agree on.
pub fn compare(entry: &Entry, seen: &Seen) -> Result<Fates, String> {
    let lines = reader::read(&seen.text);
    let fates = fates(entry, seen)?;
    let leaves = |names: &BTreeSet<String>| -> BTreeSet<String> {
        names.iter().filter(|name| fates.contains_key(*name)).cloned().collect()
    };
    let with = |fate| -> BTreeSet<String> {
        fates.iter().filter(|(_, f)| **f == fate).map(|(name, _)| name.clone()).collect()
    };
    same("scanned", &with(Fate::Scanned), &leaves(&lines.scanned))?;
    same("never executed", &with(Fate::NeverExecuted), &leaves(&lines.never))?;

    let at_start = with(Fate::PrunedAtStart);
    same("removed at start", &at_start.len(), &entry.removed.unwrap_or(lines.removed))?;
    if entry.removed.is_some() && (at_start.is_empty() || lines.removed == 0) {
        return Err("nothing was removed, so the entry need not say how much".to_owned());
    }
    if let Some(locked) = &seen.locked {
        // What is in the plan was locked for it, also what left it when execution began.
        let unlocked: Vec<_> = fates
            .iter()
            .filter(|(name, fate)| **fate != Fate::PrunedAtPlan && !locked.contains(*name))
            .collect();
        same("not locked and yet in the plan", &unlocked, &Vec::new())?;
        // With a count given, other proofs than bounds excluded leaves, locked as they were.
        let absent = with(Fate::PrunedAtPlan);
        if lines.removed > 0 && entry.removed.is_none() {
            same("locked and yet pruned", &absent.intersection(locked).collect(), &Vec::new())?;
        }
    }
    Ok(fates)
}

/// One fate a leaf, of exactly the tables that the entry names, with all their leaves.
fn fates(entry: &Entry, seen: &Seen) -> Result<Fates, String> {
    let touched = &seen.explained.touched;
    let mut names: Vec<_> = touched.iter().map(|touched| touched.table.name.clone()).collect();
    names.sort();
    same("tables read", &names, &entry.reads)?;
    let mut fates = Fates::new();
    for table in touched {
        let mut own = BTreeSet::new();
        for leaf in &table.leaves {
            same("a leaf listed once", &own.insert(leaf.name.name.clone()), &true)?;
            // A table and a partition of it, both named, share leaves and therefore fates.
            let other = fates.insert(leaf.name.name.clone(), leaf.fate);
            same("a leaf's fate", &leaf.fate, &other.unwrap_or(leaf.fate))?;
        }
        same("leaves", &own, &seen.leaves[&table.table.name])?;
    }
    Ok(fates)
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: lab::plan says {found:?}, the text {expected:?}"))
}
