//! Which partitions the target gets: names and bounds. Pure, but for what [`facts`] reads.

mod axis;
mod bound;
mod facts;
mod grid;
mod literal;
mod name;
mod range;
mod set;
#[cfg(test)]
mod tests;

use jiff::tz::TimeZone;
use lab::catalog::quote_ident;
use lab::report::count;
use lab::{Error, Result};
use serde::{Deserialize, Serialize};

pub(crate) use axis::Kind;
pub use axis::{Axis, time_zone};
pub use bound::{Bound, unquoted};
pub use facts::{Extent, Facts, extent, facts};
pub use grid::{Grid, Period};
pub(crate) use name::Names;

use crate::portrait::{Column, Portrait};
use crate::request::{Level, Request, Shape};

/// How many leaves a table may get. PostgreSQL plans statements over some thousands well enough,
/// and a mistaken width or a stray date makes many more.
pub const LIMIT: usize = 5_000;

/// The partitions of a target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    /// The key, as it stands after `PARTITION BY`: `RANGE (created_at)`, columns quoted.
    pub key: String,
    /// Columns of the key, unquoted.
    pub columns: Vec<String>,
    /// Partitions in the order of their bounds, DEFAULT last.
    pub parts: Vec<Part>,
}

/// A partition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Its name when the target is live, unquoted, at most 63 bytes, unique within the layout.
    pub name: String,
    /// As it stands after `PARTITION OF t`: `FOR VALUES FROM ('2024-01-01') TO ('2024-04-01')`,
    /// `FOR VALUES IN ('a')`, `FOR VALUES WITH (MODULUS 4, REMAINDER 0)`, `DEFAULT`.
    pub bound: String,
    /// The next level; `None` for a leaf.
    pub below: Option<Layout>,
}

impl Layout {
    /// All leaves below, in order.
    #[must_use]
    pub fn leaves(&self) -> Vec<&Part> {
        self.parts
            .iter()
            .flat_map(|part| match &part.below {
                Some(below) => below.leaves(),
                None => vec![part],
            })
            .collect()
    }
}

/// The partitions that `request` asks for.
///
/// For a split, `request` must be [`completed`](Request::completed); the partitions then take
/// exactly the place of the one that is split. An error when there would be more than [`LIMIT`]
/// leaves, when rows fit into no partition, or when a name cannot be had.
pub fn of(request: &Request, portrait: &Portrait, facts: &Facts) -> Result<Layout> {
    let stem = match &request.shape {
        Shape::Copy { name } => name,
        Shape::Table | Shape::AttachOld | Shape::Split => &portrait.name,
    };
    let mut slots = Vec::new();
    for (level, extent) in request.levels.iter().zip(&facts.extents) {
        let is_first = slots.is_empty();
        let (column, found) = level_slots(request, portrait, facts, level, extent, is_first)?;
        slots.push((key(level), column, found));
    }
    let leaves: usize = slots.iter().map(|(_, _, slots)| slots.len()).product();
    if leaves > LIMIT {
        return Err(too_many(leaves as u128));
    }
    let mut names = Names::beside(&facts.taken);
    let chosen = chosen(request, slots.first().map_or(&[], |(_, _, slots)| slots))?;
    let mut layout = build(&slots, &mut names, stem, "", &chosen)?;
    if let (Shape::Split, Some(parent), Some(layout)) =
        (&request.shape, &portrait.parent, layout.as_mut())
    {
        // The partitions are attached to the parent, whose key this is.
        layout.key.clone_from(&parent.partition_key);
    }
    layout.ok_or_else(|| Error::usage("no way to partition was asked for"))
}

/// A partition before it has its whole name.
#[derive(Debug, Clone, PartialEq)]
struct Slot {
    /// What comes before the label; `None` for the table's name.
    stem: Option<String>,
    label: String,
    bound: String,
    /// Rows of it are not divided further: DEFAULT.
    is_default: bool,
    /// The whole name, if nothing else has it.
    name: Option<String>,
}

impl Slot {
    fn new(label: impl Into<String>, bound: String) -> Self {
        Self { stem: None, label: label.into(), bound, is_default: false, name: None }
    }

    fn default() -> Self {
        Self { is_default: true, ..Self::new("default", "DEFAULT".to_owned()) }
    }

    /// What is left of the DEFAULT partition `name` keeps its name.
    fn rest(name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..Self::default() }
    }
}

