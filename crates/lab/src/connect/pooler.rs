//! Whether a pooler in transaction mode stands before the server. It hands the session behind ours to other clients after each
//! transaction, with the settings that we made there: an application would find its tables no more, for our `search_path`.

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, SimpleQueryMessage};

use super::Connector;
use crate::error::{Error, Result};

/// A setting of our own among the startup parameters: a server takes it, a pooler refuses or loses it.
const MARK: &str = "-c partition_lab.direct=on";

/// How often two connections are asked which session of the server is theirs. In transaction mode they soon have
/// the same, or one of them has another than before; in session mode never.
const ROUNDS: usize = 10;

/// `config` with the mark.
pub(super) fn marked(config: &Config) -> Config {
    let mut marked = config.clone();
    let options = config.get_options().map_or(MARK.to_owned(), |own| format!("{own} {MARK}"));
    marked.options(options);
    marked
}

/// Whether this is what a pooler says to a startup parameter that it does not know.
pub(super) fn refuses_mark(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|code| {
        [SqlState::PROTOCOL_VIOLATION, SqlState::FEATURE_NOT_SUPPORTED].contains(code)
    })
}

impl Connector {
    /// Refuses a session that is not ours alone.
    pub(super) async fn require_own_session(&self, client: &Client) -> Result<()> {
        let mark = "SELECT pg_catalog.current_setting('partition_lab.direct', true)";
        if self.answer(client, mark).await?.as_deref() == Some("on") {
            return Ok(());
        }
        let (other, _notices) =
            self.connect_to(&self.config).await.map_err(|e| self.refused(&e))?;
        let pid = "SELECT pg_catalog.pg_backend_pid()";
        let ours = self.answer(client, pid).await?;
        for _ in 0..ROUNDS {
            if self.answer(&other, pid).await? == ours || self.answer(client, pid).await? != ours {
                return Err(self
                    .failed()
                    .because("a pooler in transaction mode is there, which would hand our session's settings to other clients")
                    .next("connect to the server itself, or to a pool with pool_mode = session"));
            }
        }
        Ok(())
    }

    /// By the simple protocol: a pooler of old knows no prepared statements.
    async fn answer(&self, client: &Client, sql: &str) -> Result<Option<String>, Error> {
        let messages = client.simple_query(sql).await.map_err(|error| self.refused(&error))?;
        Ok(messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        }))
    }
}
