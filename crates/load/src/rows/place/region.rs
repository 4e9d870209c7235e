//! Which values of a key's columns lead to a partition.

use super::bounds::Edge;
use crate::rows::value::Line;

/// What a column of the key may hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Allowed {
    /// Places on a line, both ends included; `None`: no end.
    Places(Option<i64>, Option<i64>),
    /// These values; `None` is NULL.
    Values(Vec<Option<Vec<u8>>>),
    /// For a type that is no line: at least and less than these literals, which the server
    /// compares; or, where `outside`, in none of these ranges.
    Between {
        /// The ranges.
        ranges: Vec<(Option<String>, Option<String>)>,
        /// Whether to keep out of them.
        outside: bool,
    },
}

/// What all columns of the key may hold together, by column; `None`: anything.
pub type Region = Vec<Option<Allowed>>;

/// Regions with the values that are in one of each; `line` tells of a column what line it is on.
pub fn within(
    one: &[Region],
    other: &[Region],
    line: &dyn Fn(usize) -> Option<Line>,
) -> Vec<Region> {
    let both = |(a, b): (&Region, &Region)| -> Option<Region> {
        let columns = a.iter().zip(b).enumerate();
        columns
            .map(|(at, pair)| match pair {
                (None, allowed) | (allowed, None) => Some(allowed.clone()),
                (Some(a), Some(b)) => Some(Some(common(a, b, line(at))?)),
            })
            .collect()
    };
    one.iter().flat_map(|a| other.iter().map(move |b| (a, b))).filter_map(both).collect()
}

/// What is in both; `None` when nothing is.
fn common(a: &Allowed, b: &Allowed, line: Option<Line>) -> Option<Allowed> {
    match (a, b) {
        (Allowed::Places(low, high), Allowed::Places(other_low, other_high)) => {
            let low = (*low).max(*other_low);
            let high = match (*high, *other_high) {
                (None, end) | (end, None) => end,
                (Some(a), Some(b)) => Some(a.min(b)),
            };
            let some = low.is_none_or(|low| high.is_none_or(|high| low <= high));
            some.then_some(Allowed::Places(low, high))
        }
        (Allowed::Values(values), Allowed::Values(others)) => {
            kept(values, |value| others.contains(value))
        }
        (Allowed::Values(values), Allowed::Places(low, high))
        | (Allowed::Places(low, high), Allowed::Values(values)) => kept(values, |value| {
            value.as_deref().and_then(|value| line?.at(value)).is_some_and(|at| {
                low.is_none_or(|low| low <= at.floor) && high.is_none_or(|high| at.floor <= high)
            })
        }),
        // Which of the two is narrower only the server knows; the second is of the lower level.
        (Allowed::Values(_), Allowed::Between { .. }) => Some(a.clone()),
        (_, _) => Some(b.clone()),
    }
}

fn kept(values: &[Option<Vec<u8>>], keep: impl Fn(&Option<Vec<u8>>) -> bool) -> Option<Allowed> {
    let values: Vec<_> = values.iter().filter(|value| keep(value)).cloned().collect();
    (!values.is_empty()).then_some(Allowed::Values(values))
}

/// An edge of a range in one column.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// MINVALUE, or -infinity
    Min,
    /// A value: its literal, its binary format, and where it lies, if on a line (the first place
    /// not before it).
    At(String, Vec<u8>, Option<i64>),
    /// MAXVALUE, or infinity
    Max,
}

impl End {
    /// The end at `edge`, whose literal has the binary value `value`.
    pub fn new(
        edge: &Edge,
        value: impl Fn(&str) -> Option<Vec<u8>>,
        line: Option<Line>,
    ) -> Option<Self> {
        Some(match edge {
            Edge::Min => Self::Min,
            Edge::Max => Self::Max,
            Edge::At(literal) => {
                let value = value(literal)?;
                let Some(line) = line else { return Some(Self::At(literal.clone(), value, None)) };
                match line.at(&value) {
                    Some(at) => Self::At(
                        literal.clone(),
                        value,
                        Some(at.floor.saturating_add(i64::from(!at.exact))),
                    ),
                    None if literal.contains('-') => Self::Min,
                    None => Self::Max,
                }
            }
        })
    }
}

/// The regions of a range over several columns, whose ends are compared as rows are: the first
/// column that differs decides. `columns` are the places of the key's columns in a region of
/// `width` columns.
pub fn range(columns: &[usize], from: &[End], to: &[End], width: usize) -> Vec<Region> {
    split(columns, Some(from), Some(to), width)
}

