//! PostgreSQL's programs: missing, of the wrong version, out of reach, or failing.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use testbed::TestHome;

use crate::bench::{Bench, assert_says, is_root, pg_bin, server};

/// The folder of the programs that the tests' own server runs from.
fn real() -> PathBuf {
    let opts = testbed::server().attached().data.join("postmaster.opts");
    let opts = fs::read_to_string(opts).unwrap();
    PathBuf::from(opts.split(" \"").next().unwrap()).parent().unwrap().to_owned()
}

/// A script in the place of one of the programs.
fn fake(path: &Path, script: &str) {
    fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn a_folder_without_programs_names_what_is_missing() {
    let (bench, bin) = (Bench::new(), TestHome::new());
    symlink(real().join("postgres"), bin.path().join("postgres")).unwrap();
    for (folder, missing) in
        [(bin.path().to_owned(), "no initdb, no pg_ctl"), (bin.path().join("gone"), "no postgres")]
    {
        let server = server(&bench.home, Some(folder.clone()));
        let error = server.attach_or_start(None).await.unwrap_err();
        assert_says(&error, &[&folder.display().to_string(), missing, "PG_BIN"]);
        assert_eq!(error.kind(), lab::error::Kind::Usage);
        assert!(!bench.data().exists());
    }
}

#[tokio::test]
async fn programs_that_the_owner_cannot_run_are_named() {
    if !is_root() {
        eprintln!("skipped: needs root");
        return;
    }
    let (bench, bin) = (Bench::new(), TestHome::new());
    for program in ["initdb", "pg_ctl", "postgres"] {
        symlink(real().join(program), bin.path().join(program)).unwrap();
    }
    fs::set_permissions(bin.path(), Permissions::from_mode(0o700)).unwrap();
    let server = server(&bench.home, Some(bin.path().to_owned()));
    let error = server.attach_or_start(None).await.unwrap_err();
    assert_says(&error, &["cannot run", &bin.path().join("postgres").display().to_string()]);
}

#[tokio::test]
async fn data_of_another_major_names_both_and_is_not_touched() {
    let bench = Bench::stopped();
    let file = bench.data().join("PG_VERSION");
    let real = fs::read_to_string(&file).unwrap();
    fs::write(&file, "14\n").unwrap();
    let error = bench.server.attach_or_start(None).await.unwrap_err();
    let installed = format!("PostgreSQL {}", real.trim());
    let step = "cargo run -p server -- destroy";
    assert_says(&error, &["PostgreSQL 14", &installed, "PG_BIN", step]);
    fs::write(&file, real).unwrap();
    assert!(bench.server.attach_or_start(None).await.unwrap().started, "it starts as before");
}

#[tokio::test]
async fn data_of_another_installed_major_is_served_by_it() {
    let Some(other) = std::env::var_os("TESTBED_OTHER_PG_BIN").map(PathBuf::from) else {
        eprintln!("skipped: needs another major version's programs in TESTBED_OTHER_PG_BIN");
        return;
    };
    let bench = Bench::new();
    let made = server(&bench.home, Some(other)).attach_or_start(None).await.unwrap();
    assert!(bench.server.stop().await.unwrap(), "the programs it runs from stop it");
    let error = server(&bench.home, Some(real())).attach_or_start(None).await.unwrap_err();
    let major = made.version.split('.').next().unwrap();
    assert_says(&error, &[&format!("PostgreSQL {major}"), &real().display().to_string()]);
}

/// An `initdb` that fails in the middle, as on a full disk.
#[tokio::test]
async fn a_failing_initdb_tells_why_and_leaves_nothing() {
    let (bench, bin) = (Bench::new(), TestHome::new());
    for program in ["pg_ctl", "postgres"] {
        symlink(real().join(program), bin.path().join(program)).unwrap();
    }
    let script =
        "while [ \"$1\" != --pgdata ]; do shift; done; mkdir \"$2\"; echo 15 >\"$2/PG_VERSION\"
        echo 'initdb: error: could not write file: No space left on device' >&2; exit 1";
    fake(&bin.path().join("initdb"), script);
    let failing = server(&bench.home, Some(bin.path().to_owned()));
    let error = failing.attach_or_start(None).await.unwrap_err();
    assert_says(&error, &["initdb could not make", "No space left on device", "nothing was left"]);
    for gone in ["data", "data.tmp", "pwfile", "pgpass"] {
        assert!(!bench.home.join(gone).exists(), "{gone}");
    }
    assert!(server(&bench.home, pg_bin()).attach_or_start(None).await.unwrap().created);
}

#[tokio::test]
async fn what_an_interrupted_initdb_left_is_replaced() {
    let bench = Bench::stopped();
    fs::rename(bench.data(), bench.home.join("data.tmp")).unwrap();
    fs::remove_file(bench.home.join("data.tmp/global/pg_control")).unwrap();
    let attached = bench.server.attach_or_start(None).await.unwrap();
    assert!(attached.created);
    assert!(!bench.home.join("data.tmp").exists());
}
