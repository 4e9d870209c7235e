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

    /// The definition of a B-tree that looks for no duplicates while it is built; `None` where it looks for none anyway, or
    /// has storage parameters of its own.
    #[must_use]
    pub fn without_deduplication(&self) -> Option<String> {
        if self.unique
            || !self.using.starts_with("btree ")
            || word_at(&self.using, "WITH").is_some()
        {
            return None;
        }
        let with = "WITH (deduplicate_items = off)";
        let using = before_where(&self.using, with);
        Some(definition(&using, self.tablespace.as_deref()))
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
    match tablespace {
        Some(name) => before_where(using, &format!("TABLESPACE {}", quote_ident(name))),
        None => using.to_owned(),
    }
}

fn before_where(using: &str, clause: &str) -> String {
    match word_at(using, "WHERE") {
        Some(at) => format!("{}{clause} {}", &using[..at], &using[at..]),
        None => format!("{using} {clause}"),
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
    fn duplicates_are_left_alone_only_where_nobody_said_what_to_do_with_them() {
        let plain = |using| TargetIndex { unique: false, ..index(using, None) };
        let off = "WITH (deduplicate_items = off)";
        for (using, wanted) in [
            ("btree (a)", Some(format!("btree (a) {off}"))),
            (
                "btree (\"WITH\") WHERE (a > 1)",
                Some(format!("btree (\"WITH\") {off} WHERE (a > 1)")),
            ),
            ("btree (a) WITH (fillfactor='70')", None),
            ("gin (a)", None),
        ] {
            assert_eq!(plain(using).without_deduplication(), wanted);
        }
        assert_eq!(index("btree (a)", None).without_deduplication(), None);
        let elsewhere = TargetIndex { tablespace: Some("fast".into()), ..plain("btree (a)") };
        let wanted = format!("btree (a) {off} TABLESPACE fast");
        assert_eq!(elsewhere.without_deduplication(), Some(wanted));
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