/// `from` and `to` are `None` when a column before has decided.
fn split(columns: &[usize], from: Option<&[End]>, to: Option<&[End]>, width: usize) -> Vec<Region> {
    let free = || vec![vec![None; width]];
    let Some((column, rest)) = columns.split_first() else {
        // Equal to the end in all columns: no longer before it.
        return if to.is_some() { Vec::new() } else { free() };
    };
    let (low, from) = match from.and_then(<[End]>::split_first) {
        Some((End::Max, _)) => return Vec::new(),
        Some((End::Min, _)) | None => (None, None),
        Some((low, from)) => (Some(low), Some(from)),
    };
    let (high, to) = match to.and_then(<[End]>::split_first) {
        Some((End::Min, _)) => return Vec::new(),
        Some((End::Max, _)) | None => (None, None),
        Some((high, to)) => (Some(high), Some(to)),
    };
    let exactly = |end: &End, regions: Vec<Region>| -> Vec<Region> {
        let End::At(_, value, _) = end else { return Vec::new() };
        let only = Allowed::Values(vec![Some(value.clone())]);
        regions
            .into_iter()
            .map(|mut region| {
                region[*column] = Some(only.clone());
                region
            })
            .collect()
    };
    if let (Some(End::At(_, low_value, _)), Some(high @ End::At(_, high_value, _))) = (low, high)
        && low_value == high_value
    {
        return exactly(high, split(rest, from, to, width));
    }
    // Rows that have exactly the lower (upper) value here, and what is left for the rest.
    let at_low = low.map(|_| split(rest, from, None, width)).unwrap_or_default();
    let at_high = high.map(|_| split(rest, None, to, width)).unwrap_or_default();
    let (with_low, with_high) = (at_low == free(), at_high == free());
    let place = |end: Option<&End>| match end {
        Some(End::At(_, _, place)) => *place,
        _ => None,
    };
    let literal = |end: Option<&End>| match end {
        Some(End::At(literal, _, _)) => Some(literal.clone()),
        _ => None,
    };
    let on_line =
        [low, high].into_iter().flatten().all(|end| matches!(end, End::At(_, _, Some(_))));
    let between = if on_line {
        let low = place(low).map(|low| low.saturating_add(i64::from(!with_low)));
        let high = place(high).map(|high| high.saturating_sub(i64::from(!with_high)));
        let some = low.is_none_or(|low| high.is_none_or(|high| low <= high));
        some.then_some(Allowed::Places(low, high))
    } else {
        Some(Allowed::Between { ranges: vec![(literal(low), literal(high))], outside: false })
    };
    let mut regions = free();
    match between {
        Some(_) if low.is_none() && high.is_none() => {}
        Some(between) => regions[0][*column] = Some(between),
        None => regions.clear(),
    }
    if let Some(low) = low.filter(|_| !with_low) {
        regions.extend(exactly(low, at_low));
    }
    if let Some(high) = high.filter(|_| !with_high) {
        regions.extend(exactly(high, at_high));
    }
    regions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(place: i64) -> End {
        End::At(place.to_string(), Line::Int8.bytes(place), Some(place))
    }
    fn places(low: i64, high: i64) -> Allowed {
        Allowed::Places(Some(low), Some(high))
    }
    fn only(place: i64) -> Allowed {
        Allowed::Values(vec![Some(Line::Int8.bytes(place))])
    }

    #[test]
    fn a_range_has_its_lower_end_and_not_its_upper_one() {
        assert_eq!(range(&[0], &[at(1)], &[at(10)], 1), [[Some(places(1, 9))]]);
        assert_eq!(range(&[0], &[End::Min], &[End::Max], 1), [[None]]);
        let below = range(&[1], &[End::Min], &[at(10)], 2);
        assert_eq!(below, [[None, Some(Allowed::Places(None, Some(9)))]]);
    }

    #[test]
    fn the_first_column_that_differs_decides() {
        let months = range(&[0, 1], &[at(2023), at(7)], &[at(2024), at(3)], 2);
        let low = Some(Allowed::Places(Some(7), None));
        let high = Some(Allowed::Places(None, Some(2)));
        assert_eq!(months, [[Some(only(2023)), low], [Some(only(2024)), high]]);
        assert_eq!(
            range(&[0, 1], &[at(1), at(2)], &[at(1), at(9)], 2),
            [[Some(only(1)), Some(places(2, 8))]]
        );
        let whole = range(&[0, 1], &[at(1), End::Min], &[at(5), End::Min], 2);
        assert_eq!(whole, [[Some(places(1, 4)), None]]);
        let end = range(&[0, 1], &[at(1), End::Max], &[at(5), End::Max], 2);
        assert_eq!(end, [[Some(places(2, 5)), None]]);
    }

    #[test]
    fn levels_narrow_each_other() {
        let line = |_| Some(Line::Int8);
        let wide = range(&[0], &[at(1)], &[at(10)], 1);
        let list = vec![vec![Some(Allowed::Values(vec![
            Some(Line::Int8.bytes(3)),
            Some(Line::Int8.bytes(30)),
            None,
        ]))]];
        assert_eq!(within(&wide, &list, &line), [[Some(only(3))]]);
        assert!(within(&wide, &range(&[0], &[at(10)], &[End::Max], 1), &line).is_empty());
    }
}
