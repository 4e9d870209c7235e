//! Nobody gains rights through us: names resolve where we mean, and what we make is nobody's to call.
//!
//! In `journeys` all commands go their whole way through a database whose `public` has a shadow of each function, operator,
//! type and catalog that our SQL could name: a name of ours that resolves outside `pg_catalog` meets one, and fails.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is how a test fails; clippy.toml allows it in #[test] functions only"
)]

mod checks;
mod forgery;
mod functions;
mod journeys;
mod least;
mod promoted;

use std::process::Command;
use std::sync::OnceLock;

use testbed::{Database, Ran, process, ran, server};

const SHADOWS: &str = include_str!("shadows.sql");

/// A database full of shadows, and the role that the commands connect as.
struct Shadowed {
    database: Database,
    url: String,
}

impl Shadowed {
    /// As the server's superuser.
    fn as_superuser() -> Self {
        static TEMPLATE: OnceLock<Database> = OnceLock::new();
        let template = TEMPLATE.get_or_init(|| {
            let database = server().database();
            database.batch(SHADOWS);
            database
        });
        let database = template.copy();
        // Even shadows of the same arguments come before what they are shadows of.
        let name = database.name();
        database.batch(&format!("ALTER DATABASE {name} SET search_path = public, pg_catalog"));
        let url = database.url().to_owned();
        Self { database, url }
    }

    /// As a role that owns the database and has no other right.
    fn as_owner() -> Self {
        let shadowed = Self::as_superuser();
        let (database, role) = (shadowed.database, format!("owner_{}", unique()));
        database.batch(&format!(
            "SET search_path = pg_catalog; CREATE ROLE {role} LOGIN; ALTER DATABASE {} OWNER TO {role}",
            database.name()
        ));
        let url = as_role(database.url(), &role);
        Self { database, url }
    }

    fn command(&self, line: &str) -> Command {
        let words = shell_words::split(line).unwrap();
        let (name, words) = words.split_first().unwrap();
        let mut command = process(name);
        command.args(words).env("DATABASE_URL", &self.url);
        command
    }

    /// Runs a command that must succeed.
    fn run(&self, line: &str) -> Ran {
        let ran = ran(&mut self.command(line));
        assert!(ran.code == Some(0) && !ran.err.contains("SHADOW"), "{line}: {ran:#?}");
        ran
    }

    /// A statement of the test's own, under a path without shadows.
    fn sql(&self, sql: &str) {
        self.database.batch(&format!("SET search_path = pg_catalog, pg_temp; {sql}"));
    }
}

/// The same URL for another role.
fn as_role(url: &str, role: &str) -> String {
    url.replacen("//postgres@", &format!("//{role}@"), 1)
}

/// A number that no other call gets: roles belong to the whole server.
fn unique() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The shadows would be met: a name that is not qualified fails under the path of these databases.
#[test]
fn the_shadows_are_there() {
    let shadowed = Shadowed::as_superuser();
    for sql in [
        "SELECT 'pg_class'::regclass = 1259::oid",
        "SELECT format('%s', 1)",
        "SELECT count(*) FROM pg_class WHERE relname = 'x'",
        "SELECT current_setting('search_path')",
        "SELECT 1 + 1",
        "SELECT 'x'::text",
    ] {
        let met = std::panic::catch_unwind(|| shadowed.database.batch(sql));
        assert!(met.is_err(), "{sql} met no shadow");
    }
}
