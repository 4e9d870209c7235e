//! Values that lie outside all bounds of a partitioned table.

use super::bounds::Bounds;
use super::key::{Key, KeyColumn};
use super::region::{Allowed, End, Region};
use super::steps::Step;
use crate::rows::value::{Kind, Line, natural};

/// The regions that no partition among `siblings` takes; none when they take everything, or when
/// what they take is not known.
pub fn outside(key: &Key, siblings: &[&Step]) -> Vec<Region> {
    let bounded = || siblings.iter().filter(|step| step.bounds != Bounds::Default);
    let Some(columns) = bounded().next().and_then(|step| key.columns(step)) else {
        return Vec::new();
    };
    let first = columns[0];
    let Some(column) = key.0.get(first) else { return Vec::new() };
    let (mut listed, mut ranges, mut literals) = (Vec::new(), Vec::new(), Vec::new());
    for step in bounded() {
        match &step.bounds {
            Bounds::List(list) => listed.extend(key.values(first, list)),
            Bounds::Range(from, to) => {
                let ends = (key.ends(&columns, from), key.ends(&columns, to));
                let (Some(from), Some(to)) = ends else { return Vec::new() };
                literals.push((literal(&from[0]), literal(&to[0])));
                ranges.push((place(&from[0], true), place(&to[0], columns.len() == 1)));
            }
            Bounds::Hash | Bounds::Default => return Vec::new(),
        }
    }
    let allowed = match column.line() {
        _ if !listed.is_empty() => others(column, &listed).into_iter().collect(),
        Some(line) => gaps(ranges, line),
        None if literals.iter().any(|(from, to)| from.is_none() && to.is_none()) => Vec::new(),
        None => vec![Allowed::Between { ranges: literals, outside: true }],
    };
    let region = |allowed| {
        let mut region = key.everything();
        region[first] = Some(allowed);
        region
    };
    allowed.into_iter().map(region).collect()
}

fn literal(end: &End) -> Option<String> {
    match end {
        End::At(literal, _, _) => Some(literal.clone()),
        _ => None,
    }
}

/// The first or last place within. Only the last column's upper end is outside for certain.
fn place(end: &End, exact: bool) -> Option<i64> {
    match end {
        End::At(_, _, Some(place)) if exact => Some(*place),
        End::At(_, _, Some(place)) => place.checked_add(1),
        _ => None,
    }
}

/// What lies between, before and after `ranges` (first place, and place after the last).
fn gaps(mut ranges: Vec<(Option<i64>, Option<i64>)>, line: Line) -> Vec<Allowed> {
    ranges.sort_by_key(|(from, _)| from.unwrap_or(i64::MIN));
    let (least, most) = line.limits();
    let (mut gaps, mut next) = (Vec::new(), Some(least));
    for (at, (from, to)) in ranges.into_iter().enumerate() {
        let (Some(open), from) = (next, from.unwrap_or(least)) else { break };
        if from > open {
            gaps.push(Allowed::Places((at > 0).then_some(open), Some(from - 1)));
        }
        next = to.map(|to| to.max(open));
    }
    if let Some(open) = next.filter(|open| *open <= most) {
        gaps.push(Allowed::Places(Some(open), None));
    }
    gaps
}

/// Values that are not listed.
fn others(column: &KeyColumn, listed: &[Option<Vec<u8>>]) -> Option<Allowed> {
    let texts = |texts: Vec<String>| texts.into_iter().map(String::into_bytes).collect();
    let candidates: Vec<Vec<u8>> = match &column.kind {
        Kind::Line(line) => {
            let (low, high) = natural(*line, &column.name);
            let step = (high.saturating_sub(low) / 1_000).max(1);
            let places = (0..1_000).map(|n| low.saturating_add(step.saturating_mul(n)));
            places
                .filter(|place| *place <= line.limits().1)
                .map(|place| line.bytes(place))
                .collect()
        }
        Kind::Text(most) => {
            let most = most.unwrap_or(usize::MAX);
            let long = ["elsewhere", "unknown", "other", "none of these"].map(str::to_owned);
            let short =
                ('A'..='Z').flat_map(|c| [format!("{c}{c}"), format!("{c}Z"), c.to_string()]);
            let fitting = long.into_iter().filter(|text| text.len() <= most).collect::<Vec<_>>();
            let short = short.filter(|text| text.len() <= most && (most <= 3 || text.len() == 2));
            texts(if most < 5 { short.collect() } else { fitting })
        }
        Kind::Labels(labels) => texts(labels.clone()),
        Kind::Bool => vec![vec![0], vec![1]],
        _ => Vec::new(),
    };
    let place = |value: &[u8]| column.line().and_then(|line| line.at(value));
    let is_listed = |value: &Vec<u8>| {
        listed
            .iter()
            .flatten()
            .any(|other| other == value || (place(value).is_some() && place(value) == place(other)))
    };
    let free: Vec<Option<Vec<u8>>> =
        candidates.into_iter().filter(|value| !is_listed(value)).map(Some).collect();
    (!free.is_empty()).then_some(Allowed::Values(free))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_before_between_and_after() {
        let gap = |low, high| Allowed::Places(low, high);
        assert_eq!(
            gaps(vec![(Some(20), Some(30)), (Some(0), Some(10))], Line::Int8),
            [gap(None, Some(-1)), gap(Some(10), Some(19)), gap(Some(30), None)]
        );
        assert_eq!(gaps(vec![(None, Some(5))], Line::Int4), [gap(Some(5), None)]);
        assert_eq!(gaps(vec![(None, Some(5)), (Some(5), None)], Line::Int4), []);
    }
}
