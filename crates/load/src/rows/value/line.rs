//! Types whose values lie on a line, each at a whole number: a date at its day since 2000, a
//! `numeric(10,2)` at its hundredths. Ranges, limits and sequences are the same for all of them.

use bytes::BytesMut;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, date};

use crate::fields::Fields;

/// A type whose values lie on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// `smallint`
    Int2,
    /// `integer`
    Int4,
    /// `bigint`
    Int8,
    /// `oid`
    Oid,
    /// `real`, in hundredths
    Float4,
    /// `double precision`, in hundredths
    Float8,
    /// `numeric`, in units of its last digit
    Numeric {
        /// Digits after the point.
        scale: u16,
        /// Digits in all.
        precision: u32,
    },
    /// `money`, in cents
    Money,
    /// `date`, in days since 2000-01-01
    Date,
    /// `time`, in microseconds
    Time,
    /// `timestamp` and `timestamptz`, in microseconds since 2000-01-01 (UTC)
    Timestamp,
    /// `uuid`, by its first 64 bits
    Uuid,
}

/// Where a value lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// The last place not after it.
    pub floor: i64,
    /// Whether it lies exactly there.
    pub exact: bool,
}

/// Microseconds a day.
pub const DAY: i64 = 86_400_000_000;
/// 2000-01-01, from which PostgreSQL counts.
const EPOCH: Date = date(2000, 1, 1);

impl Line {
    /// The first and last place that the type has, as far as we go.
    pub fn limits(self) -> (i64, i64) {
        match self {
            Self::Int2 => (i16::MIN.into(), i16::MAX.into()),
            Self::Int4 => (i32::MIN.into(), i32::MAX.into()),
            Self::Int8 | Self::Uuid => (i64::MIN, i64::MAX),
            Self::Oid => (0, u32::MAX.into()),
            Self::Float4 => (-1_000_000_000, 1_000_000_000), // beyond, hundredths are lost
            Self::Float8 | Self::Money => (-1_000_000_000_000_000, 1_000_000_000_000_000),
            Self::Numeric { precision, .. } => {
                let most = 10_i64.pow(precision.min(18)) - 1;
                (-most, most)
            }
            Self::Date => (day(date(1, 1, 1)), day(date(9999, 12, 31))),
            Self::Timestamp => (day(date(1, 1, 1)) * DAY, day(date(9999, 12, 31)) * DAY),
            Self::Time => (0, DAY - 1),
        }
    }

    /// How far to go from a bound when there is no other: a month, a million.
    pub fn reach(self) -> i64 {
        match self {
            Self::Int2 => 1_000,
            Self::Date => 30,
            Self::Timestamp => 30 * DAY,
            Self::Time => DAY / 24,
            Self::Uuid => i64::MAX,
            _ => 1_000_000,
        }
    }

    /// Writes the value at `place`.
    pub fn write(self, place: i64, fields: &mut Fields<'_>) {
        match self {
            Self::Int2 => fields.int2(i16::try_from(place).unwrap_or(i16::MAX)),
            Self::Int4 => fields.int4(i32::try_from(place).unwrap_or(i32::MAX)),
            Self::Int8 | Self::Money => fields.int8(place),
            Self::Oid => fields.oid(u32::try_from(place).unwrap_or(u32::MAX)),
            Self::Float4 => fields.float4(narrow(hundredths(place))),
            Self::Float8 => fields.float8(hundredths(place)),
            Self::Numeric { scale, .. } => fields.numeric(place, scale),
            Self::Date => fields.date(i32::try_from(place).unwrap_or(i32::MAX)),
            Self::Time => fields.time(place),
            Self::Timestamp => fields.timestamp(place),
            Self::Uuid => {
                fields.uuid(u128::from(from_signed(place)) << 64 | u128::from(mix(place)));
            }
        }
    }

    /// The value at `place` in its binary format.
    pub fn bytes(self, place: i64) -> Vec<u8> {
        let mut buffer = BytesMut::new();
        self.write(place, &mut Fields(&mut buffer));
        buffer[4..].to_vec()
    }

