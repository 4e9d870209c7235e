//! The eight modes of a table lock.

use std::fmt::{self, Display};

/// A mode, the weakest first (PostgreSQL manual, 13.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// SELECT.
    AccessShare,
    /// SELECT … FOR UPDATE.
    RowShare,
    /// INSERT, UPDATE, DELETE.
    RowExclusive,
    /// VACUUM, ANALYZE, ATTACH PARTITION (on the parent), VALIDATE CONSTRAINT.
    ShareUpdateExclusive,
    /// CREATE INDEX: from here on writers wait.
    Share,
    /// CREATE TRIGGER.
    ShareRowExclusive,
    /// REFRESH MATERIALIZED VIEW CONCURRENTLY.
    Exclusive,
    /// DROP, DETACH PARTITION, most of ALTER TABLE: readers wait too.
    AccessExclusive,
}

impl Mode {
    /// All eight, the weakest first.
    pub const ALL: [Self; 8] = [
        Self::AccessShare,
        Self::RowShare,
        Self::RowExclusive,
        Self::ShareUpdateExclusive,
        Self::Share,
        Self::ShareRowExclusive,
        Self::Exclusive,
        Self::AccessExclusive,
    ];

    /// As `pg_locks.mode` has it: `AccessExclusiveLock`.
    #[must_use]
    pub fn in_pg_locks(self) -> &'static str {
        match self {
            Self::AccessShare => "AccessShareLock",
            Self::RowShare => "RowShareLock",
            Self::RowExclusive => "RowExclusiveLock",
            Self::ShareUpdateExclusive => "ShareUpdateExclusiveLock",
            Self::Share => "ShareLock",
            Self::ShareRowExclusive => "ShareRowExclusiveLock",
            Self::Exclusive => "ExclusiveLock",
            Self::AccessExclusive => "AccessExclusiveLock",
        }
    }

    /// The mode that `pg_locks.mode` names; `None` for one that is no table lock's (`SIReadLock`).
    #[must_use]
    pub fn from_pg_locks(mode: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.in_pg_locks() == mode)
    }

    /// Whether INSERT, UPDATE and DELETE wait for it.
    #[must_use]
    pub fn stops_writers(self) -> bool {
        self >= Self::Share
    }

    /// Whether SELECT waits for it.
    #[must_use]
    pub fn stops_readers(self) -> bool {
        self == Self::AccessExclusive
    }
}

impl Display for Mode {
    /// As `LOCK TABLE` has it: `ACCESS EXCLUSIVE`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::AccessShare => "ACCESS SHARE",
            Self::RowShare => "ROW SHARE",
            Self::RowExclusive => "ROW EXCLUSIVE",
            Self::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Self::Share => "SHARE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::Exclusive => "EXCLUSIVE",
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_is_found_again_and_others_are_not() {
        for mode in Mode::ALL {
            assert_eq!(Mode::from_pg_locks(mode.in_pg_locks()), Some(mode));
        }
        assert_eq!(Mode::from_pg_locks("SIReadLock"), None);
        assert!(Mode::ALL.is_sorted());
    }
}
