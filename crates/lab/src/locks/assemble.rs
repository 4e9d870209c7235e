//! From samples to intervals.

use std::collections::HashMap;
use std::time::Duration;

use super::{Cost, Held, Mode, Relation, Session, Span, Timeline, Wait};

/// What one look showed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sample {
    /// When, counted from the start of the watch: the middle of the look.
    pub at: Duration,
    /// How long the look took.
    pub took: Duration,
    /// All locks on the watched tables.
    pub locks: Vec<Seen>,
}

/// A lock in a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// On what.
    pub relation: Relation,
    /// Whose.
    pub session: Session,
    /// The transaction, as `pg_locks.virtualtransaction` has it: a session that takes the same lock
    /// again later is another one.
    pub transaction: String,
    /// In which mode.
    pub mode: Mode,
    /// `None` when it is granted.
    pub waiting: Option<Waiting>,
}

/// Somebody waits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Waiting {
    /// For how long already; `None` in its first moment, when the server has not written it down.
    pub since: Option<Duration>,
    /// For whom.
    pub blockers: Vec<Session>,
}

/// What makes two sightings the same lock.
type Key = (i32, String, u32, Mode, bool);

/// A lock that was there at the last look.
#[derive(Debug)]
struct Open {
    seen: Seen,
    span: Span,
    blockers: Vec<Session>,
}

/// Puts samples together, which come in order of time.
#[derive(Debug, Default)]
pub struct Assembly {
    open: HashMap<Key, Open>,
    last: Option<Duration>,
    took: Vec<Duration>,
    timeline: Timeline,
}

impl Assembly {
    /// Takes in the next sample.
    pub fn add(&mut self, sample: Sample) {
        let gap = self.last.map_or(Duration::ZERO, |last| sample.at.saturating_sub(last));
        let mut before = std::mem::take(&mut self.open);
        for seen in sample.locks {
            let key = key(&seen, &before);
            let open = match before.remove(&key) {
                Some(open) => self.open.entry(key).or_insert(open),
                None => {
                    self.open.entry(key).or_insert_with(|| Open::new(seen.clone(), sample.at, gap))
                }
            };
            open.span.until = sample.at;
            open.learn(seen, sample.at);
        }
        for (_, mut gone) in before {
            gone.span.later = gap;
            self.close(gone);
        }
        self.last = Some(sample.at);
        self.took.push(sample.took);
        self.timeline.cost.widest_gap = self.timeline.cost.widest_gap.max(gap);
    }

    /// All intervals; locks that were there at the last look end with it.
    #[must_use]
    pub fn finish(mut self) -> Timeline {
        for (_, open) in std::mem::take(&mut self.open) {
            self.close(open);
        }
        self.timeline
            .held
            .sort_by(|a, b| (a.span.from, &a.relation).cmp(&(b.span.from, &b.relation)));
        self.timeline
            .waits
            .sort_by(|a, b| (a.span.from, &a.relation).cmp(&(b.span.from, &b.relation)));
        self.took.sort_unstable();
        self.timeline.cost = Cost {
            looks: self.took.len(),
            median: self.took.get(self.took.len() / 2).copied().unwrap_or_default(),
            slowest: self.took.last().copied().unwrap_or_default(),
            ..self.timeline.cost
        };
        self.timeline
    }

    fn close(&mut self, open: Open) {
        let Open { seen: Seen { relation, session, mode, waiting, .. }, span, blockers } = open;
        if waiting.is_some() {
            self.timeline.waits.push(Wait { relation, session, mode, span, blockers });
        } else {
            self.timeline.held.push(Held { relation, session, mode, span });
        }
    }
}

/// A transaction that has committed and not let go of its locks yet is called `5/0`: it is the one before.
fn key(seen: &Seen, before: &HashMap<Key, Open>) -> Key {
    let (pid, oid, granted) = (seen.session.pid, seen.relation.oid, seen.waiting.is_none());
    let same = |key: &&Key| (key.0, key.2, key.3, key.4) == (pid, oid, seen.mode, granted);
    let ended = seen.transaction.ends_with("/0");
    let earlier = before.keys().filter(|_| ended).find(same);
    earlier.cloned().unwrap_or_else(|| (pid, seen.transaction.clone(), oid, seen.mode, granted))
}

impl Open {
    fn new(seen: Seen, at: Duration, gap: Duration) -> Self {
        let span = Span { from: at, until: at, earlier: gap, later: Duration::ZERO };
        Self { seen, span, blockers: Vec::new() }
    }

