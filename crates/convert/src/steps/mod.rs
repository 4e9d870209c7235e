//! The steps up to a target that equals the source: prepare, copy, index, catch up, validate.
//!
//! Each goes on where a run before it stopped: what it did is committed together with what says so.

pub mod catch_up;
mod copy;
mod drift;
mod index;
pub(crate) mod machinery;
mod prepare;
mod ready;
mod replay;
mod transaction;
pub mod validate;
pub(crate) mod workers;

use std::time::Instant;

use lab::catalog::Name;
use lab::{Context, Error, Result};
use tokio_postgres::Client;

use crate::design::{self, Design};
use crate::event::Event;
use crate::request::{Request, Shape};
use crate::shape;
use crate::state::{self, Conversion, Phase, Side};
use crate::work::Work;

/// Goes on with the conversion that the table is in, or begins one, up to a target that equals the source.
pub async fn to_ready(work: &Work<'_>, oid: u32, request: &Request) -> Result<Conversion> {
    let client = work.session.client();
    let Some(conversion) = state::of_oid(client, oid).await? else {
        let design = design::decide(client, oid, request).await?;
        return run(work, &design).await;
    };
    if conversion.design.request != *request {
        work.observer.tell(Event::Note(format!(
            "{} is being converted as asked for when that began, which was not the same; `convert abort` would allow for a new beginning",
            conversion.name()
        )));
    }
    go_on(work, conversion).await
}

/// Everything up to phase `Ready`: a new conversion by `design`, or what is left of the one
/// that the table is in.
pub async fn run(work: &Work<'_>, design: &Design) -> Result<Conversion> {
    let table = Name::new(&design.source.schema, &design.source.name);
    settings(work).await?;
    state::exclusive(work, design.source.oid, &table.to_string()).await?;
    state::free(work.session.client(), design).await?;
    let conversion = match state::find(work.session.client(), &table.to_string()).await? {
        Some(conversion) => conversion,
        None => Box::pin(prepare::prepare(work, design)).await?,
    };
    go_on(work, conversion).await
}

/// What is left to do of a conversion up to phase `Ready`. Nothing when it is swapped.
pub async fn go_on(work: &Work<'_>, mut conversion: Conversion) -> Result<Conversion> {
    settings(work).await?;
    state::exclusive(work, conversion.source, &conversion.name().to_string()).await?;
    // Somebody else may have gone on before the lock was ours.
    conversion = state::reload(work.session.client(), conversion.id).await?;
    loop {
        if conversion.phase >= Phase::Ready {
            // What comes now is to be on disk when it is done.
            let reset = work.session.client().batch_execute("RESET synchronous_commit").await;
            reset.context(|| "cannot prepare the session")?;
            return Ok(conversion);
        }
        if work.interrupt.is_raised() {
            return Err(workers::interrupted());
        }
        drift::check(work, &conversion).await?;
        let begun = Instant::now();
        let attaches = conversion.design.request.shape == Shape::AttachOld;
        let name = match conversion.phase {
            Phase::Logging => "prepare",
            Phase::Prepared if attaches => "index",
            Phase::Indexed if attaches => "check",
            Phase::Prepared if copy::gentle::suits(work, &conversion) => "index",
            Phase::Prepared | Phase::Keyed => "copy",
            Phase::Copied => "index",
            Phase::Indexed => "catch up",
            _ => "validate",
        };
        work.observer.tell(Event::Begins(name));
        let said = match next(work, &mut conversion, attaches).await {
            Ok(said) => said,
            Err(error) if error.kind() == lab::error::Kind::Interrupted => return Err(error),
            Err(error) => {
                // A statement that fails since a column is gone says less than this.
                drift::check(work, &conversion).await?;
                return Err(error);
            }
        };
        ended(work, &conversion, name, said, begun).await?;
    }
}

/// The step that comes next.
async fn next(work: &Work<'_>, conversion: &mut Conversion, attaches: bool) -> Result<String> {
    match conversion.phase {
        Phase::Logging => Box::pin(prepare::target(work, conversion)).await,
        Phase::Prepared if attaches => Box::pin(index::index(work, conversion)).await,
        Phase::Indexed if attaches => {
            let said = Box::pin(shape::attach_old::check(work, conversion)).await?;
            ready::ready(work, conversion).await?;
            Ok(said)
        }
        Phase::Prepared if copy::gentle::suits(work, conversion) => {
            Box::pin(index::first(work, conversion)).await
        }
        Phase::Prepared => Box::pin(copy::copy(work, conversion)).await,
        Phase::Keyed => {
            let said = Box::pin(copy::gentle::copy(work, conversion)).await?;
            Box::pin(index::complete(work, conversion)).await?;
            Ok(said)
        }
        Phase::Copied => Box::pin(index::index(work, conversion)).await,
        Phase::Indexed => Box::pin(catch_up::catch_up(work, conversion)).await,
        _ => Box::pin(validate::step(work, conversion)).await,
    }
}

/// Tells that a step ended, and writes it down for `status`.
async fn ended(
    work: &Work<'_>,
    conversion: &Conversion,
    step: &'static str,
    said: String,
    begun: Instant,
) -> Result<()> {
    let elapsed = begun.elapsed();
    let details = serde_json::json!({ "said": said });
    state::step(work.session.client(), conversion.id, step, elapsed, &details).await?;
    work.observer.tell(Event::Ended(step, said, elapsed));
    Ok(())
}

/// The same for what must be on disk when it is done: the tables change places, or one goes.
pub(crate) async fn durable(work: &Work<'_>) -> Result<()> {
    settings(work).await?;
    let on = work.session.client().batch_execute("SET synchronous_commit = on").await;
    on.context(|| "cannot prepare the session")
}

/// The steering session is one of those that work.
async fn settings(work: &Work<'_>) -> Result<()> {
    work.session
        .client()
        .batch_execute(workers::SETTINGS)
        .await
        .context(|| "cannot prepare the session")
}

/// The name of one side's table as it is now.
pub async fn table_name(client: &Client, conversion: &Conversion, side: Side) -> Result<Name> {
    let oid = conversion.oid(side)?;
    let names = crate::moves::around::names(client, &[oid]).await?;
    names.into_iter().next().ok_or_else(|| {
        let what = match side {
            Side::Source => "the source",
            Side::Target => "the target",
        };
        Error::failed(format!("{what} of the conversion of {} is gone", conversion.name()))
            .because(format!("there is no table with OID {oid}"))
            .next(drift::abort(&conversion.name()))
    })
}
