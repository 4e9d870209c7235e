//! What is known about locks over a stretch of time.

use std::time::Duration;

use serde::Deserialize;

use super::Mode;
use crate::catalog::Name;

/// Locks held and waited for, from the first look to the last.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timeline {
    /// Locks that somebody held, in the order in which they were first seen.
    pub held: Vec<Held>,
    /// Locks that somebody waited for, in the order of their beginning.
    pub waits: Vec<Wait>,
    /// What it took to find out.
    pub cost: Cost,
}

/// A table that was locked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Relation {
    /// OID.
    pub oid: u32,
    /// What it was called when its lock was first seen.
    pub name: Name,
}

/// Somebody at work on the server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Session {
    /// The backend's process id.
    pub pid: i32,
    /// `application_name`, or the kind of backend (`autovacuum worker`) where there is none.
    pub application: String,
    /// The first 300 characters of what it ran when it was first seen.
    pub statement: String,
}

/// Between when and when, counted from the start of the watch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// The first sighting; of a wait, its beginning.
    pub from: Duration,
    /// The last sighting.
    pub until: Duration,
    /// How much earlier it may have begun: up to the look before the first sighting.
    pub earlier: Duration,
    /// How much later it may have ended: up to the look after the last sighting.
    pub later: Duration,
}

impl Span {
    /// From the first to the last sighting: it lasted no less.
    #[must_use]
    pub fn at_least(&self) -> Duration {
        self.until.saturating_sub(self.from)
    }

    /// It lasted no more.
    #[must_use]
    pub fn at_most(&self) -> Duration {
        self.at_least() + self.earlier + self.later
    }

    /// Whether any of it can lie between the two points in time.
    #[must_use]
    pub fn meets(&self, from: Duration, until: Duration) -> bool {
        self.from < until && self.until + self.later.min(Duration::from_millis(1)) > from
    }
}

/// A lock that was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// On what.
    pub relation: Relation,
    /// To whom.
    pub session: Session,
    /// In which mode.
    pub mode: Mode,
    /// How long.
    pub span: Span,
}

/// A lock that somebody had to wait for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// On what.
    pub relation: Relation,
    /// Who.
    pub session: Session,
    /// In which mode.
    pub mode: Mode,
    /// How long.
    pub span: Span,
    /// For whom: holders, and those who stood before it in the queue; all that were seen.
    pub blockers: Vec<Session>,
}

/// What watching took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// How many looks there were.
    pub looks: usize,
    /// How long half of them took at most, the way to the server and back included.
    pub median: Duration,
    /// How long the slowest took.
    pub slowest: Duration,
    /// The longest time between two looks: what was shorter may have been missed.
    pub widest_gap: Duration,
}

impl Timeline {
    /// The tables in it, by name, partitioned tables before their partitions where their names say
    /// so.
    #[must_use]
    pub fn relations(&self) -> Vec<Relation> {
        let held = self.held.iter().map(|held| &held.relation);
        let mut relations: Vec<_> =
            held.chain(self.waits.iter().map(|wait| &wait.relation)).cloned().collect();
        relations.sort_by(|a, b| (&a.name, a.oid).cmp(&(&b.name, b.oid)));
        // A table that was renamed or made again under its name is one line to the eye.
        relations.dedup_by(|a, b| a.name == b.name);
        relations
    }

    /// The lock behind which others waited that was held longest, as far as it was seen.
    #[must_use]
    pub fn longest_in_the_way(&self) -> Option<&Held> {
        let held = self.held.iter().filter(|held| self.was_in_the_way(held));
        held.max_by_key(|held| held.span.at_least())
    }

    /// Whether somebody was seen waiting for `held` to be let go.
    #[must_use]
    pub fn was_in_the_way(&self, held: &Held) -> bool {
        let pid = held.session.pid;
        self.waits.iter().any(|wait| {
            wait.relation.oid == held.relation.oid
                && wait.span.from <= held.span.until + held.span.later
                && wait.span.until >= held.span.from
                && wait.blockers.iter().any(|blocker| blocker.pid == pid)
        })
    }

    /// The longest wait.
    #[must_use]
    pub fn longest_wait(&self) -> Option<&Wait> {
        self.waits.iter().max_by_key(|wait| wait.span.at_least())
    }
}
