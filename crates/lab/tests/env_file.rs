//! `.env`: from which folders it is read, which ones are refused, and that messages name it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;

use tempfile::TempDir;
use testbed::{Ran, ran};

const NOBODY: u32 = 65534;

/// Shows whether the file was read: only then is there a wrong port.
const WRONG_PORT: &str = "# a comment\nPOSTGRES_PORT=fivefour\n";

fn folder_with(text: impl AsRef<[u8]>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), text).unwrap();
    folder
}

fn status(folder: &Path) -> Ran {
    ran(testbed::process("server").current_dir(folder).arg("status"))
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

#[test]
fn the_one_of_this_folder_is_read_and_a_wrong_value_says_so() {
    let folder = folder_with(WRONG_PORT);
    let _ = status(folder.path()).exited(2).says(&["POSTGRES_PORT (.env line 2)", "fivefour"]);
}

#[test]
fn one_above_is_read_at_a_checkouts_root_alone() {
    let folder = folder_with(WRONG_PORT);
    let below = folder.path().join("crates/lab/src");
    fs::create_dir_all(&below).unwrap();
    let _ = status(&below).ok();
    for file in ["Cargo.toml", "crates/lab/Cargo.toml"] {
        fs::write(folder.path().join(file), "").unwrap();
    }
    let _ = status(&below).exited(2).says(&["/.env line 2)"]);
    // Between the two it is nobody's.
    fs::rename(folder.path().join(".env"), folder.path().join("crates/.env")).unwrap();
    let _ = status(&below).ok();
}

#[test]
fn programs_are_never_taken_from_it() {
    for (name, next) in
        [("PG_BIN", "export PG_BIN"), ("PARTITION_LAB_HOME", "export PARTITION_LAB_HOME")]
    {
        let folder = folder_with(format!("{name}=bin\n"));
        let mut command = testbed::process("server");
        command.current_dir(folder.path()).arg("status").env_remove(name);
        // With a home of its own even when that one is not set.
        command.env("HOME", folder.path()).env("XDG_DATA_HOME", folder.path());
        let _ = ran(&mut command).exited(2).says(&[&format!(".env line 1 sets {name}"), next]);
        // What the message says to do helps.
        let _ = ran(command.env(name, folder.path().join("empty")).env("PGPORT", "x"))
            .exited(2)
            .says(&["PGPORT is \"x\""]);
    }
}

#[test]
fn one_that_others_can_write_is_refused_and_chmod_helps() {
    let folder = folder_with(WRONG_PORT);
    let file = folder.path().join(".env");
    for (path, wrong, right) in [
        (file.as_path(), 0o666, 0o644),
        (file.as_path(), 0o602, 0o600),
        (folder.path(), 0o777, 0o755),
        (folder.path(), 0o1777, 0o755),
    ] {
        mode(path, wrong);
        let next = if wrong == 0o1777 { "move it to a folder" } else { "chmod go-w" };
        let why = format!("has mode {wrong:04o}");
        let _ = status(folder.path()).exited(2).says(&["others could have written it", &why, next]);
        mode(path, right);
        let _ = status(folder.path()).exited(2).says(&["fivefour"]);
    }
}

#[test]
fn one_that_is_somebody_elses_is_refused() {
    if !is_root() {
        eprintln!("skipped: needs root");
        return;
    }
    let folder = folder_with(WRONG_PORT);
    let file = folder.path().join(".env");
    let says = ["others could have written it", "belongs to user nobody", "sudo -u nobody"];
    chown(&file, Some(NOBODY), None).unwrap();
    let _ = status(folder.path()).exited(2).says(&says);
    // Behind a link it is the file that counts, and the folder with the link.
    let linked = tempfile::tempdir().unwrap();
    symlink(&file, linked.path().join(".env")).unwrap();
    let _ = status(linked.path()).exited(2).says(&says);
    chown(&file, Some(0), None).unwrap();
    let _ = status(linked.path()).exited(2).says(&["fivefour"]);
    chown(linked.path(), Some(NOBODY), None).unwrap();
    let _ = status(linked.path()).exited(2).says(&says);
}

#[test]
fn what_is_no_file_of_settings_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".env");
    fs::create_dir(&path).unwrap();
    let _ = status(folder.path()).exited(2).says(&["cannot read .env", "it is a folder"]);
    fs::remove_dir(&path).unwrap();
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRUSR).unwrap();
    let _ = status(folder.path()).exited(2).says(&["cannot read .env", "no ordinary file"]);
    fs::remove_file(&path).unwrap();
    for (text, why) in [
        (&b"A=1\nPOSTGRES_PASSWORD secret\n"[..], "line 2: it is not NAME=value"),
        (b"A=1\nPOSTGRES_PASSWORD=secret\xff\n", "line 2: it is not UTF-8"),
    ] {
        fs::write(&path, text).unwrap();
        let ran = status(folder.path()).exited(2).says(&["cannot read .env", why]);
        assert!(!ran.complains_of("secret"), "{ran:#?}");
    }
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_do_no_harm() {
    let folder = folder_with("\u{feff}POSTGRES_HOST=db.example.org\r\nPOSTGRES_PORT=6000\r\n");
    let _ = status(folder.path()).ok().says(&["postgres@db.example.org:6000/partition_demo"]);
}

#[test]
fn the_first_line_of_output_says_that_it_named_the_server() {
    let database = testbed::server().database();
    let folder = folder_with(format!("DATABASE_URL={}\n", database.url()));
    let mut command = testbed::process("demo");
    command.current_dir(folder.path()).args(["query", "SELECT 1"]);
    let ran = ran(&mut command).ok();
    assert!(ran.out.contains("· database URL in .env · "), "{ran:#?}");
}
