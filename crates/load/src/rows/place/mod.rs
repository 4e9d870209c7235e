//! Partition keys: chosen so that each partition gets its share of the rows.

mod bounds;
mod key;
mod outside;
mod placement;
mod region;
mod resolve;
mod spread;
mod steps;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use lab::catalog::Tree;
use lab::connect::Session;
use lab::{Error, Result};

pub use resolve::{Pick, TAG, unique};
pub use steps::Steps;

use super::value::{DAY, Line, day};
use super::{Column, Keys, Wish};
use key::Key;
use placement::{Picks, Placement, Plan};
use region::{Allowed, Region};
use spread::Shares;

/// What the caller knows of the columns beyond their types.
#[derive(Debug, Default)]
pub struct Limits {
    /// The first and last place that checks allow, by column.
    pub places: Vec<(Option<i64>, Option<i64>)>,
    /// The column that must hold no value twice.
    pub once: Option<usize>,
    /// Columns whose values come from elsewhere.
    pub fixed: HashSet<usize>,
}

/// Keys for a table, and what cannot be steered.
pub struct Placed {
    /// `None`: any key will do.
    pub keys: Option<Box<dyn Keys>>,
    /// For people, a sentence each.
    pub notes: Vec<String>,
}

/// Keys for the rows of a table whose `columns` are sent: values of those of its partition key
/// that lead where `wish` wants the rows. `None` when the table isn't partitioned, or its key
/// cannot be steered (hashes, expressions, columns that aren't sent).
pub async fn keys(
    session: &Session,
    tree: &Tree,
    columns: &[Column],
    wish: &Wish,
) -> Result<Option<Box<dyn Keys>>> {
    let steps = Steps::read(session.client(), tree.oid).await?;
    Ok(placement(session, tree, &steps, columns, wish, &Limits::default()).await?.keys)
}

/// The same with [`Limits`], and with notes.
pub async fn placement(
    session: &Session,
    tree: &Tree,
    steps: &Steps,
    columns: &[Column],
    wish: &Wish,
    limits: &Limits,
) -> Result<Placed> {
    let mut notes = steps.notes();
    let key = Key::read(session.client(), tree.oid, steps, columns, &limits.fixed).await?;
    let limited = narrowed(&key, limits, wish);
    if tree.is_leaf() && steps.to(tree.oid).is_empty() || key.0.is_empty() {
        if wish.out_of_range.is_some_and(|percent| percent > 0.0) {
            return Err(nothing_outside(tree));
        }
        if wish.dates.is_some() {
            notes.push("--dates changes nothing: no date or timestamp is part of a key".to_owned());
        }
        return Ok(Placed { keys: None, notes });
    }
    if steps.to(tree.oid).iter().any(|step| step.bounds == bounds::Bounds::Default) {
        return Err(Error::usage(format!("{} is a DEFAULT partition", tree.name))
            .because("it takes what its parent's other partitions leave")
            .next("name its parent, with --out-of-range 100"));
    }
    let maker = Maker { session, tree, key: &key, limited: &limited, limits };
    let mut leaves = Vec::new();
    for leaf in tree.leaves().filter(|leaf| !leaf.detach_pending) {
        let way = steps.to(leaf.oid);
        if way.iter().any(|step| step.bounds == bounds::Bounds::Default) {
            continue;
        }
        let ways = maker.picks(key.along(way)).await?;
        if ways.is_empty() {
            notes.push(format!("no row for {}: no value was found that leads there", leaf.name));
        } else {
            leaves.push(ways);
        }
    }
    let outside_share = wish.out_of_range.unwrap_or(0.0) / 100.0;
    let outside = if outside_share > 0.0 {
        maker.picks(beyond(&key, steps, tree)).await?
    } else {
        Vec::new()
    };
    if outside_share > 0.0 && outside.is_empty() {
        return Err(nothing_outside(tree));
    }
    if leaves.is_empty() && outside_share < 1.0 {
        return Err(no_leaf(tree, wish));
    }
    let shares = Shares::new(wish.spread, leaves.len());
    let plan = Plan { leaves, shares, outside, outside_share };
    Ok(Placed { keys: Some(Box::new(Placement::new(plan, columns.len()))), notes })
}