/// The key's column, and the partitions of one level.
fn level_slots(
    request: &Request,
    portrait: &Portrait,
    facts: &Facts,
    level: &Level,
    extent: &Extent,
    is_first: bool,
) -> Result<(String, Vec<Slot>)> {
    let column = column(portrait, level.column())?;
    if column.generated.is_some() {
        return Err(Error::usage(format!("column {} is a generated one", column.name))
            .because("PostgreSQL takes no generated column as partition key")
            .next("partition by a column that it is made from"));
    }
    let split = match (&request.shape, &portrait.parent) {
        (Shape::Split, Some(parent)) if is_first => Some(parent),
        (Shape::Split, None) => {
            return Err(Error::usage(format!("{} is no partition", portrait.name))
                .because("--split takes one partition apart")
                .next("cargo run -p convert -- plan TABLE --split PARTITION --every week"));
        }
        _ => None,
    };
    let attach_old = is_first && request.shape == Shape::AttachOld;
    let mut slots = match (level, extent) {
        (Level::Range { every, .. }, Extent::Range { ends, outside }) => {
            let axis = Axis::of(column, request.time_zone.as_deref())?;
            let zone = request.time_zone.as_deref().map_or(Ok(TimeZone::UTC), time_zone)?;
            let grid = Grid::new(axis, *every)?;
            if let (Some(value), false) = (outside, request.default) {
                return Err(Error::failed(format!(
                    "column {} holds {value}, which fits into no period",
                    column.name
                ))
                .next("--default: a DEFAULT partition holds such rows")
                .next("or correct them first"));
            }
            let present = grid.axis.present(facts.now()?, &zone);
            let span = range::Span { grid: &grid, ends: *ends, present, ahead: request.ahead };
            match split {
                Some(parent) => range::split(&span, &portrait.name, parent)?,
                None if attach_old => range::attach_old(&span)?,
                None => range::all(&span)?,
            }
        }
        (Level::List { .. }, Extent::List { values, nulls }) => match split {
            Some(parent) => set::split_list(&portrait.name, parent, values, *nulls)?,
            None if attach_old => set::attach_old(values, *nulls)?,
            None => set::list(values, *nulls)?,
        },
        (Level::Hash { partitions, .. }, _) if !attach_old => match split {
            Some(parent) => set::split_hash(&portrait.name, parent, *partitions)?,
            None => set::hash(1, 0, *partitions)?,
        },
        (Level::Hash { .. }, _) => {
            return Err(Error::usage("--attach-old needs --range or --list")
                .because("the old table's rows belong into every hash partition"));
        }
        _ => return Err(Error::failed("the extent read is another level's")),
    };
    if request.default && split.is_none() && !matches!(level, Level::Hash { .. }) {
        slots.push(Slot::default());
    }
    Ok((column.name.clone(), slots))
}

/// The column of this name.
fn column<'a>(portrait: &'a Portrait, name: &str) -> Result<&'a Column> {
    portrait.columns.iter().find(|column| column.name == name).ok_or_else(|| {
        let columns: Vec<_> = portrait.columns.iter().map(|column| column.name.as_str()).collect();
        Error::usage(format!("{} has no column {name}", portrait.name))
            .because(format!("its columns are {}", columns.join(", ")))
    })
}

fn key(level: &Level) -> String {
    let strategy = match level {
        Level::Range { .. } => "RANGE",
        Level::List { .. } => "LIST",
        Level::Hash { .. } => "HASH",
    };
    format!("{strategy} ({})", quote_ident(level.column()))
}

/// The names that the user gave, one for each partition of the first level; none where DEFAULT is
/// left out.
fn chosen(request: &Request, slots: &[Slot]) -> Result<Vec<String>> {
    let wanted = request.names.len();
    let named = slots.iter().filter(|slot| !slot.is_default).count();
    if wanted == 0 || wanted == slots.len() || wanted == named {
        return Ok(request.names.clone());
    }
    let bounds: Vec<_> = slots.iter().map(|slot| slot.bound.as_str()).take(20).collect();
    Err(Error::usage(format!("{wanted} names for {} partitions", slots.len()))
        .because(format!("the bounds are: {}", bounds.join("; "))))
}

type Slots = (String, String, Vec<Slot>);

fn build(
    levels: &[Slots],
    names: &mut Names,
    stem: &str,
    prefix: &str,
    chosen: &[String],
) -> Result<Option<Layout>> {
    let Some(((key, column, slots), below)) = levels.split_first() else { return Ok(None) };
    // DEFAULT first: a value of that name then has to give way, not the other way round.
    let mut order: Vec<_> = slots.iter().enumerate().collect();
    order.sort_by_key(|(_, slot)| !slot.is_default);
    let mut parts = Vec::new();
    for (n, slot) in order {
        let stem = slot.stem.as_deref().unwrap_or(stem);
        let label = format!("{prefix}{}", slot.label);
        let (name, stem, prefix) = if let Some(name) = chosen.get(n) {
            (names.chosen(name)?, name.as_str(), String::new())
        } else {
            let own = slot.name.as_deref().and_then(|name| names.chosen(name).ok());
            let name = own.unwrap_or_else(|| names.give(stem, &label));
            (name, stem, format!("{label}_"))
        };
        let below = if slot.is_default { None } else { build(below, names, stem, &prefix, &[])? };
        parts.push(Part { name, bound: slot.bound.clone(), below });
    }
    if slots.last().is_some_and(|slot| slot.is_default) {
        parts.rotate_left(1);
    }
    Ok(Some(Layout { key: key.clone(), columns: vec![column.clone()], parts }))
}

fn too_many(partitions: u128) -> Error {
    let partitions = u64::try_from(partitions).unwrap_or(u64::MAX);
    Error::failed(format!("that would be {} partitions", count(partitions)))
        .because(format!("more than {} are slow to plan with", count(LIMIT as u64)))
        .next("a greater --every, fewer --partitions, or correct rows that lie far off")
}
