//! Conversions as the schema `partition_convert` keeps them.

mod exclusive;
mod free;
pub mod status;
mod store;

use std::fmt::{self, Display};

use lab::catalog::Name;
use lab::{Error, Result};
use tokio_postgres::types::ToSql;

use crate::design::Design;

pub use exclusive::exclusive;
pub use free::free;
pub use store::{
    active, all, create_schema, find, insert, of_oid, reload, set_live, set_phase, step,
};

/// How far a conversion is. Each phase is committed together with what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Log and triggers are there; every change from now on is known.
    Logging,
    /// The target is made and the segments to copy are written down.
    Prepared,
    /// The target has its indexes and keys before its rows: the gentle way.
    Keyed,
    /// All segments are copied.
    Copied,
    /// The target has its indexes and keys.
    Indexed,
    /// The log was short once.
    CaughtUp,
    /// Source and target were found equal.
    Ready,
    /// The target bears the name (or the source again, after a rollback the phase is `Ready`).
    Swapped,
    /// Source and machinery are gone.
    Finished,
    /// Target and machinery are gone.
    Aborted,
}

impl Phase {
    const NAMES: [(Self, &'static str); 10] = [
        (Self::Logging, "logging"),
        (Self::Prepared, "prepared"),
        (Self::Keyed, "keyed"),
        (Self::Copied, "copied"),
        (Self::Indexed, "indexed"),
        (Self::CaughtUp, "caught_up"),
        (Self::Ready, "ready"),
        (Self::Swapped, "swapped"),
        (Self::Finished, "finished"),
        (Self::Aborted, "aborted"),
    ];

    /// As the database keeps it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(phase, _)| *phase == self).map_or("", |(_, name)| name)
    }

    fn parse(text: &str) -> Result<Self> {
        Self::NAMES
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(phase, _)| *phase)
            .ok_or_else(|| unknown("phase", text))
    }
}

impl Display for Phase {
    /// For people: `caught up`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_str().replace('_', " "))
    }
}

/// One of the two tables of a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The table that existed.
    Source,
    /// The table that we made.
    Target,
}

impl Side {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Source => Self::Target,
            Self::Target => Self::Source,
        }
    }

    /// As the database keeps it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
        }
    }

    fn parse(text: &str) -> Result<Self> {
        match text {
            "source" => Ok(Self::Source),
            "target" => Ok(Self::Target),
            _ => Err(unknown("side", text)),
        }
    }

    /// The log of this side's changes, without the conversion's number.
    fn log(self) -> &'static str {
        match self {
            Self::Source => "forward",
            Self::Target => "backward",
        }
    }
}

fn unknown(what: &str, text: &str) -> Error {
    Error::failed(format!("partition_convert.conversions has an unknown {what}: {text}"))
        .because("another version of convert wrote it")
        .next("use that version")
}

/// A row of `partition_convert.conversions`.
#[derive(Debug, Clone)]
pub struct Conversion {
    /// Its number; its log tables are `partition_convert.forward_ID` and `backward_ID`.
    pub id: i64,
    /// OID of the source.
    pub source: u32,
    /// OID of the target, once it is made.
    pub target: Option<u32>,
    /// How far it is.
    pub phase: Phase,
    /// Which table bears the name that applications use.
    pub live: Side,
    /// What was decided.
    pub design: Design,
}

impl Conversion {
    /// The name that applications use.
    #[must_use]
    pub fn name(&self) -> Name {
        Name::new(&self.design.source.schema, &self.design.source.name)
    }

    /// The table that keeps the changed keys of one side.
    #[must_use]
    pub fn log(&self, side: Side) -> Name {
        Name::new("partition_convert", format!("{}_{}", side.log(), self.id))
    }

    /// The trigger function that writes them.
    #[must_use]
    pub fn log_function(&self, side: Side) -> Name {
        Name::new("partition_convert", format!("log_{}_{}", side.log(), self.id))
    }

    /// OID of one side's table.
    pub fn oid(&self, side: Side) -> Result<u32> {
        match side {
            Side::Source => Ok(self.source),
            Side::Target => self.target.ok_or_else(|| {
                Error::failed(format!("the conversion of {} has no target yet", self.name()))
                    .next(format!("cargo run -p convert -- run {} …", self.name()))
            }),
        }
    }
}

/// A statement's parameters.
type Parameters<'a> = [&'a (dyn ToSql + Sync)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_are_read_as_they_are_written() {
        for (phase, _) in Phase::NAMES {
            assert_eq!(Phase::parse(phase.as_str()).unwrap(), phase);
        }
        assert_eq!(Phase::CaughtUp.to_string(), "caught up");
        assert!(Phase::parse("").is_err());
    }
}
