//! Who makes the next partitions.

use lab::catalog::Name;

use super::document::Afterwards;
use crate::design::Design;
use crate::layout::{Bound, Kind, Part, unquoted};
use crate::premake::{Kept, Partman, Width, Wish};
use crate::request::{Every, Level, Shape};

pub(super) fn of(design: &Design, partman: Option<&Partman>) -> Afterwards {
    let source = &design.source;
    let name = match &design.request.shape {
        Shape::Copy { name } => name,
        _ => &source.name,
    };
    let name = Name::new(&source.schema, name);
    let table = name.to_string();
    let range = design.request.levels.iter().find_map(|level| match level {
        Level::Range { column, every } => Some((column, *every)),
        Level::List { .. } | Level::Hash { .. } => None,
    });
    if let Some((column, every)) = range.filter(|_| design.request.shape != Shape::Split) {
        return by_range(design, partman, &name, column, every);
    }
    match design.request.levels.first() {
        Some(Level::List { .. }) if design.request.default => {
            let default = design.layout.parts.last().map_or("DEFAULT", |part| &part.name);
            Afterwards {
                who: "you".to_owned(),
                why: format!(
                    "a value that has no partition yet comes into {default}, until it gets one"
                ),
                commands: vec![format!("convert run {table} --split {}", shell(default))],
                premake: Vec::new(),
            }
        }
        Some(Level::List { .. }) => Afterwards {
            who: "you".to_owned(),
            why: "a value that has no partition yet is refused until it gets one".to_owned(),
            commands: vec![format!(
                "CREATE TABLE … (LIKE {table} INCLUDING ALL); ALTER TABLE {table} ATTACH PARTITION … FOR VALUES IN (…)"
            )],
            premake: Vec::new(),
        },
        _ => Afterwards {
            who: "nobody".to_owned(),
            why: "no partition is ever missing".to_owned(),
            commands: Vec::new(),
            premake: Vec::new(),
        },
    }
}

fn by_range(
    design: &Design,
    partman: Option<&Partman>,
    table: &Name,
    column: &str,
    every: Every,
) -> Afterwards {
    let kind = design.source.columns.iter().find(|own| own.name == column).map(Kind::of);
    let kind = kind.and_then(Result::ok);
    // It knows one level, and no UUIDs.
    let suits = matches!(design.request.levels.as_slice(), [Level::Range { .. }])
        && kind != Some(Kind::Uuid);
    let zoned = matches!(kind, Some(Kind::Timestamptz | Kind::Uuid));
    let zone = design.request.time_zone.clone().filter(|_| zoned);
    let ahead = design.request.ahead;
    if let Some(partman) = partman.filter(|_| suits) {
        let wish = Wish { ahead, retain: None, drop: false, time_zone: zone };
        let kept = kept(design, table, column, every);
        let lines = partman.configuration(&kept, &wish, false);
        return Afterwards {
            who: "pg_partman".to_owned(),
            why: format!("version {} is installed", partman.version),
            commands: lines.lines().map(str::to_owned).collect(),
            premake: Vec::new(),
        };
    }
    let mut premake = vec!["premake".to_owned(), table.to_string()];
    premake.extend(["--ahead".to_owned(), ahead.to_string()]);
    premake.extend(zone.into_iter().flat_map(|zone| ["--time-zone".to_owned(), zone]));
    premake.push("--run".to_owned());
    let words: Vec<_> = premake.iter().map(|word| shell(word)).collect();
    Afterwards {
        who: "convert premake".to_owned(),
        why: match partman {
            Some(_) => "pg_partman is installed, but keeps no such table".to_owned(),
            None => "pg_partman is not installed".to_owned(),
        },
        commands: vec![format!("every night: convert {}", words.join(" "))],
        premake,
    }
}

/// The table as it is after the swap.
fn kept(design: &Design, table: &Name, column: &str, every: Every) -> Kept {
    let width = match every {
        Every::Day => Width::Days(1),
        Every::Week => Width::Days(7),
        Every::Month => Width::Months(1),
        Every::Quarter => Width::Months(3),
        Every::Year => Width::Months(12),
        Every::Step(step) => Width::Numbers(step.into()),
    };
    let ends = |part: &Part| match Bound::read(&part.bound) {
        Some(Bound::Range(from, to)) => Some((unquoted(from.first()?), unquoted(to.first()?))),
        _ => None,
    };
    let parts = &design.layout.parts;
    let existing = parts.iter().filter_map(|part| {
        let from = ends(part)?.0.parse().ok()?;
        Some((Name::new(&table.schema, &part.name), from))
    });
    let newest = parts.iter().filter_map(ends).next_back().map(|(_, to)| to);
    Kept {
        name: table.clone(),
        column: column.to_owned(),
        width,
        existing: existing.collect(),
        end: newest.filter(|to| to != "MAXVALUE"),
        is_time: !matches!(every, Every::Step(_)),
    }
}

/// A word as a shell takes it.
fn shell(text: &str) -> String {
    if text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
