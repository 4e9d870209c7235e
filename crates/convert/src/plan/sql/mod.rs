//! The conversion as a script for psql or a migration tool: the engine's steps without its workers,
//! its pace and its way back.

mod marks;
mod shadow;

use lab::catalog::{Name, quote_ident};
use lab::{Error, Result};
use tokio_postgres::GenericClient;

use crate::design::Design;
use crate::layout::Layout;
use crate::moves::{self, Around, Settlement, Turn, literal};
use crate::request::Shape;
use crate::state::Side;
use shadow::{SCRIPT, new_name, part_name};

const LOG: &str = include_str!("../../../../../scripts/convert/plan/log.sql");
const REPLAY: &str = include_str!("../../../../../scripts/convert/plan/replay.sql");

/// The whole script. An error where a blocker stands, or where only `run` can do it.
pub async fn script(client: &impl GenericClient, design: &Design) -> Result<String> {
    let table = Name::new(&design.source.schema, &design.source.name);
    let only_run = |why: &str| {
        Error::failed(format!("there is no script for {table}"))
            .because(why)
            .next("cargo run -p convert -- run, with the same flags")
    };
    if let Some(blocker) = design.blockers.first() {
        let error = Error::failed(format!("{table} cannot be converted like this"))
            .because(format!("{}: {}", blocker.object, blocker.why));
        return Err(blocker.ways.iter().fold(error, Error::next));
    }
    if design.request.shape != Shape::Table {
        return Err(only_run("a script can give a table a new partitioned self, and nothing else"));
    }
    if design.source.views.iter().any(|view| view.materialized) {
        return Err(only_run("a materialized view over it must be built again"));
    }
    // Definitions come qualified when the path is empty, which it is for this statement only.
    let live_tables = moves::around::names(client, &design.source.tree).await?;
    let around = around(client, design.source.oid).await?;
    Ok(write(design, &live_tables, &around))
}

async fn around(client: &impl GenericClient, oid: u32) -> Result<Around> {
    use lab::Context;
    let what = || "cannot empty the search_path for a moment";
    let row = client.query_one("SELECT current_setting('search_path')", &[]).await.context(what)?;
    let path: String = row.try_get(0).context(what)?;
    let set = "SELECT set_config('search_path', $1::text, false)";
    client.query_one(set, &[&""]).await.context(what)?;
    let around = moves::around::read(client, oid).await;
    client.query_one(set, &[&path]).await.context(what)?;
    around
}

fn write(design: &Design, live_tables: &[Name], around: &Around) -> String {
    let names = Names::of(design);
    let mut script = Text(names.fill(design, &header(design)));
    script.add(names.fill(design, LOG));
    script.add(begin(design, &names, live_tables));
    script.add(target(design, live_tables));
    script.add(copy(design, &names));
    script.add(indexes(design, &names, live_tables));
    script.add(side_tables(design));
    script.add("-- 5. What was changed meanwhile.\n\n");
    script.add(names.fill(design, REPLAY));
    let shadow = shadow::portrait(design, live_tables);
    let shadow_tables = shadow::tables(design, live_tables);
    let exchange = moves::table(&Turn {
        id: SCRIPT,
        design,
        side: Side::Source,
        live: &design.source,
        shadow: &shadow,
        live_tables,
        shadow_tables: &shadow_tables,
        around,
        pending: &[],
    });
    script.add(swap(design, &names, &exchange, live_tables));
    script.add(settle(&names, &exchange.settle));
    script.add(finish(design, &names));
    script.0
}

/// Grows.
#[derive(Default)]
struct Text(String);

impl Text {
    fn add(&mut self, text: impl AsRef<str>) {
        self.0 += text.as_ref();
    }
}

/// Names of what the script makes besides the target, quoted and qualified.
struct Names {
    stem: String,
}

impl Names {
    fn of(design: &Design) -> Self {
        let mut stem = design.source.name.as_str();
        while stem.len() > 40 {
            stem = &stem[..stem.char_indices().next_back().map_or(0, |(at, _)| at)];
        }
        Self { stem: stem.to_owned() }
    }

