//! The periods of a range: where each begins, which one follows, and what it is called.

use jiff::ToSpan;
use jiff::civil::Date;
use lab::{Error, Result};

use super::axis::Axis;
use crate::request::Every;

/// An axis cut into periods of one width.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// The values.
    pub axis: Axis,
    /// The width.
    pub every: Every,
}

/// One period of a grid, by its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Period {
    /// It begins on this day.
    From(Date),
    /// It begins with this number.
    At(i128),
}

impl Grid {
    /// An error when the axis has no such periods: months of integers, thousands of dates.
    pub fn new(axis: Axis, every: Every) -> Result<Self> {
        match (axis.is_time(), every) {
            (true, Every::Step(_)) => Err(Error::usage(format!("--every {every} is for integers"))
                .next("--every day, week, month, quarter or year")),
            (false, Every::Step(step)) if step > 0 => Ok(Self { axis, every }),
            (false, _) => Err(Error::usage(format!("--every {every} is for dates and times"))
                .next("--every 1000000: so many values of an integer a partition")),
            (true, _) => Ok(Self { axis, every }),
        }
    }

    /// The period that holds `position`.
    pub fn holding(&self, position: i128) -> Result<Period> {
        if let Every::Step(step) = self.every {
            let step = i128::from(step);
            return Ok(Period::At(position.div_euclid(step) * step));
        }
        let date = self.axis.date(position)?;
        let first = |month: i8| Date::new(date.year(), month, 1);
        let begin = match self.every {
            Every::Day | Every::Step(_) => Ok(date),
            Every::Week => {
                date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days())
            }
            Every::Month => first(date.month()),
            Every::Quarter => first((date.month() - 1) / 3 * 3 + 1),
            Every::Year => first(1),
        };
        begin.map(Period::From).map_err(|_| too_far(date))
    }

    /// The next one.
    pub fn after(&self, period: Period) -> Result<Period> {
        self.later(period, 1)
    }

    /// The one `periods` later.
    pub fn later(&self, period: Period, periods: i64) -> Result<Period> {
        match period {
            Period::At(number) => {
                let Every::Step(step) = self.every else { return Ok(period) };
                Ok(Period::At(number + i128::from(step) * i128::from(periods)))
            }
            Period::From(date) => {
                let (unit, each) = match self.every {
                    Every::Day | Every::Step(_) => (1.day(), 1),
                    Every::Week => (1.week(), 1),
                    Every::Month => (1.month(), 1),
                    Every::Quarter => (1.month(), 3),
                    Every::Year => (1.year(), 1),
                };
                let span = unit.checked_mul(periods * each).map_err(|_| too_far(date))?;
                date.checked_add(span).map(Period::From).map_err(|_| too_far(date))
            }
        }
    }

    /// Where `period` begins.
    pub fn start(&self, period: Period) -> Result<i128> {
        match period {
            Period::At(number) => Ok(number),
            Period::From(date) => self.axis.start(date),
        }
    }

    /// About how many periods lie between two positions, at least one: exact for numbers, days and
    /// weeks, a little low for the others. Needs no calendar, so it holds for any distance.
    #[must_use]
    pub fn count(&self, from: i128, to: i128) -> u128 {
        let a_day = match self.axis {
            Axis::Date | Axis::Integer { .. } => 1,
            Axis::Timestamp | Axis::Timestamptz(_) => 86_400_000_000,
            Axis::Uuid(_) => 86_400_000,
        };
        let width = match self.every {
            Every::Step(step) => i128::from(step),
            Every::Day => a_day,
            Every::Week => 7 * a_day,
            Every::Month => 31 * a_day,
            Every::Quarter => 92 * a_day,
            Every::Year => 366 * a_day,
        };
        (to.saturating_sub(from) / width).unsigned_abs() + 1
    }

    /// What a partition of this period is called behind its table's name: `2024_q1`, `2024_w05`,
    /// `1000000`, `minus_1000000`.
    #[must_use]
    pub fn label(&self, period: Period) -> String {
        match period {
            Period::At(number) if number < 0 => format!("minus_{}", -number),
            Period::At(number) => number.to_string(),
            Period::From(date) => match self.every {
                Every::Day | Every::Step(_) => {
                    format!("{}_{:02}_{:02}", year(date.year()), date.month(), date.day())
                }
                Every::Week => {
                    // The year that the week belongs to, which is not always its Monday's.
                    let week = date.iso_week_date();
                    format!("{}_w{:02}", year(week.year()), week.week())
                }
                Every::Month => format!("{}_{:02}", year(date.year()), date.month()),
                Every::Quarter => {
                    format!("{}_q{}", year(date.year()), (date.month() - 1) / 3 + 1)
                }
                Every::Year => year(date.year()),
            },
        }
    }
}

fn year(year: i16) -> String {
    if year > 0 { format!("{year:04}") } else { format!("bc{:04}", 1 - year) }
}

fn too_far(date: Date) -> Error {
    Error::failed(format!("periods about {date} reach beyond the years -9999 to 9999"))
        .next("correct such values first, or choose another width")
}
