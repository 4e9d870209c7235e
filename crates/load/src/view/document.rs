//! What `--format json` prints.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::stats::{Latency, Outage, Refused, Second, Stats};

/// The JSON document of a run. Its fields are described in `docs/load.md`.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    elapsed_s: f64,
    inserted: u64,
    failed: u64,
    in_doubt: u64,
    never_sent: u64,
    cancelled: u64,
    rate_per_s: f64,
    tables: BTreeMap<String, u64>,
    partitions: BTreeMap<String, u64>,
    latency_ms: Latency,
    latency_by_table_ms: BTreeMap<String, Latency>,
    /// Only of those that got rows.
    latency_by_partition_ms: BTreeMap<String, Latency>,
    errors: Vec<&'a Refused>,
    outages: &'a [Outage],
    seconds: &'a [Second],
}

/// The document of `--format json`.
pub fn document(stats: &Stats) -> Document<'_> {
    let numbered = stats.tables.iter().zip(1..);
    let tables = distinct(numbered.map(|(table, n)| (table.name.as_str(), format!("({n})"))));
    let all: Vec<_> = stats.tables.iter().flat_map(|table| &table.leaves).collect();
    let leaves =
        distinct(all.iter().map(|leaf| (leaf.name.as_str(), format!("(oid {})", leaf.oid))));
    Document {
        elapsed_s: stats.elapsed.as_secs_f64(),
        inserted: stats.inserted(),
        failed: stats.errors.total(),
        in_doubt: stats.in_doubt,
        never_sent: stats.never_sent,
        cancelled: stats.cancelled,
        rate_per_s: stats.rate(),
        tables: tables.iter().cloned().zip(stats.tables.iter().map(|t| t.inserted)).collect(),
        partitions: leaves.iter().cloned().zip(all.iter().map(|leaf| leaf.inserted)).collect(),
        latency_ms: stats.latency.percentiles(),
        latency_by_table_ms: tables
            .into_iter()
            .zip(stats.tables.iter().map(|table| table.latency.percentiles()))
            .collect(),
        latency_by_partition_ms: leaves
            .into_iter()
            .zip(&all)
            .filter_map(|(name, leaf)| Some((name, leaf.latency.as_ref()?.percentiles())))
            .collect(),
        errors: stats.errors.iter().collect(),
        outages: &stats.outages,
        seconds: stats.series.seconds(),
    }
}

/// Names that may serve as keys: those that occur more than once (partitions of two schemas may
/// share theirs) get what tells them apart after a space.
fn distinct<'a>(names: impl Iterator<Item = (&'a str, String)> + Clone) -> Vec<String> {
    let mut times = BTreeMap::<_, usize>::new();
    for (name, _) in names.clone() {
        *times.entry(name).or_default() += 1;
    }
    let name = |(name, apart): (&str, String)| match times.get(name) {
        Some(2..) => format!("{name} {apart}"),
        _ => name.to_owned(),
    };
    names.map(name).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::view::example;

    #[test]
    fn holds_what_it_always_held_and_what_is_new() {
        let stats = example::small();
        let json = serde_json::to_value(document(&stats)).unwrap();
        assert_eq!(json["elapsed_s"], 5.0);
        assert_eq!((&json["inserted"], &json["rate_per_s"]), (&json!(60), &json!(12.0)));
        assert_eq!(json["failed"], 3);
        assert_eq!((&json["in_doubt"], &json["never_sent"]), (&json!(2), &json!(7)));
        assert_eq!(json["tables"], json!({ "event_logs": 21, "users_distributed": 39 }));
        assert_eq!(json["partitions"]["event_logs_2024_02"], 0);
        assert_eq!(json["partitions"]["event_logs_2024_01"], 21);
        for field in ["p50", "p90", "p99", "p999", "p9999", "max"] {
            assert!(json["latency_ms"][field].as_f64().unwrap() > 0.0, "{field}");
            assert!(json["latency_by_table_ms"]["event_logs"][field].is_f64(), "{field}");
        }
        let by_partition = json["latency_by_partition_ms"].as_object().unwrap();
        assert!(by_partition.contains_key("event_logs_2024_01"));
        assert!(!by_partition.contains_key("event_logs_2024_02"), "no row went there");
        assert_eq!(json["errors"][0]["sqlstate"], "23505");
        assert_eq!(json["errors"][0]["count"], 3);
        assert_eq!(json["outages"][0]["lasted_s"], json!(null));
        let seconds = json["seconds"].as_array().unwrap();
        assert_eq!(seconds.len(), 5);
        assert_eq!(seconds[4]["at"], 5.0);
        assert!(seconds[0]["latency_ms"]["p99"].is_f64());
    }

    #[test]
    fn leaves_that_share_a_name_keep_their_own_rows() {
        let mut stats = example::small();
        for table in &mut stats.tables {
            table.leaves[0].name = "p0".to_owned();
        }
        let json = serde_json::to_value(document(&stats)).unwrap();
        assert_eq!(json["partitions"]["p0 (oid 101)"], 21);
        assert_eq!(json["partitions"]["p0 (oid 201)"], 30);
        let rows = json["partitions"].as_object().unwrap().values();
        assert_eq!(rows.map(|rows| rows.as_u64().unwrap()).sum::<u64>(), stats.inserted());
    }
}
