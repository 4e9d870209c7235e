//! Details of reasons: why a value came late, why a DEFAULT partition stays.

use std::fmt::{self, Display};

use serde::Serialize;

/// Why a value was not known at plan time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LateValue {
    /// A parameter of a generic plan.
    Parameter,
    /// A stable function, such as `now()`.
    StableFunction {
        /// The function as the plan prints it; `None` for a stable cast.
        function: Option<String>,
    },
    /// The comparison of these two types depends on the session's time zone.
    Types {
        /// The key's type.
        key: String,
        /// The other side's.
        value: String,
    },
}

/// Why a DEFAULT partition may hold rows that match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DefaultStays {
    /// A value of this condition is in no partition's list or bounds.
    ValueElsewhere {
        /// The condition.
        condition: String,
    },
    /// A list names single values, and this condition allows others.
    NotOnlyListed {
        /// The condition.
        condition: String,
    },
    /// The range has no upper or no lower end.
    OpenEnded {
        /// The condition.
        condition: String,
    },
    /// The range reaches beyond the partitions' bounds, or into a gap between them.
    BeyondBounds {
        /// The condition.
        condition: String,
    },
}

impl Display for DefaultStays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ValueElsewhere { condition } => {
                write!(f, "{condition} names a value that no other partition is for")
            }
            Self::NotOnlyListed { condition } => {
                write!(f, "{condition} allows values that no list names")
            }
            Self::OpenEnded { condition } => {
                write!(f, "{condition} has an open end, beyond all bounds")
            }
            Self::BeyondBounds { condition } => write!(
                f,
                "{condition} reaches beyond the other partitions' bounds, or into a gap between them"
            ),
        }
    }
}

impl Display for LateValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter => f.write_str("a generic plan has no values for its parameters"),
            Self::StableFunction { function: Some(function) } => {
                write!(f, "{function} is evaluated when execution begins")
            }
            Self::StableFunction { function: None } => {
                f.write_str("its value depends on the session and is made when execution begins")
            }
            Self::Types { key, value } => {
                write!(f, "comparing {key} with {value} depends on the session's TimeZone")
            }
        }
    }
}
