//! What usually helps, by SQLSTATE (PostgreSQL manual, appendix A).

use tokio_postgres::error::SqlState;

/// The next step when the server went away without a word.
pub const CONNECTION_LOST: &str =
    "see in the server's log why the connection ended, then run the same command again";

/// The next step for the errors that people meet most.
#[must_use]
pub fn advice(code: &SqlState) -> Option<&'static str> {
    Some(match code.code() {
        "2BP01" => "drop what depends on it first, then run the same command again",
        "28P01" => "set the right POSTGRES_PASSWORD (or PGPASSWORD), or put it into DATABASE_URL",
        "28000" => {
            "check the user name, and the server's pg_hba.conf, which decides who may connect"
        }
        "3D000" => "create it with `createdb NAME`, or name another in POSTGRES_DB or DATABASE_URL",
        "25006" => {
            "writing needs a primary with default_transaction_read_only off; `demo query` runs nothing that writes"
        }
        "42501" => {
            "connect as the owner, or have it GRANTed: setup needs CREATE on the database and on schema public"
        }
        "42P01" => {
            "check the name, and in a script its schema (public.t); the tables of the demonstration are made by cargo run -p setup"
        }
        "3F000" => {
            "write the schema before the name (public.t): scripts run with a search_path that has none"
        }
        "42P07" => "rename or drop what has this name, then run the same command again",
        "53100" => {
            "free space on the server's disk; what failed was rolled back, so run the same command again"
        }
        "53300" => "end idle sessions, or raise max_connections",
        "55P03" => {
            "another session holds the lock: see pg_stat_activity, then run the same command again"
        }
        "57014" => {
            "it was cancelled or met statement_timeout: give it more time (`demo query` has --timeout)"
        }
        "57P01" | "57P02" | "57P03" => {
            "wait until the server is up again, then run the same command again"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_wrong_password_and_admits_the_unknown() {
        assert!(advice(&SqlState::INVALID_PASSWORD).unwrap().contains("POSTGRES_PASSWORD"));
        assert_eq!(advice(&SqlState::DIVISION_BY_ZERO), None);
    }
}
