//! Names of tables, and the one function that quotes identifiers.

use std::borrow::Cow;
use std::fmt::{self, Display};

use serde::Serialize;

/// Every word that `quote_ident()` of PostgreSQL 15 to 18 quotes: `pg_get_keywords()` without
/// its unreserved ones. A test holds this list against the server.
const KEYWORDS: &str = "all analyse analyze and any array as asc asymmetric authorization between \
    bigint binary bit boolean both case cast char character check coalesce collate collation \
    column concurrently constraint create cross current_catalog current_date current_role \
    current_schema current_time current_timestamp current_user dec decimal default deferrable \
    desc distinct do else end except exists extract false fetch float for foreign freeze from \
    full grant greatest group grouping having ilike in initially inner inout int integer \
    intersect interval into is isnull join json json_array json_arrayagg json_exists json_object \
    json_objectagg json_query json_scalar json_serialize json_table json_value lateral leading \
    least left like limit localtime localtimestamp merge_action national natural nchar none \
    normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay \
    placing position precision primary real references returning right row select session_user \
    setof similar smallint some substring symmetric system_user table tablesample then time \
    timestamp to trailing treat trim true union unique user using values varchar variadic \
    verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest \
    xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable";

/// `ident` as it must stand in a statement: as it is when it is lower case, begins with a letter or `_`
/// and is no keyword; otherwise in double quotes. The same answer as the server's `quote_ident()`.
#[must_use]
pub fn quote_ident(ident: &str) -> Cow<'_, str> {
    let plain = ident.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && ident.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !KEYWORDS.split_ascii_whitespace().any(|word| word == ident);
    if plain {
        Cow::Borrowed(ident)
    } else {
        Cow::Owned(format!("\"{}\"", ident.replace('"', "\"\"")))
    }
}

/// A table's name. `Display` quotes it for use in a statement (`public.event_logs`,
/// `"My Schema"."Orders"`); for people, print the field [`name`](Self::name).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Name {
    /// The schema, unquoted; `pg_temp` for this session's temporary tables.
    pub schema: String,
    /// The table's own name, unquoted.
    pub name: String,
}

impl Name {
    /// A name of two unquoted parts.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self { schema: schema.into(), name: name.into() }
    }
}

impl Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", quote_ident(&self.schema), quote_ident(&self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_whatever_the_parser_would_read_otherwise() {
        for (ident, quoted) in [
            ("event_logs", "event_logs"),
            ("_p0", "_p0"),
            ("Orders", "\"Orders\""),
            ("2024_q1", "\"2024_q1\""),
            ("größe", "\"größe\""),
            ("order", "\"order\""),
            ("sales data", "\"sales data\""),
            ("x\"; DROP TABLE y; --", "\"x\"\"; DROP TABLE y; --\""),
            ("", "\"\""),
        ] {
            assert_eq!(quote_ident(ident), quoted);
        }
        assert_eq!(Name::new("public", "User Log").to_string(), "public.\"User Log\"");
    }
}
