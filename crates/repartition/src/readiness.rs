//! Whether a scenario can do its work, has done it, or lacks something: from the layout alone.

use crate::layout::{ARCHIVE, EVENTS, JANUARY, Layout, USERS, USERS_BY_DATE};
use crate::scenario::Scenario;
use crate::way::Way;

const FEBRUARY: &str = "event_logs_2024_02";
const MARCH: &str = "event_logs_2024_03";
const APRIL: &str = "event_logs_2024_04";
const DEFAULT: &str = "event_logs_default";
const WEEKS: [&str; 4] = [
    "event_logs_2024_02_week1",
    "event_logs_2024_02_week2",
    "event_logs_2024_02_week3",
    "event_logs_2024_02_week4",
];

const SETUP: &str = "cargo run -p setup";
const CLEANUP: &str = "cargo run -p repartition -- cleanup";

/// What a scenario finds.
#[derive(Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It can do its work.
    Ready,
    /// It has done it: what is there.
    Already(String),
    /// Something is missing.
    Blocked {
        /// What, in words.
        why: String,
        /// The command that helps.
        next: &'static str,
    },
}

use Readiness::{Already, Ready};

fn blocked(why: impl Into<String>, next: &'static str) -> Readiness {
    Readiness::Blocked { why: why.into(), next }
}

/// What `scenario` finds in `layout` when it is to go that way.
pub fn readiness(scenario: Scenario, way: Way, layout: &Layout) -> Readiness {
    let table = if scenario == Scenario::Migrate { USERS } else { EVENTS };
    if let Some(interrupted) = interrupted(scenario, way, layout) {
        return interrupted;
    }
    let Some(leaves) = layout.leaves(table) else {
        let state =
            if layout.table(table).is_some() { "is not partitioned yet" } else { "does not exist" };
        return blocked(format!("{table} {state}"), SETUP);
    };
    let has = |leaf: &str| leaves.contains(&leaf);
    let archive = layout.table(ARCHIVE).is_some();
    match scenario {
        Scenario::Add if has(APRIL) => Already(format!("{APRIL} is a partition of {EVENTS}")),
        Scenario::Add if !has(DEFAULT) => {
            blocked(format!("{EVENTS} has no partition {DEFAULT}"), CLEANUP)
        }
        Scenario::Split if WEEKS.into_iter().all(has) => {
            Already(format!("{FEBRUARY} is four weekly partitions"))
        }
        Scenario::Split if !has(FEBRUARY) => {
            blocked(format!("{EVENTS} has no partition {FEBRUARY}"), CLEANUP)
        }
        Scenario::Detach if archive && !has(JANUARY) => {
            Already(format!("January's rows are in {ARCHIVE}"))
        }
        Scenario::Detach if archive => {
            blocked(format!("{ARCHIVE} is there, and {JANUARY} too"), CLEANUP)
        }
        Scenario::Detach if !has(JANUARY) => {
            blocked(format!("{EVENTS} has no partition {JANUARY}"), CLEANUP)
        }
        Scenario::Migrate if layout.table(USERS_BY_DATE).is_some() => {
            Already(format!("{USERS_BY_DATE} is there"))
        }
        Scenario::Cleanup if is_as_setup_left_it(&leaves, layout) => {
            Already("the partitions are those of setup".to_owned())
        }
        _ => Ready,
    }
}

/// What an interrupted online way means for this one: it goes on, or waits until the other is done.
fn interrupted(scenario: Scenario, way: Way, layout: &Layout) -> Option<Readiness> {
    if layout.interrupted.contains(&scenario) && way == Way::Online {
        return Some(Ready);
    }
    let of = |other: &&Scenario| match scenario {
        // These are one transaction each, of which nothing is left but what cleanup understands.
        Scenario::Cleanup => !matches!(other, Scenario::Detach),
        Scenario::Migrate => **other == Scenario::Migrate,
        _ => {
            **other != Scenario::Migrate
                && (**other != Scenario::Detach || scenario == Scenario::Detach)
        }
    };
    let other = layout.interrupted.iter().find(of)?;
    let next = match other {
        Scenario::Add => "cargo run -p repartition -- add --online",
        Scenario::Split => "cargo run -p repartition -- split --online",
        Scenario::Migrate => "cargo run -p repartition -- migrate --online",
        Scenario::Detach | Scenario::Cleanup => "cargo run -p repartition -- detach --online",
    };
    Some(blocked(
        format!("{} --online was interrupted, and goes on when it is run again", other.name()),
        next,
    ))
}

