//! The topics: names, files, and what each is about.

/// A file of lessons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    Range,
    Hash,
    List,
    Composite,
    Traps,
}

impl Topic {
    /// In the order of their files.
    pub const ALL: [Self; 5] = [Self::Range, Self::Hash, Self::List, Self::Composite, Self::Traps];

    /// What people type.
    pub fn name(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::Hash => "hash",
            Self::List => "list",
            Self::Composite => "composite",
            Self::Traps => "traps",
        }
    }

    /// Its path below `scripts/`.
    pub fn file(self) -> &'static str {
        match self {
            Self::Range => "queries/20_range_queries.sql",
            Self::Hash => "queries/21_hash_queries.sql",
            Self::List => "queries/22_list_queries.sql",
            Self::Composite => "queries/23_composite_queries.sql",
            Self::Traps => "queries/24_traps.sql",
        }
    }

    /// The table whose partitions are shown before its lessons.
    pub fn table(self) -> Option<&'static str> {
        match self {
            Self::Range => Some("event_logs"),
            Self::Hash => Some("users_distributed"),
            Self::List => Some("orders_by_region"),
            Self::Composite => Some("sales_data"),
            Self::Traps => None,
        }
    }
}
