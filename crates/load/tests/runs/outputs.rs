//! `--html`, `--csv`, `--compare`, `--dry-run`, and flags that do not go together.

use testbed::{TestHome, ran};

use crate::bench::{Rows, after_base, after_setup, load, total};

#[test]
fn a_page_and_a_file_hold_the_run() {
    let (database, folder) = (after_setup(), TestHome::new());
    let (page, seconds) = (folder.path().join("load.html"), folder.path().join("load.csv"));
    let mut command = load(&database, &["0", "2", "--workers", "2"]);
    let document = ran(command.arg("--html").arg(&page).arg("--csv").arg(&seconds)).ok().document();
    let page = std::fs::read_to_string(page).unwrap();
    for what in ["<svg", "prefers-color-scheme", "users_distributed_p3", "p99.99", "--workers 2"] {
        assert!(page.contains(what), "no {what}");
    }
    // The name of a format, which nobody fetches.
    let page = page.replace("http://www.w3.org/2000/svg", "");
    for elsewhere in ["http:", "https:", "@import", "src=\"//", "<script"] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
    let seconds = std::fs::read_to_string(seconds).unwrap();
    let mut lines = seconds.lines();
    let header: Vec<_> = lines.next().unwrap().split(',').collect();
    let inserted = header.iter().position(|name| *name == "inserted").unwrap();
    let counts = lines.map(|line| line.split(',').nth(inserted).unwrap().parse::<u64>().unwrap());
    assert_eq!(document["inserted"], counts.sum::<u64>());
}

#[test]
fn a_file_that_cannot_be_written_is_named_before_a_row_is_inserted() {
    let database = after_setup();
    let before = total(&database);
    let csv = ["0", "1", "--csv", "/no/such/folder/load.csv"];
    let _ = ran(&mut load(&database, &csv)).exited(1).says(&["/no/such/folder/load.csv", "next"]);
    let html = ["0", "1", "--html", "/no/such/folder/load.html"];
    let _ = ran(&mut load(&database, &html)).exited(1).says(&["/no/such/folder/load.html", "next"]);
    assert_eq!(total(&database), before);
}

#[test]
fn a_file_that_load_did_not_write_stays_without_force() {
    let (database, folder) = (after_setup(), TestHome::new());
    let before = total(&database);
    let (letter, link) = (folder.path().join("letter"), folder.path().join("link"));
    std::fs::write(&letter, "Dear Ann").unwrap();
    std::os::unix::fs::symlink(&letter, &link).unwrap();
    let run = |flag: &str, path: &std::path::Path, force: &[&str]| {
        let file = format!("{flag}={}", path.display());
        ran(load(&database, &["0", "1", "--rows", "5", &file]).args(force))
    };
    for flag in ["--html", "--csv"] {
        for path in [&letter, &link] {
            let _ = run(flag, path, &[]).exited(2).says(&["cannot write", "--force"]);
        }
        let _ = run(flag, std::path::Path::new("-"), &[]).exited(2).says(&["is none"]);
    }
    assert_eq!(std::fs::read_to_string(&letter).unwrap(), "Dear Ann");
    assert_eq!(total(&database), before, "it is said before a row is inserted");
    for force in [&["--force"][..], &[]] {
        let _ = run("--csv", &letter, force).ok();
    }
    assert!(std::fs::read_to_string(&letter).unwrap().starts_with("at_s,"));
}

#[test]
fn both_sides_are_compared_and_the_old_tables_stay_as_they_were() {
    let database = after_setup();
    let old = "SELECT string_agg(md5(e::text), '' ORDER BY id) FROM event_logs_old e";
    let (before, old_before) = (Rows::count(&database), database.text(old));
    let document = ran(&mut load(&database, &["0", "1", "--compare"])).ok().document();
    let turns = document["turns"].as_array().unwrap();
    let sides: Vec<_> = turns.iter().map(|turn| turn["partitioned"].as_bool().unwrap()).collect();
    assert_eq!(sides, [false, true, false, true, false, true]);
    assert!(turns.iter().all(|turn| turn["inserted"].as_u64().unwrap() > 0), "{document:#}");
    assert!(document["rate_ratio"].as_f64().unwrap() > 0.0, "{document:#}");
    assert_eq!(database.text(old), old_before);
    let more = turns.iter().filter(|turn| turn["partitioned"] == true);
    let more: i64 = more.map(|turn| turn["inserted"].as_i64().unwrap()).sum();
    assert_ne!(before, Rows::count(&database));
    assert_eq!(total(&database), 500 + 200 + 300 + 400 + more);
}

#[test]
fn without_old_tables_there_is_nothing_to_compare() {
    let _ = ran(&mut load(&after_base(), &["0", "1", "--compare"]))
        .exited(1)
        .says(&["event_logs_old", "cargo run -p setup"]);
}

#[test]
fn a_dry_run_sends_nothing() {
    let database = after_setup();
    let before = total(&database);
    let document = ran(&mut load(&database, &["--dry-run", "--rows", "5000"])).ok().document();
    assert_eq!(document["invented"], 5_000);
    assert_eq!(total(&database), before);
}

#[test]
fn flags_that_do_not_go_together_are_refused_with_2() {
    let database = after_setup();
    for (arguments, says) in [
        (["100", "1", "--rate", "5"].as_slice(), "--rate"),
        (&["0", "1", "--batch", "20000"], "--copy"),
        (&["0", "1", "--copy", "--in-flight", "2"], "--in-flight"),
        (&["0", "1", "--compare", "--verify"], "--verify"),
        (&["0", "1", "--set", "a=b"], "--table"),
        (&["0", "1", "--mix", "events=1", "--table", "x"], "--mix"),
        (&["0", "1", "--mix", "nothing=1"], "events, users, orders, sales"),
        (&["0", "1", "--dates", "2024-02-01..2024-01-01"], "is not after"),
        (&["0", "1", "--rate", "0"], "number from"),
        (&["0", "1", "--out-of-range", "101"], "number from"),
        (&["0", "1", "--workers", "0"], "--workers"),
    ] {
        let _ = ran(&mut load(&database, arguments)).exited(2).says(&[says]);
    }
    let _ =
        ran(&mut load(&database, &["0", "1", "--table", "nowhere"])).exited(2).says(&["nowhere"]);
}
