//! What to write instead.

use std::fmt::{self, Display};

use serde::Serialize;

/// A change that makes the table prune. Each was given to EXPLAIN on this server before it
/// is told; one that does not prune is not told.
///
/// Serialized as an object with the variant's name in snake case as `kind`; `Display` is a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Suggestion {
    /// Write `to` in place of `from`: the same rows.
    Rewrite {
        /// The condition as the plan has it.
        from: String,
        /// A condition that is true for the same rows.
        to: String,
        /// What is left of the table then.
        effect: Effect,
    },
    /// Add `condition`, which the query implies: the same rows.
    Add {
        /// The condition.
        condition: String,
        /// What is left of the table then.
        effect: Effect,
    },
    /// Add `condition` if rows beyond it are not wanted: then the DEFAULT partition is left out.
    Close {
        /// The condition.
        condition: String,
        /// What is left of the table then.
        effect: Effect,
    },
    /// Write `to` in place of `from`: the volatile function is called once then, not for each row.
    Once {
        /// The condition as the plan has it.
        from: String,
        /// The condition with a subquery.
        to: String,
        /// What is left of the table then, for the value of this moment.
        effect: Effect,
    },
    /// Change a setting of the session.
    Set {
        /// The statement.
        statement: String,
        /// What is left of the table then.
        effect: Effect,
    },
    /// Apply `condition` inside `boundary`.
    Move {
        /// The condition, in the names of the table.
        condition: String,
        /// A CTE, for one.
        boundary: String,
        /// What is left of the table then.
        effect: Effect,
    },
}

/// What a suggestion leaves of a table, as EXPLAIN said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// Leaves in the plan when execution has begun.
    pub scanned: usize,
    /// Leaves of the table.
    pub of: usize,
    /// When the last of the others is pruned.
    pub when: Moment,
}

/// When partitions are pruned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// When the query is planned.
    Plan,
    /// When execution begins; the plan holds and locks all partitions.
    Start,
    /// While the query runs, once a subquery has given the value.
    Running,
}

impl Suggestion {
    /// The condition or statement to write.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Rewrite { to: text, .. }
            | Self::Once { to: text, .. }
            | Self::Add { condition: text, .. }
            | Self::Close { condition: text, .. }
            | Self::Set { statement: text, .. }
            | Self::Move { condition: text, .. } => text,
        }
    }

    /// What is left of the table then.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self {
            Self::Rewrite { effect, .. }
            | Self::Once { effect, .. }
            | Self::Add { effect, .. }
            | Self::Close { effect, .. }
            | Self::Set { effect, .. }
            | Self::Move { effect, .. } => *effect,
        }
    }
}

impl Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rewrite { to, .. } => write!(f, "write {to}")?,
            Self::Once { to, .. } => {
                write!(f, "write {to}, which calls the function once and not for each row")?;
            }
            Self::Add { condition, .. } => write!(f, "add {condition}, which the query implies")?,
            Self::Close { condition, .. } => {
                write!(f, "add {condition} if rows beyond are not wanted")?;
            }
            Self::Set { statement, .. } => f.write_str(statement)?,
            Self::Move { condition, boundary, .. } => {
                write!(f, "write {condition} inside {boundary}")?;
            }
        }
        write!(f, " ({})", self.effect())
    }
}

impl Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.scanned, self.of)?;
        f.write_str(match self.when {
            Moment::Plan => "",
            Moment::Start => ", from executor start",
            Moment::Running => ", while running",
        })
    }
}
