//! A database of a test's own.

use std::process;

use lab::config::{Settings, Variables};
use lab::connect::{Connector, Session};
use lab::server::{Attached, socket_url};
use tokio_postgres::{Client, Config};

use crate::server::{connect, in_own_runtime, server};

/// Every relation outside the system's schemas, with all that makes it what it is, and a digest of
/// its rows.
const FINGERPRINT: &str = include_str!("fingerprint.sql");

/// A database on the [`TestServer`](crate::TestServer).
#[derive(Debug, Clone)]
pub struct Database {
    name: String,
    config: Config,
    url: String,
}

impl Database {
    pub(crate) fn new(server: &Attached, name: String) -> Self {
        let mut config = server.config.clone();
        config.dbname(&name);
        let url = socket_url(&server.socket, server.port, &name);
        Self { name, config, url }
    }

    /// Another database with the same content. Nobody may be connected to this one.
    #[must_use]
    pub fn copy(&self) -> Self {
        server().database_like(&self.name)
    }

    /// For `DATABASE_URL`; psql understands it too.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The database's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What [`url`](Self::url) says, as `tokio_postgres` takes it.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// A command of ours that will work on this database.
    #[must_use]
    pub fn process(&self, name: &str) -> process::Command {
        let mut command = crate::process(name);
        command.env("DATABASE_URL", &self.url);
        command
    }

    /// A connection of its own, as superuser.
    pub async fn client(&self) -> Client {
        connect(&self.config).await
    }

    /// A session as our commands open it.
    pub async fn session(&self, application: &str) -> Session {
        let settings = Settings::from_variables(&Variables::default(), Some(&self.url));
        let target = settings.expect("settings").target;
        let connector = Connector::new(&target, application).await.expect("a connector");
        connector.open().await.expect("a session")
    }

    /// Runs a query that returns one `bigint`, such as a count.
    pub async fn query_one_i64(&self, sql: &str) -> i64 {
        match self.client().await.query_one(sql, &[]).await {
            Ok(row) => row.get(0),
            Err(error) => panic!("{sql}: {error:?}"),
        }
    }

    /// Runs statements on a connection of their own.
    pub fn batch(&self, sql: &str) {
        let (config, sql) = (self.config.clone(), sql.to_owned());
        in_own_runtime(async move {
            let done = connect(&config).await.batch_execute(&sql).await;
            done.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        });
    }

    /// The first column of a query's rows, which must be text.
    #[must_use]
    pub fn texts(&self, sql: &str) -> Vec<String> {
        let (config, sql) = (self.config.clone(), sql.to_owned());
        in_own_runtime(async move {
            match connect(&config).await.query(&sql, &[]).await {
                Ok(rows) => rows.iter().map(|row| row.get(0)).collect(),
                Err(error) => panic!("{sql}: {error:?}"),
            }
        })
    }

    /// The one value of a query, as text.
    #[must_use]
    pub fn text(&self, sql: &str) -> String {
        let texts = self.texts(sql);
        let [text] = texts.as_slice() else { panic!("{sql}: {} rows", texts.len()) };
        text.clone()
    }

    /// A count.
    #[must_use]
    pub fn count(&self, sql: &str) -> i64 {
        let text = self.text(&format!("SELECT ({sql})::text"));
        text.parse().unwrap_or_else(|error| panic!("{sql}: {text}: {error}"))
    }

    /// What is in the database: relations, bounds, indexes, constraints, comments, rights, rows.
    /// Two equal ones mean that nothing was changed but sequences, which no rollback turns back.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.text(FINGERPRINT)
    }

    /// Asserts that the [`fingerprint`](Self::fingerprint) is still `before`; `what` happened since.
    pub fn assert_unchanged(&self, before: &str, what: &str) {
        let now = self.fingerprint();
        let only_in = |one: &str, other: &str| -> Vec<String> {
            let other: Vec<&str> = other.lines().collect();
            one.lines().filter(|line| !other.contains(line)).map(str::to_owned).collect()
        };
        let (gone, come) = (only_in(before, &now), only_in(&now, before));
        assert!(gone.is_empty() && come.is_empty(), "{what}: gone {gone:#?}, come {come:#?}");
    }
}
