//! What the server refused.

use std::collections::BTreeMap;

/// Refused statements by SQLSTATE.
#[derive(Debug, Clone, Default)]
pub struct Errors(BTreeMap<String, Refused>);

/// Statements refused with the same SQLSTATE.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Refused {
    /// Five characters.
    pub sqlstate: String,
    /// How many statements.
    pub count: u64,
    /// The server's words about the first of them.
    pub message: String,
}

impl std::fmt::Display for Errors {
    /// A line a SQLSTATE: `23514 new row … (12 ×)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (n, Refused { sqlstate, count, message }) in self.iter().enumerate() {
            let newline = if n == 0 { "" } else { "\n" };
            write!(f, "{newline}{sqlstate} {message} ({count} ×)")?;
        }
        Ok(())
    }
}

impl Errors {
    /// A statement was refused.
    pub fn add(&mut self, sqlstate: &str, message: &str) {
        if let Some(refused) = self.0.get_mut(sqlstate) {
            refused.count += 1;
            return;
        }
        let (sqlstate, message) = (sqlstate.to_owned(), message.to_owned());
        self.0.insert(sqlstate.clone(), Refused { sqlstate, count: 1, message });
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.0.values().map(|refused| refused.count).sum()
    }

    /// By SQLSTATE.
    pub fn iter(&self) -> impl Iterator<Item = &Refused> {
        self.0.values()
    }
}
