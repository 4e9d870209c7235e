//! A load from its first connection to the removal of its rows.

use std::collections::BTreeMap;
use std::time::Instant;

use lab::catalog::Tree;
use lab::connect::{Connector, Session};
use lab::locks::{Mode, Watch};
use lab::{Context, Error, Result, locks};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

use super::worker::{Done, Worker};
use super::{LOOK, Observed, Reads, Subject, Written};
use crate::layout::Layout;

/// What is to be done.
pub struct Plan {
    connector: Connector,
    subject: Subject,
    sessions: usize,
    tree: Tree,
}

impl Plan {
    pub fn new(
        connector: Connector,
        subject: Subject,
        sessions: usize,
        layout: &Layout,
    ) -> Result<Self> {
        let tree = layout.table(subject.table()).cloned();
        let tree =
            tree.ok_or_else(|| Error::failed(format!("{} does not exist", subject.table())))?;
        Ok(Self { connector, subject, sessions, tree })
    }

    async fn open(&self, name: &str) -> Result<Session> {
        let session = self.connector.open().await?;
        let set = format!("SET application_name = 'partition-lab {name}'");
        session.client().batch_execute(&set).await.context(|| "cannot name a session")?;
        Ok(session)
    }
}

/// Runs until `stop`, or until whoever would say so is gone. `ready` hears when it began.
pub async fn run(
    plan: Plan,
    ready: oneshot::Sender<Instant>,
    stop: oneshot::Receiver<()>,
) -> Result<Observed> {
    let keeper = plan.open("load").await?;
    plan.subject.remove(keeper.client()).await?;
    let ids = plan.subject.fixed_rows(&keeper, &plan.tree).await?;
    let (stopping, stopped) = watch::channel(false);
    let mut sessions = Vec::new();
    for number in 1..=plan.sessions {
        sessions.push((number, true, plan.open(&format!("writer {number}")).await?));
        sessions.push((number, false, plan.open(&format!("reader {number}")).await?));
    }
    let watcher = plan.open("locks").await?;
    let began = Instant::now();
    let mut workers = JoinSet::new();
    for (number, writes, session) in sessions {
        let (subject, stop) = (plan.subject, stopped.clone());
        let worker = Worker { session, subject, number, began, stop, done: Done::default() };
        if writes {
            workers.spawn(worker.write());
        } else {
            workers.spawn(worker.read(ids.clone()));
        }
    }
    let what = Watch {
        tables: plan.subject.watched(&plan.tree.name),
        every: LOOK,
        weakest: Mode::ShareUpdateExclusive,
        began,
    };
    let mut end = stopped.clone();
    let end = async move {
        // An error means that there is nobody left to say so.
        let _ = end.wait_for(|stop| *stop).await;
    };
    let working = async {
        let _ = ready.send(began);
        let _ = stop.await;
        let _ = stopping.send(true);
        let mut done = Vec::new();
        while let Some(worker) = workers.join_next().await {
            done.push(worker.map_err(|error| {
                Error::failed("a session of the load broke down").caused_by(&error)
            })??);
        }
        Ok::<_, Error>(done)
    };
    let (locks, done) = tokio::join!(locks::watch(&watcher, &what, end), working);
    let length = began.elapsed();
    let observed = async {
        let found = plan.subject.found(keeper.client()).await?;
        let rows = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        let observed = add_up(done?, rows, &found);
        Ok(Observed { sessions: plan.sessions, length, locks: locks?, ..observed })
    };
    let observed = observed.await;
    plan.subject.remove(keeper.client()).await?;
    observed
}

/// What all sessions saw together. `found` are the ids that were there at the end.
fn add_up(done: Vec<Done>, rows: i64, found: &[String]) -> Observed {
    let mut observed =
        Observed { reads: Reads { rows, ..Reads::default() }, ..Observed::default() };
    // How many times each id is found, less how many times it should be.
    let mut ids: BTreeMap<&str, i64> = BTreeMap::new();
    for id in found {
        *ids.entry(id).or_default() += 1;
    }
    for one in &done {
        for (id, _) in &one.rows {
            *ids.entry(id).or_default() -= 1;
        }
        for (at, count) in &one.counts {
            observed.reads.counted += 1;
            if *count != rows {
                observed.reads.different += 1;
                let first = observed.reads.first.filter(|(earlier, _)| earlier <= at);
                observed.reads.first = first.or(Some((*at, *count)));
            }
        }
        observed.written.changes += one.changes;
        observed.written.not_found += one.not_found;
    }
    let sum = |wanted: fn(&i64) -> bool| {
        ids.values().filter(|n| wanted(n)).map(|n| n.unsigned_abs()).sum::<u64>()
    };
    let (missing, extra) = (sum(|n| *n < 0), sum(|n| *n > 0));
    observed.written = Written { missing, extra, ..observed.written };
    for one in done {
        observed.operations.extend(one.operations);
        observed.errors.merge(one.errors);
    }
    observed
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn writer(ids: &[&str]) -> Done {
        let rows = ids.iter().map(|id| ((*id).to_owned(), String::new())).collect();
        Done { rows, changes: 3, ..Done::default() }
    }

    #[test]
    fn rows_that_are_missing_doubled_or_back_are_counted() {
        let found = ["1", "2", "2", "9"].map(str::to_owned);
        let observed = add_up(vec![writer(&["1", "2"]), writer(&["3"])], 0, &found);
        let Written { changes, missing, extra, .. } = observed.written;
        assert_eq!((changes, missing, extra), (6, 1, 2), "3 is missing; 2 is doubled, 9 is back");
        assert!(!observed.written.is_right());
        let right = add_up(vec![writer(&["1"])], 0, &["1".to_owned()]);
        assert!(right.written.is_right());
    }

    #[test]
    fn the_first_different_count_is_named() {
        let at = Duration::from_millis;
        let reader = |counts: &[(u64, i64)]| Done {
            counts: counts.iter().map(|(ms, count)| (at(*ms), *count)).collect(),
            ..Done::default()
        };
        let done = vec![reader(&[(1, 5), (9, 4)]), reader(&[(2, 5), (3, 6), (10, 5)])];
        let reads = add_up(done, 5, &[]).reads;
        assert_eq!((reads.counted, reads.different, reads.first), (5, 2, Some((at(3), 6))));
    }
}
