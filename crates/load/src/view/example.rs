//! Runs that never were, for the tests of everything that shows one.

use std::collections::VecDeque;
use std::time::Duration;

use crate::stats::{Errors, Latencies, LeafStats, Outage, Second, Series, Stats, TableStats};

/// Two tables, five seconds, and one of each thing that can go wrong.
pub fn small() -> Stats {
    let tables = vec![
        table("event_logs", 100, &[("event_logs_2024_01", 21), ("event_logs_2024_02", 0)]),
        table(
            "users_distributed",
            200,
            &[("users_distributed_p0", 30), ("users_distributed_p1", 9)],
        ),
    ];
    let mut errors = Errors::default();
    for _ in 0..3 {
        errors.add("23505", "duplicate key value violates unique constraint \"users_pkey\"");
    }
    let outage = Outage {
        at_s: 4.5,
        lasted_s: None,
        cause: "57P01 terminating connection due to administrator command".to_owned(),
        connections: 1,
    };
    let mut stats = from(tables, 5, |_| 12);
    stats.errors = errors;
    stats.outages = vec![outage];
    stats.in_doubt = 2;
    stats.never_sent = 7;
    stats
}

/// A run that ended before it began: a table without a row, and no second.
pub fn nothing() -> Stats {
    from(vec![table("event_logs", 100, &[("event_logs_default", 0)])], 0, |_| 0)
}

/// The four demonstration tables under a load of two minutes with a restart of the server.
pub fn large() -> Stats {
    let tables = vec![
        table(
            "event_logs",
            100,
            &[
                ("event_logs_2024_01", 17_204),
                ("event_logs_2024_02", 16_180),
                ("event_logs_2024_03", 17_411),
                ("event_logs_default", 151_902),
            ],
        ),
        table(
            "users_distributed",
            200,
            &[
                ("users_distributed_p0", 42_118),
                ("users_distributed_p1", 41_870),
                ("users_distributed_p2", 42_402),
                ("users_distributed_p3", 42_006),
            ],
        ),
        table(
            "orders_by_region",
            300,
            &[
                ("orders_asia_pacific", 33_480),
                ("orders_europe", 41_007),
                ("orders_north_america", 81_733),
                ("orders_other", 12_190),
            ],
        ),
        table(
            "sales_data",
            400,
            &[
                ("sales_2024_q1_clothing", 8_213),
                ("sales_2024_q1_electronics", 8_311),
                ("sales_2024_q1_other", 41),
                ("sales_2024_q2_clothing", 8_402),
                ("sales_2024_q2_electronics", 8_104),
                ("sales_2024_q2_other", 0),
                ("sales_default", 102_007),
            ],
        ),
    ];
    let mut stats = from(tables, 120, |second| match second {
        84..=88 => 0,
        89 => 1_900,
        _ => 5_600 + u64::from(second * 7_919 % 613) - u64::from(second * 31 % 17) * 23,
    });
    for n in 0..41 {
        stats.errors.add("57P01", "terminating connection due to administrator command");
        if n % 9 == 0 {
            stats
                .errors
                .add("40P01", "deadlock detected while inserting into <b>\"Orders & More\"</b>");
        }
    }
    stats.outages = vec![
        Outage {
            at_s: -3.2,
            lasted_s: Some(0.4),
            cause: "connection reset by peer (os error 104)".to_owned(),
            connections: 1,
        },
        Outage {
            at_s: 83.2,
            lasted_s: Some(5.1),
            cause: "57P01 terminating connection due to administrator command".to_owned(),
            connections: 8,
        },
    ];
    stats.in_doubt = 16;
    stats
}

fn from(tables: Vec<TableStats>, seconds: u32, rows: impl Fn(u32) -> u64) -> Stats {
    let mut latency = Latencies::precise().unwrap();
    let (mut series, mut last_minute) = (Series::default(), VecDeque::new());
    for n in 1..=seconds {
        let mut in_second = Latencies::small().unwrap();
        if rows(n) > 0 {
            for statement in 0..400 {
                let took = took(statement + n * 400, n);
                latency.record(took);
                in_second.record(took);
            }
        }
        let second = Second {
            at: f64::from(n),
            length: 1.0,
            inserted: rows(n),
            failed: u64::from(n % 40 == 21) * 23,
            in_doubt: u64::from(n == 84) * 16,
            lag_ms: if (84..=89).contains(&n) { f64::from(n - 83) * 870.0 } else { 0.0 },
            disconnected: u64::from((84..=88).contains(&n)) * 8,
            latency_ms: in_second.percentiles(),
        };
        series.push(second.clone());
        last_minute.push_back(second);
        if last_minute.len() > 60 {
            last_minute.pop_front();
        }
    }
    Stats {
        elapsed: Duration::from_secs(u64::from(seconds)),
        tables,
        errors: Errors::default(),
        in_doubt: 0,
        outages: Vec::new(),
        series,
        last_minute,
        latency,
        never_sent: 0,
        cancelled: 0,
    }
}

/// The latency of a statement: about 0.6 ms, one in a hundred about ten times that, and the
/// second after an outage slow as a whole.
fn took(statement: u32, second: u32) -> Duration {
    let noise = u64::from(statement.wrapping_mul(2_654_435_761) >> 22); // 0 to 1023
    let slow = match (second, statement % 100) {
        (89, _) => 2_100_000,
        (_, 0) => 4_000 + noise * u64::from(second % 13 + 1),
        (_, 1..=9) => 700,
        _ => 0,
    };
    Duration::from_micros(430 + noise / 3 + slow)
}

fn table(name: &str, oid: u32, leaves: &[(&str, u64)]) -> TableStats {
    let mut latency = Latencies::precise().unwrap();
    let leaves: Vec<_> = leaves
        .iter()
        .zip(oid + 1..)
        .map(|((name, inserted), oid)| {
            let mut of_leaf = Latencies::small().unwrap();
            for statement in 0..u32::try_from(*inserted).unwrap().min(2_000) {
                of_leaf.record(took(statement + oid, oid));
                latency.record(took(statement + oid, oid));
            }
            LeafStats {
                oid,
                name: (*name).to_owned(),
                inserted: *inserted,
                latency: (*inserted > 0).then_some(of_leaf),
            }
        })
        .collect();
    let inserted = leaves.iter().map(|leaf| leaf.inserted).sum();
    TableStats { name: name.to_owned(), inserted, in_doubt: 0, latency, leaves }
}
