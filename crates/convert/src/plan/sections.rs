//! The document in sections, as people read it; text and Markdown are made from these.

use std::time::Duration;

use lab::report::{bytes, count, duration, plural};

use super::document::{Carried, Document, GetById, Lookup};

/// A numbered section.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its title.
    pub title: String,
    /// What stands in it.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// Points.
    Items(Vec<String>),
    /// Rows under a header.
    Table(Vec<&'static str>, Vec<Vec<String>>),
    /// Lines to copy.
    Code(Vec<String>),
}

/// Every section, in the order of the specification.
pub(super) fn of(document: &Document) -> Vec<Section> {
    let section = |title: &str, blocks: Vec<Block>| Section { title: title.to_owned(), blocks };
    let mut sections = vec![
        section(
            "Foreign keys in",
            carried(
                &document.foreign_keys_in,
                "none: nothing references the table, it is a leaf of the dependency graph",
            ),
        ),
        section("Foreign keys out", carried(&document.foreign_keys_out, "none")),
        section("Primary key", primary_key(document)),
        section("Unique keys", unique_keys(document)),
        section("Partitions", partitions(document)),
        section("What a rename leaves behind", carried(&document.carried, "nothing")),
        section("Cost", cost(document)),
        section("Afterwards", afterwards(document)),
    ];
    if !document.remarks.is_empty() {
        sections.push(section("Remarks", vec![Block::Items(document.remarks.clone())]));
    }
    sections
}

fn carried(items: &[Carried], none: &str) -> Vec<Block> {
    if items.is_empty() {
        return vec![Block::Text(none.to_owned())];
    }
    let rows = items.iter().map(|item| {
        let object = match &item.definition {
            Some(definition) => format!("{}: {definition}", item.object),
            None => item.object.clone(),
        };
        vec![object, item.becomes.clone()]
    });
    vec![Block::Table(vec!["object", "becomes"], rows.collect())]
}

fn primary_key(document: &Document) -> Vec<Block> {
    let Some(key) = &document.primary_key else {
        return vec![Block::Text("none".to_owned())];
    };
    let (now, then) = (key.columns.join(", "), key.becomes.join(", "));
    let mut blocks = vec![Block::Text(if now == then {
        format!("{} stays ({now}).", key.name)
    } else {
        format!(
            "{}: ({now}) becomes ({then}), for a unique key must contain the partition key.",
            key.name
        )
    })];
    if let Some(cost) = &key.get_by_id {
        blocks.extend(get_by_id(cost));
    }
    blocks
}

fn get_by_id(cost: &GetById) -> Vec<Block> {
    let row = |name: &str, lookup: &Lookup| {
        vec![
            name.to_owned(),
            format!("WHERE {}", lookup.condition),
            count(lookup.partitions),
            count(lookup.blocks),
            milliseconds(lookup.ms),
        ]
    };
    let mut rows = vec![row("now", &cost.before), row("then", &cost.after)];
    rows.extend(cost.with_hint.as_ref().map(|lookup| row("pruned", lookup)));
    let mut blocks = vec![Block::Table(vec!["", "one row", "tables", "blocks", "time"], rows)];
    let sample =
        format!("Measured on a sample of {} in temporary tables.", plural(cost.sample_rows, "row"));
    let hint = match &cost.with_hint {
        Some(_) if cost.after.partitions > 1 => {
            " By the old key alone every partition's index is searched; whoever knows the partition key, even as a range, adds it to the condition."
        }
        _ => "",
    };
    blocks.push(Block::Text(sample + hint));
    blocks
}

fn unique_keys(document: &Document) -> Vec<Block> {
    let mut blocks = Vec::new();
    for key in &document.unique_keys {
        blocks.push(Block::Text(format!(
            "{} ({}): {}.",
            key.name,
            key.columns.join(", "),
            key.becomes
        )));
        if !key.ways.is_empty() {
            blocks.push(Block::Items(key.ways.clone()));
        }
        if let Some(side) = &key.side_table {
            blocks.push(Block::Text(format!(
                "A side table was measured: an INSERT takes {} a row with it, {} without, and it needs {}.",
                milliseconds(side.insert_with_us / 1e3),
                milliseconds(side.insert_us / 1e3),
                bytes(side.bytes)
            )));
        }
    }
    if blocks.is_empty() { vec![Block::Text("none besides".to_owned())] } else { blocks }
}

fn partitions(document: &Document) -> Vec<Block> {
    let leaves = document.partitions.iter().filter(|part| part.leaf).count() as u64;
    let rows: Vec<Vec<String>> = document
        .partitions
        .iter()
        .map(|part| vec![part.name.clone(), part.bound.clone()])
        .collect();
    let shown = if rows.len() > 40 {
        let more = vec!["…".to_owned(), format!("{} in between", count(rows.len() as u64 - 30))];
        [&rows[..20], &[more], &rows[rows.len() - 10..]].concat()
    } else {
        rows
    };
    vec![
        Block::Text(format!("{}, {}.", document.strategy, plural(leaves, "partition"))),
        Block::Table(vec!["partition", "bound"], shown),
        Block::Text(format!("DEFAULT: {}. {}.", document.default.fits, document.default.why)),
    ]
}

fn cost(document: &Document) -> Vec<Block> {
    let cost = &document.cost;
    let rows =
        cost.rows.map_or("an unknown number of rows (ANALYZE counts them)".to_owned(), |rows| {
            plural(rows, "row")
        });
    let time = cost.seconds.map_or_else(String::new, |seconds| {
        format!(" Copy, index and validation together take about {} with two workers and no other load, estimated from a sample.", time(seconds))
    });
    let steps = cost.steps.iter().map(|step| {
        let seconds = step.seconds.map_or_else(|| "–".to_owned(), time_of);
        vec![step.step.to_owned(), seconds, step.lock.clone(), step.held.clone()]
    });
    vec![
        Block::Text(format!(
            "{rows}, {} and {} of indexes; {} more until finish.{time}",
            bytes(cost.heap_bytes),
            bytes(cost.index_bytes),
            bytes(cost.extra_bytes)
        )),
        Block::Text(format!("Way: {}. {}.", document.way.fits, document.way.why)),
        Block::Table(vec!["step", "time", "lock", "held"], steps.collect()),
    ]
}

fn afterwards(document: &Document) -> Vec<Block> {
    let after = &document.afterwards;
    let mut blocks =
        vec![Block::Text(format!("New partitions are made by {}: {}.", after.who, after.why))];
    if !after.commands.is_empty() {
        blocks.push(Block::Code(after.commands.clone()));
    }
    blocks
}

fn milliseconds(ms: f64) -> String {
    duration(Duration::from_secs_f64(ms.max(0.0) / 1e3))
}

fn time(seconds: f64) -> String {
    duration(Duration::from_secs_f64(seconds.max(0.0)))
}

fn time_of(seconds: f64) -> String {
    format!("~{}", time(seconds))
}
