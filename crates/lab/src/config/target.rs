//! Which server: `--database-url`, `DATABASE_URL`, `POSTGRES_*` or `PG*`, else the local one.

use std::path::PathBuf;

use super::{Remote, Variables, Wrong};
use crate::Result;
use crate::server::LocalServer;

/// The server that the commands talk to.
#[derive(Debug, Clone)]
pub enum Target {
    /// The private cluster that the tools make and start themselves.
    Local(Local),
    /// A server that somebody named.
    Remote(Box<Remote>),
}

/// What is set about the local server, whether the commands talk to it or not.
#[derive(Debug, Clone, Default)]
pub struct Local {
    /// `PARTITION_LAB_HOME`.
    pub home: Option<PathBuf>,
    /// `PG_BIN`: the folder with `initdb`, `pg_ctl` and `postgres`.
    pub pg_bin: Option<PathBuf>,
    /// `PGOPTIONS`: what sessions begin with.
    pub options: Option<String>,
}

impl Local {
    pub(super) fn read(all: &Variables) -> Self {
        Self {
            home: all.path("PARTITION_LAB_HOME"),
            pg_bin: all.path("PG_BIN"),
            options: all.get("PGOPTIONS").map(str::to_owned),
        }
    }

    /// The server of these settings.
    pub fn server(&self) -> Result<LocalServer> {
        LocalServer::new(self.home.clone(), self.pg_bin.clone())
    }
}

/// What named the server; the word that JSON output uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The local server.
    Local,
    /// `--database-url` or `DATABASE_URL`.
    Url,
    /// `POSTGRES_*` or `PG*`.
    Env,
}

impl Target {
    pub(super) fn read(all: &Variables, flag: Option<&str>, wrong: &mut Wrong) -> Self {
        let url = match flag {
            Some(url) => Some(("--database-url", url)),
            None => all.first(&["DATABASE_URL"]),
        };
        let remote = match url {
            Some((name, url)) => Some(Remote::from_url(name, url, all, wrong)),
            None => Remote::from_parts(all, wrong),
        };
        match remote {
            Some(remote) => Self::Remote(Box::new(remote)),
            None => Self::Local(Local::read(all)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &Variables, flag: Option<&str>) -> (Option<Kind>, String) {
        let mut wrong = Wrong::default();
        let target = Target::read(variables, flag, &mut wrong);
        assert!(wrong.0.is_empty(), "{wrong:?}");
        match target {
            Target::Local(_) => (None, String::new()),
            Target::Remote(remote) => (Some(remote.kind), remote.place()),
        }
    }

    #[test]
    fn a_flag_wins_over_a_url_which_wins_over_parts_which_win_over_the_local_server() {
        let both = [("DATABASE_URL", "postgresql://ann@db/shop"), ("POSTGRES_HOST", "other")];
        let flag = Some("postgresql://bob@elsewhere:5433/lab");
        assert_eq!(
            read(&both.into(), flag),
            (Some(Kind::Url), "bob@elsewhere:5433/lab".to_owned())
        );
        assert_eq!(read(&both.into(), None), (Some(Kind::Url), "ann@db:5432/shop".to_owned()));
        assert_eq!(
            read(&Variables::from([("POSTGRES_PORT", "5433")]), None),
            (Some(Kind::Env), "postgres@localhost:5433/partition_demo".to_owned())
        );
        assert_eq!(read(&Variables::default(), None), (None, String::new()));
    }
}
