//! Prepare: from here on every change is known, and there is something to copy into.

mod segments;
mod target;

use std::time::Instant;

use lab::catalog::Name;
use lab::report::{count, duration, plural};
use lab::{Context, Error, Result};

use super::{machinery, transaction};
use crate::attempt::Attempts;
use crate::design::Design;
use crate::event::{Event, Point};
use crate::moves;
use crate::request::Shape;
use crate::state::{self, Conversion, Phase, Side};
use crate::work::Work;

pub(super) use segments::write as write_segments;

/// Writes the conversion down, with its log and functions. Nobody waits for it.
async fn begin(work: &Work<'_>, design: &Design) -> Result<Conversion> {
    let client = work.session.client();
    let table = Name::new(&design.source.schema, &design.source.name);
    state::create_schema(client, work.interrupt).await?;
    transaction::begin(client).await?;
    let beginning = async {
        let conversion = state::insert(client, design).await?;
        let sql = machinery::functions(
            &conversion,
            Side::Source,
            &table,
            &design.source.tree,
            &work.guards,
        );
        client.batch_execute(&sql).await.context(|| format!("cannot make the log of {table}"))?;
        Ok(conversion)
    };
    transaction::ended(client, beginning.await).await
}

/// Puts the triggers onto the source, unless they are there. From their commit on every change is in
/// the log.
///
/// `CREATE TRIGGER` waits for writers, and then lets none in: short attempts, within the budget.
async fn triggers(work: &Work<'_>, conversion: &Conversion) -> Result<()> {
    let client = work.session.client();
    let table = super::table_name(client, conversion, Side::Source).await?;
    let tree = moves::around::names(client, &conversion.design.source.tree).await?;
    let sql = machinery::triggers(conversion, Side::Source, &table, &tree, &work.guards);
    if sql.is_empty() || logs(work, conversion).await? {
        return Ok(());
    }
    let locks = [format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")];
    let mut attempts = Attempts::new(work, format!("put a trigger on {table}")).await?;
    let granted = loop {
        if let Some(granted) = attempts.lock(work, &locks).await? {
            break granted;
        }
        attempts.pause(work, "others write to it without a moment's rest").await?;
    };
    let putting = client.batch_execute(&sql).await;
    let put = putting.context(|| format!("cannot put a trigger on {table}"));
    transaction::ended(client, put).await?;
    work.observer.tell(Event::Note(format!(
        "every change of {table} is logged from now on; writers waited for {} at most",
        duration(granted.elapsed())
    )));
    Ok(())
}

/// Whether the source has the row trigger: it came in one transaction with the others.
async fn logs(work: &Work<'_>, conversion: &Conversion) -> Result<bool> {
    let what = || format!("cannot see the triggers of {}", conversion.name());
    let row = work
        .session
        .client()
        .query_one(
            "SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = $1 AND tgname = $2)",
            &[&conversion.source, &machinery::trigger(conversion.id)],
        )
        .await
        .context(what)?;
    row.try_get(0).context(what)
}

/// Triggers first, then the target, and what is to be copied into it. A sentence for people.
pub async fn target(work: &Work<'_>, conversion: &mut Conversion) -> Result<String> {
    triggers(work, conversion).await?;
    work.observer.at(Point::LogReady).await?;
    let client = work.session.client();
    let shadow = conversion.design.target_name.clone();
    let what = || format!("cannot make {shadow}");
    let details = target::details(client, conversion.source).await?;
    let statements = target::statements(conversion, &details)?;
    transaction::begin(client).await?;
    let making = async {
        client.batch_execute(&statements).await.context(what)?;
        let name = Name::new(&conversion.design.source.schema, &conversion.design.target_name);
        let row = client
            .query_one("SELECT $1::text::regclass::oid", &[&name.to_string()])
            .await
            .context(what)?;
        conversion.target = Some(row.try_get(0).context(what)?);
        if conversion.design.request.shape != Shape::AttachOld {
            segments::write(client, conversion, work.pace.workers).await?;
        }
        state::set_phase(client, conversion, Phase::Prepared).await
    };
    let made = making.await;
    if made.is_err() {
        conversion.target = None;
    }
    transaction::ended(client, made).await?;
    work.observer.at(Point::Prepared).await?;
    let partitions = conversion.design.layout.leaves().len() as u64;
    Ok(format!("{} with {}", conversion.design.target_name, plural(partitions, "partition")))
}

/// Everything up to phase `Prepared`.
pub async fn prepare(work: &Work<'_>, design: &Design) -> Result<Conversion> {
    let begun = Instant::now();
    work.observer.tell(Event::Begins("prepare"));
    if let Some(blocker) = design.blockers.first() {
        return Err(blocked(design, blocker));
    }
    let mut conversion = begin(work, design).await?;
    let said = target(work, &mut conversion).await?;
    super::ended(work, &conversion, "prepare", said, begun).await?;
    Ok(conversion)
}

fn blocked(design: &Design, blocker: &crate::design::Blocker) -> Error {
    let others = design.blockers.len() - 1;
    let error = Error::failed(format!("{} cannot be converted like this", design.source.name))
        .because(format!("{}: {}", blocker.object, blocker.why));
    let error = blocker.ways.iter().fold(error, Error::next);
    if others == 0 {
        error
    } else {
        error.because(format!("and {} more: see convert plan", count(others as u64)))
    }
}
