//! The catalog queries of `scripts/inspect/` that only this command needs, compiled in.

macro_rules! inspect {
    ($file:literal) => {
        include_str!(concat!("../../../../scripts/inspect/", $file))
    };
}

pub const TYPE: &str = inspect!("type.sql");
pub const COLUMNS: &str = inspect!("columns.sql");
pub const CONSTRAINTS: &str = inspect!("constraints.sql");
pub const PARTITION_STEPS: &str = inspect!("partition_steps.sql");
