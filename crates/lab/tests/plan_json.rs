//! `Plan::from_json` on documents that no server wrote: an error or a plan, never a panic; and on
//! very large ones.

#![allow(clippy::unwrap_used, clippy::panic, reason = "in tests, a panic is how they fail")]

use std::collections::BTreeSet;
use std::fmt::Write;

use lab::plan::{Node, Plan};

const FIXTURES: [&str; 6] = [
    include_str!("../src/plan/fixtures/15_generic.json"),
    include_str!("../src/plan/fixtures/15_insert.json"),
    include_str!("../src/plan/fixtures/15_merge.json"),
    include_str!("../src/plan/fixtures/18_lateral.json"),
    include_str!("../src/plan/fixtures/18_merge.json"),
    include_str!("../src/plan/fixtures/18_nothing.json"),
];

/// What takes a plan apart: it may not panic, whatever the figures.
fn walk(plan: &Plan) -> usize {
    let _ = (plan.rows(), plan.planning_ms, plan.execution_ms);
    for node in plan.nodes() {
        let _ = (node.total_rows(), node.total_ms(), node.executed(), node.scanned());
        let _ = (node.blocks_hit(), node.blocks_read(), node.walk().count());
    }
    plan.nodes().count()
}

/// Random numbers, the same in each run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

#[test]
fn fixtures_are_plans() {
    for document in FIXTURES {
        assert!(walk(&Plan::from_json(document).unwrap()) > 0);
    }
}

#[test]
fn every_truncation_is_an_error() {
    for document in FIXTURES {
        // Every seventh byte of the long ones, which differ little from the short ones.
        let step = if document.len() < 3_000 { 1 } else { 7 };
        for end in (0..document.trim_end().len()).step_by(step) {
            Plan::from_json(&document[..end]).expect_err(&document[..end]);
        }
    }
}

#[test]
fn mutations_are_errors_or_plans() {
    // Bytes that JSON and EXPLAIN give a meaning, and some that they don't.
    const BYTES: &[u8] = b"{}[],:\"\\ \n0123456789.-+eEntf\0\xffPlanTarget Tables";
    const WORDS: [&str; 10] = [
        "18446744073709551615",
        "-1",
        "1e308",
        "1e999",
        "null",
        "[{}]",
        "\"Target Tables\": [\n",
        "\"Plans\": [",
        "\"Relations\": \"(a.\\\"",
        "\u{1F418}",
    ];
    let (mut plans, mut errors) = (0, 0);
    for seed in 1..=6000 {
        let mut dice = Dice(seed);
        let mut bytes = FIXTURES[dice.below(FIXTURES.len())].as_bytes().to_vec();
        for _ in 0..=dice.below(4) {
            let at = dice.below(bytes.len());
            match dice.below(5) {
                0 => bytes[at] = BYTES[dice.below(BYTES.len())],
                1 => bytes.truncate(at + 1),
                2 => drop(bytes.drain(at..(at + dice.below(40)).min(bytes.len() - 1))),
                3 => drop(bytes.splice(at..at, WORDS[dice.below(WORDS.len())].bytes())),
                // A value in the place of another.
                _ => {
                    let colon = bytes[at..].iter().position(|byte| *byte == b':');
                    let start = colon.map_or(at, |colon| at + colon + 1);
                    let end = bytes[start..].iter().position(|byte| b",\n".contains(byte));
                    let end = end.map_or(bytes.len(), |end| start + end);
                    drop(bytes.splice(start..end, WORDS[dice.below(5)].bytes()));
                }
            }
        }
        match Plan::from_json(&String::from_utf8_lossy(&bytes)) {
            Ok(plan) => plans += usize::from(walk(&plan) > 0),
            Err(error) => errors += usize::from(!error.to_string().is_empty()),
        }
    }
    // Both were met, often.
    assert!(plans > 500 && errors > 500, "{plans} plans, {errors} errors");
}

