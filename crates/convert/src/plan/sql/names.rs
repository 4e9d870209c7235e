//! Names in the script, and templates with places for them.

use lab::catalog::{Name, quote_ident};

use crate::design::Design;
use crate::moves::literal;

/// Names of what the script makes besides the target, quoted and qualified.
pub(super) struct Names {
    stem: String,
}

impl Names {
    pub(super) fn of(design: &Design) -> Self {
        let mut stem = design.source.name.as_str();
        while stem.len() > 40 {
            stem = &stem[..stem.char_indices().next_back().map_or(0, |(at, _)| at)];
        }
        Self { stem: stem.to_owned() }
    }

    pub(super) fn ours(&self, what: &str) -> String {
        Name::new("partition_convert", format!("{}_{what}", self.stem)).to_string()
    }

    /// A template with its placeholders filled in.
    pub(super) fn fill(&self, design: &Design, template: &str) -> String {
        let source = Name::new(&design.source.schema, &design.source.name).to_string();
        let target = Name::new(&design.source.schema, &design.target_name).to_string();
        let typed = design.log_columns.iter().map(|name| {
            let column = design.source.columns.iter().find(|column| column.name == *name);
            let kind = column.map_or("text", |column| column.data_type.as_str());
            format!("    {} {kind}", quote_ident(name))
        });
        let log_columns = typed.collect::<Vec<_>>().join(",\n");
        let of = |columns: &[String], before: &str| list(columns, before);
        let values = [
            ("briefly", self.ours("briefly")),
            ("in_batches", self.ours("in_batches")),
            ("progress", self.ours("progress")),
            ("progress_key", quote_ident(&format!("{}_progress_pkey", self.stem)).into_owned()),
            ("log", self.ours("log")),
            ("log_columns", log_columns),
            ("log_function", self.ours("log_change")),
            ("truncate_function", self.ours("refuse_truncate")),
            ("replay", self.ours("replay")),
            ("catch_up", self.ours("catch_up")),
            ("columns", of(&design.log_columns, "")),
            ("old", of(&design.log_columns, "OLD.")),
            ("new", of(&design.log_columns, "NEW.")),
            ("all_columns", of(&design.columns, "")),
            ("source_columns", of(&design.columns, "s.")),
            ("target_columns", of(&design.columns, "t.")),
            ("source_is_logged", same(design, "s")),
            ("target_is_logged", same(design, "t")),
            ("as_user", lab::connect::search_path::AS_USER.to_owned()),
            ("source_literal", literal(&source)),
            ("source", source),
            ("target", target),
        ];
        fill(template, &values)
    }
}

/// Replaces each `{name}` once, so that a value may hold what looks like a placeholder.
fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        filled += before;
        let found = values.iter().find(|(name, _)| {
            from[1..].strip_prefix(name).is_some_and(|after| after.starts_with('}'))
        });
        let (value, length) =
            found.map_or(("{", 1), |(name, value)| (value.as_str(), name.len() + 2));
        filled += value;
        rest = &from[length..];
    }
    filled + rest
}

fn list(columns: &[String], before: &str) -> String {
    let columns = columns.iter().map(|name| format!("{before}{}", quote_ident(name)));
    columns.collect::<Vec<_>>().join(", ")
}

/// The condition under which row `alias` is the one that log entry `l` names.
fn same(design: &Design, alias: &str) -> String {
    let condition = |name: &String| {
        let column = design.source.columns.iter().find(|column| column.name == *name);
        let name = quote_ident(name);
        if column.is_some_and(|column| column.not_null) {
            format!("{alias}.{name} = l.{name}")
        } else {
            format!("({alias}.{name} = l.{name} OR {alias}.{name} IS NULL AND l.{name} IS NULL)")
        }
    };
    design.log_columns.iter().map(condition).collect::<Vec<_>>().join(" AND ")
}
