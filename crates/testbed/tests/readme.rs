//! The README's commands work, and its samples are what they print.

use std::path::Path;

use testbed::{TestHome, command};

const README: &str = include_str!("../../../README.md");

#[test]
fn every_sample_is_what_the_command_prints() {
    let home = TestHome::new();
    let samples = samples(README);
    assert!(samples.len() >= 4, "the README shows setup, demo, repartition and load");
    for (line, wanted) in samples {
        let printed = run(&line, home.path());
        // What load inserts depends on the clock.
        let mask = if line.contains("-p load") { all_numbers } else { measurements };
        if let Some(missing) = first_difference(&wanted, &printed, mask) {
            panic!("$ {line}\nthe README says:  {missing}\nbut it prints:\n{printed}");
        }
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

/// Runs a line such as `cargo run -p load -- 10 3`, which must succeed, and returns its stdout.
fn run(line: &str, home: &Path) -> String {
    let mut words = words(line).into_iter().skip(3);
    let name = words.next().unwrap_or_default();
    let arguments = words.skip_while(|word| word == "--");
    let output =
        command(&name).args(arguments).env("PARTITION_LAB_HOME", home.join("lab")).unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Words as a shell splits them, as far as the README needs it: double quotes.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    let words = parts.flat_map(|(n, part)| match n % 2 {
        0 => part.split_whitespace().map(ToOwned::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

/// The commands of the `console` blocks with what the README says that they print.
fn samples(text: &str) -> Vec<(String, String)> {
    let blocks = text.split("```console\n$ ").skip(1).filter_map(|rest| rest.split("\n```").next());
    blocks
        .filter_map(|block| block.split_once('\n'))
        .map(|(line, out)| (line.to_owned(), out.to_owned()))
        .collect()
}

/// The first line of `wanted` that is not the next one of `printed`; `…` stands for any lines.
fn first_difference(wanted: &str, printed: &str, mask: fn(&str) -> String) -> Option<String> {
    // The first line says which server it is.
    let mut printed = printed.lines().skip(1);
    let mut anywhere = false;
    for line in wanted.lines().skip(1) {
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

/// `line` with its times, sizes and buffers replaced: those differ from run to run.
fn measurements(line: &str) -> String {
    const UNITS: [&str; 7] = ["ms", "s", "KiB", "MiB", "buffer", "buffers", "s."];
    let words: Vec<&str> = line.split_whitespace().collect();
    let is_measured = |n: usize| {
        let unit = words.get(n + 1).map(|word| word.trim_end_matches(':'));
        words[n].starts_with(|c: char| c.is_ascii_digit())
            && unit.is_some_and(|unit| UNITS.contains(&unit))
    };
    let is_unit = |n: usize| n > 0 && is_measured(n - 1);
    let masked = (0..words.len())
        .filter(|n| !is_unit(*n))
        .map(|n| if is_measured(n) { "#" } else { words[n] });
    masked.collect::<Vec<_>>().join(" ")
}

/// `line` without any number, bar and unit of time.
fn all_numbers(line: &str) -> String {
    let words = line
        .split_whitespace()
        .filter(|word| !word.starts_with('█') && !["ms", "s"].contains(word));
    let is_number = |word: &str| word.chars().all(|c| c.is_ascii_digit() || ",.".contains(c));
    words
        .map(|word| if is_number(word.trim_end_matches(',')) { "#" } else { word })
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn a_sample_that_drifted_is_found() {
    let wanted = "server\na  12 rows  3 ms\n…\nend";
    let same = |printed| first_difference(wanted, printed, measurements).is_none();
    assert!(same("other\na  12 rows   410 ms\nb\nc\nend"));
    assert!(!same("other\na  13 rows   410 ms\nb\nc\nend"), "another count");
    assert!(!same("other\na  12 rows   410 ms\nb\nc"), "no end");
    assert!(!same("other\nx\na  12 rows   410 ms\nend"), "a line too many");
}