/// What checks and `--dates` leave of the key's columns.
fn narrowed(key: &Key, limits: &Limits, wish: &Wish) -> Region {
    let mut region = key.everything();
    for (column, allowed) in key.0.iter().zip(&mut region) {
        let (mut low, mut high) = limits.places.get(column.index).copied().unwrap_or_default();
        let unit = match column.line() {
            Some(Line::Date) => Some(1),
            Some(Line::Timestamp) => Some(DAY),
            _ => None,
        };
        if let (Some(unit), Some((from, to))) = (unit, wish.dates) {
            low = low.max(Some(day(from) * unit));
            let last = day(to) * unit - 1;
            high = Some(high.map_or(last, |high| high.min(last)));
        }
        if low.is_some() || high.is_some() {
            *allowed = Some(Allowed::Places(low, high));
        }
    }
    region
}

/// The regions outside all bounds: where there are DEFAULT partitions, those of their parents.
fn beyond(key: &Key, steps: &Steps, tree: &Tree) -> Vec<Region> {
    let siblings =
        |parent: u32| -> Vec<_> { steps.all().filter(|step| step.parent == parent).collect() };
    let parents = tree.walk().filter(|table| !table.children.is_empty());
    let (with, without): (Vec<&Tree>, Vec<&Tree>) =
        parents.partition(|table| table.children.iter().any(Tree::is_default));
    let regions = |parents: Vec<&Tree>| -> Vec<Region> {
        let parents = parents.into_iter().map(|parent| {
            let way = key.along(steps.to(parent.oid));
            let outside = outside::outside(key, &siblings(parent.oid));
            region::within(&way, &outside, &|at| key.line(at))
        });
        parents.flatten().collect()
    };
    let found = regions(with);
    if found.is_empty() { regions(without) } else { found }
}

/// Makes picks of regions.
struct Maker<'a> {
    session: &'a Session,
    tree: &'a Tree,
    key: &'a Key,
    limited: &'a Region,
    limits: &'a Limits,
}

impl Maker<'_> {
    async fn picks(&self, regions: Vec<Region>) -> Result<Vec<Picks>> {
        let line = |at| self.key.line(at);
        let regions = region::within(&regions, std::slice::from_ref(self.limited), &line);
        let mut ways = Vec::new();
        'regions: for region in regions {
            let mut picks = Picks::new();
            for (column, allowed) in self.key.0.iter().zip(&region) {
                let Some(allowed) = allowed else { continue };
                let once = self.limits.once == Some(column.index);
                let (client, table) = (self.session.client(), self.tree.name.to_string());
                match resolve::resolve(client, &table, column, allowed, once).await? {
                    Some(pick) => picks.push((column.index, pick)),
                    None => continue 'regions,
                }
            }
            ways.push(picks);
        }
        Ok(ways)
    }
}

fn nothing_outside(tree: &Tree) -> Error {
    Error::usage(format!("no row of {} can lie outside the bounds of its partitions", tree.name))
        .because("it has none, or they take every value, or the server decides by hashes or an expression")
        .next("leave out --out-of-range")
}

fn no_leaf(tree: &Tree, wish: &Wish) -> Error {
    let error = Error::failed(format!("no partition of {} takes the rows", tree.name));
    match wish.dates {
        Some((from, to)) => error
            .because(format!("no bounds contain dates from {from} to {to}"))
            .next("name other --dates, or send the rows to DEFAULT with --out-of-range 100"),
        None => error
            .because("it has none but DEFAULT, or no value was found that fits their bounds")
            .next("make a partition: CREATE TABLE … PARTITION OF …")
            .next("or send the rows to DEFAULT with --out-of-range 100"),
    }
}
