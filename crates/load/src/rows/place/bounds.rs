//! Takes apart what `pg_get_expr` prints of a partition's bounds. The literals stay as they are:
//! the server reads them.

/// A partition's bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bounds {
    /// From (inclusive) and to (exclusive), an edge a column of the key.
    Range(Vec<Edge>, Vec<Edge>),
    /// Literals; `None` is NULL.
    List(Vec<Option<String>>),
    /// By remainder.
    Hash,
    /// What fits no other partition.
    Default,
}

/// An end of a range, in one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edge {
    /// MINVALUE
    Min,
    /// A literal.
    At(String),
    /// MAXVALUE
    Max,
}

impl Bounds {
    /// `None` for what no PostgreSQL that we know prints.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "DEFAULT" {
            return Some(Self::Default);
        }
        let rest = text.strip_prefix("FOR VALUES ")?;
        if rest.starts_with("WITH ") {
            return Some(Self::Hash);
        }
        if let Some(list) = rest.strip_prefix("IN (") {
            let (items, _) = items(list)?;
            let value = |item: String| (item != "NULL").then_some(item);
            return Some(Self::List(items.into_iter().map(value).collect()));
        }
        let (from, rest) = items(rest.strip_prefix("FROM (")?)?;
        let (to, _) = items(rest.strip_prefix(" TO (")?)?;
        let edge = |item: String| match item.as_str() {
            "MINVALUE" => Edge::Min,
            "MAXVALUE" => Edge::Max,
            _ => Edge::At(item),
        };
        let edges = |items: Vec<String>| items.into_iter().map(edge).collect();
        Some(Self::Range(edges(from), edges(to)))
    }

    /// The literals of the key's column `at`.
    pub fn literals(&self, at: usize) -> Vec<&String> {
        match self {
            Self::Range(from, to) => [from.get(at), to.get(at)]
                .into_iter()
                .filter_map(|edge| match edge {
                    Some(Edge::At(literal)) => Some(literal),
                    _ => None,
                })
                .collect(),
            Self::List(values) if at == 0 => values.iter().flatten().collect(),
            _ => Vec::new(),
        }
    }
}

/// The items up to the closing parenthesis, and what follows it. Commas and parentheses within
/// quotes count for nothing; a quote in quotes is doubled, or follows a backslash after `E`.
fn items(list: &str) -> Option<(Vec<String>, &str)> {
    let (mut items, mut item) = (Vec::new(), String::new());
    let mut chars = list.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            ',' | ')' => {
                items.push(std::mem::take(&mut item).trim().to_owned());
                if c == ')' {
                    return Some((items, &list[at + 1..]));
                }
            }
            '\'' => {
                let escapes = item.trim_start() == "E";
                item.push(c);
                while let Some((_, c)) = chars.next() {
                    item.push(c);
                    match c {
                        '\\' if escapes => item.push(chars.next()?.1),
                        '\'' => break, // a doubled one opens the next
                        _ => {}
                    }
                }
                // What follows a doubled quote is read without escapes: a backslash there is
                // doubled, and so never stands before a quote.
            }
            _ => item.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_bounds_apart_and_leaves_literals_as_they_are() {
        let at = |literal: &str| Edge::At(literal.to_owned());
        let some = |literal: &str| Some(literal.to_owned());
        for (text, bounds) in [
            ("DEFAULT", Bounds::Default),
            ("FOR VALUES WITH (modulus 4, remainder 0)", Bounds::Hash),
            (
                "FOR VALUES FROM ('2024-01-01', MINVALUE) TO (MAXVALUE, 10)",
                Bounds::Range(vec![at("'2024-01-01'"), Edge::Min], vec![Edge::Max, at("10")]),
            ),
            (
                "FOR VALUES IN ('O''Brien, (x)', NULL, E'a\\\\b''c', '-5', true)",
                Bounds::List(vec![
                    some("'O''Brien, (x)'"),
                    None,
                    some("E'a\\\\b''c'"),
                    some("'-5'"),
                    some("true"),
                ]),
            ),
        ] {
            assert_eq!(Bounds::parse(text), Some(bounds), "{text}");
        }
        assert_eq!(Bounds::parse("FOR VALUES IN ('never ends"), None);
        assert_eq!(Bounds::parse("WHATEVER"), None);
    }
}
