//! Names of the indexes of partitions.

use crate::moves::parked;

/// PostgreSQL's limit, in bytes.
const LIMIT: usize = 63;

/// The name of `index` on partition `leaf` of `table`: `orders_day_idx` of `orders` is
/// `orders_2024_day_idx` on `orders_2024`. Names that would be too long, and names that
/// are `taken`, get the conversion's number and a hash.
#[must_use]
pub fn on_leaf(
    table: &str,
    leaf: &str,
    index: &str,
    conversion: i64,
    taken: impl Fn(&str) -> bool,
) -> String {
    let own = index.strip_prefix(table).and_then(|rest| rest.strip_prefix('_')).unwrap_or(index);
    let name = format!("{leaf}_{own}");
    if name.len() <= LIMIT && !taken(&name) { name } else { parked(&name, conversion) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_partitions_name_for_the_tables() {
        let free = |_: &str| false;
        assert_eq!(on_leaf("t", "t_2024", "t_pkey", 1, free), "t_2024_pkey");
        assert_eq!(on_leaf("t", "t_2024", "by_day", 1, free), "t_2024_by_day");
        assert_eq!(on_leaf("t", "t_2024", "t_pkey", 1, |_| true), "t_2024_pkey_convert_1");
    }

    #[test]
    fn long_names_differ_by_leaf() {
        let leaf = |n: u32| format!("{}{n}", "x".repeat(60));
        let name = |n| on_leaf("t", &leaf(n), "t_pkey", 1, |_| false);
        assert!(name(1).len() <= LIMIT);
        assert_ne!(name(1), name(2));
    }
}
