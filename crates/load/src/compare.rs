//! `--compare`: the same load on the single table and on the partitioned one, in turns.

use std::sync::Arc;

use lab::app::App;
use lab::connect::Session;
use lab::report::{Align, Table, duration, server_line};
use lab::{Context, Error, Result};
use serde::Serialize;

use crate::cli::{Cli, announcement};
use crate::engine::{self, End, Job};
use crate::eyes::Eyes;
use crate::rows::Source;
use crate::stats::{Latency, TableStats};
use crate::{run, tables, verify};

/// Turns of each side: enough for a median.
const PAIRS: usize = 3;

/// What came of it; also the document of `--format json`.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// In the order in which they ran: single, partitioned, single, …
    pub turns: Vec<Turn>,
    /// Median of the pairs: the partitioned table's rate divided by the single one's.
    pub rate_ratio: f64,
    /// Median of the pairs: its 99th percentile of latency divided by the single one's.
    pub p99_ratio: f64,
}

/// One turn of one side.
#[derive(Debug, Clone, Serialize)]
pub struct Turn {
    /// Whether it was the partitioned side.
    pub partitioned: bool,
    /// Rows a second.
    pub rate_per_s: f64,
    /// Rows acknowledged.
    pub inserted: u64,
    /// Statements refused.
    pub failed: u64,
    /// Of all statements.
    pub latency_ms: Latency,
}

/// Runs `job` on the old table of each source and on its partitioned one, in turns, and reports.
///
/// The rows that the old tables of `setup` got are taken away again: they are there to be compared
/// with.
pub async fn run(
    cli: &Cli,
    app: &App,
    mut session: Session,
    job: &Job,
    sources: Arc<Vec<Source>>,
) -> Result<()> {
    let old = Arc::new(sources.iter().map(single).collect::<Vec<_>>());
    let ours = cli.table.is_none();
    let before = if ours { last_ids(&session, &old).await? } else { Vec::new() };
    let mut turns = Vec::new();
    for n in 0..2 * PAIRS {
        let partitioned = n % 2 == 1;
        let side = if partitioned { &sources } else { &old };
        let ended = turn(cli, app, &session, job, side, n).await;
        session = match verify::session_again(session).await {
            Ok(session) => session,
            // What went wrong first says more; the rows stay where they are.
            Err(away) => return Err(ended.err().unwrap_or(away)),
        };
        if !partitioned {
            // At once: they would be in the way of the same rows in the next turn.
            take_away(&session, &old, &before).await?;
        }
        turns.push(ended?);
    }
    let comparison = Comparison::of(turns)?;
    app.json(&comparison)?;
    app.say(comparison.render(ours))
}

/// The source for the table as it was before it was partitioned.
fn single(source: &Source) -> Source {
    let old = |name: &str| match name.strip_suffix('"') {
        Some(quoted) => format!("{quoted}_old\""),
        None => format!("{name}_old"),
    };
    source.for_table(old(&source.table), format!("{}_old", source.label))
}

/// Turn `n`, counted from 0; one that did not go as it should is an error.
async fn turn(
    cli: &Cli,
    app: &App,
    session: &Session,
    job: &Job,
    side: &Arc<Vec<Source>>,
    n: usize,
) -> Result<Turn> {
    let mut nothing = Vec::<TableStats>::new();
    for source in side.iter() {
        nothing.push(tables::nothing_yet(session, source).await?);
    }
    // Both sides of a pair get the same rows, and each pair its own.
    let seed = job.seed.map(|seed| seed.wrapping_add((n / 2 * job.workers) as u64));
    let job = Job { seed, ..job.clone() };
    let doing = format!("Turn {} of {}. {}", n + 1, 2 * PAIRS, announcement(&job));
    let mut eyes = Eyes::open(cli, &job, server_line(session.server()), doing)?;
    let outcome =
        engine::run(job, side.clone(), nothing, session, &app.interrupt, &mut eyes).await?;
    let stats = &outcome.stats;
    if matches!(outcome.end, End::Interrupt) {
        return Err(Error::interrupted("interrupted; nothing is compared"));
    }
    run::ended(outcome.end, stats, outcome.all_down, cli.max_errors)?;
    Ok(Turn {
        partitioned: n % 2 == 1,
        rate_per_s: stats.rate(),
        inserted: stats.inserted(),
        failed: stats.errors.total(),
        latency_ms: stats.latency.percentiles(),
    })
}

/// The highest id of each old table.
async fn last_ids(session: &Session, old: &[Source]) -> Result<Vec<i64>> {
    let mut ids = Vec::new();
    for source in old {
        let sql = format!("SELECT coalesce(max(id), 0)::bigint FROM {}", source.table);
        let row = session.client().query_one(&sql, &[]).await;
        ids.push(row.context(|| format!("cannot read {}", source.label))?.get(0));
    }
    Ok(ids)
}

async fn take_away(session: &Session, old: &[Source], before: &[i64]) -> Result<()> {
    for (source, id) in old.iter().zip(before) {
        let sql = format!("DELETE FROM {} WHERE id > $1::bigint", source.table);
        session.client().execute(&sql, &[id]).await.context(|| {
            format!("cannot take the new rows out of {} again: those with id > {id}", source.label)
        })?;
    }
    Ok(())
}

/// Zero when there is nothing.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[n / 2],
        n => f64::midpoint(values[n / 2 - 1], values[n / 2]),
    }
}

impl Comparison {
    fn of(turns: Vec<Turn>) -> Result<Self> {
        if turns.iter().any(|turn| turn.inserted == 0) {
            return Err(Error::failed("nothing was inserted in one of the turns")
                .next("give each turn more time: cargo run -p load -- 0 10 --compare"));
        }
        let ratio = |of: fn(&Turn) -> f64| {
            let pairs = turns.chunks_exact(2);
            median(pairs.map(|pair| of(&pair[1]) / of(&pair[0])).collect())
        };
        Ok(Self {
            rate_ratio: ratio(|turn| turn.rate_per_s),
            p99_ratio: ratio(|turn| turn.latency_ms.p99),
            turns,
        })
    }

    /// For people: the turns, then what partitioning cost or gained; whether the tables are `ours`.
    pub fn render(&self, ours: bool) -> String {
        let ms = |ms: f64| duration(std::time::Duration::from_secs_f64(ms / 1e3));
        let mut table = Table::new(&[
            ("turn", Align::Left),
            ("rows a second", Align::Right),
            ("p50", Align::Right),
            ("p99", Align::Right),
            ("max", Align::Right),
            ("failed", Align::Right),
        ]);
        for turn in &self.turns {
            let Latency { p50, p99, max, .. } = turn.latency_ms;
            table.row([
                if turn.partitioned { "partitioned" } else { "single" }.to_owned(),
                format!("{:.1}", turn.rate_per_s),
                ms(p50),
                ms(p99),
                ms(max),
                turn.failed.to_string(),
            ]);
        }
        format!(
            "\n{}\n\nThe partitioned tables took {:.2} × the rows of the single ones, at {:.2} × their p99\n\
             (medians of {} pairs; the rows that the single tables got {}).",
            table,
            self.rate_ratio,
            self.p99_ratio,
            PAIRS,
            if ours { "are removed again" } else { "stay" },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(vec![4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
        assert!(median(vec![]).abs() < 1e-9);
    }
}
