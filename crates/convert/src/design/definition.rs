//! The text of an index, for the statements that make it.

use lab::catalog::quote_ident;
use lab::script::lexer::tokens;

use super::TargetIndex;
use crate::portrait::Index;

impl Index {
    /// What follows `USING` when it is made again: with its tablespace.
    #[must_use]
    pub fn definition(&self) -> String {
        definition(&self.using, self.tablespace.as_deref())
    }

    /// What a table that holds rows says of it: `CLUSTER ON`, `REPLICA IDENTITY USING INDEX`. The index's name
    /// follows, `ALTER TABLE t` comes before.
    #[must_use]
    pub fn marks(&self) -> Vec<&'static str> {
        let marks = [
            (self.clustered, "CLUSTER ON"),
            (self.replica_identity, "REPLICA IDENTITY USING INDEX"),
        ];
        marks.into_iter().filter(|(has, _)| *has).map(|(_, mark)| mark).collect()
    }
}

impl TargetIndex {
    /// What follows `USING` when it is made: with its tablespace.
    #[must_use]
    pub fn definition(&self) -> String {
        definition(&self.using, self.tablespace.as_deref())
    }

    /// What follows `ADD CONSTRAINT name`, but for DEFERRABLE: `PRIMARY KEY (id, created_at) INCLUDE (x)`;
    /// `None` for a plain index.
    #[must_use]
    pub fn as_key(&self) -> Option<String> {
        let word = if self.constraint? == 'p' { "PRIMARY KEY" } else { "UNIQUE" };
        let list = self.using.find('(').map_or("", |at| &self.using[at..]);
        // In an index these words come behind the columns, in a constraint before them.
        let nulls = " NULLS NOT DISTINCT";
        let at = word_at(list, "NULLS").filter(|at| list[*at..].starts_with(nulls.trim_start()));
        let key = match at {
            Some(at) => {
                let rest = &list[at + nulls.len() - 1..];
                format!("{word}{nulls} {}{rest}", list[..at].trim_end())
            }
            None => format!("{word} {list}"),
        };
        Some(match &self.tablespace {
            Some(name) => format!("{key} USING INDEX TABLESPACE {}", quote_ident(name)),
            None => key,
        })
    }
}

/// TABLESPACE stands before WHERE, and `pg_get_indexdef` leaves it out.
fn definition(using: &str, tablespace: Option<&str>) -> String {
    let Some(name) = tablespace else { return using.to_owned() };
    let name = quote_ident(name);
    match word_at(using, "WHERE") {
        Some(at) => format!("{}TABLESPACE {name} {}", &using[..at], &using[at..]),
        None => format!("{using} TABLESPACE {name}"),
    }
}

/// Where this keyword stands, outside of quotes.
fn word_at(text: &str, word: &str) -> Option<usize> {
    let tokens = tokens(text).ok()?;
    tokens.iter().find(|token| token.text == word).map(|token| token.start)
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
            tablespace: None,
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

    #[test]
    fn the_tablespace_stands_where_each_statement_takes_it() {
        let on = |using| TargetIndex { tablespace: Some("Fast".into()), ..index(using, Some('p')) };
        for (using, wanted) in [
            ("btree (a) INCLUDE (b)", "btree (a) INCLUDE (b) TABLESPACE \"Fast\""),
            (
                "btree (\"WHERE\", b) WITH (fillfactor='70') WHERE (a > 1)",
                "btree (\"WHERE\", b) WITH (fillfactor='70') TABLESPACE \"Fast\" WHERE (a > 1)",
            ),
        ] {
            assert_eq!(on(using).definition(), wanted);
            assert_eq!(index(using, None).definition(), using);
        }
        let key = "PRIMARY KEY (a) WITH (fillfactor='70') USING INDEX TABLESPACE \"Fast\"";
        assert_eq!(on("btree (a) WITH (fillfactor='70')").as_key().as_deref(), Some(key));
    }
}
