//! The catalog queries of `scripts/inspect/`, compiled in.

macro_rules! inspect {
    ($file:literal) => {
        include_str!(concat!("../../../scripts/inspect/", $file))
    };
}

pub(crate) const FIND_TABLE: &str = inspect!("find_table.sql");
pub(crate) const SCHEMA_STRANGERS: &str = inspect!("schema_strangers.sql");
pub(crate) const PARTITION_TREE: &str = inspect!("partition_tree.sql");
pub(crate) const LOCKED_TABLES: &str = inspect!("locked_tables.sql");
pub(crate) const LOCKS: &str = inspect!("locks.sql");
pub(crate) const PARTITION_KEYS: &str = inspect!("partition_keys.sql");
pub(crate) const OPERATOR_FAMILIES: &str = inspect!("operator_families.sql");
pub(crate) const RELABELS: &str = inspect!("relabels.sql");
pub(crate) const VOLATILITY: &str = inspect!("volatility.sql");
pub(crate) const PARTITION_BOUNDS: &str = inspect!("partition_bounds.sql");
pub(crate) const COLUMN_TYPE: &str = inspect!("column_type.sql");
