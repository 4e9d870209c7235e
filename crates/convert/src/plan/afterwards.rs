//! Who makes the next partitions.

use lab::catalog::{Name, quote_ident};
use lab::{Context, Result};
use tokio_postgres::GenericClient;

use super::document::Afterwards;
use crate::design::Design;
use crate::moves::literal;
use crate::request::{Every, Level, Shape};

/// What is installed.
pub(super) struct Surroundings {
    /// Schema and version of `pg_partman`.
    pg_partman: Option<(String, String)>,
}

pub(super) async fn read(client: &impl GenericClient) -> Result<Surroundings> {
    let row = client
        .query_opt(
            "SELECT n.nspname::text, e.extversion FROM pg_extension e
             JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_partman'",
            &[],
        )
        .await
        .context(|| "cannot see whether pg_partman is installed")?;
    Ok(Surroundings { pg_partman: row.map(|row| (row.get(0), row.get(1))) })
}

pub(super) fn of(design: &Design, surroundings: &Surroundings) -> Afterwards {
    let source = &design.source;
    let name = match &design.request.shape {
        Shape::Copy { name } => name,
        _ => &source.name,
    };
    let table = Name::new(&source.schema, name).to_string();
    let (column, every) = match design.request.levels.first() {
        Some(Level::Range { column, every }) if design.request.shape != Shape::Split => {
            (column, every)
        }
        Some(Level::List { .. }) if design.request.default => {
            let default = design.layout.parts.last().map_or("DEFAULT", |part| &part.name);
            return Afterwards {
                who: "you".to_owned(),
                why: format!(
                    "a value that has no partition yet comes into {default}, until it gets one"
                ),
                commands: vec![format!("convert run {table} --split {}", shell(default))],
            };
        }
        Some(Level::List { .. }) => {
            return Afterwards {
                who: "you".to_owned(),
                why: "a value that has no partition yet is refused until it gets one".to_owned(),
                commands: vec![format!(
                    "CREATE TABLE … (LIKE {table} INCLUDING ALL); ALTER TABLE {table} ATTACH PARTITION … FOR VALUES IN (…)"
                )],
            };
        }
        _ => {
            return Afterwards {
                who: "nobody".to_owned(),
                why: "no partition is ever missing".to_owned(),
                commands: Vec::new(),
            };
        }
    };
    let interval = match every {
        Every::Day => "1 day".to_owned(),
        Every::Week => "1 week".to_owned(),
        Every::Month => "1 month".to_owned(),
        Every::Quarter => "3 months".to_owned(),
        Every::Year => "1 year".to_owned(),
        Every::Step(step) => step.to_string(),
    };
    let ahead = design.request.ahead;
    match &surroundings.pg_partman {
        Some((schema, version)) => {
            let schema = quote_ident(schema);
            // Since version 5 there is only one type of partitioning, which is the default.
            let kind = if version.starts_with('4') { ", p_type := 'native'" } else { "" };
            Afterwards {
                who: "pg_partman".to_owned(),
                why: format!("version {version} is installed"),
                commands: vec![
                    format!(
                        "SELECT {schema}.create_parent(p_parent_table := {}, p_control := {}, p_interval := {}{kind}, p_premake := {ahead});",
                        literal(&format!("{}.{name}", source.schema)),
                        literal(column),
                        literal(&interval)
                    ),
                    format!(
                        "SELECT {schema}.run_maintenance();   -- from cron or pg_cron, or with its background worker"
                    ),
                ],
            }
        }
        None => Afterwards {
            who: "convert premake".to_owned(),
            why: "pg_partman is not installed".to_owned(),
            commands: vec![format!(
                "0 3 * * *  convert premake {} --ahead {ahead} --run",
                shell(&table)
            )],
        },
    }
}

/// As it must stand in a crontab.
fn shell(text: &str) -> String {
    if text.chars().all(|c| c.is_ascii_alphanumeric() || "._".contains(c)) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
