//! Where the values of a column usually lie, by its type and name.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::line::{DAY, day};
use super::{Line, Parts};

/// The first and last place of the values that a column called `name` would have in life. They
/// are among the [limits](Line::limits).
pub fn natural(line: Line, name: &str) -> (i64, i64) {
    let parts = Parts::of(name);
    let today = day(Timestamp::now().to_zoned(TimeZone::UTC).date());
    let days = if parts.any(&["birth", "birthday", "birthdate", "born", "dob"]) {
        (today - 80 * 365, today - 18 * 365)
    } else {
        (today - 2 * 365, today - 1)
    };
    let (low, high) = match line {
        Line::Date => days,
        Line::Timestamp => (days.0 * DAY, (days.1 + 1) * DAY - 1),
        Line::Time | Line::Uuid => line.limits(),
        Line::Int2 | Line::Int4 | Line::Int8 | Line::Oid => whole(&parts),
        Line::Money | Line::Float4 | Line::Float8 => scaled(&parts, 2),
        Line::Numeric { scale, .. } => scaled(&parts, scale),
    };
    let (least, most) = line.limits();
    if low > most { (least.max(0), most) } else { (low.max(least), high.min(most)) }
}

fn whole(name: &Parts) -> (i64, i64) {
    let known: [(&[&str], (i64, i64)); 9] = [
        (&["id"], (1, 100_000)),
        (&["age"], (18, 90)),
        (&["quantity", "qty", "count", "num", "number"], (1, 100)),
        (&["year"], (2_015, 2_026)),
        (&["month"], (1, 12)),
        (&["day"], (1, 28)),
        (&["rating", "stars", "priority", "level", "severity"], (1, 5)),
        (&["percent", "percentage", "pct", "score", "progress"], (0, 100)),
        (&["port"], (1_024, 65_535)),
    ];
    known.iter().find(|(words, _)| name.any(words)).map_or((1, 1_000_000), |(_, range)| *range)
}

fn scaled(name: &Parts, scale: u16) -> (i64, i64) {
    let (low, high) = if name.any(&["lat", "latitude"]) {
        (-90, 90)
    } else if name.any(&["lon", "lng", "long", "longitude"]) {
        (-180, 180)
    } else if name.any(&["percent", "percentage", "pct"]) {
        (0, 100)
    } else if name.any(&["rate", "ratio", "share", "fraction", "probability"]) {
        (0, 1)
    } else {
        (1, 1_000)
    };
    let unit = 10_i64.saturating_pow(scale.into());
    (i64::saturating_mul(low, unit), i64::saturating_mul(high, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_not_empty_and_within_the_type() {
        let small = Line::Numeric { scale: 2, precision: 3 };
        let tiny = Line::Numeric { scale: 4, precision: 4 };
        for line in [Line::Int2, Line::Int4, Line::Date, Line::Time, Line::Uuid, small, tiny] {
            for name in ["id", "year", "birth_date", "latitude", "rate", "whatever"] {
                let ((low, high), (least, most)) = (natural(line, name), line.limits());
                assert!(least <= low && low <= high && high <= most, "{line:?} {name}");
            }
        }
        assert_eq!(natural(Line::Int4, "customer_age"), (18, 90));
        assert_eq!(natural(Line::Numeric { scale: 2, precision: 10 }, "price"), (100, 100_000));
    }
}
