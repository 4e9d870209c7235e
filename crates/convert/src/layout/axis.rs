//! The line on which a range column's values lie, as whole numbers.

use jiff::civil::{self, Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use lab::{Error, Result};

use super::literal::{self, Moment};
use crate::moves::literal as sql_literal;
use crate::portrait::Column;

/// What kind of values a range column has.
#[derive(Debug, Clone, PartialEq)]
pub enum Axis {
    /// `date`: days since 1970-01-01.
    Date,
    /// `timestamp`: microseconds since 1970-01-01 00:00, by the clock on no particular wall.
    Timestamp,
    /// `timestamptz`: microseconds since 1970-01-01 00:00 UTC; days begin in this zone.
    Timestamptz(TimeZone),
    /// `uuid` of version 7: milliseconds since 1970-01-01 00:00 UTC, its first 48 bits (RFC 9562,
    /// 5.7); days begin in this zone.
    Uuid(TimeZone),
    /// `int2`, `int4`, `int8`, `numeric`: the value; of a fraction, the whole number below it.
    Integer {
        /// The type's smallest value.
        lowest: i128,
        /// The type's greatest value.
        highest: i128,
    },
}

/// The kind alone, which needs no time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Date,
    Timestamp,
    Timestamptz,
    Uuid,
    Integer,
    Numeric,
}

impl Kind {
    /// Of a column that is to be partitioned by range.
    pub(crate) fn of(column: &Column) -> Result<Self> {
        Ok(match column.base_type.as_str() {
            "date" => Self::Date,
            "timestamp" => Self::Timestamp,
            "timestamptz" => Self::Timestamptz,
            "uuid" => Self::Uuid,
            "int2" | "int4" | "int8" => Self::Integer,
            "numeric" => Self::Numeric,
            _ => {
                return Err(Error::usage(format!(
                    "column {} is {}: its values have no periods",
                    column.name, column.data_type
                ))
                .because("--range takes date, timestamp, timestamptz, integers, numeric and UUIDv7")
                .next(format!(
                    "--hash {} --partitions N, or --list {}",
                    column.name, column.name
                )));
            }
        })
    }
}

impl Axis {
    /// Of a column; `zone` is an IANA name. An error when the type needs a zone and none is given.
    pub fn of(column: &Column, zone: Option<&str>) -> Result<Self> {
        let needed = || match zone {
            Some(name) => time_zone(name),
            None => Err(Error::usage(format!(
                "column {} is {}: say in which time zone its days begin",
                column.name, column.data_type
            ))
            .because("the server's or this machine's own zone would make other bounds elsewhere")
            .next("--time-zone UTC, or --time-zone Europe/Berlin")),
        };
        Ok(match Kind::of(column)? {
            Kind::Date => Self::Date,
            Kind::Timestamp => Self::Timestamp,
            Kind::Timestamptz => Self::Timestamptz(needed()?),
            Kind::Uuid => Self::Uuid(needed()?),
            Kind::Integer => {
                let (lowest, highest) = match column.base_type.as_str() {
                    "int2" => (i128::from(i16::MIN), i128::from(i16::MAX)),
                    "int4" => (i128::from(i32::MIN), i128::from(i32::MAX)),
                    _ => (i128::from(i64::MIN), i128::from(i64::MAX)),
                };
                Self::Integer { lowest, highest }
            }
            // Far beyond what is needed, and far from overflowing.
            Kind::Numeric => Self::Integer { lowest: i128::MIN / 4, highest: i128::MAX / 4 },
        })
    }

    /// Whether periods are the calendar's.
    #[must_use]
    pub fn is_time(&self) -> bool {
        !matches!(self, Self::Integer { .. })
    }

    /// Where the present lies; `None` on an axis of numbers. On those without a time zone it is
    /// the present of `zone`.
    #[must_use]
    pub fn present(&self, now: Timestamp, zone: &TimeZone) -> Option<i128> {
        match self {
            Self::Integer { .. } => None,
            Self::Date => Some(days(zone.to_datetime(now).date())),
            Self::Timestamp => Some(microseconds(zone.to_datetime(now))),
            Self::Timestamptz(_) => Some(i128::from(now.as_microsecond())),
            Self::Uuid(_) => Some(i128::from(now.as_millisecond())),
        }
    }

    /// The calendar date at `position`. An error beyond the years -9999 to 9999.
    pub fn date(&self, position: i128) -> Result<Date> {
        match self {
            Self::Date => date_of(position),
            Self::Timestamp => datetime_of(position).map(DateTime::date),
            Self::Timestamptz(zone) | Self::Uuid(zone) => {
                Ok(zone.to_datetime(self.timestamp(position)?).date())
            }
            Self::Integer { .. } => Err(too_far(position)),
        }
    }

