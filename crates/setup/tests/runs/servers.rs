//! Which server is used.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use lab::server::LocalServer;
use testbed::{Database, TestHome, ran};

use crate::bench::assert_complete;

fn process() -> Command {
    let mut command = testbed::process("setup");
    command.args(["--format", "json"]);
    command
}

/// The variables that name `database`, with the socket's folder for a host.
fn parts(database: &Database) -> [(&'static str, String); 4] {
    let server = testbed::server().attached();
    [
        ("POSTGRES_HOST", server.socket.display().to_string()),
        ("POSTGRES_PORT", server.port.to_string()),
        ("POSTGRES_DB", database.name().to_owned()),
        ("POSTGRES_USER", "postgres".to_owned()),
    ]
}

fn assert_used(command: &mut Command, kind: &str, database: &Database) {
    let document = ran(command).ok().document();
    assert_eq!(document["server"]["kind"], kind);
    assert_complete(&document, 1);
    assert_eq!(database.count("SELECT count(*) FROM event_logs"), 500, "in this database");
}

#[test]
fn the_variables_name_it() {
    let database = testbed::server().database();
    assert_used(process().envs(parts(&database)), "env", &database);
}

#[test]
fn the_url_wins_over_the_variables_and_the_flag_over_the_url() {
    let (database, other) = (testbed::server().database(), testbed::server().database());
    let mut by_url = process();
    by_url.envs(parts(&other)).env("DATABASE_URL", database.url());
    assert_used(&mut by_url, "url", &database);
    let database = testbed::server().database();
    let mut by_flag = process();
    by_flag.env("DATABASE_URL", other.url()).args(["--database-url", database.url()]);
    assert_used(&mut by_flag, "url", &database);
    assert_eq!(other.fingerprint(), "");
}

#[test]
fn a_file_named_env_names_it_and_the_environment_wins() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("crates/setup");
    fs::create_dir_all(&below).unwrap();
    // What makes a folder the root of a checkout.
    fs::create_dir_all(folder.path().join("crates/lab")).unwrap();
    for file in ["Cargo.toml", "crates/lab/Cargo.toml"] {
        fs::write(folder.path().join(file), "").unwrap();
    }
    let write = |database: &Database| {
        let lines = parts(database).map(|(name, value)| format!("{name}=\"{value}\"\n"));
        fs::write(folder.path().join(".env"), lines.concat()).unwrap();
    };
    let database = testbed::server().database();
    write(&database);
    assert_used(process().current_dir(folder.path()), "env", &database);
    let database = testbed::server().database();
    write(&database);
    assert_used(process().current_dir(&below), "env", &database);

    let other = testbed::server().database();
    let mut command = process();
    command.current_dir(folder.path()).env("POSTGRES_DB", other.name());
    assert_used(&mut command, "env", &other);
}

#[test]
fn without_any_of_them_a_local_server_is_made_and_used_again() {
    let home = TestHome::new();
    let folder = home.path().join("a home");
    for _ in 0..2 {
        let document = ran(process().env("PARTITION_LAB_HOME", &folder)).ok().document();
        assert_eq!(document["server"]["kind"], "local");
        assert_complete(&document, 1);
    }
    assert!(folder.join("data/PG_VERSION").exists());
}

/// As root, because only root can become somebody else.
#[test]
fn an_ordinary_user_needs_nothing_else() {
    const NOBODY: u32 = 65534;
    if !is_root() {
        eprintln!("skipped: needs root");
        return;
    }
    let home = TestHome::new();
    let folder = home.path().join("of nobody");
    fs::create_dir(&folder).unwrap();
    std::os::unix::fs::chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
    // The checkout may stand where nobody else can enter.
    let binary = folder.join("setup");
    fs::copy(process().get_program(), &binary).unwrap();
    let server = folder.join("lab");
    let mut command = Command::new(&binary);
    command.args(["--format", "json"]).env_clear().env("PARTITION_LAB_HOME", &server);
    command.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", &folder);
    command.envs(std::env::var_os("PG_BIN").map(|bin| ("PG_BIN", bin)));
    command.current_dir(&folder).uid(NOBODY).gid(NOBODY);
    for _ in 0..2 {
        let document = ran(&mut command).ok().document();
        assert_eq!(document["server"]["kind"], "local");
        assert_complete(&document, 1);
    }
    let owner = |path: &Path| std::os::unix::fs::MetadataExt::uid(&fs::metadata(path).unwrap());
    assert_eq!(owner(&server.join("data")), NOBODY);
    // Root attaches to it as well.
    let found = LocalServer::new(Some(server), None).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert!(!runtime.block_on(found.attach_or_start(None)).unwrap().started);
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}
