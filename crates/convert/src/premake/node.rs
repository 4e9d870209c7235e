//! What would be done below one range-partitioned table. Pure.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use lab::catalog::{Name, Tree};
use lab::{Context, Error, Result};

use super::pattern::Pattern;
use super::rhythm::Width;
use super::{Retain, Wish};
use crate::layout::{Axis, Bound, LIMIT, Names, time_zone, unquoted};

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

/// A partition with both ends on the axis; open ends are beyond every value.
struct Span<'a> {
    tree: &'a Tree,
    from: i128,
    to: i128,
    /// The upper value as it stands.
    to_text: String,
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

/// The partitions in order, without DEFAULT and those pending detach.
fn spans<'a>(ground: &Ground<'a>) -> Result<Vec<Span<'a>>> {
    let mut spans = Vec::new();
    for tree in ground.tree.children.iter().filter(|child| !child.detach_pending) {
        let bound = tree.bounds.as_deref().unwrap_or_default();
        let unread = || {
            Error::failed(format!("the bound of {} is not understood", tree.name))
                .because(bound.to_owned())
        };
        let (from, to) = match Bound::read(bound).ok_or_else(unread)? {
            Bound::Default => continue,
            Bound::Range(from, to) => (from, to),
            Bound::List(_) | Bound::Hash { .. } => return Err(unread()),
        };
        let value = |values: &[String]| -> Result<(i128, String)> {
            let (first, rest) = values.split_first().ok_or_else(unread)?;
            let open = |value: &String| value == "MINVALUE" || value == "MAXVALUE";
            if !rest.iter().all(open) {
                return Err(unread().because("only the first column of a key may have values"));
            }
            let position = match first.as_str() {
                "MINVALUE" => i128::MIN,
                "MAXVALUE" => i128::MAX,
                literal => ground.axis.parse(&unquoted(literal)).ok_or_else(unread)?,
            };
            Ok((position, first.clone()))
        };
        let ((from, _), (to, to_text)) = (value(&from)?, value(&to)?);
        spans.push(Span { tree, from, to, to_text });
    }
    spans.sort_by_key(|span| span.from);
    Ok(spans)
}

/// The newest partition with two ends, and its width.
fn newest<'a, 'b>(ground: &Ground, spans: &'b [Span<'a>]) -> Result<(&'b Span<'a>, Width)> {
    let table = &ground.tree.name;
    let closed = spans.iter().rev().find(|span| span.from > i128::MIN && span.to < i128::MAX);
    let Some(span) = closed else {
        return Err(Error::failed(format!("{table} has no partition to go by"))
            .because("the width of new ones is read off the newest that has two ends")
            .next(format!("CREATE TABLE … PARTITION OF {table} FOR VALUES FROM (…) TO (…)")));
    };
    let width = Width::of(&ground.axis, span.from, span.to).ok_or_else(|| {
        let error =
            Error::failed(format!("the bounds of {} are no beginnings of days", span.tree.name))
                .because(span.tree.bounds.clone().unwrap_or_default());
        match &ground.axis {
            Axis::Timestamptz(zone) | Axis::Uuid(zone) => error
                .because(format!("in time zone {}", zone.iana_name().unwrap_or("UTC")))
                .next("--time-zone with the zone that they were made in"),
            _ => error.next("partitions of hours are not kept ahead here"),
        }
    })?;
    Ok((span, width))
}

/// Between which partitions are kept.
struct Limits {
    present: i128,
    /// What ends here or before is too old.
    cutoff: i128,
    ahead: u32,
}

/// What is missing for `ahead` partitions beyond the present.
fn missing(
    ground: &Ground,
    limits: &Limits,
    spans: &[Span],
    newest: &Span,
    width: Width,
) -> Result<Vec<New>> {
    let (axis, present) = (&ground.axis, limits.present);
    let ahead = spans.iter().filter(|span| span.from > present).count();
    let mut lacking = (limits.ahead as usize).saturating_sub(ahead);
    let Some(last) = spans.iter().max_by_key(|span| span.to) else { return Ok(Vec::new()) };
    let covers = last.to > present;
    if lacking == 0 && covers {
        return Ok(Vec::new());
    }
    if last.to == i128::MAX {
        // It may be the last that the type has room for.
        if let Axis::Integer { highest, .. } = axis
            && last.from > i128::MIN
            && width.after(axis, last.from)? > *highest
        {
            return Ok(Vec::new());
        }
        return Err(Error::failed(format!("{} ends with MAXVALUE", last.tree.name))
            .because("nothing can follow it")
            .next(format!(
                "cargo run -p convert -- run {} --split {} --every month",
                ground.tree.name, last.tree.name.name
            )));
    }
    let earlier = spans.iter().rev().find(|span| span.to == newest.from && span.from > i128::MIN);
    let pattern = Pattern::of(
        axis,
        width,
        (&newest.tree.name.name, newest.from),
        earlier.map(|span| (span.tree.name.name.as_str(), span.from)),
        &ground.tree.name.name,
    )?;
    let mut names = Names::beside(ground.taken);
    let (mut from, mut from_text) = (last.to, last.to_text.clone());
    let mut make = Vec::new();
    while lacking > 0 || from <= present {
        if let Axis::Integer { highest, .. } = axis
            && from > *highest
        {
            break;
        }
        let to = width.after(axis, from)?;
        // A day that its zone skips.
        if to == from {
            from = width.after(axis, to + 1)?;
            continue;
        }
        let to_text = match axis {
            Axis::Integer { highest, .. } if to > *highest => "MAXVALUE".to_owned(),
            _ => axis.literal(to)?,
        };
        let is_ahead = from > present;
        lacking = lacking.saturating_sub(usize::from(is_ahead));
        // What would be let go at once is not made.
        if to > limits.cutoff {
            let name = pattern.free_name(axis, width, from, &mut names)?;
            let name = Name::new(&newest.tree.name.schema, name);
            make.push(New { name, from: from_text, to: to_text.clone(), is_ahead });
        }
        if make.len() > LIMIT {
            return Err(Error::failed(format!("more than {LIMIT} partitions are missing"))
                .because(format!("the newest ends at {}", last.to_text))
                .next("make one partition over that time first"));
        }
        (from, from_text) = (to, to_text);
    }
    Ok(make)
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

/// What nobody may have noticed.
fn gaps(spans: &[Span]) -> Vec<String> {
    let gap = |pair: &[Span]| match pair {
        [one, next] if one.to < next.from => Some(format!(
            "there is a gap between {} and {}: rows of it are refused, or go to DEFAULT",
            one.tree.name, next.tree.name
        )),
        _ => None,
    };
    spans.windows(2).filter_map(gap).collect()
}
