//! `server` as a person types it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use testbed::TestHome;

/// `server ARGS` for the home in a test's folder.
fn server(folder: &TestHome, args: &[&str]) -> Output {
    let mut command = testbed::command("server");
    command.env("PARTITION_LAB_HOME", folder.path().join("home")).args(args).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What a successful command printed.
fn done(folder: &TestHome, args: &[&str]) -> String {
    let output = server(folder, args);
    assert!(output.status.success(), "{args:?}: {}", stderr(&output));
    stdout(&output)
}

fn json(folder: &TestHome, args: &[&str]) -> Value {
    serde_json::from_str(&done(folder, &[args, &["--format", "json"]].concat())).unwrap()
}

/// The exit code and what stderr said.
fn fails(folder: &TestHome, args: &[&str], code: i32, says: &[&str]) {
    let output = server(folder, args);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
    for part in says {
        assert!(text.contains(part), "{args:?} does not say {part:?}:\n{text}");
    }
    assert_eq!(stdout(&output), "");
}

#[test]
fn a_servers_life() {
    let folder = TestHome::new();
    assert_eq!(json(&folder, &["status"])["state"], "absent");
    fails(&folder, &["url"], 1, &["does not run", "server -- start"]);
    assert!(!folder.path().join("home").exists(), "looking makes nothing");

    assert!(done(&folder, &["start"]).contains("Made and started"));
    assert!(done(&folder, &["start"]).contains("running already"));
    let status = json(&folder, &["status"]);
    assert_eq!(status["state"], "running");
    assert_eq!(status["home"], folder.path().join("home").to_str().unwrap());
    assert_eq!(status["tcp_port"], Value::Null);
    assert!(done(&folder, &["status"]).contains(status["version"].as_str().unwrap()));

    let made = "CREATE TABLE kept AS SELECT 42 AS x";
    done(&folder, &["psql", "--", "-qc", made]);
    assert_eq!(done(&folder, &["psql", "--", "-Atc", "SELECT x FROM kept"]), "42\n");
    let failing =
        server(&folder, &["psql", "--", "-v", "ON_ERROR_STOP=1", "-c", "SELECT nonsense"]);
    assert!(!failing.status.success(), "the exit code is psql's");

    assert_eq!(json(&folder, &["stop"])["stopped"], true);
    assert_eq!(json(&folder, &["stop"])["stopped"], false);
    assert_eq!(json(&folder, &["status"])["state"], "stopped");
    // psql starts it, as every other command does.
    assert_eq!(done(&folder, &["psql", "--", "-Atc", "SELECT x FROM kept"]), "42\n");

    fails(&folder, &["destroy"], 2, &["with all its data", "destroy --yes"]);
    assert_eq!(json(&folder, &["status"])["state"], "running");
    assert!(done(&folder, &["destroy", "--yes"]).starts_with("Removed "));
    assert!(!folder.path().join("home").exists());
    assert!(done(&folder, &["destroy"]).contains("no local server"));
}

#[test]
fn urls_serve_other_programs_and_hold_no_password() {
    let folder = TestHome::new();
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let started = done(&folder, &["start", "--port", &port.to_string()]);
    let over_socket = done(&folder, &["url"]);
    let over_tcp = server(&folder, &["url", "--tcp"]);
    let passfile = json(&folder, &["url", "--tcp"])["passfile"].as_str().unwrap().to_owned();
    assert!(stderr(&over_tcp).contains(&passfile));

    let with_password = format!("{}?passfile={passfile}", stdout(&over_tcp).trim());
    for url in [over_socket.trim(), &with_password] {
        let database = done(&folder, &["psql", "--", url, "-Atc", "SELECT current_database()"]);
        assert_eq!(database, "partition_demo\n");
    }
    let password = fs::read_to_string(&passfile).unwrap();
    let password = password.lines().next().unwrap().rsplit(':').next().unwrap().to_owned();
    for text in
        [started, over_socket, stdout(&over_tcp), stderr(&over_tcp), done(&folder, &["status"])]
    {
        assert!(!text.contains(&password));
    }
    fails(&folder, &["start", "--port", "1"], 1, &["port 1", "server -- stop"]);
}

#[test]
fn wrong_usage_is_told_with_code_2() {
    let folder = TestHome::new();
    fails(&folder, &["start", "--port", "0"], 2, &["--port"]);
    fails(&folder, &["start", "--port", "70000"], 2, &["--port"]);
    fails(&folder, &["restart"], 2, &["restart"]);
    let url = "postgresql://ann@db/shop";
    fails(&folder, &["status", "--database-url", url], 2, &["the local one"]);
    fs::write(folder.path().join("home"), "remember the milk").unwrap();
    fails(&folder, &["start"], 2, &["not ours to use", "PARTITION_LAB_HOME"]);
    fails(&folder, &["destroy"], 2, &["not ours to use"]);
    assert_eq!(fs::read_to_string(folder.path().join("home")).unwrap(), "remember the milk");
}

#[test]
fn a_setting_that_leads_the_other_commands_elsewhere_is_told() {
    let folder = TestHome::new();
    let mut command = testbed::command("server");
    command.env("PARTITION_LAB_HOME", folder.path().join("home"));
    let output = command
        .env("DATABASE_URL", "postgresql://ann:secret@db.example.org/shop")
        .arg("status")
        .output()
        .unwrap();
    let text = stderr(&output);
    assert!(text.contains("ann@db.example.org:5432/shop (DATABASE_URL)"), "{text}");
    assert!(!text.contains("secret"));
    assert!(stdout(&output).contains("none yet"));
}

/// A terminal's Ctrl-C goes to the whole process group.
#[test]
fn ctrl_c_while_it_is_made_leaves_nothing_half_done() {
    let folder = TestHome::new();
    let home = folder.path().join("home");
    let child = Command::new(testbed::command("server").get_program())
        .arg("start")
        .current_dir(folder.path())
        .env("PARTITION_LAB_HOME", &home)
        .process_group(0)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    testbed::eventually(Duration::from_secs(60), "initdb is at work", || {
        home.join("data.tmp/base").exists()
    });
    let kill = ["-c", "kill -INT -\"$1\"", "sh", &child.id().to_string()];
    assert!(Command::new("sh").args(kill).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
    assert!(!home.join("data.tmp").exists());
    // What initdb finds out about the machine must not depend on who pressed what.
    assert_eq!(done(&folder, &["psql", "--", "-Atc", "SHOW max_connections"]), "100\n");
}

/// On a terminal, which `script` of util-linux provides, `destroy` asks.
#[test]
fn on_a_terminal_destroy_asks_and_only_yes_removes() {
    if cfg!(not(target_os = "linux")) || Command::new("script").arg("--version").output().is_err() {
        eprintln!("skipped: needs util-linux's script");
        return;
    }
    let folder = TestHome::new();
    done(&folder, &["start"]);
    let program = testbed::command("server").get_program().to_owned();
    let typed = format!("'{}' destroy", program.to_str().unwrap());
    for (answer, says, stays) in [
        ("\n", "Nothing was removed", true),
        ("n\n", "Nothing was removed", true),
        ("y\n", "Removed", false),
    ] {
        let mut terminal = Command::new("script");
        terminal
            .args(["-qec", &typed, "/dev/null"])
            .env("PARTITION_LAB_HOME", folder.path().join("home"));
        let mut child = terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(answer.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = stdout(&output);
        assert!(text.contains("[y/N]") && text.contains(says), "{answer:?}: {text}");
        assert_eq!(folder.path().join("home").exists(), stays);
    }
}

/// Root's tests run the program as somebody else too: a copy of it, since the checkout may be closed
/// to others. Without a checkout and without settings the home is in the user's data folder.
#[test]
fn an_ordinary_user_without_any_setting_has_a_server_of_their_own() {
    let folder = TestHome::new();
    let user = folder.path().join("user");
    fs::create_dir(&user).unwrap();
    let program = folder.path().join("server");
    fs::copy(testbed::command("server").get_program(), &program).unwrap();
    let nobody = (65534, 65534);
    let root = fs::metadata(&user).unwrap().uid() == 0;
    if root {
        chown(&user, Some(nobody.0), Some(nobody.1)).unwrap();
    }
    let run = |args: &[&str]| {
        let mut command = Command::new(&program);
        command.args(args).current_dir(&user).env_clear().env("HOME", &user);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        if let Some(bin) = std::env::var_os("PG_BIN") {
            command.env("PG_BIN", bin);
        }
        if root {
            command.uid(nobody.0).gid(nobody.1);
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", stderr(&output));
        stdout(&output)
    };
    assert!(run(&["start"]).contains("Made and started"));
    let home =
        if cfg!(target_os = "macos") { "Library/Application Support" } else { ".local/share" };
    let home = user.join(home).join("partition-lab");
    assert!(run(&["status"]).contains(home.to_str().unwrap()));
    assert!(owned_by_one(&home));
    run(&["destroy", "--yes"]);
    assert!(!home.exists());
}

/// Whether everything in a folder has its owner.
fn owned_by_one(folder: &Path) -> bool {
    let owner = fs::metadata(folder).unwrap().uid();
    fs::read_dir(folder).unwrap().flatten().all(|entry| entry.metadata().unwrap().uid() == owner)
}
