//! Whether a scenario can do its work, has done it, or lacks something: from the layout alone.

use crate::layout::{ARCHIVE, EVENTS, Layout, USERS, USERS_BY_DATE};
use crate::scenario::Scenario;

const JANUARY: &str = "event_logs_2024_01";
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

/// What `scenario` finds in `layout`.
pub fn readiness(scenario: Scenario, layout: &Layout) -> Readiness {
    let table = if scenario == Scenario::Migrate { USERS } else { EVENTS };
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

fn is_as_setup_left_it(leaves: &[&str], layout: &Layout) -> bool {
    const OF_SETUP: [&str; 4] = [JANUARY, FEBRUARY, MARCH, DEFAULT];
    let same = leaves.len() == OF_SETUP.len() && OF_SETUP.iter().all(|leaf| leaves.contains(leaf));
    same && layout.table(ARCHIVE).is_none() && layout.table(USERS_BY_DATE).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::layout;

    const USERS_LEAVES: (&str, &[&str]) = (USERS, &["users_distributed_p0"]);

    fn find(scenario: Scenario, tables: &[(&str, &[&str])]) -> Readiness {
        readiness(scenario, &layout(tables))
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
}
