//! Bounds as PostgreSQL prints them (`pg_get_expr(relpartbound, …)`), read.

/// What a partition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// `FOR VALUES FROM (…) TO (…)`: the values of either end, as they stand.
    Range(Vec<String>, Vec<String>),
    /// `FOR VALUES IN (…)`: the values, as they stand.
    List(Vec<String>),
    /// `FOR VALUES WITH (modulus m, remainder r)`.
    Hash {
        /// The modulus.
        modulus: u32,
        /// The remainder.
        remainder: u32,
    },
    /// `DEFAULT`.
    Default,
}

impl Bound {
    /// `None` when it is none of the four.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if text == "DEFAULT" {
            return Some(Self::Default);
        }
        let rest = text.strip_prefix("FOR VALUES ")?;
        if let Some(rest) = rest.strip_prefix("FROM (") {
            let (from, rest) = items(rest)?;
            let (to, _) = items(rest.strip_prefix(" TO (")?)?;
            return Some(Self::Range(from, to));
        }
        if let Some(rest) = rest.strip_prefix("IN (") {
            return Some(Self::List(items(rest)?.0));
        }
        let (items, _) = items(rest.strip_prefix("WITH (")?)?;
        let number = |word: &str| {
            items.iter().find_map(|item| {
                let (name, number) = item.split_once(' ')?;
                name.eq_ignore_ascii_case(word).then(|| number.trim().parse().ok())?
            })
        };
        Some(Self::Hash { modulus: number("modulus")?, remainder: number("remainder")? })
    }
}

/// The items up to the closing parenthesis, and what follows it. Commas and parentheses may stand
/// inside quotes.
fn items(text: &str) -> Option<(Vec<String>, &str)> {
    let (mut items, mut start, mut is_quoted) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        match c {
            '\'' => is_quoted = !is_quoted,
            ',' | ')' if !is_quoted => {
                items.push(text[start..at].trim().to_owned());
                if c == ')' {
                    return Some((items, &text[at + 1..]));
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    None
}

/// The value within an SQL string; a number or a word as it stands.
#[must_use]
pub fn unquoted(literal: &str) -> String {
    match literal.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(inner) => inner.replace("''", "'"),
        None => literal.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_server_prints() {
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        for (text, bound) in [
            ("DEFAULT", Bound::Default),
            (
                "FOR VALUES FROM (MINVALUE) TO ('2024-01-01 00:00:00+00')",
                Bound::Range(texts(&["MINVALUE"]), texts(&["'2024-01-01 00:00:00+00'"])),
            ),
            (
                "FOR VALUES FROM (1, 'a, (b)') TO (2, MAXVALUE)",
                Bound::Range(texts(&["1", "'a, (b)'"]), texts(&["2", "MAXVALUE"])),
            ),
            (
                "FOR VALUES IN ('it''s), FROM (0', NULL)",
                Bound::List(texts(&["'it''s), FROM (0'", "NULL"])),
            ),
            ("FOR VALUES WITH (modulus 4, remainder 3)", Bound::Hash { modulus: 4, remainder: 3 }),
        ] {
            assert_eq!(Bound::read(text), Some(bound));
        }
        assert_eq!(Bound::read("FOR VALUES FROM (1"), None);
        assert_eq!(unquoted("'it''s'"), "it's");
        assert_eq!(unquoted("-5"), "-5");
    }
}
