//! What would be done below one range-partitioned table. Pure.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use lab::catalog::{Name, Tree};
use lab::{Context, Error, Result};

use super::missing::{Limits, missing};
use super::rhythm::Width;
use super::span::{Span, gaps, newest, spans};
use super::{Retain, Wish};
use crate::layout::{Axis, time_zone, unquoted};

/// A partitioned table whose partitions are kept ahead: the one that was named, or one below it.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its OID.
    pub oid: u32,
    /// Its name.
    pub name: Name,
    /// The column of the key, unquoted.
    pub column: String,
    /// How wide its partitions are.
    pub width: Width,
    /// What stands for the present: now to the second, or the greatest value.
    pub present: Option<String>,
    /// Where the newest partition ends, as its bound says it without quotes; `None` with MAXVALUE.
    pub end: Option<String>,
    /// The partitions with two ends, and where each begins.
    pub(super) existing: Vec<(Name, i128)>,
    /// Partitions to make, in order.
    pub make: Vec<New>,
    /// Partitions to let go, in order.
    pub retire: Vec<Old>,
    /// What one should know.
    pub notes: Vec<String>,
    /// The partition that new ones are made like.
    pub(super) template: u32,
    /// The DEFAULT partition.
    pub(super) default: Option<Name>,
    /// Periods are the calendar's, in the wish's time zone.
    pub is_time: bool,
    /// `pg_partman` keeps such tables: those with one column of a type that it knows in every release.
    pub suits_partman: bool,
    /// Columns of the key; values other than the first are MINVALUE everywhere.
    pub(super) columns: usize,
}

/// A partition that is missing.
#[derive(Debug, Clone)]
pub struct New {
    /// Its name.
    pub name: Name,
    /// The lower bound's value, quoted as it stands in SQL.
    pub from: String,
    /// The upper one's; `MAXVALUE` at the end of an integer type.
    pub to: String,
    /// It begins after the present, so that hardly a row of it is written yet.
    pub(super) is_ahead: bool,
}

/// A partition that is wholly too old, or whose concurrent detach was interrupted.
#[derive(Debug, Clone)]
pub struct Old {
    /// Its name.
    pub name: Name,
    /// As PostgreSQL prints it.
    pub bound: String,
    /// A concurrent detach was interrupted; it is to be finished.
    pub pending: bool,
}

/// What is known of a table before anything is decided.
pub(super) struct Ground<'a> {
    pub(super) tree: &'a Tree,
    pub(super) columns: Vec<String>,
    pub(super) axis: Axis,
    pub(super) now: Timestamp,
    /// The greatest value, where the axis is one of numbers.
    pub(super) newest: Option<i128>,
    pub(super) taken: &'a [String],
}

/// Decides what is to be made and what goes.
pub(super) fn decide(ground: &Ground, wish: &Wish) -> Result<Node> {
    let Ground { tree, axis, .. } = ground;
    let spans = spans(ground)?;
    let (newest, width) = newest(ground, &spans)?;
    let zone = wish.time_zone.as_deref().map_or(Ok(TimeZone::UTC), time_zone)?;
    let first = spans.iter().map(|span| span.from).find(|from| *from > i128::MIN);
    let present = axis.present(ground.now, &zone).or(ground.newest).or(first);
    let last = spans.iter().max_by_key(|span| span.to);
    let mut node = Node {
        oid: tree.oid,
        name: tree.name.clone(),
        column: ground.columns.first().cloned().unwrap_or_default(),
        width,
        present: present.map(|position| shown(axis, position)).transpose()?,
        end: last.filter(|last| last.to < i128::MAX).map(|last| unquoted(&last.to_text)),
        existing: spans
            .iter()
            .filter(|span| span.from > i128::MIN)
            .map(|span| (span.tree.name.clone(), span.from))
            .collect(),
        make: Vec::new(),
        retire: Vec::new(),
        notes: gaps(&spans),
        template: newest.tree.oid,
        default: tree.children.iter().find(|child| child.is_default()).map(|d| d.name.clone()),
        columns: ground.columns.len(),
        is_time: axis.is_time(),
        suits_partman: ground.columns.len() == 1 && !matches!(axis, Axis::Uuid(_)),
    };
    if let Some(present) = present {
        let cutoff = wish.retain.map(|retain| cutoff(axis, retain, present)).transpose()?;
        let limits = Limits { present, cutoff: cutoff.unwrap_or(i128::MIN), ahead: wish.ahead };
        node.make = missing(ground, &limits, &spans, newest, width)?;
        node.retire = old(&spans, limits.cutoff);
    }
    for child in tree.children.iter().filter(|child| child.detach_pending) {
        if wish.retain.is_some() {
            node.retire.insert(0, Old { pending: true, ..Old::of(child) });
        } else {
            let name = &child.name;
            node.notes.push(format!("the detach of {name} was interrupted; --retain finishes it"));
        }
    }
    Ok(node)
}

/// A position for people.
fn shown(axis: &Axis, position: i128) -> Result<String> {
    let second = match axis {
        Axis::Timestamp | Axis::Timestamptz(_) => 1_000_000,
        Axis::Date | Axis::Uuid(_) | Axis::Integer { .. } => 1,
    };
    let text = axis.literal(position.div_euclid(second) * second)?;
    Ok(unquoted(&text))
}

impl Old {
    fn of(tree: &Tree) -> Self {
        let bound = tree.bounds.clone().unwrap_or_default();
        Self { name: tree.name.clone(), bound, pending: false }
    }
}

/// Where what is too old ends.
fn cutoff(axis: &Axis, retain: Retain, present: i128) -> Result<i128> {
    let what = || "--retain reaches beyond the year -9999";
    let date = |span: Result<jiff::Span, jiff::Error>| {
        let span = span.context(what)?;
        axis.start(axis.date(present)?.checked_sub(span).context(what)?)
    };
    match (axis.is_time(), retain) {
        (true, Retain::Months(months)) => date(1.month().checked_mul(months)),
        (true, Retain::Days(days)) => date(1.day().checked_mul(days)),
        (false, Retain::Numbers(numbers)) => Ok(present - i128::from(numbers)),
        (true, Retain::Numbers(_)) => {
            Err(Error::usage("--retain needs a unit for dates and times")
                .next("--retain '12 months', '90 days'"))
        }
        (false, _) => Err(Error::usage("--retain takes no unit for integers")
            .next("--retain 1000000: so many values below the greatest")),
    }
}

fn old(spans: &[Span], cutoff: i128) -> Vec<Old> {
    spans.iter().filter(|span| span.to <= cutoff).map(|span| Old::of(span.tree)).collect()
}
