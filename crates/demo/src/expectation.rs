//! What a lesson promises: `scanned 1 of 4, pruned at start 3, rows 0`.

use std::fmt::{self, Display};
use std::str::FromStr;

/// Counts of leaf partitions, and of rows where a lesson is about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expectation {
    /// Leaves that are read.
    pub scanned: usize,
    /// Leaves that the table has.
    pub total: usize,
    /// Leaves pruned at plan time, when the lesson says how many.
    pub at_plan: Option<usize>,
    /// Leaves pruned at executor start.
    pub at_start: Option<usize>,
    /// Leaves that stay in the plan and are not read.
    pub never_executed: Option<usize>,
    /// Rows that the query returns.
    pub rows: Option<u64>,
}

/// What a plan showed, in the same terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    pub scanned: usize,
    pub total: usize,
    pub at_plan: usize,
    pub at_start: usize,
    pub never_executed: usize,
    pub rows: u64,
}

impl Expectation {
    /// Whether all that is promised holds.
    pub fn holds(&self, found: &Finding) -> bool {
        let same = |promised: Option<usize>, found: usize| {
            promised.is_none_or(|promised| promised == found)
        };
        (self.scanned, self.total) == (found.scanned, found.total)
            && same(self.at_plan, found.at_plan)
            && same(self.at_start, found.at_start)
            && same(self.never_executed, found.never_executed)
            && self.rows.is_none_or(|rows| rows == found.rows)
    }

    /// What was found, in the words of the expectation: only what it speaks of.
    pub fn answer(&self, found: &Finding) -> Self {
        Self {
            scanned: found.scanned,
            total: found.total,
            at_plan: self.at_plan.map(|_| found.at_plan),
            at_start: self.at_start.map(|_| found.at_start),
            never_executed: self.never_executed.map(|_| found.never_executed),
            rows: self.rows.map(|_| found.rows),
        }
    }
}

impl FromStr for Expectation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut this = Self::default();
        let mut scanned = None;
        for part in text.split(',').map(str::trim) {
            let number =
                |text: &str| text.parse().map_err(|_| format!("{text:?} in {part:?} is no number"));
            let words: Vec<&str> = part.split_whitespace().collect();
            match words[..] {
                ["scanned", some, "of", all] => scanned = Some((number(some)?, number(all)?)),
                ["pruned", "at", "plan", n] => this.at_plan = Some(number(n)?),
                ["pruned", "at", "start", n] => this.at_start = Some(number(n)?),
                ["never", "executed", n] => this.never_executed = Some(number(n)?),
                ["rows", n] => this.rows = Some(number(n)? as u64),
                _ => {
                    return Err(format!(
                        "{part:?} is none of: scanned N of M, pruned at plan N, pruned at start N, never executed N, rows N"
                    ));
                }
            }
        }
        (this.scanned, this.total) = scanned.ok_or("it must say `scanned N of M`")?;
        Ok(this)
    }
}

impl Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "scanned {} of {}", self.scanned, self.total)?;
        for (what, n) in [
            ("pruned at plan", self.at_plan),
            ("pruned at start", self.at_start),
            ("never executed", self.never_executed),
        ] {
            if let Some(n) = n {
                write!(f, ", {what} {n}")?;
            }
        }
        self.rows.map_or(Ok(()), |rows| write!(f, ", rows {rows}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUND: Finding =
        Finding { scanned: 1, total: 4, at_plan: 0, at_start: 3, never_executed: 0, rows: 17 };

    #[test]
    fn reads_what_it_prints() {
        for text in [
            "scanned 1 of 4",
            "scanned 0 of 7, pruned at plan 5, pruned at start 2, never executed 0, rows 0",
        ] {
            assert_eq!(text.parse::<Expectation>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn fails_when_any_promise_does_not_hold() {
        let holds = |text: &str| text.parse::<Expectation>().unwrap().holds(&FOUND);
        assert!(holds("scanned 1 of 4"));
        assert!(holds("scanned 1 of 4, pruned at start 3, rows 17"));
        for wrong in [
            "scanned 2 of 4",
            "scanned 1 of 5",
            "scanned 1 of 4, pruned at plan 3",
            "scanned 1 of 4, pruned at start 2",
            "scanned 1 of 4, never executed 3",
            "scanned 1 of 4, rows 18",
        ] {
            assert!(!holds(wrong), "{wrong}");
        }
    }

    #[test]
    fn says_what_it_does_not_understand() {
        for (text, why) in [
            ("rows 3", "must say `scanned N of M`"),
            ("scanned one of 4", "\"one\""),
            ("scanned 1 of 4, skipped 3", "\"skipped 3\""),
        ] {
            assert!(text.parse::<Expectation>().unwrap_err().contains(why), "{text}");
        }
    }
}
