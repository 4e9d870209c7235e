//! The new table, empty and without indexes.

use lab::catalog::{Name, quote_ident};

use super::shadow::{self, new_name, part_name};
use super::text::Text;
use crate::design::Design;
use crate::layout::Layout;
use crate::moves::literal;

pub(super) fn target(design: &Design, live_tables: &[Name]) -> String {
    let source = &design.source;
    let target = Name::new(&source.schema, &design.target_name);
    let table = Name::new(&source.schema, &source.name);
    let mut script = Text(format!(
        "-- 2. The new table, empty and without indexes.\n\n\
         CREATE TABLE {target} (LIKE {table} INCLUDING ALL EXCLUDING INDEXES EXCLUDING STATISTICS)\n    \
         PARTITION BY {}{};\n\n",
        design.layout.key,
        // Partitions take it over.
        source
            .tablespace
            .as_ref()
            .map_or_else(String::new, |name| format!(" TABLESPACE {}", quote_ident(name)))
    ));
    partitions(design, live_tables, &target, &design.layout, &mut script);
    let owner = quote_ident(&source.owner);
    for name in shadow::tables(design, live_tables) {
        script.add(format!("ALTER TABLE {name} OWNER TO {owner};\n"));
    }
    let name = target.to_string();
    for grant in &source.grants {
        script.add(format!("{};\n", grant.replacen("{table}", &name, 1)));
    }
    for policy in &source.policies {
        script.add(format!("{};\n", policy.definition.replacen("{table}", &name, 1)));
    }
    for (wanted, word) in [(source.row_security, "ENABLE"), (source.force_row_security, "FORCE")] {
        if wanted {
            script.add(format!("ALTER TABLE {target} {word} ROW LEVEL SECURITY;\n"));
        }
    }
    if let Some(comment) = &source.comment {
        script.add(format!("COMMENT ON TABLE {target} IS {};\n", literal(comment)));
    }
    for column in source.columns.iter().filter(|column| column.identity.is_some()) {
        if let Some(sequence) = &column.sequence {
            script.add(format!(
                "DO $body$ BEGIN EXECUTE format('ALTER SEQUENCE %s RENAME TO %I', \
                 pg_get_serial_sequence({}, {}), {}); END $body$;\n",
                literal(&name),
                literal(&column.name),
                literal(&new_name(&sequence.name))
            ));
        }
    }
    for object in &shadow::portrait(design, live_tables).statistics {
        script.add(format!("{};\n", object.definition));
    }
    script.add("\n");
    script.0
}

fn partitions(
    design: &Design,
    live_tables: &[Name],
    parent: &Name,
    layout: &Layout,
    script: &mut Text,
) {
    let options: Vec<_> =
        design.source.options.iter().filter_map(|option| option.split_once('=')).collect();
    let options: Vec<_> =
        options.iter().map(|(name, value)| format!("{name}={}", literal(value))).collect();
    let with =
        if options.is_empty() { String::new() } else { format!(" WITH ({})", options.join(", ")) };
    for part in &layout.parts {
        let name = part_name(design, live_tables, part);
        let tail = match &part.below {
            Some(below) => format!(" PARTITION BY {}", below.key),
            None => with.clone(),
        };
        script.add(format!("CREATE TABLE {name} PARTITION OF {parent} {}{tail};\n", part.bound));
        if let Some(below) = &part.below {
            partitions(design, live_tables, &name, below, script);
        }
    }
}