    /// Where a binary value lies; `None` for what lies nowhere (infinity, NaN, beyond 64 bits).
    pub fn at(self, value: &[u8]) -> Option<At> {
        let whole = |floor: i64| Some(At { floor, exact: true });
        match self {
            Self::Int2 => whole(i16::from_be_bytes(value.try_into().ok()?).into()),
            Self::Int4 => whole(i32::from_be_bytes(value.try_into().ok()?).into()),
            Self::Int8 | Self::Money | Self::Time => {
                whole(i64::from_be_bytes(value.try_into().ok()?))
            }
            Self::Oid => whole(u32::from_be_bytes(value.try_into().ok()?).into()),
            Self::Float4 => near(f32::from_be_bytes(value.try_into().ok()?).into(), 6),
            Self::Float8 => near(f64::from_be_bytes(value.try_into().ok()?), 14),
            Self::Numeric { scale, .. } => numeric(value, scale),
            Self::Date => match i32::from_be_bytes(value.try_into().ok()?) {
                i32::MIN | i32::MAX => None,
                days => whole(days.into()),
            },
            Self::Timestamp => match i64::from_be_bytes(value.try_into().ok()?) {
                i64::MIN | i64::MAX => None,
                microseconds => whole(microseconds),
            },
            Self::Uuid => {
                let value = u128::from_be_bytes(value.try_into().ok()?);
                let first = u64::try_from(value >> 64).ok()?;
                let floor = i64::from_be_bytes((first ^ (1 << 63)).to_be_bytes());
                Some(At { floor, exact: value << 64 == 0 })
            }
        }
    }

    /// The value at `place` as SQL reads it.
    pub fn text(self, place: i64) -> String {
        match self {
            Self::Int2 | Self::Int4 | Self::Int8 | Self::Oid => place.to_string(),
            Self::Float4 | Self::Float8 | Self::Money => decimal(place, 2),
            Self::Numeric { scale, .. } => decimal(place, scale),
            Self::Date => moment(place.saturating_mul(DAY)).date().to_string(),
            Self::Time => moment(place).time().to_string(),
            Self::Timestamp => moment(place).to_string(),
            Self::Uuid => {
                format!("{:032x}", u128::from(from_signed(place)) << 64 | u128::from(mix(place)))
            }
        }
    }
}

/// Days since 2000-01-01.
pub fn day(date: Date) -> i64 {
    EPOCH.until(date).map_or(0, |span| span.get_days().into())
}

fn moment(microseconds: i64) -> DateTime {
    let epoch = EPOCH.at(0, 0, 0, 0);
    let (days, rest) = (microseconds.div_euclid(DAY), microseconds.rem_euclid(DAY));
    let days = i32::try_from(days).unwrap_or_default().days();
    epoch.checked_add(days).and_then(|day| day.checked_add(rest.microseconds())).unwrap_or(epoch)
}

#[allow(clippy::cast_precision_loss)] // limits() stays far below 2^53
fn hundredths(place: i64) -> f64 {
    place as f64 / 100.0
}

#[allow(clippy::cast_possible_truncation)] // to six digits, which limits() allows for
fn narrow(value: f64) -> f32 {
    value as f32
}

/// Where a floating-point number lies, in hundredths; it is exact as far as its `digits` go.
#[allow(clippy::cast_possible_truncation)] // compared with what 64 bits hold first
fn near(value: f64, digits: i32) -> Option<At> {
    let place = value * 100.0;
    let error = 1e-6 + place.abs() * 10_f64.powi(-digits);
    let exact = (place - place.round()).abs() < error;
    let floor = if exact { place.round() } else { place.floor() };
    (place.abs() < 1e17).then_some(At { floor: floor as i64, exact })
}

