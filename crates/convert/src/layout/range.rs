//! Partitions by range: one a period, without a gap.

use lab::{Error, Result};

use super::bound::{Bound, unquoted};
use super::grid::{Grid, Period};
use super::set::nothing_in;
use super::{Axis, LIMIT, Slot, too_many};
use crate::portrait::Parent;
use crate::request::Every;

/// What is to be covered.
pub(super) struct Span<'a> {
    pub(super) grid: &'a Grid,
    /// Least and greatest value.
    pub(super) ends: Option<(i128, i128)>,
    pub(super) present: Option<i128>,
    /// Periods beyond the newest value and the present.
    pub(super) ahead: u32,
}

impl Span<'_> {
    fn oldest(&self) -> i128 {
        self.ends.map(|(oldest, _)| oldest).or(self.present).unwrap_or(0)
    }

    fn newest(&self) -> i128 {
        let newest = self.ends.map(|(_, newest)| newest);
        newest.max(self.present).unwrap_or(0)
    }

    /// An error when there are too many periods between the two, found out without making them.
    fn limited(&self, from: i128, to: i128) -> Result<()> {
        let periods = self.grid.count(from, to) + u128::from(self.ahead);
        if periods > LIMIT as u128 { Err(too_many(periods)) } else { Ok(()) }
    }

    /// Where periods begin, from the one that holds `from` to the one that ends after the one that
    /// holds `to` and `ahead` more.
    fn periods(&self, from: i128, to: i128, ahead: u32) -> Result<Vec<(Period, i128)>> {
        self.limited(from, to)?;
        let first = self.grid.holding(from)?;
        let last = self.grid.later(self.grid.holding(to)?, i64::from(ahead) + 1)?;
        let mut periods: Vec<(Period, i128)> = Vec::new();
        let mut period = first;
        while period <= last {
            let start = self.grid.start(period)?;
            // A zone that skips a whole day has a day without a moment.
            match periods.last_mut() {
                Some(before) if before.1 == start => before.0 = period,
                _ => periods.push((period, start)),
            }
            period = self.grid.after(period)?;
        }
        Ok(periods)
    }

    fn value(&self, position: i128) -> Result<String> {
        match self.grid.axis {
            Axis::Integer { lowest, .. } if position < lowest => Ok("MINVALUE".to_owned()),
            Axis::Integer { highest, .. } if position > highest => Ok("MAXVALUE".to_owned()),
            _ => self.grid.axis.literal(position),
        }
    }

    /// Whether a partition that begins there could hold anything.
    fn exists(&self, position: i128) -> bool {
        !matches!(self.grid.axis, Axis::Integer { highest, .. } if position > highest)
    }

    fn between(&self, periods: &[(Period, i128)]) -> Result<Vec<Slot>> {
        let mut slots = Vec::new();
        for pair in periods.windows(2) {
            let [(period, from), (_, to)] = pair else { continue };
            if self.exists(*from) {
                let bound = bound(&self.value(*from)?, &self.value(*to)?);
                slots.push(Slot::new(self.grid.label(*period), bound));
            }
        }
        Ok(slots)
    }
}

fn bound(from: &str, to: &str) -> String {
    format!("FOR VALUES FROM ({from}) TO ({to})")
}

/// From the oldest row to `ahead` periods beyond the newest and the present.
pub(super) fn all(span: &Span) -> Result<Vec<Slot>> {
    span.between(&span.periods(span.oldest(), span.newest(), span.ahead)?)
}

/// The old table, open below, to the end of the period after the one in which the newest row and
/// the present lie; then `ahead` periods.
///
/// From the moment that the bound is checked to the swap, a row beyond it is refused. So it is a whole
/// period away at least, which may pass in between.
pub(super) fn attach_old(span: &Span) -> Result<Vec<Slot>> {
    let periods = span.periods(span.newest(), span.newest(), span.ahead + 1)?;
    let end = periods.get(2).map_or(Ok("MAXVALUE".to_owned()), |(_, end)| span.value(*end))?;
    let mut slots = vec![Slot::new("old", bound("MINVALUE", &end))];
    slots.extend(span.between(periods.get(2..).unwrap_or_default())?);
    Ok(slots)
}

/// The periods within the bound of partition `name`, the first and last cut off by it.
pub(super) fn split(span: &Span, name: &str, parent: &Parent) -> Result<Vec<Slot>> {
    let no = |why: &str| {
        Error::usage(format!("{name} cannot be split by range")).because(why.to_owned())
    };
    let (from, to) = match Bound::read(&parent.bound) {
        Some(Bound::Range(from, to)) => match (from.as_slice(), to.as_slice()) {
            ([from], [to]) => (from.clone(), to.clone()),
            _ => return Err(no("its parent's key has several columns")),
        },
        Some(Bound::Default) => return split_default(span, name, parent),
        _ => return Err(no(&format!("its bound is {}", parent.bound))),
    };
    let position = |value: &str| {
        let position = span.grid.axis.parse(&unquoted(value));
        position.map(Some).ok_or_else(|| {
            no(&format!("its bound {value} is not read"))
                .next("SET datestyle = ISO in the server's settings")
        })
    };
    let low = if from == "MINVALUE" { None } else { position(&from)? };
    let high = if to == "MAXVALUE" { None } else { position(&to)? };
    // Each cut is where a period begins; what is called what follows from the period before it.
    let mut cuts = match month(span.grid, low, high)? {
        Some(month) => weeks(span.grid, month)?,
        None => calendar(span, low, high)?,
    };
    let first = cuts.first().map(|(label, _)| label.clone());
    cuts.retain(|(_, cut)| low.is_none_or(|low| *cut > low) && high.is_none_or(|high| *cut < high));
    let of_month = first.as_deref() == Some("week1");
    let stem = if of_month { name } else { parent.name.as_str() };
    let label = label_of_first(span, low, high, of_month)?;
    let mut slots = Vec::new();
    let mut begin = (label, from);
    for (label, cut) in cuts {
        let value = span.value(cut)?;
        slots.push(Slot::new(begin.0, bound(&begin.1, &value)));
        begin = (label, value);
    }
    slots.push(Slot::new(begin.0, bound(&begin.1, &to)));
    for slot in &mut slots {
        slot.stem = Some(stem.to_owned());
    }
    if slots.len() < 2 {
        return Err(no(&format!("one {} holds all of {}", span.grid.every, parent.bound))
            .next("a smaller --every"));
    }
    Ok(slots)
}

