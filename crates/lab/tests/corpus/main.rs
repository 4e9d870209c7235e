//! Queries in the shape of PostgreSQL's own tests of partition pruning, each explained twice: by
//! `lab::plan`, and by a reader of the text format that shares no code with it (`reader.rs`).
//! `entries.rs` says how a file in `sql/` is written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod compare;
mod entries;
mod reader;
mod session;

use compare::Tally;
use entries::Corpus;

/// A test a file, with the fates that its queries must lead to, and the sum of their queries.
macro_rules! files {
    ($($name:ident $(with $fate:ident)*),+ $(,)?) => {
        $(#[tokio::test]
        async fn $name() {
            let file = include_str!(concat!("sql/", stringify!($name), ".sql"));
            let tally = check(file).await;
            assert!(tally.scanned > 0 && tally.at_plan > 0 $(&& tally.$fate > 0)*, "{tally:?}");
        })+

        #[test]
        fn there_are_enough_queries() {
            let files = [$(include_str!(concat!("sql/", stringify!($name), ".sql"))),+];
            let queries: usize = files.iter().map(|file| Corpus::parse(file).entries.len()).sum();
            assert!(queries >= 500, "{queries}");
        }
    };
}

files! {
    range, list, hash, columns, expressions, nested with never, prepared with at_start,
    running with at_start with never, sorted with at_start with never,
    writing with at_start with never, foreign with at_start with never,
    parallel with at_start with never, wise with at_start with never,
    shapes with at_start with never, types with at_start,
}

/// Compares all queries of a file, and fails with all that differ.
async fn check(file: &str) -> Tally {
    let corpus = Corpus::parse(file);
    let database = testbed::server().database();
    session::build(&database, &corpus.schema).await;
    let mut client = database.client().await;
    let major = session::major(&client).await;
    let (mut tally, mut differences) = (Tally::default(), Vec::new());
    for entry in corpus.entries.iter().filter(|entry| entry.versions.contains(&major)) {
        let seen = session::explain_twice(&mut client, &database, entry).await;
        match compare::compare(entry, &seen) {
            Ok(fates) => tally.add(&fates),
            Err(what) => differences.push(format!(
                "{}\n{}\n{what}\n{}",
                entry.title,
                entry.query,
                seen.text.join("\n")
            )),
        }
    }
    println!("{} queries: {tally:?}", corpus.entries.len());
    let (count, all) = (differences.len(), corpus.entries.len());
    assert!(count == 0, "{count} of {all} differ:\n\n{}", differences.join("\n\n"));
    tally
}
