//! How wide the partitions of a table are, read off one of them, and where the next ones end.

use std::fmt::{self, Display};

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use lab::{Context, Result};

use crate::layout::Axis;

/// The width of partitions that exist already. Unlike [`Every`](crate::request::Every) it may be
/// any number of months or days, and begin anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// Calendar months.
    Months(i64),
    /// Calendar days, however many hours they have.
    Days(i64),
    /// Values of an integer.
    Numbers(i128),
}

impl Width {
    /// Of the partition from `from` to `to`. `None` when these are not the beginnings of days.
    pub(super) fn of(axis: &Axis, from: i128, to: i128) -> Option<Self> {
        if !axis.is_time() {
            return (to > from).then_some(Self::Numbers(to - from));
        }
        let day = |position| {
            let date = axis.date(position).ok()?;
            (axis.start(date).ok()? == position).then_some(date)
        };
        let (first, next) = (day(from)?, day(to)?);
        let months = (i64::from(next.year()) - i64::from(first.year())) * 12
            + i64::from(next.month())
            - i64::from(first.month());
        // Each month has a 28th; later days would move.
        if first.day() == next.day() && first.day() <= 28 && months > 0 {
            return Some(Self::Months(months));
        }
        let days = first.until(next).ok()?.get_days();
        (days > 0).then_some(Self::Days(days.into()))
    }

    /// Where a partition that begins at `from` ends.
    pub(super) fn after(self, axis: &Axis, from: i128) -> Result<i128> {
        let what = || "the next partition would end beyond the year 9999";
        let span = match self {
            Self::Numbers(numbers) => return Ok(from + numbers),
            Self::Months(months) => 1.month().checked_mul(months).context(what)?,
            Self::Days(days) => 1.day().checked_mul(days).context(what)?,
        };
        let date = axis.date(from)?.checked_add(span).context(what)?;
        axis.start(date)
    }

    /// What a partition that begins on `date` is called when there is no pattern to follow.
    pub(super) fn style(self, date: Date) -> Style {
        match self {
            Self::Months(12) if date.day() == 1 && date.month() == 1 => Style::Year,
            Self::Months(3) if date.day() == 1 && date.month() % 3 == 1 => Style::Quarter("_q"),
            Self::Months(_) if date.day() == 1 => Style::Month("_"),
            Self::Days(7) if date.weekday() == Weekday::Monday => Style::Week("_w"),
            _ => Style::Day("_"),
        }
    }
}

impl Display for Width {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Months(1) => f.write_str("1 month"),
            Self::Months(3) => f.write_str("1 quarter"),
            Self::Months(12) => f.write_str("1 year"),
            Self::Months(months) => write!(f, "{months} months"),
            Self::Days(1) => f.write_str("1 day"),
            Self::Days(7) => f.write_str("1 week"),
            Self::Days(days) => write!(f, "{days} days"),
            Self::Numbers(numbers) => write!(f, "{numbers} values"),
        }
    }
}

/// How a name says which period it is; the text stands between its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Day(&'static str),
    Month(&'static str),
    Week(&'static str),
    Quarter(&'static str),
    Year,
}

impl Style {
    /// All that are recognised, the most telling first.
    pub(super) const ALL: [Self; 15] = [
        Self::Day("_"),
        Self::Day("-"),
        Self::Day(""),
        Self::Week("_w"),
        Self::Week("w"),
        Self::Week("_W"),
        Self::Week("W"),
        Self::Quarter("_q"),
        Self::Quarter("q"),
        Self::Quarter("_Q"),
        Self::Quarter("Q"),
        Self::Month("_"),
        Self::Month("-"),
        Self::Month(""),
        Self::Year,
    ];

    pub(super) fn label(self, date: Date) -> String {
        let (year, month, day) = (date.year(), date.month(), date.day());
        match self {
            Self::Day(mark) => format!("{year:04}{mark}{month:02}{mark}{day:02}"),
            Self::Month(mark) => format!("{year:04}{mark}{month:02}"),
            Self::Week(mark) => {
                let week = date.iso_week_date();
                format!("{:04}{mark}{:02}", week.year(), week.week())
            }
            Self::Quarter(mark) => format!("{year:04}{mark}{}", (month - 1) / 3 + 1),
            Self::Year => format!("{year:04}"),
        }
    }
}
