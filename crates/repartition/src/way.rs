//! The two ways to the same end.

use serde::Serialize;

/// How a scenario does its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// Its script, in one transaction that holds its locks to the end.
    Classic,
    /// The engine of `convert`: beside the live table, with a short lock at the end.
    Online,
}

impl Way {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Online => "online",
        }
    }
}
