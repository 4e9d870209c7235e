//! What no log knows of, and must not get lost in an exchange: writes that fired no trigger, and
//! transactions that would see the new table as it was long ago.

use lab::{Context, Error, Result};

use tokio_postgres::Statement;

use crate::attempt::Attempts;
use crate::request::Shape;
use crate::shape;
use crate::state::{Conversion, Side};
use crate::steps::{machinery, validate};
use crate::work::Work;

/// Tables of the live tree on which the log's trigger is not as it was made: gone, disabled, or
/// enabled again as an ordinary one.
const TRIGGERS: &str = "\
    SELECT t.relid::text \
    FROM (SELECT p.relid FROM unnest($1::oid[]) AS r (oid), pg_partition_tree(r.oid::regclass) AS p \
          UNION SELECT oid::regclass FROM unnest($1::oid[]) AS r (oid)) AS t \
    WHERE NOT EXISTS (SELECT FROM pg_trigger AS g \
                      WHERE g.tgrelid = t.relid AND g.tgname = $2 AND g.tgenabled = ANY ($3::text[]::\"char\"[])) \
    ORDER BY t.relid LIMIT 1";

/// Transactions of others that are in progress, an array as text. Everybody may see these, and no clock is asked.
const IN_PROGRESS: &str = "\
    SELECT coalesce(array_agg(virtualtransaction), '{}')::text FROM pg_locks \
    WHERE locktype = 'virtualxid' AND mode = 'ExclusiveLock' AND granted AND pid <> pg_backend_pid()";

/// Whoever of the transactions `$2` keeps a snapshot over several statements. A statement that is its own
/// transaction has locked its tables already. What other roles do is hidden from one without
/// `pg_read_all_stats`, but not that they have a snapshot: then each counts.
const OLDER: &str = "\
    SELECT format('session %s (%s%s) whose transaction began %s ago: %s', a.pid, a.usename, \
               coalesce(', ' || nullif(a.application_name, ''), ''), \
               coalesce(date_trunc('milliseconds', clock_timestamp() - a.xact_start)::text, 'some time'), \
               left(a.query, 80)), \
           a.pid, a.xact_start::text \
    FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid) \
    WHERE l.locktype = 'virtualxid' AND l.mode = 'ExclusiveLock' AND l.granted \
      AND l.virtualtransaction = ANY ($2::text::text[]) \
      AND a.datname = current_database() AND a.usesysid IS NOT NULL AND a.pid <> $1 \
      AND coalesce(a.backend_type, 'client backend') = 'client backend' AND a.backend_xmin IS NOT NULL \
      AND (a.state = 'active' AND a.xact_start = a.query_start) IS NOT TRUE \
    ORDER BY a.xact_start, a.pid";

/// Whether the exchange is one of tables that hold copies of each other, under triggers of ours.
fn applies(conversion: &Conversion) -> bool {
    match conversion.design.request.shape {
        Shape::Table | Shape::Split => true,
        Shape::Copy { .. } => conversion.live == Side::Source,
        Shape::AttachOld => false,
    }
}

/// Whether rows get another version in the exchange or shortly before it.
fn writes(conversion: &Conversion) -> bool {
    // The old table takes the rows that came to later partitions.
    let takes_back = conversion.design.request.shape == Shape::AttachOld;
    applies(conversion) || takes_back && conversion.live == Side::Target
}

/// What is asked for about the live table, prepared before.
pub(super) struct Unseen {
    /// The tables beneath which all rows of the live one are.
    roots: Vec<u32>,
    triggers: Statement,
    files: Statement,
}

impl Unseen {
    pub(super) async fn prepare(work: &Work<'_>, conversion: &Conversion) -> Result<Self> {
        let what = || format!("cannot look at {}", conversion.name());
        let client = work.session.client();
        let roots = shape::roots(client, conversion, conversion.live).await?;
        let files = format!(
            "SELECT files IS NOT DISTINCT FROM {} FROM partition_convert.conversions WHERE id = $1",
            validate::files(conversion.id, &roots)
        );
        Ok(Self {
            roots,
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
        let trigger = machinery::trigger(conversion.id);
        let client = work.session.client();
        let found = client.query_opt(&self.triggers, &[&self.roots, &trigger, &enabled]).await;
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

/// Compares source and target again where something was done to the live table, since they were found equal, that
/// fires no trigger: `ALTER TABLE … TYPE … USING` changes every row, and a partition that was detached is written
/// to without any.
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

/// The statement that keeps in mind, in the exchange itself, which files the new live table has: `files` is an
/// expression.
pub(super) fn keep_files(conversion: i64, files: &str) -> String {
    format!("UPDATE partition_convert.conversions SET files = {files} WHERE id = {conversion}")
}

/// Waits until no transaction is left that is in progress now, when the shadow has just caught up, and keeps a
/// snapshot: when it looks at the table for the first time after the exchange, rows would be missing.
pub(super) async fn old_snapshots(
    work: &Work<'_>,
    conversion: &Conversion,
    attempts: &mut Attempts,
) -> Result<()> {
    if !writes(conversion) {
        return Ok(());
    }
    let what = || "cannot see which transactions are in progress";
    let row = work.session.client().query_one(IN_PROGRESS, &[]).await.context(what)?;
    let in_progress: String = row.try_get(0).context(what)?;
    let why = "its snapshot is older than rows of the other table, which it would miss";
    attempts.outlast(work, OLDER, &in_progress, why).await
}
