//! A backup that is dumped table by table, and what comes back of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use testbed::{Database, Ran, ran, server};

use crate::bench::{cut_over, todos};

const CONTENT: &str = "
    SELECT relname || ' ' || rows || ' ' || content FROM pg_class, todo_app.table_content(oid::regclass)
    WHERE relnamespace = 'todo_app'::regnamespace AND relkind = 'r' ORDER BY relname";

/// `PostgreSQL`'s own program, unless there is none for this server (the npm package of 18 has no clients).
fn program(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("PG_BIN").map(PathBuf::from);
    let beside = folder.map(|folder| folder.join(name)).filter(|path| path.exists());
    let path = beside.unwrap_or_else(|| name.into());
    let said = Command::new(&path).arg("--version").output().ok()?;
    let major = server()
        .database()
        .text("SELECT (current_setting('server_version_num')::int / 10000)::text");
    let same = String::from_utf8_lossy(&said.stdout).contains(&format!(") {major}."));
    if !same {
        eprintln!("skipped: there is no {name} of PostgreSQL {major}");
    }
    same.then_some(path)
}

fn backup(database: &Database, folder: &Path, more: &[&str]) -> Ran {
    ran(database
        .process("todos")
        .args(["backup", "--format", "json", "--to"])
        .arg(folder)
        .args(more))
}

/// The tables that a run dumped.
fn dumped(ran: &Ran) -> Vec<String> {
    let all = ran.document();
    let dumped = all.as_array().unwrap().iter().filter(|one| one["dumped"] == true);
    dumped.map(|one| one["table"].as_str().unwrap().to_owned()).collect()
}

fn file_of(folder: &Path, table: &str) -> PathBuf {
    let manifest: Value =
        serde_json::from_slice(&fs::read(folder.join("backup.json")).unwrap()).unwrap();
    let tables = manifest["tables"].as_array().unwrap();
    let of = tables.iter().find(|one| one["table"] == table).unwrap();
    folder.join(of["file"].as_str().unwrap())
}

