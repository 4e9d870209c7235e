//! Operations that the server refused.

use std::collections::BTreeMap;

/// Refused operations by SQLSTATE.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Errors(BTreeMap<String, Refused>);

/// Operations refused with the same SQLSTATE.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Refused {
    /// Five characters; `–` when the connection broke.
    pub sqlstate: String,
    /// How many.
    pub count: u64,
    /// The server's words about the first of them.
    pub message: String,
}

impl Errors {
    /// An operation was refused.
    pub fn add(&mut self, error: &tokio_postgres::Error) {
        let (sqlstate, message) = match error.as_db_error() {
            Some(db) => (db.code().code().to_owned(), db.message().to_owned()),
            None => ("–".to_owned(), error.to_string()),
        };
        let refused = Refused { sqlstate: sqlstate.clone(), count: 0, message };
        self.0.entry(sqlstate).or_insert(refused).count += 1;
    }

    /// Takes in those of another session.
    pub fn merge(&mut self, other: Self) {
        for (sqlstate, refused) in other.0 {
            let count = refused.count;
            self.0.entry(sqlstate).or_insert(Refused { count: 0, ..refused }).count += count;
        }
    }

    /// How many there were.
    pub fn total(&self) -> u64 {
        self.0.values().map(|refused| refused.count).sum()
    }

    /// By SQLSTATE.
    pub fn iter(&self) -> impl Iterator<Item = &Refused> {
        self.0.values()
    }
}