    /// Where `date` begins. In a zone whose clocks go over midnight that day, this is the first
    /// moment there is; on the axis of UUIDs, 1970-01-01 00:00 UTC at the earliest.
    pub fn start(&self, date: Date) -> Result<i128> {
        let first_moment = |zone: &TimeZone| {
            zone.to_timestamp(date.to_datetime(civil::Time::midnight()))
                .map_err(|_| too_far(i128::from(date.year())))
        };
        Ok(match self {
            Self::Date => days(date),
            Self::Timestamp => microseconds(date.to_datetime(civil::Time::midnight())),
            Self::Timestamptz(zone) => i128::from(first_moment(zone)?.as_microsecond()),
            // East of Greenwich 1970 begins in 1969, which no UUIDv7 can say.
            Self::Uuid(zone) => i128::from(first_moment(zone)?.as_millisecond().max(0)),
            Self::Integer { .. } => return Err(too_far(i128::from(date.year()))),
        })
    }

    /// `position` as a bound says it, quoted where it must be.
    pub fn literal(&self, position: i128) -> Result<String> {
        Ok(match self {
            Self::Integer { .. } => position.to_string(),
            Self::Date => sql_literal(&literal::date(date_of(position)?)),
            Self::Timestamp => sql_literal(&literal::datetime(datetime_of(position)?)),
            Self::Timestamptz(zone) => {
                let timestamp = self.timestamp(position)?;
                let offset = zone.to_offset(timestamp);
                sql_literal(&literal::with_offset(offset.to_datetime(timestamp), offset))
            }
            Self::Uuid(_) => {
                let bits = u64::try_from(position).map_err(|_| too_far(position))?;
                if bits >> 48 != 0 {
                    return Err(too_far(position));
                }
                let (high, low) = (bits >> 16, bits & 0xffff);
                format!("'{high:08x}-{low:04x}-0000-0000-000000000000'")
            }
        })
    }

    /// The position of a bound's value as PostgreSQL prints it in `ISO` date style, without its
    /// quotes. `None` when it is not read.
    #[must_use]
    pub fn parse(&self, text: &str) -> Option<i128> {
        match self {
            Self::Integer { .. } => text.parse().ok(),
            Self::Uuid(_) => {
                let hex: String = text.chars().filter(|c| *c != '-').take(12).collect();
                i128::from_str_radix(&hex, 16).ok()
            }
            Self::Date | Self::Timestamp | Self::Timestamptz(_) => {
                let Moment { datetime, offset } = literal::moment(text)?;
                match self {
                    Self::Date => Some(days(datetime.date())),
                    Self::Timestamp => Some(microseconds(datetime)),
                    _ => {
                        let timestamp = offset?.to_timestamp(datetime).ok()?;
                        Some(i128::from(timestamp.as_microsecond()))
                    }
                }
            }
        }
    }

    fn timestamp(&self, position: i128) -> Result<Timestamp> {
        let number = i64::try_from(position).map_err(|_| too_far(position))?;
        let timestamp = match self {
            Self::Uuid(_) => Timestamp::from_millisecond(number),
            _ => Timestamp::from_microsecond(number),
        };
        timestamp.map_err(|_| too_far(position))
    }
}

/// The time zone of this IANA name.
pub fn time_zone(name: &str) -> Result<TimeZone> {
    TimeZone::get(name).map_err(|_| {
        Error::usage(format!("there is no time zone {name:?}"))
            .because("zones have the names of the IANA database")
            .next("--time-zone UTC, or --time-zone Europe/Berlin")
    })
}

fn too_far(position: i128) -> Error {
    Error::failed("a value lies beyond the years -9999 to 9999, in which periods are counted")
        .because(format!("as a number counted from 1970-01-01 it is {position}"))
        .next("correct such values first")
}

fn days(date: Date) -> i128 {
    i128::from(civil::date(1970, 1, 1).until(date).map_or(0, |span| span.get_days()))
}

fn microseconds(datetime: DateTime) -> i128 {
    let time = datetime.time();
    let seconds =
        (i128::from(time.hour()) * 60 + i128::from(time.minute())) * 60 + i128::from(time.second());
    days(datetime.date()) * DAY
        + seconds * 1_000_000
        + i128::from(time.millisecond()) * 1_000
        + i128::from(time.microsecond())
}

fn date_of(days: i128) -> Result<Date> {
    let number = i64::try_from(days).map_err(|_| too_far(days))?;
    let span = 0.days().try_days(number).map_err(|_| too_far(days))?;
    civil::date(1970, 1, 1).checked_add(span).map_err(|_| too_far(days))
}

fn datetime_of(microseconds: i128) -> Result<DateTime> {
    let (days, rest) = (microseconds.div_euclid(DAY), microseconds.rem_euclid(DAY));
    let rest = i64::try_from(rest).map_err(|_| too_far(microseconds))?;
    let midnight = date_of(days)?.to_datetime(civil::Time::midnight());
    midnight.checked_add(rest.microseconds()).map_err(|_| too_far(microseconds))
}

/// Microseconds.
const DAY: i128 = 86_400_000_000;
