//! A corpus file: tables, then queries, each below a line that says what it reads.
//!
//! ```text
//! -- reads TABLE, TABLE: what is special about the query
//! -- removed N: why that is not the sum of `Subplans Removed`
//! -- since N: what older versions of PostgreSQL cannot tell
//! -- until N: what newer ones do wrong
//! SET …;
//! BEGIN;
//! …;
//! SELECT …;
//! ```
//!
//! The last statement is explained; those before it run before the transaction, or in it below a
//! `BEGIN`. A statement ends where a line ends with a semicolon.

use std::ops::RangeInclusive;

/// The file's tables and its queries.
pub struct Corpus {
    pub schema: Vec<String>,
    pub entries: Vec<Entry>,
}

/// A query with what it needs.
#[derive(Debug)]
pub struct Entry {
    /// The line of its file, and what it says.
    pub title: String,
    /// The partitioned tables that it reads, sorted.
    pub reads: Vec<String>,
    /// How many leaves are removed when execution begins, where no sum can tell.
    pub removed: Option<usize>,
    /// The major versions that it is for.
    pub versions: RangeInclusive<u32>,
    /// Statements before the transaction.
    pub before: Vec<String>,
    /// Statements of the transaction, before the query.
    pub within: Vec<String>,
    pub query: String,
}

impl Corpus {
    pub fn parse(text: &str) -> Self {
        let (schema, _) = text.split_once("-- reads ").expect("a query");
        let mut corpus = Self { schema: statements(schema), entries: Vec::new() };
        let mut line = schema.lines().count() + 1;
        for part in text[schema.len()..].split("-- reads ").skip(1) {
            corpus.entries.push(Entry::parse(part, line));
            line += part.lines().count();
        }
        corpus
    }
}

impl Entry {
    fn parse(text: &str, line: usize) -> Self {
        let (header, body) = text.split_once('\n').expect("a query below its title");
        let (reads, title) = header.split_once(": ").expect("a title");
        let mut reads: Vec<String> = reads.split(", ").map(str::to_owned).collect();
        reads.retain(|table| table != "nothing");
        reads.sort();
        let noted = |what: &str| {
            let note = body.lines().find_map(|line| line.strip_prefix(what))?;
            let (number, _) = note.split_once(": ").expect("a number and why");
            Some(number.parse().expect("a number"))
        };
        let removed = noted("-- removed ").map(|count| count as usize);
        let versions = noted("-- since ").unwrap_or(0)..=noted("-- until ").unwrap_or(u32::MAX);
        let mut before = statements(body);
        let query = before.pop().expect("a query");
        let begin = before.iter().position(|statement| statement == "BEGIN");
        let mut within = before.split_off(begin.unwrap_or(before.len()));
        within.drain(..usize::from(begin.is_some()));
        Self {
            title: format!("line {line}, {title}"),
            reads,
            removed,
            versions,
            before,
            within,
            query,
        }
    }
}

fn statements(text: &str) -> Vec<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("--"));
    let code = code.collect::<Vec<_>>().join("\n");
    let statements = code.split(";\n").map(|part| part.trim().trim_end_matches(';'));
    statements.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
