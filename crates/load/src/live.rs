//! The line that shows the run while it goes on; silent when stderr is no terminal.

use std::cell::Cell;
use std::time::{Duration, Instant};

use lab::report::{self, Progress};

use crate::stats::Stats;

/// Redrawn at most this often: nobody reads faster, and percentiles cost time.
const PAUSE: Duration = Duration::from_millis(100);

pub struct Live {
    progress: Progress,
    shown: Cell<Option<Instant>>,
}

impl Live {
    pub fn start() -> Self {
        Self { progress: Progress::spinner("inserting"), shown: Cell::new(None) }
    }

    pub fn show(&self, stats: &Stats) {
        if self.shown.get().is_some_and(|shown| shown.elapsed() < PAUSE) {
            return;
        }
        self.shown.set(Some(Instant::now()));
        self.progress.message(line(stats));
    }
}

/// `1,204 rows · 98.2/s · events 361 users 300 … · p99 1.20 ms`.
fn line(stats: &Stats) -> String {
    let tables: Vec<_> = stats
        .tables()
        .map(|(table, rows)| format!("{} {}", table.short(), report::count(rows)))
        .collect();
    let failed = match stats.failed() {
        0 => String::new(),
        failed => format!(" · {} failed", report::count(failed)),
    };
    format!(
        "{} · {:.1}/s · {} · p99 {}{failed} ·",
        report::plural(stats.total(), "row"),
        stats.rate(),
        tables.join(" "),
        report::duration(Duration::from_secs_f64(stats.latency().p99 / 1e3)),
    )
}