    /// What a later sighting adds: when a wait began, and for whom it is.
    fn learn(&mut self, seen: Seen, at: Duration) {
        let Some(waiting) = seen.waiting else { return };
        if let Some(since) = waiting.since {
            self.span.from = self.span.from.min(at.saturating_sub(since));
            self.span.earlier = Duration::ZERO;
        }
        for blocker in waiting.blockers {
            if !self.blockers.iter().any(|known| known.pid == blocker.pid) {
                self.blockers.push(blocker);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Name;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn session(pid: i32) -> Session {
        Session { pid, application: format!("app {pid}"), statement: "SELECT 1".to_owned() }
    }

    fn seen(pid: i32, transaction: &str, mode: Mode, waiting: Option<Waiting>) -> Seen {
        let relation = Relation { oid: 1, name: Name::new("public", "t") };
        Seen { relation, session: session(pid), transaction: transaction.to_owned(), mode, waiting }
    }

    fn held(pid: i32, transaction: &str) -> Seen {
        seen(pid, transaction, Mode::AccessExclusive, None)
    }

    fn waits(pid: i32, since: Option<u64>, blockers: &[i32]) -> Seen {
        let blockers = blockers.iter().map(|pid| session(*pid)).collect();
        let waiting = Waiting { since: since.map(ms), blockers };
        seen(pid, "9/9", Mode::AccessShare, Some(waiting))
    }

    fn assembled(samples: impl IntoIterator<Item = (u64, Vec<Seen>)>) -> Timeline {
        let mut assembly = Assembly::default();
        for (at, locks) in samples {
            assembly.add(Sample { at: ms(at), took: ms(1), locks });
        }
        assembly.finish()
    }

    #[test]
    fn sightings_of_one_lock_become_one_interval_with_its_uncertainty() {
        let timeline = assembled([
            (0, vec![]),
            (5, vec![held(1, "1/1")]),
            (10, vec![held(1, "1/1")]),
            (17, vec![]),
        ]);
        let [held] = timeline.held.as_slice() else { panic!("{timeline:?}") };
        assert_eq!(held.span, Span { from: ms(5), until: ms(10), earlier: ms(5), later: ms(7) });
        assert_eq!((held.span.at_least(), held.span.at_most()), (ms(5), ms(17)));
        assert_eq!(timeline.cost.widest_gap, ms(7));
        assert_eq!((timeline.cost.looks, timeline.cost.median), (4, ms(1)));
    }

    #[test]
    fn the_same_lock_in_another_transaction_is_another_interval() {
        let timeline = assembled([(0, vec![held(1, "1/1")]), (5, vec![held(1, "1/2")])]);
        assert_eq!(timeline.held.len(), 2, "{timeline:?}");
        // Seen once: it lasted up to two gaps, and perhaps no time at all.
        assert_eq!(timeline.held[0].span.at_least(), ms(0));
        assert_eq!(timeline.held[0].span.at_most(), ms(5));
    }

    #[test]
    fn a_transaction_that_is_ending_is_still_the_same() {
        let timeline = assembled([
            (0, vec![held(1, "1/7"), held(2, "2/9")]),
            (5, vec![held(1, "1/0"), held(2, "2/9")]),
        ]);
        assert_eq!(timeline.held.len(), 2, "{timeline:?}");
        assert!(timeline.held.iter().all(|held| held.span.until == ms(5)), "{timeline:?}");
    }

    #[test]
    fn a_lock_that_is_gone_and_comes_back_is_two_intervals() {
        let timeline =
            assembled([(0, vec![held(1, "1/1")]), (5, vec![]), (10, vec![held(1, "1/1")])]);
        assert_eq!(timeline.held.len(), 2, "{timeline:?}");
    }

    #[test]
    fn a_wait_begins_when_the_server_says_and_ends_when_it_is_granted() {
        let granted = seen(2, "9/9", Mode::AccessShare, None);
        let timeline = assembled([
            (0, vec![held(1, "1/1")]),
            (5, vec![held(1, "1/1"), waits(2, None, &[1])]),
            (10, vec![held(1, "1/1"), waits(2, Some(7), &[1, 3])]),
            (15, vec![granted]),
        ]);
        let [wait] = timeline.waits.as_slice() else { panic!("{timeline:?}") };
        assert_eq!(wait.span, Span { from: ms(3), until: ms(10), earlier: ms(0), later: ms(5) });
        let blockers: Vec<_> = wait.blockers.iter().map(|session| session.pid).collect();
        assert_eq!(blockers, [1, 3], "whoever was in its way at any time, once");
        assert_eq!(timeline.longest_wait(), Some(wait));
        assert_eq!(timeline.held.len(), 2, "it holds the lock now");
        let longest = timeline.longest_in_the_way().map(|held| held.session.pid);
        assert_eq!(longest, Some(1));
        let waiter = timeline.held.iter().find(|held| held.session.pid == 2).unwrap();
        assert!(!timeline.was_in_the_way(waiter));
    }

    #[test]
    fn what_still_lasts_at_the_last_look_ends_there() {
        let timeline = assembled([(0, vec![held(1, "1/1")]), (8, vec![held(1, "1/1")])]);
        assert_eq!(timeline.held[0].span.until, ms(8));
        assert_eq!(timeline.held[0].span.later, ms(0));
        assert_eq!(assembled([]), Timeline::default());
    }
}
