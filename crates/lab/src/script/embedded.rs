//! The scripts that are compiled in, so that a binary works from any folder.

macro_rules! scripts {
    ($($name:literal),* $(,)?) => {
        /// Every script by its path below `scripts/`.
        const ALL: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../../../scripts/", $name)))),*];
    };
}

scripts![
    "00_lab_schema.sql",
    "00_setup_base_tables.sql",
    "00_initial_seed_data.sql",
    "01_range_partitions.sql",
    "02_hash_partitions.sql",
    "03_list_partitions.sql",
    "04_composite_partitions.sql",
    "99_reset.sql",
    "chat/00_base.sql",
    "queries/20_range_queries.sql",
    "queries/21_hash_queries.sql",
    "queries/22_list_queries.sql",
    "queries/23_composite_queries.sql",
    "queries/24_traps.sql",
    "queries/25_joins_and_aggregates.sql",
    "queries/26_prepared.sql",
    "queries/27_indexes.sql",
    "queries/28_dml.sql",
    "repartition/10_add_new_partition.sql",
    "repartition/11_split_partition.sql",
    "repartition/12_detach_archive.sql",
    "repartition/13_migrate_strategy.sql",
    "repartition/14_cleanup_repartition.sql",
    "repartition/online/10_after_add.sql",
    "repartition/online/11_after_split.sql",
    "repartition/online/12_archive_detached.sql",
    "repartition/online/13_after_migrate.sql",
    "todos/00_base.sql",
    "todos/001_create_partitioned_tables.sql",
    "todos/002_migrate_existing_data.sql",
    "todos/002_cutover.sql",
    "todos/003_maintenance_jobs.sql",
    "todos/004_cold_storage.sql",
    "todos/005_indexing_optimization.sql",
    "todos/006_row_level_security.sql",
];

/// The text of `scripts/NAME`.
pub(super) fn text(name: &str) -> Option<&'static str> {
    ALL.iter().find(|(script, _)| *script == name).map(|(_, text)| *text)
}