/// The periods in which rows of the DEFAULT partition `name` lie, as far as its siblings leave room,
/// and what is left of it.
fn split_default(span: &Span, name: &str, parent: &Parent) -> Result<Vec<Slot>> {
    let (oldest, newest) = span.ends.ok_or_else(|| nothing_in(name))?;
    let mut siblings = Vec::new();
    for bound in &parent.siblings {
        siblings.push(positions(span, bound).ok_or_else(|| {
            Error::failed(format!("{name} cannot be split by range"))
                .because(format!("the bound {bound} beside it is not read"))
        })?);
    }
    siblings.sort_unstable();
    let mut slots = Vec::new();
    for pair in span.periods(oldest, newest, 0)?.windows(2) {
        let [(period, from), (_, to)] = pair else { continue };
        for (from, to) in gaps(*from, *to, &siblings) {
            let bound = bound(&span.value(from)?, &span.value(to)?);
            let mut slot = Slot::new(span.grid.label(*period), bound);
            slot.stem = Some(parent.name.clone());
            slots.push(slot);
        }
    }
    if slots.is_empty() {
        return Err(nothing_in(name));
    }
    slots.push(Slot::rest(name));
    Ok(slots)
}

/// The two ends of a sibling's bound; an open end is beyond every value.
fn positions(span: &Span, bound: &str) -> Option<(i128, i128)> {
    let Some(Bound::Range(from, to)) = Bound::read(bound) else { return None };
    let end = |values: &[String]| match values {
        [value] if value == "MINVALUE" => Some(i128::MIN),
        [value] if value == "MAXVALUE" => Some(i128::MAX),
        [value] => span.grid.axis.parse(&unquoted(value)),
        _ => None,
    };
    Some((end(&from)?, end(&to)?))
}

/// What of `from`..`to` lies outside all of `taken`, which are in order.
fn gaps(from: i128, to: i128, taken: &[(i128, i128)]) -> Vec<(i128, i128)> {
    let (mut gaps, mut begin) = (Vec::new(), from);
    for (low, high) in taken {
        if *low > begin && begin < to {
            gaps.push((begin, to.min(*low)));
        }
        begin = begin.max(*high);
    }
    if begin < to {
        gaps.push((begin, to));
    }
    gaps
}

/// What the part that begins with the old bound is called.
fn label_of_first(
    span: &Span,
    low: Option<i128>,
    high: Option<i128>,
    of_month: bool,
) -> Result<String> {
    if of_month {
        return Ok("week1".to_owned());
    }
    let inside =
        low.unwrap_or_else(|| high.map_or(span.oldest(), |high| span.oldest().min(high - 1)));
    Ok(span.grid.label(span.grid.holding(inside)?))
}

/// The first day of the month that lies exactly between the two, when weeks are wanted.
fn month(grid: &Grid, low: Option<i128>, high: Option<i128>) -> Result<Option<jiff::civil::Date>> {
    let (Every::Week, Some(low), Some(high)) = (grid.every, low, high) else { return Ok(None) };
    let months = Grid { axis: grid.axis.clone(), every: Every::Month };
    let Period::From(first) = months.holding(low)? else { return Ok(None) };
    let next = months.start(months.after(Period::From(first))?)?;
    Ok((months.start(Period::From(first))? == low && next == high).then_some(first))
}

/// Four weeks counted from the month's first day; the last takes the rest.
fn weeks(grid: &Grid, first: jiff::civil::Date) -> Result<Vec<(String, i128)>> {
    (0..4)
        .map(|week| {
            let Period::From(day) = grid.later(Period::From(first), week)? else {
                return Err(Error::failed("a week of numbers"));
            };
            Ok((format!("week{}", week + 1), grid.axis.start(day)?))
        })
        .collect()
}

/// The periods between the two; where an end is open, to where rows are.
fn calendar(span: &Span, low: Option<i128>, high: Option<i128>) -> Result<Vec<(String, i128)>> {
    let oldest = low.unwrap_or_else(|| high.map_or(span.oldest(), |high| span.oldest().min(high)));
    let (newest, ahead) = match high {
        Some(high) => (high, 0),
        None => (span.newest().max(oldest), span.ahead),
    };
    let periods = span.periods(oldest, newest, ahead)?;
    Ok(periods.into_iter().map(|(period, start)| (span.grid.label(period), start)).collect())
}
