//! Tables as files with manifests: months that leave the database, and backups.

pub mod backup;
pub mod dump;
pub mod file;
pub mod manifest;
pub mod sealed;
