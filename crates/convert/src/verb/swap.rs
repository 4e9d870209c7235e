//! `swap` and `rollback`: the tables change places.

use convert::request::Shape;
use convert::shape::ROWS_BACK;
use convert::state::{Conversion, Phase};
use convert::swap::{self, Exchanged};
use lab::Result;
use lab::app::App;
use lab::report::{count, duration, plural};
use serde::Serialize;

use super::converter::Converter;
use crate::cli::Table;

/// As JSON.
#[derive(Debug, Serialize)]
struct Document<'a> {
    table: String,
    /// `source` or `target`: which bears the table's name now.
    live: &'static str,
    /// The other table's name, where there still is one.
    other: Option<&'a str>,
    #[serde(flatten)]
    exchanged: Exchanged,
}

/// `convert swap`
pub async fn swap(app: &App, table: &Table) -> Result<()> {
    let mut converter = Converter::open(app, &table.locks).await?;
    let conversion = converter.conversion(&table.table).await?;
    swap_ready(app, &mut converter, &conversion).await
}

/// Swaps `conversion` and says so; for `run --swap` too.
pub async fn swap_ready(
    app: &App,
    converter: &mut Converter<'_>,
    conversion: &Conversion,
) -> Result<()> {
    let exchanged = swap::swap(&converter.work(), conversion).await?;
    let (name, design) = (conversion.name(), &conversion.design);
    let attached = (design.request.shape == Shape::AttachOld).then(|| design.layout.parts.first());
    // Attached, the old table is a partition, and bears that one's name.
    let old = attached.flatten().map_or(&design.old_name, |part| &part.name);
    let last = matches!(design.request.shape, Shape::Copy { .. });
    app.json(&Document {
        table: name.to_string(),
        live: "target",
        other: (!last).then_some(old.as_str()),
        exchanged,
    })?;
    if let Shape::Copy { name } = &design.request.shape {
        return app.say(format!(
            "{name} is made, and equals {} {}",
            conversion.name(),
            how(&exchanged)
        ));
    }
    app.say(if conversion.phase == Phase::Swapped {
        format!(
            "{name} was swapped before; {} done now",
            plural(exchanged.settled, "thing left to settle was")
        )
    } else {
        format!("{name} is the new table now {}", how(&exchanged))
    })?;
    if attached.is_some() {
        let most = count(ROWS_BACK.into());
        return report_ways(
            app,
            &[
                format!("the old table is its partition {old}"),
                format!(
                    "back, as long as later partitions hold no more than {most} rows: cargo run -p convert -- rollback {name}"
                ),
                format!("keep it so: cargo run -p convert -- finish {name}"),
            ],
        );
    }
    report_ways(
        app,
        &[
            format!("the old table is {old}"),
            format!("back, with all later changes: cargo run -p convert -- rollback {name}"),
            format!("drop it: cargo run -p convert -- finish {name}"),
        ],
    )
}

/// `convert rollback`
pub async fn rollback(app: &App, table: &Table) -> Result<()> {
    let mut converter = Converter::open(app, &table.locks).await?;
    let conversion = converter.conversion(&table.table).await?;
    let exchanged = swap::rollback(&converter.work(), &conversion).await?;
    let (name, target) = (conversion.name(), &conversion.design.target_name);
    app.json(&Document {
        table: name.to_string(),
        live: "source",
        other: Some(target),
        exchanged,
    })?;
    app.say(format!("{name} is the old table again {}", how(&exchanged)))?;
    report_ways(
        app,
        &[
            format!("the new table is {target}"),
            format!("once more: cargo run -p convert -- swap {name}"),
            format!("drop it: cargo run -p convert -- abort {name}"),
        ],
    )
}

/// Attempts, lock and log, for people.
fn how(exchanged: &Exchanged) -> String {
    let Exchanged { attempts, held, replayed, settled } = exchanged;
    let settled = match settled {
        0 => String::new(),
        things => format!("; {} settled afterwards", plural(*things, "thing")),
    };
    format!(
        "({}; its lock was held for {}, with {} replayed under it{settled})",
        plural((*attempts).into(), "attempt"),
        duration(*held),
        plural(*replayed, "change"),
    )
}

fn report_ways(app: &App, ways: &[String]) -> Result<()> {
    ways.iter().try_for_each(|way| app.say(format!("  {way}")))
}
