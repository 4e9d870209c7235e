//! Time, space, and the locks that each step takes.

use lab::catalog::Name;

use super::document::{Cost, Step};
use super::measure::Measured;
use crate::design::Design;
use crate::request::Shape;

/// A sample in temporary tables writes no WAL: the real thing takes about so many times as long.
const WAL: f64 = 1.6;

/// Sessions that copy and build indexes, as `run` has them by default.
const WORKERS: f64 = 2.0;

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "estimates, never negative"
)]
pub(super) fn of(design: &Design, measured: Option<&Measured>) -> Cost {
    let source = &design.source;
    let heap_bytes = source.heap_bytes.unsigned_abs();
    let index_bytes = source.index_bytes.unsigned_abs();
    let moves_rows = design.request.shape != Shape::AttachOld;
    let rows = source.rows;
    let seconds = |each: fn(&Measured) -> f64| {
        measured.zip(rows).filter(|_| moves_rows).map(|(measured, rows)| each(measured) * rows)
    };
    let steps = if moves_rows {
        copying(
            design,
            seconds(|sample| sample.copy * WAL / WORKERS),
            seconds(|sample| sample.index * WAL / WORKERS),
            seconds(|sample| sample.checksum * 2.0),
        )
    } else {
        attaching(design)
    };
    let all: Vec<f64> = steps.iter().filter_map(|step| step.seconds).collect();
    Cost {
        rows: rows.map(|rows| rows as u64),
        heap_bytes,
        index_bytes,
        extra_bytes: if moves_rows { heap_bytes + index_bytes } else { index_bytes },
        seconds: (!all.is_empty()).then(|| all.iter().sum()),
        steps,
    }
}

fn step(step: &'static str, lock: String, held: &str, seconds: Option<f64>) -> Step {
    Step { step, lock, held: held.to_owned(), seconds }
}

const MOMENT: &str =
    "a few ms; an attempt waits at most 100 ms for it, and others behind it as long";

fn table(design: &Design) -> String {
    Name::new(&design.source.schema, &design.source.name).to_string()
}

/// Tables that a foreign key ties to this one.
fn tied(design: &Design) -> String {
    let out = design.source.foreign_keys_out.iter().map(|key| &key.references);
    let mut tied: Vec<&String> =
        out.chain(design.source.foreign_keys_in.iter().map(|key| &key.table)).collect();
    tied.sort();
    tied.dedup();
    tied.iter().fold(String::new(), |all, one| format!("{all}, {one}"))
}

fn copying(
    design: &Design,
    copy: Option<f64>,
    index: Option<f64>,
    validate: Option<f64>,
) -> Vec<Step> {
    let table = table(design);
    let reading = || format!("ACCESS SHARE on {table}");
    let exchange = match &design.request.shape {
        Shape::Split => {
            let parent = design.source.parent.as_ref();
            let parent = parent.map_or_else(String::new, |parent| {
                format!(", {}", Name::new(&parent.schema, &parent.name))
            });
            format!("ACCESS EXCLUSIVE on {table}{parent}")
        }
        _ => format!("ACCESS EXCLUSIVE on {table}, the new table{}", tied(design)),
    };
    vec![
        step("prepare", format!("SHARE ROW EXCLUSIVE on {table}"), MOMENT, None),
        step("copy", reading(), "batches of 25 ms; nobody waits", copy),
        step("index", "none on it; on the new table only".into(), "nobody waits", index),
        step("catch up", reading(), "a batch of the log at a time; nobody waits", None),
        step("validate", reading(), "while both are read in one snapshot; nobody waits", validate),
        step("swap", exchange, MOMENT, None),
        step(
            "finish",
            format!("ACCESS EXCLUSIVE on {table}, then on the old one"),
            "a moment; then while files are deleted that nobody uses any more",
            None,
        ),
    ]
}

fn attaching(design: &Design) -> Vec<Step> {
    let table = table(design);
    vec![
        step("check", format!("ACCESS EXCLUSIVE on {table}"), MOMENT, None),
        step(
            "validate",
            format!("SHARE UPDATE EXCLUSIVE on {table}"),
            "one scan; readers and writers go on",
            None,
        ),
        step(
            "index",
            format!("SHARE UPDATE EXCLUSIVE on {table}"),
            "CREATE UNIQUE INDEX CONCURRENTLY; readers and writers go on",
            None,
        ),
        step("swap", format!("ACCESS EXCLUSIVE on {table}{}", tied(design)), MOMENT, None),
    ]
}