    fn ours(&self, what: &str) -> String {
        Name::new("partition_convert", format!("{}_{what}", self.stem)).to_string()
    }

    /// A template with its placeholders filled in.
    fn fill(&self, design: &Design, template: &str) -> String {
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

fn header(design: &Design) -> String {
    format!(
        "--\n-- {{source}} by {}\n\
         -- Run:     psql -v ON_ERROR_STOP=1 -f THIS_FILE (statement by statement, in no transaction)\n\
         -- Locks:   short ones, tried again and again: SHARE ROW EXCLUSIVE for the trigger, ACCESS EXCLUSIVE in the swap\n\
         -- Undo:    before the swap, drop {{target}}, the trigger partition_convert_{SCRIPT} and the schema partition_convert\n\
         --\n\n",
        design.layout.key.replace('\n', " ")
    )
}

/// `CALL briefly(…)` of these statements.
fn briefly(names: &Names, statements: &[String]) -> String {
    let work = statements.iter().map(|statement| format!("{};\n", statement.trim_end_matches(';')));
    let work: String = work.collect();
    let mut tag = "$work$".to_owned();
    while work.contains(&tag) {
        tag = format!("$x{}", &tag[1..]);
    }
    format!("CALL {}({tag}\n{work}{tag});\n\n", names.ours("briefly"))
}

fn begin(design: &Design, names: &Names, live_tables: &[Name]) -> String {
    let table = Name::new(&design.source.schema, &design.source.name);
    let mut statements = vec![
        format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"),
        format!(
            "CREATE TRIGGER partition_convert_{SCRIPT} AFTER INSERT OR UPDATE OR DELETE ON {table}\n    \
             FOR EACH ROW EXECUTE FUNCTION {}()",
            names.ours("log_change")
        ),
        // A replication worker fires no other triggers.
        format!("ALTER TABLE {table} ENABLE ALWAYS TRIGGER partition_convert_{SCRIPT}"),
    ];
    for name in live_tables {
        statements.push(format!(
            "CREATE TRIGGER partition_convert_{SCRIPT}_truncate BEFORE TRUNCATE ON {name}\n    \
             FOR EACH STATEMENT EXECUTE FUNCTION {}()",
            names.ours("refuse_truncate")
        ));
    }
    briefly(names, &statements)
}

/// Side tables, with the rows that the target has: only the replays write to it yet, and keep them.
fn side_tables(design: &Design) -> String {
    let mut script = Text::default();
    for side in design.side_tables() {
        let made = side.over(&design.source.schema, &design.target_name);
        let mut statements = made.create();
        statements.insert(1, made.fill_at_once());
        script.add(format!(
            "-- {} stays unique over all partitions by a table beside them.\n\nBEGIN;\n\n{};\n\nCOMMIT;\n\n",
            side.key,
            statements.join(";\n\n")
        ));
    }
    script.0
}

fn in_batches(design: &Design, names: &Names, what: &str, work: &str) -> String {
    let leaves = design.source.leaves.iter();
    let leaves: Vec<_> =
        leaves.map(|leaf| literal(&Name::new(&leaf.schema, &leaf.name).to_string())).collect();
    format!(
        "CALL {}({}, $work$\n{work}\n$work$, ARRAY[{}]::regclass[]);\n\n",
        names.ours("in_batches"),
        literal(what),
        leaves.join(", ")
    )
}

fn target(design: &Design, live_tables: &[Name]) -> String {
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

fn copy(design: &Design, names: &Names) -> String {
    let work = names.fill(
        design,
        "INSERT INTO {target} ({all_columns})\nOVERRIDING SYSTEM VALUE\nSELECT {all_columns}\n\
         FROM ONLY {leaf}\nWHERE ctid >= $1 AND ctid < $2",
    );
    format!(
        "-- 3. All rows, a thousand blocks a transaction. What changes meanwhile is in the log.\n\n{}",
        in_batches(design, names, "copy", &work)
    )
}

fn indexes(design: &Design, names: &Names, live_tables: &[Name]) -> String {
    let target = Name::new(&design.source.schema, &design.target_name);
    let mut script = Text(names.fill(
        design,
        "-- 4. Rows that changed while they were copied may be there twice; they come again in step 5. Then the indexes.\n\n\
         DELETE FROM {target} t USING {log} l WHERE {target_is_logged};\n\n",
    ));
    for index in &design.indexes {
        let name = quote_ident(&new_name(&index.name)).into_owned();
        let unique = if index.unique { "UNIQUE " } else { "" };
        script.add(index.as_key().map_or_else(
            || format!("CREATE {unique}INDEX {name} ON {target} USING {};\n", index.definition()),
            |key| format!("ALTER TABLE {target} ADD CONSTRAINT {name} {key};\n"),
        ));
    }
    for statement in marks::statements(design, live_tables) {
        script.add(format!("{statement};\n"));
    }
    script.add(format!("ANALYZE {target};\n\n"));
    script.0
}

fn swap(
    design: &Design,
    names: &Names,
    exchange: &moves::Exchange,
    live_tables: &[Name],
) -> String {
    let table = Name::new(&design.source.schema, &design.source.name);
    let mut statements = exchange.locks.clone();
    statements.push(format!("SELECT {}(NULL)", names.ours("replay")));
    statements.push(format!("DROP TRIGGER partition_convert_{SCRIPT} ON {table}"));
    for name in live_tables {
        statements.push(format!("DROP TRIGGER partition_convert_{SCRIPT}_truncate ON {name}"));
    }
    statements.extend(exchange.statements.iter().cloned());
    format!(
        "-- 7. The swap: what changed in the last moment, and then the names.\n\nCALL {}();\n\n{}",
        names.ours("catch_up"),
        briefly(names, &statements)
    )
}

fn settle(names: &Names, left: &[Settlement]) -> String {
    let mut script = Text::default();
    for one in left {
        match one {
            Settlement::ForeignKey(key) => {
                let name = quote_ident(&key.name);
                script.add(format!(
                    "-- 8. Foreign key {name} checks the rows that were there before.\n\n"
                ));
                for table in &key.on {
                    script.add(format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name};\n"));
                }
                script.add("\n");
                let mut statements = Vec::new();
                if key.adopt {
                    statements.push(format!(
                        "LOCK TABLE {}, {} IN ACCESS EXCLUSIVE MODE",
                        key.table, key.references
                    ));
                    statements.push(format!(
                        "ALTER TABLE {} ADD CONSTRAINT {name} {}",
                        key.table, key.definition
                    ));
                }
                if let Some(comment) = &key.comment {
                    statements.push(format!(
                        "COMMENT ON CONSTRAINT {name} ON {} IS {}",
                        key.table,
                        literal(comment)
                    ));
                }
                if !statements.is_empty() {
                    script.add(briefly(names, &statements));
                }
            }
            Settlement::Statements { what, statements, .. } => {
                script.add(format!("-- {what}\n\n{}", briefly(names, statements)));
            }
            Settlement::MaterializedView { .. } => {}
        }
    }
    script.0
}

fn finish(design: &Design, names: &Names) -> String {
    let old = Name::new(&design.source.schema, &design.old_name);
    let routines = ["briefly(text)", "in_batches(text, text, regclass[], bigint)", "catch_up()"];
    let mut script = Text(format!(
        "-- 9. When all is well, the old table and what this script made can go.\n\n-- DROP TABLE {old};\n"
    ));
    script.add(format!("DROP TABLE {}, {};\n", names.ours("log"), names.ours("progress")));
    for routine in routines {
        let (name, arguments) = routine.split_once('(').unwrap_or((routine, ")"));
        script.add(format!("DROP PROCEDURE {}({arguments};\n", names.ours(name)));
    }
    for function in ["replay(bigint)", "log_change()", "refuse_truncate()"] {
        let (name, arguments) = function.split_once('(').unwrap_or((function, ")"));
        script.add(format!("DROP FUNCTION {}({arguments};\n", names.ours(name)));
    }
    script.0
}
