//! From flags to what is to be done.

use std::fmt::Write;
use std::time::Duration;

use lab::config::Settings;
use lab::report::{count, plural};
use lab::{Error, Result};

use super::Cli;
use crate::engine::{Job, Pace};

/// The pause between two inserts when nobody names one.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(2);

/// Rows of a COPY when nobody says: enough that its commit costs a percent.
const COPY_ROWS: u32 = 10_000;

/// Seconds of each turn of `--compare` when nobody says.
const COMPARE: Duration = Duration::from_secs(5);

impl Cli {
    /// What the flags ask for.
    pub fn job(&self, settings: &Settings) -> Result<Job> {
        let duration = self.duration_s.map(Duration::from_secs);
        Ok(Job {
            workers: self.workers.unwrap_or(1),
            in_flight: self.in_flight.unwrap_or(1),
            batch: self.batch.unwrap_or(if self.copy { COPY_ROWS } else { 1 }),
            copy: self.copy,
            tracked: !self.untracked && !self.copy,
            pace: self.pace(settings)?,
            duration: duration.or(self.compare.then_some(COMPARE)),
            warmup: Duration::from_secs(u64::from(self.warmup)),
            rows: self.rows,
            seed: self.seed,
            max_errors: self.max_errors,
        })
    }

    fn pace(&self, settings: &Settings) -> Result<Pace> {
        let interval = self.interval_ms.map(Duration::from_millis);
        if let Some(rate) = self.rate {
            if interval.is_some_and(|interval| !interval.is_zero()) {
                return Err(Error::usage("INTERVAL_MS and --rate both say when to insert")
                    .next(format!("cargo run -p load -- 0 --rate {rate}")));
            }
            return Ok(Pace::Rate(rate));
        }
        let interval = match interval {
            Some(interval) => interval,
            None if self.asks_for_pressure() => Duration::ZERO,
            None => settings.simulator_interval.unwrap_or(DEFAULT_INTERVAL),
        };
        Ok(if interval.is_zero() { Pace::Full } else { Pace::Every(interval) })
    }

    /// Somebody who asks for many connections or rows wants no pauses of two seconds.
    fn asks_for_pressure(&self) -> bool {
        self.workers.is_some()
            || self.in_flight.is_some()
            || self.batch.is_some()
            || self.rows.is_some()
            || self.copy
            || self.compare
    }
}

/// What is about to happen, in a line: `Inserting a row every 50 ms, for 5 seconds.`
pub fn announcement(job: &Job) -> String {
    let rows = if job.batch == 1 { "a row" } else { &format!("{} rows", count(job.batch.into())) };
    let verb = if job.copy { "Copying" } else { "Inserting" };
    let mut text = match job.pace {
        Pace::Full => format!("{verb} {rows} as fast as the server answers"),
        Pace::Every(interval) => match interval.as_millis() {
            1000 => format!("{verb} {rows} a second"),
            ms if ms % 1000 == 0 => format!("{verb} {rows} every {} seconds", ms / 1000),
            ms => format!("{verb} {rows} every {ms} ms"),
        },
        Pace::Rate(rate) => format!("{verb} {rows} {rate} times a second"),
    };
    // A String takes whatever is written to it.
    if job.workers > 1 {
        let _ = write!(text, " on {} connections", count(job.workers as u64));
    }
    if job.in_flight > 1 {
        let _ = write!(text, ", up to {} in flight", count(job.in_flight as u64));
    }
    let rows = job.rows.map(|rows| plural(rows, "row"));
    let time = job.duration.map(|time| format!("for {}", plural(time.as_secs(), "second")));
    let _ = match (rows, time) {
        (Some(rows), Some(time)) => write!(text, ", {rows}, or {time}"),
        (Some(end), None) | (None, Some(end)) => write!(text, ", {end}"),
        (None, None) => write!(text, ", until Ctrl-C"),
    };
    if !job.warmup.is_zero() {
        let _ = write!(text, " after {} of warm-up", plural(job.warmup.as_secs(), "second"));
    }
    text.push('.');
    text
}
