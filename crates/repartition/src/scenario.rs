//! The five scenarios: names, scripts, what each teaches, which tables it is about.

use crate::layout::{ARCHIVE, EVENTS, JANUARY, USERS, USERS_BY_DATE};
use crate::load::Subject;

/// A way to change partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    Add,
    Split,
    Detach,
    Migrate,
    Cleanup,
}

impl Scenario {
    /// In the order of their scripts.
    pub const ALL: [Self; 5] = [Self::Add, Self::Split, Self::Detach, Self::Migrate, Self::Cleanup];

    /// What people type.
    pub fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Split => "split",
            Self::Detach => "detach",
            Self::Migrate => "migrate",
            Self::Cleanup => "cleanup",
        }
    }

    /// Its path below `scripts/`.
    pub fn script(self) -> &'static str {
        match self {
            Self::Add => "repartition/10_add_new_partition.sql",
            Self::Split => "repartition/11_split_partition.sql",
            Self::Detach => "repartition/12_detach_archive.sql",
            Self::Migrate => "repartition/13_migrate_strategy.sql",
            Self::Cleanup => "repartition/14_cleanup_repartition.sql",
        }
    }

    /// What one learns from it.
    pub fn teaches(self) -> &'static str {
        match self {
            Self::Add => {
                "a partition for April; rows that sat in DEFAULT must move first, in the same transaction"
            }
            Self::Split => "February becomes four weeks: when one partition has grown too large",
            Self::Detach => {
                "January leaves for an archive: old data goes without DELETE and VACUUM"
            }
            Self::Migrate => {
                "from HASH (id) to RANGE (registration_date): another strategy needs another table"
            }
            Self::Cleanup => "the partitions of setup again, with every row, from whatever state",
        }
    }

    /// The tables whose rows the scenario must keep, before it.
    pub fn tables_before(self) -> &'static [&'static str] {
        match self {
            Self::Add | Self::Split => &[EVENTS],
            Self::Detach | Self::Cleanup => &[EVENTS, ARCHIVE, JANUARY],
            Self::Migrate => &[USERS],
        }
    }

    /// The tables that hold these rows afterwards.
    pub fn tables_after(self) -> &'static [&'static str] {
        match self {
            Self::Migrate => &[USERS_BY_DATE],
            other => other.tables_before(),
        }
    }

    /// Which rows a load works on meanwhile.
    pub fn subject(self) -> Subject {
        match self {
            Self::Add | Self::Split | Self::Cleanup => Subject::Events,
            Self::Detach => Subject::EventsAfterJanuary,
            Self::Migrate => Subject::Users,
        }
    }

    /// The locks that its online way takes.
    pub fn locks_online(self) -> &'static str {
        match self {
            Self::Add | Self::Split => {
                "ACCESS EXCLUSIVE on event_logs for milliseconds, when the partitions are exchanged"
            }
            Self::Detach => "ACCESS EXCLUSIVE on event_logs for milliseconds, for the DETACH alone",
            Self::Migrate => {
                "ACCESS EXCLUSIVE on users_distributed for milliseconds, for the last changes"
            }
            Self::Cleanup => "",
        }
    }

    /// What its online way does besides the engine's work; cleanup has no online way.
    pub fn script_online(self) -> &'static str {
        match self {
            Self::Add => "repartition/online/10_after_add.sql",
            Self::Split => "repartition/online/11_after_split.sql",
            Self::Detach => "repartition/online/12_archive_detached.sql",
            Self::Migrate => "repartition/online/13_after_migrate.sql",
            Self::Cleanup => self.script(),
        }
    }
}
