//! The commands of the README and of the pages in docs/ work, and their samples are what they print.

use std::path::Path;

use testbed::{TestHome, command};

const README: &str = include_str!("../../../README.md");

const SETUP: &str = "cargo run -p setup";

#[test]
fn every_sample_is_what_the_command_prints() {
    let samples = samples(README);
    assert!(samples.len() >= 4, "the README shows setup, demo, repartition and load");
    compare("the README", &samples);
}

macro_rules! pages {
    ($($page:ident),* $(,)?) => {$(
        #[test]
        fn $page() {
            let page = concat!("docs/", stringify!($page), ".md");
            let samples = samples(include_str!(concat!("../../../docs/", stringify!($page), ".md")));
            assert!(!samples.is_empty(), "{page} has no sample");
            compare(page, &samples);
        }
    )*};
}

pages![demo, load, repartition, setup, strategies, todos];

/// Runs the samples of a page one after the other, in a home where setup has run, unless running it
/// is the first of them.
fn compare(page: &str, samples: &[(String, String)]) {
    let home = TestHome::new();
    if samples.first().is_some_and(|(line, _)| line != SETUP) {
        run(SETUP, home.path());
    }
    for (line, wanted) in samples {
        let printed = run(line, home.path());
        // What load inserts and how old todos are depends on the clock.
        let by_clock = line.contains("-p load") || line.contains("-p todos");
        let mask = if by_clock { all_numbers } else { measurements };
        let missing = first_difference(wanted, &printed, mask);
        assert_eq!(missing, None, "{page} shows this line for `{line}`, which prints:\n{printed}");
    }
}

#[test]
fn every_command_of_the_table_works() {
    let home = TestHome::new();
    run("cargo run -p setup", home.path());
    let rows = README.lines().filter_map(|line| line.strip_prefix("| `cargo run"));
    let commands: Vec<String> = rows
        .filter_map(|rest| rest.split('`').next())
        .map(|rest| {
            format!("cargo run{rest}").replace("SELECT …", "SELECT count(*) FROM event_logs")
        })
        .collect();
    assert!(commands.len() >= 8, "{commands:?}");
    for line in commands {
        // Half a minute would not tell more than a second.
        run(&line.replace("1000 30", "100 1"), home.path());
    }
}

/// It compiles as a doc test, so it does on the page.
#[test]
fn the_example_of_todos_is_the_doc_test_of_its_library() {
    let (_, rest) = include_str!("../../../docs/todos.md").split_once("```rust\n").unwrap();
    let (example, _) = rest.split_once("```\n").unwrap();
    let library = include_str!("../../todos/src/lib.rs");
    let commented: String =
        example.lines().map(|line| format!("//! {line}").trim_end().to_owned() + "\n").collect();
    assert!(library.contains(&commented), "{commented}");
}

/// Runs a line such as `cargo run -p load -- 10 3`, which must succeed, and returns its stdout.
fn run(line: &str, home: &Path) -> String {
    // As a shell reads it.
    let mut words = shell_words::split(line).unwrap_or_default().into_iter().skip(3);
    let name = words.next().unwrap_or_default();
    let arguments = words.skip_while(|word| word == "--");
    let mut command = command(&name);
    command.args(arguments).env("PARTITION_LAB_HOME", home.join("lab"));
    // `--step` waits for Enter.
    let output = command.write_stdin("\n".repeat(300)).unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The commands of the `console` blocks with what the README says that they print.
fn samples(text: &str) -> Vec<(String, String)> {
    let blocks = text.split("```console\n$ ").skip(1).filter_map(|rest| rest.split("\n```").next());
    blocks
        .filter_map(|block| {
            // A command goes on until its quotes are closed.
            let mut ends = block.match_indices('\n').map(|(at, _)| at);
            let end = ends.find(|at| block[..*at].matches('"').count() % 2 == 0)?;
            Some((block[..end].to_owned(), block[end + 1..].to_owned()))
        })
        .collect()
}

/// The first line of `wanted` that is not the next one of `printed`; `…` stands for any lines.
fn first_difference(wanted: &str, printed: &str, mask: fn(&str) -> String) -> Option<String> {
    // The first line, which says which server it is, differs.
    let is_server = |line: &&str| line.starts_with("PostgreSQL ");
    let mut printed = printed.lines().skip_while(is_server);
    let mut anywhere = false;
    for line in wanted.lines().skip_while(is_server) {
        if line == "…" {
            anywhere = true;
            continue;
        }
        let found = if anywhere {
            printed.any(|other| mask(other) == mask(line))
        } else {
            printed.next().is_some_and(|other| mask(other) == mask(line))
        };
        if !found {
            return Some(line.to_owned());
        }
        anywhere = false;
    }
    None
}

/// `line` with its times, sizes, buffers and costs replaced: those differ from run to run, costs as what was rolled back takes room.
fn measurements(line: &str) -> String {
    const UNITS: [&str; 6] = ["ms", "s", "KiB", "MiB", "buffer", "buffers"];
    let words: Vec<&str> = line.split_whitespace().collect();
    let is_measured = |n: usize| {
        let unit = words.get(n + 1).map(|word| word.trim_end_matches([':', '.']));
        words[n].starts_with(|c: char| c.is_ascii_digit())
            && unit.is_some_and(|unit| UNITS.contains(&unit))
    };
    let is_unit = |n: usize| n > 0 && is_measured(n - 1);
    let is_cost = |n: usize| {
        words[n].starts_with(|c: char| c.is_ascii_digit())
            && (words[..n].ends_with(&["cost"]) || words[..n].ends_with(&["instead", "of"]))
    };
    let masked = (0..words.len())
        .filter(|n| !is_unit(*n))
        .map(|n| if is_measured(n) || is_cost(n) { "#" } else { words[n] });
    masked.collect::<Vec<_>>().join(" ")
}

/// `line` without any number, bar and unit of time.
fn all_numbers(line: &str) -> String {
    let words = line
        .split_whitespace()
        // Bars, and rules below the heads of tables, are as long as the numbers make them.
        .filter(|word| !word.starts_with(['█', '─']) && !["ms", "s"].contains(word));
    let is_number = |word: &str| word.chars().all(|c| c.is_ascii_digit() || ",.".contains(c));
    words
        .map(|word| {
            let digits = word.trim_end_matches(',').trim_start_matches('-');
            if is_number(digits) { "#" } else { word }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn a_sample_that_drifted_is_found() {
    let wanted = "PostgreSQL 15\na  12 rows  3 ms\n…\nend";
    let same = |printed| first_difference(wanted, printed, measurements).is_none();
    assert!(same("PostgreSQL 18\na  12 rows   410 ms\nb\nc\nend"));
    assert!(!same("PostgreSQL 18\na  13 rows   410 ms\nb\nc\nend"), "another count");
    assert!(!same("PostgreSQL 18\na  12 rows   410 ms\nb\nc"), "no end");
    assert!(!same("PostgreSQL 18\nx\na  12 rows   410 ms\nend"), "a line too many");
}
