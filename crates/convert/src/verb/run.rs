//! `run`: everything up to a target that equals the source.

use convert::shape::{self, Bucket, Buckets, Subject};
use convert::state::{Conversion, Phase};
use convert::{steps, swap};
use lab::Result;
use lab::app::App;
use lab::report::plural;
use serde::Serialize;

use super::converter::Converter;
use super::swap::swap_ready;
use crate::cli::{Run, Wish};

/// As JSON.
#[derive(Debug, Serialize)]
struct Document {
    conversion: i64,
    table: String,
    target: String,
    phase: &'static str,
}

/// `convert run`
pub async fn run(app: &App, flags: &Run) -> Result<()> {
    let request = flags.wish.request()?;
    let pace = flags.pace.pace()?;
    let mut converter = Converter::paced(app, pace, flags.pace.pace).await?;
    let Wish { table, split, .. } = &flags.wish;
    let client = converter.session.client();
    match shape::subject(client, table, split.as_deref(), request).await? {
        Subject::One { oid, request } => {
            let conversion = steps::to_ready(&converter.work(), oid, &request).await?;
            ended(app, &mut converter, &conversion, flags.swap).await
        }
        Subject::Buckets(buckets) => {
            let dividing = Box::pin(divide(app, &mut converter, &buckets, table, flags.swap));
            app.as_one_document(dividing).await
        }
    }
}

/// One bucket after the other; without `and_swap`, the next one only.
async fn divide(
    app: &App,
    converter: &mut Converter<'_>,
    buckets: &Buckets,
    table: &str,
    and_swap: bool,
) -> Result<()> {
    let left = if and_swap { buckets.finish(&converter.work()).await? } else { 0 };
    let mut next = buckets.next(converter.session.client()).await?;
    if next.is_none() && left == 0 {
        return Err(buckets.enough(table));
    }
    while let Some(Bucket { oid, request, after, .. }) = next {
        let conversion = steps::to_ready(&converter.work(), oid, &request).await?;
        ended(app, converter, &conversion, and_swap).await?;
        if !and_swap {
            return app.say(format!(
                "swap and finish it, then run the same command again: {} to go; run --swap does all of them",
                plural(after as u64, "more bucket")
            ));
        }
        // A bucket that was divided has nothing more to give back.
        let swapped = convert::state::reload(converter.session.client(), conversion.id).await?;
        swap::finish(&converter.work(), &swapped, false).await?;
        next = buckets.next(converter.session.client()).await?;
    }
    Ok(())
}

/// What there is now, and what to type next; with `--swap`, that is done too.
async fn ended(
    app: &App,
    converter: &mut Converter<'_>,
    conversion: &Conversion,
    and_swap: bool,
) -> Result<()> {
    let name = conversion.name();
    if and_swap && conversion.phase == Phase::Ready {
        return swap_ready(app, converter, conversion).await;
    }
    app.json(&Document {
        conversion: conversion.id,
        table: name.to_string(),
        target: conversion.design.target_name.clone(),
        phase: conversion.phase.as_str(),
    })?;
    app.say(format!("{name} is {}", conversion.phase))?;
    let ways: &[&str] = match conversion.phase {
        Phase::Ready => &["swap", "abort"],
        _ => &["rollback", "finish"],
    };
    ways.iter().try_for_each(|way| app.say(format!("  cargo run -p convert -- {way} {name}")))
}
