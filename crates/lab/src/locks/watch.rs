//! Looking at the server's locks again and again.

use std::collections::BTreeSet;
use std::pin::pin;
use std::time::{Duration, Instant};

use tokio::time::MissedTickBehavior;
use tokio_postgres::types::Json;
use tokio_postgres::{Row, Statement};

use super::assemble::Waiting;
use super::{Assembly, Mode, Relation, Sample, Seen, Session, Timeline};
use crate::catalog::Name;
use crate::connect;
use crate::{Context, Result, sql};

/// What to look at, and how often.
#[derive(Debug, Clone)]
pub struct Watch {
    /// Tables with everything beneath them. They need not exist yet; partitions that come are
    /// watched from then on, and those that leave still are.
    pub tables: Vec<Name>,
    /// From one look to the next, as long as a look takes less.
    pub every: Duration,
    /// Granted locks of weaker modes are left out (waiting ones never are): queries and writes
    /// hold theirs all the time.
    pub weakest: Mode,
    /// The zero of all times in the timeline.
    pub began: Instant,
}

/// Watches until `end` completes. `session` is used for nothing else meanwhile.
///
/// Sees locks and waits of every user; statements of others only as a superuser or a member of
/// `pg_read_all_stats` (else `<insufficient privilege>` stands in their place).
pub async fn watch(
    session: &connect::Session,
    watch: &Watch,
    end: impl Future<Output = ()>,
) -> Result<Timeline> {
    let mut looker = Looker::new(session, watch).await?;
    let mut assembly = Assembly::default();
    let mut ticks = tokio::time::interval(watch.every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut end = pin!(end);
    loop {
        tokio::select! {
            () = &mut end => return Ok(assembly.finish()),
            _ = ticks.tick() => assembly.add(looker.look().await?),
        }
    }
}

struct Looker<'a> {
    session: &'a connect::Session,
    statement: Statement,
    schemas: Vec<&'a str>,
    names: Vec<&'a str>,
    weaker: Vec<&'static str>,
    /// Tables that were seen: they count even when they have left the tree.
    known: BTreeSet<u32>,
    began: Instant,
}

fn what() -> &'static str {
    "cannot look at the server's locks"
}

impl<'a> Looker<'a> {
    async fn new(session: &'a connect::Session, watch: &'a Watch) -> Result<Self> {
        let client = session.client();
        // The catalogs are small: one plan for all looks, and no compiler.
        let set = "SET jit = off; SET plan_cache_mode = force_generic_plan";
        client.batch_execute(set).await.context(what)?;
        let weaker = Mode::ALL.into_iter().filter(|mode| *mode < watch.weakest);
        Ok(Self {
            session,
            statement: client.prepare(sql::LOCKS).await.context(what)?,
            schemas: watch.tables.iter().map(|name| name.schema.as_str()).collect(),
            names: watch.tables.iter().map(|name| name.name.as_str()).collect(),
            weaker: weaker.map(Mode::in_pg_locks).collect(),
            known: BTreeSet::new(),
            began: watch.began,
        })
    }

    async fn look(&mut self) -> Result<Sample> {
        let known: Vec<u32> = self.known.iter().copied().collect();
        let before = Instant::now();
        let client = self.session.client();
        let rows = client
            .query(&self.statement, &[&self.schemas, &self.names, &known, &self.weaker])
            .await
            .context(what)?;
        let took = before.elapsed();
        let locks = rows.iter().filter_map(|row| seen(row).transpose());
        let locks = locks.collect::<Result<Vec<_>, _>>().context(what)?;
        self.known.extend(locks.iter().map(|seen| seen.relation.oid));
        let at = before.saturating_duration_since(self.began) + took / 2;
        Ok(Sample { at, took, locks })
    }
}

/// A row of the look; `None` for a mode that no table lock has.
fn seen(row: &Row) -> Result<Option<Seen>, tokio_postgres::Error> {
    let Some(mode) = Mode::from_pg_locks(row.try_get("mode")?) else { return Ok(None) };
    let waiting = if row.try_get("granted")? {
        None
    } else {
        let since: Option<f64> = row.try_get("waiting")?;
        let blockers: Option<Json<Vec<Session>>> = row.try_get("blockers")?;
        Some(Waiting {
            since: since.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
            blockers: blockers.map_or_else(Vec::new, |Json(blockers)| blockers),
        })
    };
    let name = Name::new(row.try_get::<_, &str>("schema")?, row.try_get::<_, &str>("name")?);
    Ok(Some(Seen {
        relation: Relation { oid: row.try_get("relation")?, name },
        session: Session {
            pid: row.try_get("pid")?,
            application: row.try_get("application")?,
            statement: row.try_get("statement")?,
        },
        transaction: row.try_get("transaction")?,
        mode,
        waiting,
    }))
}
