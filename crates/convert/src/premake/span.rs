//! The partitions that there are, as spans of an axis. Pure.

use lab::catalog::Tree;
use lab::{Error, Result};

use super::node::Ground;
use super::rhythm::Width;
use crate::layout::{Axis, Bound, unquoted};

/// A partition with both ends on the axis; open ends are beyond every value.
pub(super) struct Span<'a> {
    pub(super) tree: &'a Tree,
    pub(super) from: i128,
    pub(super) to: i128,
    /// The upper value as it stands.
    pub(super) to_text: String,
}

/// The partitions in order, without DEFAULT and those pending detach.
pub(super) fn spans<'a>(ground: &Ground<'a>) -> Result<Vec<Span<'a>>> {
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
pub(super) fn newest<'a, 'b>(
    ground: &Ground,
    spans: &'b [Span<'a>],
) -> Result<(&'b Span<'a>, Width)> {
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

/// What nobody may have noticed.
pub(super) fn gaps(spans: &[Span]) -> Vec<String> {
    let gap = |pair: &[Span]| match pair {
        [one, next] if one.to < next.from => Some(format!(
            "there is a gap between {} and {}: rows of it are refused, or go to DEFAULT",
            one.tree.name, next.tree.name
        )),
        _ => None,
    };
    spans.windows(2).filter_map(gap).collect()
}
