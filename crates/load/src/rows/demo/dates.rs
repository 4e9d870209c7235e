//! Days and moments between two dates, each as likely as the other.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rand::RngExt;

use crate::rows::Random;

/// From which PostgreSQL counts days and microseconds.
const EPOCH: Date = date(2000, 1, 1);

const DAY: i64 = 24 * 60 * 60;
const MICROSECONDS: i64 = 1_000_000;

/// Days to draw from.
#[derive(Debug, Clone, Copy)]
pub struct Dates {
    /// In days since 2000-01-01.
    first: i32,
    /// At least 1.
    days: i32,
}

impl Dates {
    /// From `from` until the day before `to`; `from` alone when that is no day at all.
    pub fn new(from: Date, to: Date) -> Self {
        let first = days_since_epoch(from);
        Self { first, days: (days_since_epoch(to) - first).max(1) }
    }

    /// The year 2024.
    pub fn of_2024() -> Self {
        Self::new(date(2024, 1, 1), date(2025, 1, 1))
    }

    /// A day, in days since 2000-01-01.
    pub fn day(self, random: &mut Random) -> i32 {
        self.first + random.random_range(0..self.days)
    }

    /// A whole second, in microseconds since 2000-01-01.
    pub fn moment(self, random: &mut Random) -> i64 {
        let seconds = random.random_range(0..i64::from(self.days) * DAY);
        (i64::from(self.first) * DAY + seconds) * MICROSECONDS
    }
}

/// The day of a moment that is so many microseconds after 2000-01-01.
pub fn day_of(moment: i64) -> Date {
    EPOCH.saturating_add(moment.div_euclid(DAY * MICROSECONDS).days())
}

fn days_since_epoch(date: Date) -> i32 {
    // In days, the difference of any two dates is known.
    EPOCH.until(date).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn days_reach_from_the_first_to_the_last_but_not_to_the_end() {
        let mut random = Random::seed_from_u64(1);
        for (from, to) in [
            (date(2024, 2, 28), date(2024, 3, 2)),
            (date(1999, 12, 30), date(2000, 1, 2)),
            (date(2031, 5, 5), date(2031, 5, 6)),
        ] {
            let dates = Dates::new(from, to);
            let days = dates.days.try_into().unwrap();
            let mut drawn: Vec<Date> =
                (0..1_000).map(|_| EPOCH + dates.day(&mut random).days()).collect();
            drawn.sort_unstable();
            drawn.dedup();
            assert_eq!(drawn, from.series(1.day()).take(days).collect::<Vec<_>>());
            assert_eq!(drawn.last(), Some(&to.yesterday().unwrap()));
            let mut moments: Vec<i64> = (0..1_000).map(|_| dates.moment(&mut random)).collect();
            moments.sort_unstable();
            assert_eq!(day_of(moments[0]), from);
            assert_eq!(day_of(moments[999]), to.yesterday().unwrap());
        }
    }

    #[test]
    fn the_first_microsecond_of_a_day_is_its_own_and_the_last_too() {
        assert_eq!(day_of(0), EPOCH);
        assert_eq!(day_of(-1), date(1999, 12, 31));
        assert_eq!(day_of(DAY * MICROSECONDS - 1), EPOCH);
    }
}
