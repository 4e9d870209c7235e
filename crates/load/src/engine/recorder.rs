//! Writes down what happens.

use std::time::{Duration, Instant};

use lab::Result;

use crate::stats::{Latencies, Outage, Second, Stats, TableStats};
use crate::wire::Refusal;

/// Fills [`Stats`] while the run goes on.
pub struct Recorder {
    /// What is known so far.
    pub stats: Stats,
    /// Per table since the very first statement, warm-up included: what `--verify` counts.
    pub ever: Vec<Ever>,
    /// When measuring began; what was due before is left out of the statistics.
    since: Instant,
    second: Second,
    second_began: Instant,
    latency: Latencies,
    /// What a leaf begins with.
    nothing: Latencies,
    connected: usize,
    workers: usize,
    /// Connections that are down now.
    down: usize,
}

/// Rows of a table since the start of the command.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ever {
    /// The server acknowledged them.
    pub acknowledged: u64,
    /// Nobody knows.
    pub in_doubt: u64,
}

/// A leaf that took rows of one statement.
pub type Taken = (u32, u64);

impl Recorder {
    /// Nothing yet; measuring begins at `since`.
    pub fn new(tables: Vec<TableStats>, workers: usize, since: Instant) -> Result<Self> {
        Ok(Self {
            ever: vec![Ever::default(); tables.len()],
            stats: Stats::new(tables)?,
            since,
            second: Second::default(),
            second_began: since,
            latency: Latencies::precise()?,
            nothing: Latencies::small()?,
            connected: workers,
            workers,
            down: 0,
        })
    }

    /// A statement with `rows` rows for table `table`, due at `due`, was answered at `now`;
    /// `leaves` says where they went, if the server told.
    pub fn inserted(
        &mut self,
        table: usize,
        rows: u64,
        leaves: &[Taken],
        due: Instant,
        now: Instant,
    ) {
        self.ever[table].acknowledged += rows;
        if due < self.since {
            return;
        }
        let latency = now.saturating_duration_since(due);
        self.second.inserted += rows;
        self.latency.record(latency);
        self.stats.latency.record(latency);
        let table = &mut self.stats.tables[table];
        table.inserted += rows;
        table.latency.record(latency);
        for (oid, rows) in leaves {
            let leaf = table.leaf(*oid);
            leaf.inserted += rows;
            match &mut leaf.latency {
                Some(latencies) => latencies.record(latency),
                none => none.insert(self.nothing.clone()).record(latency),
            }
        }
    }

    /// A statement was refused; returns how many were so far.
    pub fn refused(&mut self, refusal: &Refusal, due: Instant) -> u64 {
        if due >= self.since {
            self.second.failed += 1;
        }
        // Those of the warm-up count too: what is refused there does not go unsaid.
        self.stats.errors.add(&refusal.sqlstate, &refusal.message);
        self.stats.errors.total()
    }

    /// We have cancelled a statement for `table`, due at `due`, at the end of the run. It would
    /// have taken at least until now: a server that stands still at the end shows, too.
    pub fn cancelled(&mut self, table: usize, due: Instant, now: Instant) {
        self.stats.cancelled += 1;
        let latency = now.saturating_duration_since(due);
        self.latency.record(latency);
        self.stats.latency.record(latency);
        self.stats.tables[table].latency.record(latency);
    }

    /// A connection broke while a statement with `rows` rows for `table` was in flight.
    pub fn in_doubt(&mut self, table: usize, rows: u64) {
        self.ever[table].in_doubt += rows;
        self.stats.in_doubt += rows;
        self.stats.tables[table].in_doubt += rows;
        self.second.in_doubt += rows;
    }

    /// A connection can insert no more, because of `cause`.
    pub fn lost(&mut self, cause: String, now: Instant) {
        self.connected -= 1;
        self.down += 1;
        let down = self.down as u64;
        match self.stats.outages.last_mut() {
            Some(outage) if outage.lasted_s.is_none() => {
                outage.connections = outage.connections.max(down);
            }
            _ => self.stats.outages.push(Outage {
                at_s: self.seconds_since(now),
                lasted_s: None,
                cause,
                connections: 1,
            }),
        }
    }

    /// One that was lost can insert again.
    pub fn back(&mut self, now: Instant) {
        self.connected += 1;
        self.down -= 1;
        let at = self.seconds_since(now);
        if self.down == 0
            && let Some(outage) = self.stats.outages.last_mut()
        {
            outage.lasted_s = Some(at - outage.at_s);
        }
    }

    /// Connections that can insert now.
    pub fn connections(&self) -> usize {
        self.connected
    }

    fn seconds_since(&self, now: Instant) -> f64 {
        match now.checked_duration_since(self.since) {
            Some(after) => after.as_secs_f64(),
            None => -self.since.duration_since(now).as_secs_f64(),
        }
    }

    /// Whether no connection can insert now.
    pub fn all_down(&self) -> bool {
        self.connected == 0
    }

    /// Whether there is a part of a second left to close.
    pub fn second_has_begun(&self, now: Instant) -> bool {
        now > self.second_began
    }

    /// The statistics; what is recorded from now on is lost.
    pub fn take_stats(&mut self) -> Result<Stats> {
        Ok(std::mem::replace(&mut self.stats, Stats::new(Vec::new())?))
    }

    /// Time passes: the statistics know how long they cover.
    pub fn at(&mut self, now: Instant) {
        self.stats.elapsed = now.saturating_duration_since(self.since);
    }

    /// The second is over (or the run): adds it to the series and returns it.
    pub fn close_second(&mut self, lag: Duration, now: Instant) -> Second {
        self.at(now);
        let mut second = std::mem::take(&mut self.second);
        second.at = self.stats.elapsed.as_secs_f64();
        second.length = now.saturating_duration_since(self.second_began).as_secs_f64();
        second.lag_ms = lag.as_secs_f64() * 1e3;
        second.disconnected = (self.workers - self.connected) as u64;
        second.latency_ms = self.latency.percentiles();
        self.latency.clear();
        self.second_began = now;
        self.stats.push(second.clone());
        second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_lasts_until_all_are_back() {
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let mut recorder = Recorder::new(Vec::new(), 3, start).unwrap();
        recorder.lost("first".to_owned(), at(1));
        recorder.lost("second".to_owned(), at(2));
        recorder.back(at(3));
        recorder.lost("again".to_owned(), at(4));
        recorder.back(at(5));
        assert!(!recorder.all_down() && recorder.connections() == 2);
        recorder.back(at(6));
        recorder.lost("later".to_owned(), at(8));
        let outage = |at_s, lasted_s, cause: &str, connections| Outage {
            at_s,
            lasted_s,
            cause: cause.to_owned(),
            connections,
        };
        let wanted = [outage(1.0, Some(5.0), "first", 2), outage(8.0, None, "later", 1)];
        assert_eq!(recorder.stats.outages, wanted);
    }
}