fn is_as_setup_left_it(leaves: &[&str], layout: &Layout) -> bool {
    const OF_SETUP: [&str; 4] = [JANUARY, FEBRUARY, MARCH, DEFAULT];
    let same = layout.interrupted.is_empty()
        && leaves.len() == OF_SETUP.len()
        && OF_SETUP.iter().all(|leaf| leaves.contains(leaf));
    same && layout.table(ARCHIVE).is_none() && layout.table(USERS_BY_DATE).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::layout;

    const USERS_LEAVES: (&str, &[&str]) = (USERS, &["users_distributed_p0"]);

    fn find(scenario: Scenario, tables: &[(&str, &[&str])]) -> Readiness {
        readiness(scenario, Way::Classic, &layout(tables))
    }

    #[test]
    fn after_setup_all_can_work_but_cleanup_has_nothing_to_do() {
        let tables = [(EVENTS, &[JANUARY, FEBRUARY, MARCH, DEFAULT][..]), USERS_LEAVES];
        for scenario in Scenario::ALL {
            match (scenario, find(scenario, &tables)) {
                (Scenario::Cleanup, Already(_)) | (_, Ready) => {}
                (_, other) => panic!("{scenario:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn each_knows_its_own_work() {
        let weeks = [&[MARCH, APRIL, DEFAULT][..], &WEEKS].concat();
        let tables = [(EVENTS, &weeks[..]), USERS_LEAVES, (ARCHIVE, &[]), (USERS_BY_DATE, &["q1"])];
        for scenario in Scenario::ALL {
            match (scenario, find(scenario, &tables)) {
                (Scenario::Cleanup, Ready) | (_, Already(_)) => {}
                (_, other) => panic!("{scenario:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_is_missing_is_named_with_the_command_that_makes_it() {
        let nothing = |scenario| find(scenario, &[]);
        for scenario in Scenario::ALL {
            assert!(
                matches!(nothing(scenario), Readiness::Blocked { next: SETUP, .. }),
                "{scenario:?}"
            );
        }
        assert_eq!(
            find(Scenario::Split, &[(EVENTS, &[JANUARY, DEFAULT])]),
            blocked("event_logs has no partition event_logs_2024_02", CLEANUP)
        );
        assert_eq!(
            find(Scenario::Detach, &[(EVENTS, &[JANUARY]), (ARCHIVE, &[])]),
            blocked("event_logs_archive is there, and event_logs_2024_01 too", CLEANUP)
        );
        let single = find(Scenario::Add, &[(EVENTS, &[])]);
        assert_eq!(single, blocked("event_logs is not partitioned yet", SETUP));
    }

    #[test]
    fn what_was_interrupted_goes_on_and_others_wait_for_it() {
        let mut layout = layout(&[(EVENTS, &[JANUARY, FEBRUARY, MARCH, DEFAULT]), USERS_LEAVES]);
        layout.interrupted = vec![Scenario::Split];
        for (scenario, way, can) in [
            (Scenario::Split, Way::Online, true),
            (Scenario::Split, Way::Classic, false),
            (Scenario::Add, Way::Online, false),
            (Scenario::Cleanup, Way::Classic, false),
            (Scenario::Migrate, Way::Online, true),
        ] {
            let found = readiness(scenario, way, &layout);
            assert_eq!(found == Ready, can, "{scenario:?} {way:?}: {found:?}");
        }
        layout.interrupted = vec![Scenario::Detach];
        assert_eq!(readiness(Scenario::Cleanup, Way::Classic, &layout), Ready);
        assert_eq!(readiness(Scenario::Split, Way::Classic, &layout), Ready);
        assert_eq!(readiness(Scenario::Detach, Way::Online, &layout), Ready);
        assert!(matches!(
            readiness(Scenario::Detach, Way::Classic, &layout),
            Readiness::Blocked { .. }
        ));
    }
}
