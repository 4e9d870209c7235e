//! What a conversion would do, what it would cost, and what stands in its way: the document that
//! `convert plan` shows. Nothing in the database is changed by making it.

mod afterwards;
mod carried;
mod cost;
mod document;
mod measure;
mod render;
mod sections;
pub mod sql;

pub use document::{
    Afterwards, Carried, Cost, Document, GetById, Key, Lookup, Part, Step, UniqueKey, Way,
};
pub use render::{markdown, text};
pub use sections::{Block, Section};

use lab::Result;
use lab::catalog::Name;
use lab::connect::Session;

use crate::design::{self, Design};
use crate::layout::Layout;
use crate::portrait::{ForeignKey, Index};
use crate::premake::{self, Partman};
use crate::request::{Level, Request, Shape};

/// Decides for the table with this OID, measures on a sample, and writes down all of it.
pub async fn read(
    session: &mut Session,
    oid: u32,
    request: &Request,
) -> Result<(Design, Document)> {
    let design = design::decide(session.client(), oid, request).await?;
    let measured = measure::measure(session, &design).await;
    let partman = premake::installed(session.client()).await?;
    let document = document(&design, &measured, partman.as_ref());
    Ok((design, document))
}

fn document(
    design: &Design,
    measured: &Result<measure::Measured, String>,
    partman: Option<&Partman>,
) -> Document {
    let source = &design.source;
    Document {
        table: Name::new(&source.schema, &source.name).to_string(),
        strategy: strategy(&design.layout),
        way: way(design),
        blockers: design.blockers.clone(),
        foreign_keys_in: source
            .foreign_keys_in
            .iter()
            .map(|key| foreign_key(design, key))
            .collect(),
        foreign_keys_out: source
            .foreign_keys_out
            .iter()
            .map(|key| foreign_key(design, key))
            .collect(),
        primary_key: primary_key(design, measured),
        unique_keys: unique_keys(design, measured),
        partitions: partitions(&design.layout),
        default: default(design),
        carried: carried::all(design),
        cost: cost::of(design, measured.as_ref().ok()),
        afterwards: afterwards::of(design, partman),
        remarks: remarks(design, measured),
    }
}

/// `RANGE (created_at), then HASH (id)`.
fn strategy(layout: &Layout) -> String {
    let below = layout.parts.iter().find_map(|part| part.below.as_ref());
    match below {
        Some(below) => format!("{}, then {}", layout.key, strategy(below)),
        None => layout.key.clone(),
    }
}

/// Above this, moving every row costs more than most gain from it.
const LARGE: i64 = 100 << 30;

fn way(design: &Design) -> Way {
    let source = &design.source;
    let bytes = source.heap_bytes + source.index_bytes;
    let level = design.request.levels.first();
    let (fits, why) = match (&design.request.shape, level) {
        (Shape::AttachOld, _) => (
            "attach-old",
            "It was asked for: the table becomes the first partition, and no row moves",
        ),
        (Shape::Split, _) => ("copy", "The rows of one partition are spread over several"),
        (Shape::Copy { .. }, _) => ("copy", "A table of another name is made"),
        (_, Some(Level::Hash { .. })) => {
            ("copy", "Every hash partition gets some of the old rows, so --attach-old cannot do it")
        }
        _ if source.partition_key.is_some() => {
            ("copy", "The table is partitioned already, so it cannot become one partition")
        }
        _ if design.request.levels.len() > 1 => {
            ("copy", "There is a second level, which the old rows would not have")
        }
        _ if bytes > LARGE => (
            "attach-old",
            "The table is so large that its old rows are better left where they are, in one partition, which later can be split",
        ),
        _ => (
            "copy",
            "The old rows come into partitions of their own, so that queries prune them and old ones can be dropped; --attach-old would leave them all in one, and move none",
        ),
    };
    Way { fits: fits.to_owned(), why: why.to_owned() }
}

