//! Writers, who know what must come of all that they do.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage, Statement};

use crate::change::{Change, Outcome};
use crate::table::{Col, Row, Table, literal};

/// What writers and readers share with the test.
#[derive(Debug, Default)]
pub struct Shared {
    /// Ask everybody to end.
    pub stop: AtomicBool,
    /// Transactions committed by writers, reads done by readers.
    pub commits: AtomicU64,
    pub reads: AtomicU64,
}

impl Shared {
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

/// A writer and its rows.
pub struct Writer {
    table: Arc<Table>,
    number: usize,
    random: StdRng,
    client: Client,
    prepared: HashMap<String, Statement>,
    /// Its rows as of its last acknowledged COMMIT.
    pub model: Vec<Row>,
    /// What they would be if the COMMIT that was not answered came through.
    doubt: Option<Vec<Row>>,
    /// The server went.
    went: bool,
    /// The last statements, for people.
    history: Vec<String>,
}

/// How a statement went.
enum Went {
    Well,
    /// As foreseen; the transaction is aborted.
    Violated,
    /// The connection is gone.
    Lost,
}

impl Writer {
    pub async fn new(server: &Config, table: &Arc<Table>, number: usize) -> Self {
        let seed = table.seed.wrapping_mul(31).wrapping_add(number as u64);
        Self {
            table: table.clone(),
            number,
            random: StdRng::seed_from_u64(seed),
            client: connect(server).await,
            prepared: HashMap::new(),
            model: Vec::new(),
            doubt: None,
            went: false,
            history: Vec::new(),
        }
    }

    /// Writes until it is asked to stop. Panics at any answer that the model does not give.
    pub async fn write(mut self, shared: Arc<Shared>) -> Self {
        while !shared.stopped() {
            if self.transaction().await {
                shared.commits.fetch_add(1, Ordering::SeqCst);
            }
            if self.went || self.client.is_closed() {
                break;
            }
            // Room for the others on a machine of two cores.
            let pause = self.random.random_range(0..3);
            tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
        }
        self
    }

    /// One transaction; whether it was committed.
    async fn transaction(&mut self) -> bool {
        let mut model = self.model.clone();
        if self.random.random_bool(0.4) {
            // A statement that is its own transaction: acknowledged with its answer.
            let before = model.clone();
            return match self.statement(&mut model).await {
                Some(Went::Well) => {
                    self.model = model;
                    true
                }
                Some(Went::Lost) => {
                    self.model = before;
                    self.doubt = Some(model);
                    false
                }
                _ => false,
            };
        }
        if !self.run("BEGIN").await {
            return false;
        }
        for _ in 0..self.random.random_range(1..5) {
            let savepoint = self.random.random_bool(0.3);
            let before = model.clone();
            if savepoint && !self.run("SAVEPOINT s").await {
                return false;
            }
            match self.statement(&mut model).await {
                Some(Went::Lost) => return false,
                Some(Went::Violated) if !savepoint => {
                    self.run("ROLLBACK").await;
                    return false;
                }
                Some(Went::Well) | None if !savepoint => {}
                went => {
                    let back = matches!(went, Some(Went::Violated));
                    if back || self.random.random_bool(0.4) {
                        model = before;
                        if !self.run("ROLLBACK TO s").await {
                            return false;
                        }
                    } else if !self.run("RELEASE s").await {
                        return false;
                    }
                }
            }
        }
        if self.random.random_bool(0.2) {
            self.run("ROLLBACK").await;
            return false;
        }
        let committed = self.run("COMMIT").await;
        if committed {
            self.model = model;
        } else {
            self.doubt = Some(model);
        }
        committed
    }

    /// A statement that always works; whether the connection is still there.
    async fn run(&mut self, sql: &str) -> bool {
        self.history.push(sql.to_owned());
        match self.client.batch_execute(sql).await {
            Ok(()) => true,
            Err(error) => self.lost(&error),
        }
    }

    /// `None` when there was nothing to do.
    async fn statement(&mut self, model: &mut Vec<Row>) -> Option<Went> {
        let table = self.table.clone();
        let change = Change::invent(&table, &mut self.random, self.number, model)?;
        let due = change.apply(&table, model);
        let answer = if self.random.random_bool(0.7) {
            self.prepared(&change).await
        } else {
            self.simple(&change).await
        };
        let got = match answer {
            Ok(rows) => Outcome::Rows(rows),
            Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => Outcome::Violates,
            Err(error) => {
                self.lost(&error);
                return Some(Went::Lost);
            }
        };
        assert_eq!(got, due, "got, due: {}\nwriter's rows: {model:#?}", self.tell());
        Some(if got == Outcome::Violates { Went::Violated } else { Went::Well })
    }

