//! What no log knows of, and must not get lost in an exchange: writes that fired no trigger, and
//! transactions that would see the new table as it was long ago.

use lab::{Context, Error, Result};

use tokio_postgres::Statement;

use crate::attempt::Attempts;
use crate::request::Shape;
use crate::state::{Conversion, Side};
use crate::steps::{machinery, validate};
use crate::work::Work;

/// Tables of the live tree on which the log's trigger is not as it was made: gone, disabled, or
/// enabled again as an ordinary one.
const TRIGGERS: &str = "\
    SELECT t.relid::text \
    FROM (SELECT relid FROM pg_partition_tree($1::oid::regclass) UNION SELECT $1::oid::regclass) AS t \
    WHERE NOT EXISTS (SELECT FROM pg_trigger AS g \
                      WHERE g.tgrelid = t.relid AND g.tgname = $2 AND g.tgenabled = ANY ($3::text[]::\"char\"[])) \
    ORDER BY t.relid LIMIT 1";

/// Whoever keeps a snapshot over several statements, and began before `$2`. A statement that is its own
/// transaction has locked its tables already.
const OLDER: &str = "\
    SELECT format('session %s (%s%s) whose transaction began %s ago: %s', a.pid, a.usename, \
               coalesce(', ' || nullif(a.application_name, ''), ''), \
               date_trunc('milliseconds', clock_timestamp() - a.xact_start), left(a.query, 80)), \
           a.pid, a.xact_start::text \
    FROM pg_stat_activity AS a \
    WHERE a.datname = current_database() AND a.backend_type = 'client backend' AND a.pid <> $1 \
      AND a.backend_xmin IS NOT NULL AND a.xact_start < $2::text::timestamptz \
      AND NOT (a.state = 'active' AND a.xact_start = a.query_start) \
    ORDER BY a.xact_start";

/// The end of the first catch-up: whoever began later sees the target whole.
const CAUGHT_UP: &str = "\
    SELECT max(ended_at)::text FROM partition_convert.steps WHERE conversion = $1 AND step = 'catch up'";

/// Whether the exchange is one of tables that hold copies of each other, under triggers of ours.
fn applies(conversion: &Conversion) -> bool {
    match conversion.design.request.shape {
        Shape::Table => true,
        Shape::Split | Shape::Copy { .. } => conversion.live == Side::Source,
        Shape::AttachOld => false,
    }
}

/// What is asked for under the locks, prepared before.
pub(super) struct Unseen {
    triggers: Statement,
    files: Statement,
}

impl Unseen {
    pub(super) async fn prepare(work: &Work<'_>, conversion: &Conversion) -> Result<Self> {
        let what = || format!("cannot look at {}", conversion.name());
        let client = work.session.client();
        let files = format!(
            "SELECT files IS NOT DISTINCT FROM {} FROM partition_convert.conversions WHERE id = $1",
            validate::files(conversion.oid(conversion.live)?)
        );
        Ok(Self {
            triggers: client.prepare(TRIGGERS).await.context(what)?,
            files: client.prepare(&files).await.context(what)?,
        })
    }

    /// Fails when rows of the live table may have been changed without the log's trigger.
    pub(super) async fn triggers(&self, work: &Work<'_>, conversion: &Conversion) -> Result<()> {
        if !applies(conversion) {
            return Ok(());
        }
        let what = || format!("cannot look at the triggers of {}", conversion.name());
        let enabled: &[&str] = if work.guards.always { &["A"] } else { &["A", "O"] };
        let (oid, trigger) = (conversion.oid(conversion.live)?, machinery::trigger(conversion.id));
        let client = work.session.client();
        let found = client.query_opt(&self.triggers, &[&oid, &trigger, &enabled]).await;
        let Some(row) = found.context(what)? else { return Ok(()) };
        let table: String = row.try_get(0).context(what)?;
        let error =
            Error::failed(format!("the trigger {trigger} of {table} was disabled or dropped"))
                .because("what was written without it is in no log, and would be lost");
        let name = conversion.name();
        Err(match conversion.live {
            Side::Source => {
                error.next(format!("cargo run -p convert -- abort {name}, and begin anew"))
            }
            Side::Target => error
                .next(format!("stay with the new table: cargo run -p convert -- finish {name}")),
        })
    }

    /// Whether the live table's rows are in the files that were compared.
    pub(super) async fn same_files(
        &self,
        work: &Work<'_>,
        conversion: &Conversion,
    ) -> Result<bool> {
        if !applies(conversion) {
            return Ok(true);
        }
        let what = || format!("cannot read whether {} was rewritten", conversion.name());
        let row = work.session.client().query_one(&self.files, &[&conversion.id]).await;
        row.context(what)?.try_get(0).context(what)
    }
}

/// Compares source and target again where the live table was rewritten since they were found equal:
/// `ALTER TABLE … TYPE … USING` changes every row and fires no trigger.
pub(super) async fn rewritten(work: &Work<'_>, conversion: &Conversion) -> Result<()> {
    if Unseen::prepare(work, conversion).await?.same_files(work, conversion).await? {
        return Ok(());
    }
    let comparison = validate::compare(work, conversion).await?;
    if !comparison.equal {
        return Err(validate::differ(conversion, &comparison));
    }
    validate::remember(work.session.client(), conversion, &comparison).await
}

/// The statement that keeps in mind, in the exchange itself, which files the new live table has.
pub(super) fn keep_files(conversion: &Conversion) -> Result<String> {
    let shadow = conversion.oid(conversion.live.other())?;
    Ok(format!(
        "UPDATE partition_convert.conversions SET files = {} WHERE id = {}",
        validate::files(shadow),
        conversion.id
    ))
}

/// Waits until no transaction is left whose snapshot is older than what the shadow holds: when it
/// looks at the table for the first time after the exchange, rows would be missing.
pub(super) async fn old_snapshots(
    work: &Work<'_>,
    conversion: &Conversion,
    attempts: &mut Attempts,
) -> Result<()> {
    if !applies(conversion) {
        return Ok(());
    }
    let what = || format!("cannot read since when {} is caught up", conversion.name());
    let client = work.session.client();
    let than: Option<String> = match conversion.live {
        Side::Source => client.query_one(CAUGHT_UP, &[&conversion.id]).await,
        // The source has been left behind since the swap, and has only just caught up.
        Side::Target => client.query_one("SELECT clock_timestamp()::text", &[]).await,
    }
    .context(what)?
    .try_get(0)
    .context(what)?;
    let Some(than) = than else { return Ok(()) };
    let why = format!("a transaction that began before {than} would miss rows");
    attempts.outlast(work, OLDER, &than, &why).await
}
