//! Our commands, built from this checkout and run as a person runs them.

use std::path::{Path, PathBuf};
use std::sync::{LazyLock, OnceLock};
use std::{env, process};

use crate::TestHome;

/// Variables that would make a command talk to somebody's server, or look different.
const CLEARED: [&str; 6] = [
    "DATABASE_URL",
    "PARTITION_LAB_HOME",
    "NO_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "SIMULATOR_INTERVAL_MS",
];

/// The workspace's binary `name`, in an empty folder and without any of our settings in its
/// environment: not even a bug can reach the developer's own server or `.env`.
#[must_use]
pub fn command(name: &str) -> assert_cmd::Command {
    assert_cmd::Command::from_std(process(name))
}

/// The same, for [`Running`](crate::Running) and [`ran`](crate::ran).
#[must_use]
pub fn process(name: &str) -> process::Command {
    let mut command = process::Command::new(built().join(name));
    command.current_dir(empty_folder()).env("PARTITION_LAB_HOME", empty_folder().join("no-home"));
    for (variable, _) in env::vars_os() {
        let text = variable.to_string_lossy();
        let cleared = CLEARED.contains(&&*text) && text != "PARTITION_LAB_HOME";
        let of_a_server = text.starts_with("POSTGRES_") || text.starts_with("PG");
        // PG_BIN says which version the tests are run with.
        if cleared || of_a_server && text != "PG_BIN" {
            command.env_remove(&variable);
        }
    }
    command
}

/// The folder that this test's profile puts binaries in, with all of them up to date.
fn built() -> &'static Path {
    static BUILT: LazyLock<PathBuf> = LazyLock::new(|| {
        let test = env::current_exe().expect("this test's path");
        let folder = test.ancestors().nth(2).expect("target/PROFILE/deps/TEST").to_owned();
        let cargo = env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into());
        let mut build = process::Command::new(cargo);
        build.args(["build", "--quiet", "--workspace", "--bins"]);
        if folder.ends_with("release") {
            build.arg("--release");
        }
        // What cargo told this test of its own package: build scripts that look at these (ring's)
        // would run again, and all that depends on them be compiled again, in each test program.
        for (variable, _) in env::vars_os() {
            let text = variable.to_string_lossy();
            if ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| text.starts_with(prefix)) {
                build.env_remove(&variable);
            }
        }
        let built = build.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo");
        assert!(built.success(), "cargo build failed");
        folder
    });
    &BUILT
}

/// One for the whole process.
fn empty_folder() -> &'static Path {
    static FOLDER: OnceLock<TestHome> = OnceLock::new();
    FOLDER.get_or_init(TestHome::new).path()
}