fn decimal(place: i64, scale: u16) -> String {
    let scale = usize::from(scale);
    let digits = format!("{:0width$}", place.unsigned_abs(), width = scale + 1);
    let (whole, rest) = digits.split_at(digits.len() - scale);
    let sign = if place < 0 { "-" } else { "" };
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

/// Reads what [`Fields::numeric`] writes.
fn numeric(value: &[u8], scale: u16) -> Option<At> {
    let word = |at: usize| Some(u16::from_be_bytes([*value.get(at)?, *value.get(at + 1)?]));
    let (count, weight, sign) = (word(0)?, word(2)?, word(4)?);
    let weight = i32::from(i16::from_be_bytes(weight.to_be_bytes()));
    let mut digits = 0_i128;
    for at in 0..usize::from(count) {
        digits = digits.checked_mul(10_000)?.checked_add(word(8 + 2 * at)?.into())?;
    }
    let digits = match sign {
        0 => digits,
        0x4000 => -digits,
        _ => return None, // NaN and the infinities
    };
    let exponent = 4 * (weight + 1 - i32::from(count)) + i32::from(scale);
    let power = 10_i128.checked_pow(exponent.unsigned_abs())?;
    let (floor, exact) = if exponent >= 0 {
        (digits.checked_mul(power)?, true)
    } else {
        (digits.div_euclid(power), digits.rem_euclid(power) == 0)
    };
    Some(At { floor: floor.try_into().ok()?, exact })
}

fn from_signed(place: i64) -> u64 {
    u64::from_be_bytes(place.to_be_bytes()) ^ (1 << 63)
}

/// `SplitMix64`: fills the half of a `uuid` that its place leaves open.
fn mix(place: i64) -> u64 {
    let mut bits = from_signed(place).wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRICE: Line = Line::Numeric { scale: 2, precision: 10 };

    #[test]
    fn reads_what_it_writes() {
        for (line, places) in [
            (Line::Int2, &[-7_i64, 0, 32_767][..]),
            (Line::Int4, &[-7, 2_000_000_000]),
            (Line::Int8, &[i64::MIN, 1]),
            (Line::Float4, &[-150, 0, 12_345]),
            (Line::Float8, &[-1, 29, 99_999_999]),
            (PRICE, &[-1, 0, 1, 99, 100, 1_000_000, 123_456_789]),
            (Line::Numeric { scale: 0, precision: 18 }, &[0, 10_000, -100_000_000]),
            (Line::Date, &[-1, 0, 9_000]),
            (Line::Timestamp, &[-1, 0, 1_700_000_000]),
            (Line::Time, &[0, DAY - 1]),
        ] {
            for place in places {
                let at = line.at(&line.bytes(*place));
                assert_eq!(at, Some(At { floor: *place, exact: true }), "{line:?}");
            }
        }
        let uuid = |place| Line::Uuid.at(&Line::Uuid.bytes(place)).map(|at| at.floor);
        assert_eq!(uuid(-3), Some(-3));
        assert!(Line::Uuid.bytes(-1) < Line::Uuid.bytes(0), "ordered as the server orders them");
    }

    #[test]
    fn a_value_between_two_places_is_not_exact() {
        let thousandths = Line::Numeric { scale: 3, precision: 10 };
        assert_eq!(PRICE.at(&thousandths.bytes(1_005)), Some(At { floor: 100, exact: false }));
        assert_eq!(PRICE.at(&thousandths.bytes(-1_005)), Some(At { floor: -101, exact: false }));
        assert_eq!(Line::Float8.at(&0.005_f64.to_be_bytes()), Some(At { floor: 0, exact: false }));
        assert_eq!(Line::Date.at(&i32::MAX.to_be_bytes()), None);
        assert_eq!(Line::Float8.at(&f64::NAN.to_be_bytes()), None);
    }

    #[test]
    fn texts_are_what_sql_reads() {
        assert_eq!(Line::Date.text(8_766), "2024-01-01");
        assert_eq!(Line::Timestamp.text(8_766 * DAY + 1), "2024-01-01T00:00:00.000001");
        assert_eq!(Line::Time.text(DAY / 2), "12:00:00");
        assert_eq!(PRICE.text(-5), "-0.05");
        assert_eq!(PRICE.text(12_345), "123.45");
        assert_eq!(Line::Int4.text(-5), "-5");
    }
}
