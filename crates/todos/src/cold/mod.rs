//! A month of the archive as a file: rows as COPY writes them, compressed, and a manifest beside it.

pub mod file;
pub mod manifest;