fn restore(program: &Path, to: &Database, flags: &[&str], file: &Path) {
    let mut restore = Command::new(program);
    let restore =
        restore.arg("--exit-on-error").args(flags).arg("--dbname").arg(to.url()).arg(file);
    let output = restore.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn files(folder: &TempDir) -> usize {
    fs::read_dir(folder.path()).unwrap().count()
}

#[test]
fn what_has_not_changed_is_dumped_once() {
    if program("pg_dump").is_none() {
        return;
    }
    let (database, folder) = (cut_over("SELECT 1"), tempfile::tempdir().unwrap());
    let tables = database.texts(CONTENT).len();
    assert_eq!(dumped(&backup(&database, folder.path(), &[]).ok()).len(), tables);
    assert_eq!(files(&folder), tables + 2);
    assert_eq!(dumped(&backup(&database, folder.path(), &[]).ok()), <[&str; 0]>::default());

    let (month, bucket) = (
        database.text("SELECT max(tableoid::regclass::text) FROM todo_app.todos_archived"),
        database.text("SELECT max(tableoid::regclass::text) FROM todo_app.todos_active"),
    );
    database.batch(&format!("UPDATE {month} SET title = 'x'; DELETE FROM {bucket}"));
    let bare = |name: &str| name.strip_prefix("todo_app.").unwrap().to_owned();
    let dumped_now = dumped(&backup(&database, folder.path(), &[]).ok());
    assert_eq!(dumped_now, [bare(&bucket), bare(&month), "todos_log".to_owned()]);
    assert_eq!(files(&folder), tables + 2, "what was replaced is gone");

    // One that was damaged on the disk is noticed, and dumped anew; one that is asked for alone leaves the others.
    fs::write(file_of(folder.path(), &bare(&month)), "x").unwrap();
    fs::write(folder.path().join(".todos-backup-killed"), "half of it").unwrap();
    let only = ["--partition", &bare(&month)];
    assert_eq!(dumped(&backup(&database, folder.path(), &only).ok()), [bare(&month)]);
    assert_eq!(files(&folder), tables + 2, "also what a killed run had begun");
    assert_eq!(dumped(&backup(&database, folder.path(), &[]).ok()), <[&str; 0]>::default());
}

#[test]
fn all_of_it_comes_back_in_another_database() {
    let Some(program) = program("pg_restore") else { return };
    let (database, folder) = (cut_over("SELECT 1"), tempfile::tempdir().unwrap());
    let _ = backup(&database, folder.path(), &[]).ok();
    let other = server().database();
    let manifest: Value =
        serde_json::from_slice(&fs::read(folder.path().join("backup.json")).unwrap()).unwrap();
    let schema = folder.path().join(manifest["schema"]["file"].as_str().unwrap());
    restore(&program, &other, &["--section=pre-data"], &schema);
    for table in manifest["tables"].as_array().unwrap() {
        restore(&program, &other, &[], &folder.path().join(table["file"].as_str().unwrap()));
    }
    restore(&program, &other, &["--section=post-data"], &schema);
    assert_eq!(other.texts(CONTENT), database.texts(CONTENT));
    let _ = todos(&other, "rollback").ok();
}

/// Also when the rows belong in other partitions by now.
#[test]
fn one_partition_comes_back() {
    let Some(program) = program("pg_restore") else { return };
    let (database, folder) = (cut_over("SELECT 1"), tempfile::tempdir().unwrap());
    let all = "SELECT rows || ' ' || content FROM todo_app.table_content('todo_app.todos_active')";
    let before = database.text(all);
    let bucket = database.text("SELECT max(tableoid::regclass::text) FROM todo_app.todos_active");
    let name = bucket.strip_prefix("todo_app.").unwrap();
    let _ = backup(&database, folder.path(), &["--partition", name]).ok();
    database.batch(&format!("DELETE FROM {bucket}"));
    assert_ne!(database.text(all), before);
    let _ = todos(&database, "grow --partitions 32").ok();
    restore(&program, &database, &[], &file_of(folder.path(), name));
    assert_eq!(database.text(all), before);
}

/// `todos bench` dumps the same tables from both sides.
#[test]
fn how_long_it_takes_is_measured() {
    if program("pg_dump").is_none() {
        return;
    }
    let database = cut_over("SELECT 1");
    let lines = todos(&database, "bench --rounds 1 --format json").ok().document();
    for measure in
        ["backup, the first", "backup, a day later", "the archive, as tables and compressed"]
    {
        let line =
            lines.as_array().unwrap().iter().find(|line| line["measure"] == measure).unwrap();
        assert!(
            line["before"].as_f64().unwrap() > 0.0 && line["after"].as_f64().unwrap() > 0.0,
            "{line}"
        );
    }
}

#[test]
fn what_cannot_be_backed_up_says_so() {
    let (database, folder) = (cut_over("SELECT 1"), tempfile::tempdir().unwrap());
    let unknown = backup(&database, folder.path(), &["--partition", "no \"such"]).exited(2);
    assert!(unknown.complains_of(r#"there is no partition todo_app."no ""such""#));
    let nowhere = backup(&database, &folder.path().join("x"), &[]).exited(2);
    assert!(nowhere.complains_of("mkdir -p"));
    fs::write(folder.path().join("backup.json"), "{}").unwrap();
    let foreign = backup(&database, folder.path(), &[]).exited(1);
    assert!(foreign.complains_of("cannot read the manifest"));
    fs::remove_file(folder.path().join("backup.json")).unwrap();
    let mut without = database.process("todos");
    let without = without.args(["backup", "--to"]).arg(folder.path());
    let without = ran(without.env("PATH", "/nowhere").env("PG_BIN", folder.path())).exited(1);
    assert!(without.complains_of("cannot run pg_dump"));
    assert_eq!(files(&folder), 0);
}
