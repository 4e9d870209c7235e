//! The text of a target's index, for the statements that make it.

use lab::script::lexer::tokens;

use super::TargetIndex;

impl TargetIndex {
    /// What follows `ADD CONSTRAINT name`, but for DEFERRABLE: `PRIMARY KEY (id, created_at) INCLUDE (x)`;
    /// `None` for a plain index.
    #[must_use]
    pub fn as_key(&self) -> Option<String> {
        let word = if self.constraint? == 'p' { "PRIMARY KEY" } else { "UNIQUE" };
        let list = self.using.find('(').map_or("", |at| &self.using[at..]);
        // In an index these words come behind the columns, in a constraint before them.
        let nulls = " NULLS NOT DISTINCT";
        let at = tokens(list).ok().and_then(|tokens| {
            tokens.iter().find(|token| token.text == "NULLS").map(|token| token.start)
        });
        Some(match at {
            Some(at) if list[at..].starts_with(nulls.trim_start()) => {
                let rest = &list[at + nulls.len() - 1..];
                format!("{word}{nulls} {}{rest}", list[..at].trim_end())
            }
            _ => format!("{word} {list}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(using: &str, constraint: Option<char>) -> TargetIndex {
        TargetIndex {
            name: "t_key".into(),
            using: using.into(),
            columns: Vec::new(),
            unique: true,
            constraint,
            added: Vec::new(),
        }
    }

    #[test]
    fn an_index_is_a_key_with_its_words_in_another_order() {
        for (using, kind, wanted) in [
            ("btree (id, c) INCLUDE (d)", 'p', "PRIMARY KEY (id, c) INCLUDE (d)"),
            ("btree (a) NULLS NOT DISTINCT", 'u', "UNIQUE NULLS NOT DISTINCT (a)"),
            (
                "btree (\"a NULLS\") INCLUDE (d) NULLS NOT DISTINCT WITH (fillfactor='70')",
                'u',
                "UNIQUE NULLS NOT DISTINCT (\"a NULLS\") INCLUDE (d) WITH (fillfactor='70')",
            ),
        ] {
            assert_eq!(index(using, Some(kind)).as_key().as_deref(), Some(wanted));
        }
        assert_eq!(index("btree (a)", None).as_key(), None);
    }
}