    async fn prepared(&mut self, change: &Change) -> Result<u64, tokio_postgres::Error> {
        let mut values: Vec<Option<String>> = Vec::new();
        let sql = change.sql(&self.table, self.number, |data_type, value| {
            values.push(value.map(str::to_owned));
            format!("${}::text::{data_type}", values.len())
        });
        self.history.push(format!("{sql} {values:.60?}"));
        if !self.prepared.contains_key(&sql) {
            let statement = self.client.prepare(&sql).await?;
            self.prepared.insert(sql.clone(), statement);
        }
        let values: Vec<&(dyn ToSql + Sync)> =
            values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        self.client.execute(&self.prepared[&sql], &values).await
    }

    async fn simple(&mut self, change: &Change) -> Result<u64, tokio_postgres::Error> {
        let sql = change.sql(&self.table, self.number, |data_type, value| {
            format!("{}::{data_type}", literal(value))
        });
        self.history.push(sql.clone());
        let done = self.client.simple_query(&sql).await?;
        Ok(done.iter().find_map(rows).expect("a command"))
    }

    /// The connection may go when the test stops the server; any other error is one that the
    /// conversion made.
    fn lost(&mut self, error: &tokio_postgres::Error) -> bool {
        self.went = true;
        assert!(gone(&self.client, error), "a writer saw {error:?}: {}", self.tell());
        false
    }

    fn tell(&self) -> String {
        let last = self.history.iter().rev().take(12).rev();
        let last: Vec<String> = last.map(|sql| sql.chars().take(300).collect::<String>()).collect();
        format!("seed {}, writer {}: {last:#?}", self.table.seed, self.number)
    }

    /// Connects again after the server went. Whatever was in doubt is now known.
    pub async fn again(&mut self, server: &Config) {
        self.client = connect(server).await;
        self.prepared.clear();
        self.went = false;
        if let Some(doubt) = self.doubt.take() {
            let there = own_rows(&self.client, &self.table, self.number).await;
            if there == sorted(&doubt) {
                self.model = doubt;
            }
        }
    }

    /// Asserts that its rows are what they must be.
    pub async fn check(&self, server: &Config) {
        let there = own_rows(&connect(server).await, &self.table, self.number).await;
        let due = sorted(&self.model);
        let only_in = |one: &[Row], other: &[Row]| -> Vec<Row> {
            one.iter().filter(|row| !other.contains(row)).cloned().collect()
        };
        let (lost, invented) = (only_in(&due, &there), only_in(&there, &due));
        assert!(
            there == due,
            "{} rows, due {}; lost {lost:#?}, invented {invented:#?}: {}",
            there.len(),
            due.len(),
            self.tell()
        );
    }
}

async fn own_rows(client: &Client, table: &Table, writer: usize) -> Vec<Row> {
    let columns = table.each(|column| format!("{column}::text"));
    let (name, own) = (&table.name, table.col(Col::Writer));
    let sql = format!("SELECT {columns} FROM {name} WHERE {own} = {writer}");
    let rows = client.query(&sql, &[]).await.expect("the writer's rows");
    let rows: Vec<Row> =
        rows.iter().map(|row| Col::ALL.map(|column| row.get(column as usize))).collect();
    sorted(&rows)
}

fn sorted(rows: &[Row]) -> Vec<Row> {
    let mut rows = rows.to_vec();
    rows.sort();
    rows
}

/// A connection that prints times as the model does.
pub async fn connect(server: &Config) -> Client {
    let (client, connection) = server.connect(NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client.batch_execute("SET timezone = 'UTC'; SET datestyle = 'ISO'").await.expect("settings");
    client
}

/// Whether the server went, and not only the statement.
pub fn gone(client: &Client, error: &tokio_postgres::Error) -> bool {
    error.is_closed()
        || client.is_closed()
        || error.code().is_some_and(|code| code.code().starts_with("57P"))
}

fn rows(message: &SimpleQueryMessage) -> Option<u64> {
    match message {
        SimpleQueryMessage::CommandComplete(rows) => Some(*rows),
        _ => None,
    }
}