#[test]
fn figures_beyond_all_counters_do_not_overflow() {
    let most = u64::MAX;
    let document = format!(
        r#"[{{"Plan": {{"Node Type": "Append", "Subplans Removed": {most}, "Actual Loops": 1e308,
        "Actual Rows": 1e308, "Actual Total Time": 1e308, "Shared Hit Blocks": {most},
        "Local Hit Blocks": {most}, "Shared Read Blocks": {most}, "Local Read Blocks": {most},
        "Plans": [{{"Node Type": "Append", "Subplans Removed": {most}}}]}}}}]"#
    );
    assert_eq!(walk(&Plan::from_json(&document).unwrap()), 2);
}

/// Whoever reads such a document by recursion overflows the stack, which ends the process.
#[test]
fn a_hundred_thousand_levels_are_an_error() {
    const LEVELS: usize = 100_000;
    let node = r#"{"Node Type": "Append", "Plans": ["#;
    let nested = |open: &str, close: &str| {
        format!(r#"[{{"Plan": {}{}}}]"#, open.repeat(LEVELS), close.repeat(LEVELS))
    };
    for document in [
        nested(node, "]}"),
        nested(node, ""),
        nested("[", "]"),
        nested(r#"{"Plan": "#, "}"),
        "[".repeat(LEVELS),
        format!("{}{}", "[".repeat(LEVELS), "]".repeat(LEVELS)),
        "{\"a\":".repeat(LEVELS),
    ] {
        assert!(Plan::from_json(&document).is_err(), "{}…", &document[..40]);
    }
}

/// A plan of this many bytes, as PostgreSQL 18 prints one of thousands of partitions.
fn large(bytes: usize) -> String {
    let fixture = FIXTURES[3];
    // The last partition's node, with its indentation.
    let end = fixture.find("\n          ]").unwrap();
    let start = fixture[..end].rfind("            {\n").unwrap();
    let node = &fixture[start..end];
    let mut document = String::from(
        "[\n  {\n    \"Plan\": {\n      \"Node Type\": \"Append\",\n      \"Plans\": [\n",
    );
    let mut nr = 0;
    while document.len() < bytes {
        let comma = if nr == 0 { "" } else { ",\n" };
        write!(document, "{comma}{}", node.replace("logs_3", &format!("logs_{nr}"))).unwrap();
        nr += 1;
    }
    document + "\n      ]\n    },\n    \"Execution Time\": 0.107\n  }\n]"
}

#[test]
fn a_large_plan_keeps_all_its_nodes() {
    let plan = Plan::from_json(&large(2_000_000)).unwrap();
    let tables: BTreeSet<_> = plan.nodes().filter_map(Node::scanned).collect();
    assert_eq!(tables.len(), plan.nodes().count() - 1);
    assert!(tables.len() > 1_500, "{}", tables.len());
}

#[test]
fn a_command_without_a_plan_is_named_so() {
    let error = Plan::from_json("[\"Utility Statement\"]").unwrap_err().to_string();
    assert!(error.contains("a command without a plan"), "{error}");
}

#[test]
fn rows_of_a_cte_are_not_counted_with_what_is_written() {
    let scan = |rows: u32, beside: &str| {
        format!(
            "{{\"Node Type\": \"Seq Scan\", \"Actual Loops\": 1, \"Actual Rows\": {rows}, \"Actual Total Time\": 1{beside}}}"
        )
    };
    let plan = format!(
        "[{{\"Execution Time\": 1, \"Plan\": {{\"Node Type\": \"ModifyTable\", \"Operation\": \"Insert\", \"Plans\": [{}, {}]}}}}]",
        scan(5, ", \"Subplan Name\": \"CTE gone\""),
        scan(3, "")
    );
    let plan = Plan::from_json(&plan).unwrap();
    assert!(plan.writes() && (plan.rows_affected() - 3.0).abs() < f64::EPSILON, "{plan:?}");
}
