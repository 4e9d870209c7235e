//! How long operations took.

use std::time::Duration;

/// A statement of a writer or a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// INSERT, UPDATE or DELETE; else it reads.
    pub writes: bool,
    /// When it was to begin, counted from the start of the load.
    pub due: Duration,
    /// From then until it was answered.
    pub took: Duration,
}

/// Of how many operations how long they took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Percentiles {
    /// How many there were; without any, all times are zero.
    pub count: usize,
    /// Half took at most as long.
    pub p50: Duration,
    /// 99 of 100.
    pub p99: Duration,
    /// The slowest.
    pub max: Duration,
}

/// Exact, of those that any part of `[from, until)` saw under way.
pub fn percentiles<'a>(
    operations: impl IntoIterator<Item = &'a Operation>,
    (from, until): (Duration, Duration),
) -> Percentiles {
    let under_way = |one: &&Operation| one.due < until && one.due + one.took >= from;
    let mut times: Vec<_> =
        operations.into_iter().filter(under_way).map(|operation| operation.took).collect();
    times.sort_unstable();
    // The smallest that at least this share of all does not exceed.
    let at = |percent: usize| {
        let rank = (times.len() * percent).div_ceil(100);
        times.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    };
    Percentiles { count: times.len(), p50: at(50), p99: at(99), max: at(100) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn operation(due: u64, took: u64) -> Operation {
        Operation { writes: true, due: ms(due), took: ms(took) }
    }

    #[test]
    fn percentiles_are_those_of_the_operations_under_way() {
        let operations: Vec<_> = (1..=1_000).map(|n| operation(0, n)).collect();
        let all = percentiles(&operations, (ms(0), ms(1)));
        assert_eq!(all, Percentiles { count: 1_000, p50: ms(500), p99: ms(990), max: ms(1_000) });
        let later = percentiles(&operations, (ms(990), ms(2_000)));
        assert_eq!((later.count, later.p50), (11, ms(995)), "they were still under way");
        assert_eq!(percentiles(&operations, (ms(1_001), ms(2_000))), Percentiles::default());
    }

    #[test]
    fn of_few_the_slowest_is_the_99th() {
        let operations = [operation(0, 3), operation(1, 9)];
        let both = percentiles(&operations, (ms(0), ms(10)));
        assert_eq!(both, Percentiles { count: 2, p50: ms(3), p99: ms(9), max: ms(9) });
    }
}
