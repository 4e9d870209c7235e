//! The tables of a join or an aggregate that another server does: `Relations` of a `Foreign Scan`,
//! such as `(public.a a_1) LEFT JOIN (public."b (2)" b_1)` or `Aggregate on (public.a)`.

use crate::catalog::Name;

/// Each table that stands, with its schema, right behind an opening parenthesis.
pub(super) fn tables(relations: &str) -> Vec<Name> {
    let mut tables = Vec::new();
    let mut rest = relations;
    while let Some((before, from)) = rest.split_once(['(', '"']) {
        // A quoted alias may hold parentheses.
        if rest[before.len()..].starts_with('"') {
            rest = ident(&rest[before.len()..]).map_or("", |(_, rest)| rest);
            continue;
        }
        rest = from;
        let table = ident(from).and_then(|(schema, from)| {
            let (name, from) = ident(from.strip_prefix('.')?)?;
            Some((Name::new(schema, name), from))
        });
        if let Some((table, from)) = table {
            tables.push(table);
            rest = from;
        }
    }
    tables
}

/// The identifier that `text` begins with, unquoted, and what follows it.
fn ident(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find([' ', '.', '(', ')', '"']).unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut name = String::new();
    loop {
        let (part, from) = rest.split_once('"')?;
        name.push_str(part);
        let Some(from) = from.strip_prefix('"') else { return Some((name, from)) };
        name.push('"');
        rest = from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_tables_and_no_aliases() {
        for (relations, expected) in [
            ("(public.a a_1) INNER JOIN (public.b)", vec!["public.a", "public.b"]),
            (r#"((s.a) LEFT JOIN (s.b "x (s.y) ""z")) FULL JOIN (s.c)"#, vec!["s.a", "s.b", "s.c"]),
            ("Aggregate on (s.a x)", vec!["s.a"]),
            (r#"("My S"."b (2)" b_1)"#, vec![r#""My S"."b (2)""#]),
            (r#"(s."q""(s.r)")"#, vec![r#"s."q""(s.r)""#]),
            // Without VERBOSE there is no schema.
            ("(a) INNER JOIN (b)", vec![]),
            (r#"(s."open"#, vec![]),
            ("", vec![]),
        ] {
            let found: Vec<String> = tables(relations).iter().map(Name::to_string).collect();
            assert_eq!(found, expected, "{relations}");
        }
    }
}
