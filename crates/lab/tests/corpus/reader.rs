//! A plan as a person reads it: line by line, from EXPLAIN's text format.
//!
//! It shares no code with `lab::plan`, so that the two can be held against each other, and
//! it panics on what it does not know, lest both overlook the same thing.

use std::collections::BTreeSet;

/// What the lines say.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Tables whose rows some node read.
    pub scanned: BTreeSet<String>,
    /// Tables that only stand in nodes marked `(never executed)`.
    pub never: BTreeSet<String>,
    /// The sum of all `Subplans Removed`.
    pub removed: usize,
}

/// Nodes that read a table, which they name behind `on`.
const TABLE_SCANS: [&str; 10] = [
    "Seq Scan",
    "Index Scan",
    "Index Only Scan",
    "Bitmap Heap Scan",
    "Tid Scan",
    "Tid Range Scan",
    "Sample Scan",
    "Foreign Scan",
    // Rows changed far away are found there, too.
    "Foreign Update",
    "Foreign Delete",
];

/// Nodes that name something else behind `on`, or the table that they write to.
const OTHERS: [&str; 12] = [
    "Bitmap Index Scan",
    "CTE Scan",
    "Function Scan",
    "Subquery Scan",
    "Table Function Scan",
    "Values Scan",
    "WorkTable Scan",
    "Named Tuplestore Scan",
    "Insert",
    "Update",
    "Delete",
    "Merge",
];

/// Reads the lines of a plan that was executed.
pub fn read(lines: &[String]) -> Reading {
    let mut reading = Reading::default();
    let (mut ran, mut in_foreign_scan) = (false, false);
    for (nr, line) in lines.iter().enumerate() {
        let text = line.trim_start();
        // The lines of a ModifyTable below its own name further targets, without figures.
        let node = text.strip_prefix("->").or((nr == 0).then_some(text));
        if let Some(node) = node {
            let (what, executed) = outcome(node.trim_start(), line);
            ran = executed;
            in_foreign_scan = what == "Foreign Scan" || what == "Async Foreign Scan";
            if let Some(table) = scanned_table(what, line) {
                reading.note(table, executed);
            }
        } else if let Some(count) = text.strip_prefix("Subplans Removed: ") {
            reading.removed += count.parse::<usize>().expect("a count");
        } else if let Some(relations) = text.strip_prefix("Relations: ").filter(|_| in_foreign_scan)
        {
            for table in joined_far_away(relations) {
                reading.note(table, ran);
            }
        }
    }
    reading.never.retain(|table| !reading.scanned.contains(table));
    reading
}

impl Reading {
    fn note(&mut self, table: String, executed: bool) {
        if executed { &mut self.scanned } else { &mut self.never }.insert(table);
    }
}

/// A node's line without its figures, and whether it ran.
fn outcome<'a>(node: &'a str, line: &str) -> (&'a str, bool) {
    if let Some(what) = node.strip_suffix(" (never executed)") {
        return (what, false);
    }
    let (what, figures) = node.rsplit_once(" (actual rows=").expect(line);
    let loops = figures.rsplit_once("loops=").and_then(|(_, rest)| rest.strip_suffix(')'));
    (what, loops.expect(line) != "0")
}

/// The table that a node reads.
fn scanned_table(what: &str, line: &str) -> Option<String> {
    let words = words(what);
    let on = words.iter().position(|word| word == "on")?;
    let kind_ends = words.iter().position(|word| word == "using").unwrap_or(on);
    let kind = words[..kind_ends].join(" ");
    let kind = ["Parallel ", "Async "].iter().find_map(|p| kind.strip_prefix(p)).unwrap_or(&kind);
    let kind = kind.strip_suffix(" Backward").unwrap_or(kind);
    if TABLE_SCANS.contains(&kind) {
        return Some(unquoted(&words[on + 1]));
    }
    assert!(OTHERS.contains(&kind), "an unknown node: {line}");
    None
}

/// The tables within `(a) INNER JOIN (b "the alias")` or `Aggregate on ((a) LEFT JOIN (b))`.
fn joined_far_away(relations: &str) -> Vec<String> {
    let mut tables = Vec::new();
    let mut opened = false;
    for word in words(relations) {
        if opened && word != "(" {
            tables.push(unquoted(&word));
        }
        opened = word == "(";
    }
    assert!(!tables.is_empty(), "no tables in {relations}");
    tables
}

/// The words between spaces, each parenthesis one of its own; double quotes hold a word together.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        quoted ^= c == '"';
        let parenthesis = !quoted && "()".contains(c);
        if parenthesis || !quoted && c == ' ' {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            words.extend(parenthesis.then(|| c.to_string()));
        } else {
            word.push(c);
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

fn unquoted(word: &str) -> String {
    match word.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => word.to_owned(),
    }
}