fn foreign_key(design: &Design, key: &ForeignKey) -> Carried {
    let object = format!("{} of {}", key.name, key.table);
    let in_the_way = design.blockers.iter().find(|blocker| {
        blocker.object.contains(&*lab::catalog::quote_ident(&key.name))
            && blocker.object.ends_with(&key.table)
    });
    let becomes = match (in_the_way, &design.request.shape) {
        (Some(blocker), _) => format!("BLOCKER {}: {}", blocker.code, blocker.why),
        (None, Shape::Copy { .. }) => "stays with the table that stays".to_owned(),
        (None, Shape::AttachOld | Shape::Split) if !design.source.foreign_keys_in.contains(key) => {
            "carried over: on the new table or partitions, validated, before the swap".to_owned()
        }
        (None, _) => {
            "carried over: NOT VALID in the swap, validated partition by partition after it"
                .to_owned()
        }
    };
    Carried { object, definition: Some(key.definition.clone()), becomes }
}

fn columns(index: &Index) -> Vec<String> {
    index.columns.iter().map(|name| name.clone().unwrap_or_else(|| "(expression)".into())).collect()
}

fn primary_key(design: &Design, measured: &Result<measure::Measured, String>) -> Option<Key> {
    let target = design.indexes.first().filter(|index| index.unique)?;
    let source = design.source.indexes.iter().find(|index| index.name == target.name)?;
    Some(Key {
        name: target.name.clone(),
        columns: columns(source),
        becomes: target
            .columns
            .iter()
            .map(|name| name.clone().unwrap_or_else(|| "(expression)".into()))
            .collect(),
        get_by_id: measured.as_ref().ok().and_then(|measured| measured.get_by_id.clone()),
    })
}

fn unique_keys(design: &Design, measured: &Result<measure::Measured, String>) -> Vec<UniqueKey> {
    let key = design.indexes.first().map(|index| index.name.as_str());
    let others = design
        .source
        .indexes
        .iter()
        .filter(|index| index.unique && index.valid && Some(index.name.as_str()) != key);
    others
        .map(|index| {
            let target = design.indexes.iter().find(|target| target.name == index.name);
            let blocker = design.blockers.iter().find(|blocker| {
                blocker.code == "unique-key"
                    && blocker.object.ends_with(&*lab::catalog::quote_ident(&index.name))
            });
            let becomes = match (blocker, target) {
                (Some(_), _) => {
                    "BLOCKER unique-key: it cannot stay unique over all partitions".to_owned()
                }
                (None, Some(target)) if target.unique && target.added.is_empty() => {
                    "stays as it is".to_owned()
                }
                (None, Some(target)) if target.unique => format!("is extended: {}", target.using),
                (None, Some(_))
                    if design.side_tables().iter().any(|side| side.key == index.name) =>
                {
                    "becomes a plain index, and a side table keeps it unique".to_owned()
                }
                (None, Some(_)) => {
                    "becomes a plain index; the application keeps it unique".to_owned()
                }
                (None, None) => "is left out".to_owned(),
            };
            let side = measured.as_ref().ok().and_then(|measured| {
                measured
                    .side_tables
                    .iter()
                    .find(|(name, _)| *name == index.name)
                    .map(|(_, cost)| cost.clone())
            });
            UniqueKey {
                name: index.name.clone(),
                columns: columns(index),
                becomes,
                ways: blocker.map(|blocker| blocker.ways.clone()).unwrap_or_default(),
                side_table: side,
            }
        })
        .collect()
}

fn partitions(layout: &Layout) -> Vec<Part> {
    let mut all = Vec::new();
    for part in &layout.parts {
        all.push(Part {
            name: part.name.clone(),
            bound: part.bound.clone(),
            leaf: part.below.is_none(),
        });
        all.extend(part.below.iter().flat_map(partitions));
    }
    all
}

fn default(design: &Design) -> Way {
    let is_hash = matches!(design.request.levels.first(), Some(Level::Hash { .. }));
    let (fits, why) = if is_hash {
        ("no", "Hash partitions hold every row")
    } else if design.request.default {
        (
            "yes",
            "It was asked for; each partition added later scans it under ACCESS EXCLUSIVE, unless a validated CHECK excludes the new bounds",
        )
    } else {
        (
            "no",
            "With one, DETACH … CONCURRENTLY is refused and every ATTACH scans it; without, a row beyond all bounds is an error, so keep partitions ahead",
        )
    };
    Way { fits: fits.to_owned(), why: why.to_owned() }
}

fn remarks(design: &Design, measured: &Result<measure::Measured, String>) -> Vec<String> {
    let mut remarks = design.remarks.clone();
    if let Err(why) = measured {
        remarks.push(format!("nothing was measured: {why}"));
    }
    remarks
}
