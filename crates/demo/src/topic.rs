//! The topics: names, files, and what each is about.

/// A file of lessons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    Range,
    Hash,
    List,
    Composite,
    Traps,
    Joins,
    Prepared,
    Indexes,
    Dml,
}

impl Topic {
    /// In the order of their files.
    pub const ALL: [Self; 9] = [
        Self::Range,
        Self::Hash,
        Self::List,
        Self::Composite,
        Self::Traps,
        Self::Joins,
        Self::Prepared,
        Self::Indexes,
        Self::Dml,
    ];

    /// What people type.
    pub fn name(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::Hash => "hash",
            Self::List => "list",
            Self::Composite => "composite",
            Self::Traps => "traps",
            Self::Joins => "joins",
            Self::Prepared => "prepared",
            Self::Indexes => "indexes",
            Self::Dml => "dml",
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
            Self::Joins => "queries/25_joins_and_aggregates.sql",
            Self::Prepared => "queries/26_prepared.sql",
            Self::Indexes => "queries/27_indexes.sql",
            Self::Dml => "queries/28_dml.sql",
        }
    }

    /// What its lessons are about.
    pub fn subject(self) -> Subject {
        match self {
            Self::Range => Subject::Table("event_logs"),
            Self::Hash => Subject::Table("users_distributed"),
            Self::List => Subject::Table("orders_by_region"),
            Self::Composite => Subject::Table("sales_data"),
            Self::Traps => Subject::Words("what keeps PostgreSQL from pruning"),
            Self::Joins => Subject::Words("joins and aggregates, partition by partition"),
            Self::Prepared => Subject::Words("a plan for the values at hand, or one for any"),
            Self::Indexes => Subject::Words("the parent's index, and each partition's own"),
            Self::Dml => Subject::Words("what is written where, and what it costs"),
        }
    }

    /// The tables that lessons are about.
    pub fn tables() -> Vec<&'static str> {
        let table = |topic: &Self| match topic.subject() {
            Subject::Table(table) => Some(table),
            Subject::Words(_) => None,
        };
        Self::ALL.iter().filter_map(table).collect()
    }
}

/// What the lessons of a topic are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// One table, whose partitions are shown before the lessons.
    Table(&'static str),
    /// Several tables, and this in common.
    Words(&'static str),
}
