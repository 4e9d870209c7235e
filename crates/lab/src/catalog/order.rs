//! The order in which partitions are shown: by bounds, as a person would list them.
//!
//! `\d+` and the catalogs order by name, which puts `p10` before `p2`, and April before
//! February.

use std::cmp::Ordering;

use super::Tree;

/// Orders ranges and lists by value, hash partitions by remainder, DEFAULT last; then by name.
pub(super) fn sort_key(tree: &Tree) -> impl Ord + use<> {
    let values = tree.bounds.as_deref().map(values).unwrap_or_default();
    (tree.is_default(), values, tree.name.clone())
}

/// One value of a bound. Dates and timestamps order rightly as text in ISO style, PostgreSQL's
/// default.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Min,
    Number(Number),
    Text(String),
    Null,
    Max,
}

#[derive(Debug)]
struct Number(f64);

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Number {}
impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// The values that decide the order: a range's lower bound, a list's values, a hash partition's
/// remainder and modulus.
fn values(bounds: &str) -> Vec<Value> {
    let Some((_, list)) = bounds.split_once('(') else { return Vec::new() };
    let mut values: Vec<Value> = items(list).iter().map(|item| value(item)).collect();
    if bounds.starts_with("FOR VALUES WITH ") {
        values.reverse();
    }
    values
}

/// The comma-separated items up to the closing parenthesis; both may stand inside quotes.
fn items(list: &str) -> Vec<&str> {
    let (mut items, mut start, mut quoted) = (Vec::new(), 0, false);
    for (at, c) in list.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            ',' | ')' if !quoted => {
                items.push(list[start..at].trim());
                if c == ')' {
                    break;
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    items
}

fn value(item: &str) -> Value {
    match item {
        "MINVALUE" => return Value::Min,
        "MAXVALUE" => return Value::Max,
        "NULL" => return Value::Null,
        _ => {}
    }
    let item = item.trim_start_matches("modulus ").trim_start_matches("remainder ");
    let text = item.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(item);
    // `parse` alone would take a text key's 'nan' and 'infinity' for numbers.
    match text.parse() {
        Ok(number) if text.ends_with(|c: char| c.is_ascii_digit()) => Value::Number(Number(number)),
        _ => Value::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each list is in the wanted order.
    #[test]
    fn orders_bounds_as_a_person_would() {
        for wanted in [
            [
                "FOR VALUES FROM (MINVALUE) TO ('2024-01-01')",
                "FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')",
                "FOR VALUES FROM ('2024-10-01') TO (MAXVALUE)",
            ],
            [
                "FOR VALUES FROM ('-10') TO (2)",
                "FOR VALUES FROM (2) TO (10)",
                "FOR VALUES FROM (10) TO (20)",
            ],
            ["FOR VALUES FROM (1, 2) TO (1, 10)", "FOR VALUES FROM (1, 10) TO (2, MINVALUE)", "x("],
            [
                "FOR VALUES WITH (modulus 8, remainder 1)",
                "FOR VALUES WITH (modulus 4, remainder 2)",
                "FOR VALUES WITH (modulus 16, remainder 10)",
            ],
            [
                "FOR VALUES IN ('a, (b', 'z')",
                "FOR VALUES IN ('it''s), FROM (0')",
                "FOR VALUES IN (NULL)",
            ],
            ["FOR VALUES IN (false)", "FOR VALUES IN ('nan')", "FOR VALUES IN (true)"],
        ] {
            let ordered = |pair: &[&str]| values(pair[0]) < values(pair[1]);
            assert!(wanted.windows(2).take_while(|w| w[1] != "x(").all(ordered), "{wanted:?}");
        }
    }
}
