//! Thousands of partitions.
