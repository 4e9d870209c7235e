//! What a lesson promises: `scanned 1 of 4, pruned at start 3, buffers at most 40`.

use std::fmt::{self, Display};
use std::str::FromStr;

use crate::fact::{Amount, Fact, Promise};
use crate::finding::Finding;

/// Leaf partitions, and whatever else a lesson is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// Leaves that are read.
    pub scanned: usize,
    /// Leaves that the table has.
    pub total: usize,
    /// The rest, in the lesson's order.
    promises: Vec<Promise>,
}

impl Expectation {
    /// Whether all that is promised holds.
    pub fn holds(&self, found: &Finding) -> bool {
        (self.scanned, self.total) == (found.scanned, found.total)
            && self.promises.iter().all(|promise| promise.holds(found.count(promise.fact)))
    }

    /// What was found, in the words of the expectation: only what it speaks of.
    pub fn answer(&self, found: &Finding) -> Self {
        let answer = |fact: Fact| Promise { fact, amount: Amount::Exactly(found.count(fact)) };
        Self {
            scanned: found.scanned,
            total: found.total,
            promises: self.promises.iter().map(|promise| answer(promise.fact)).collect(),
        }
    }
}

impl FromStr for Expectation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (mut scanned, mut promises) = (None, Vec::<Promise>::new());
        for part in text.split(',').map(str::trim) {
            let number =
                |text: &str| text.parse().map_err(|_| format!("{text:?} in {part:?} is no number"));
            let words: Vec<&str> = part.split_whitespace().collect();
            if let ["scanned", some, "of", all] = words[..] {
                scanned = Some((number(some)?, number(all)?));
            } else {
                promises.push(part.parse()?);
            }
        }
        let (scanned, total) = scanned.ok_or("it must say `scanned N of M`")?;
        Ok(Self { scanned, total, promises })
    }
}

impl Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "scanned {} of {}", self.scanned, self.total)?;
        self.promises.iter().try_for_each(|promise| write!(f, ", {promise}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> Finding {
        let facts = [
            (Fact::PrunedAtStart, 3),
            (Fact::Rows, 17),
            (Fact::Locked, 4),
            (Fact::PartitionwiseJoins, 4),
            (Fact::Buffers, 40),
            (Fact::GenericPlan, 1),
        ];
        Finding::of(1, 4, |fact| facts.iter().find(|(known, _)| *known == fact).map_or(0, |f| f.1))
    }

    #[test]
    fn reads_what_it_prints() {
        let all: Vec<String> = Fact::ALL
            .iter()
            .map(|(_, name)| format!("{name}{}", if name.ends_with("plan") { "" } else { " 3" }))
            .map(|text| text.replace("at plan", "at plan 3"))
            .collect();
        for text in [
            "scanned 1 of 4",
            "scanned 0 of 7, pruned at plan 5, pruned at start 2, never executed 0, rows 0",
            "scanned 1 of 4, buffers at least 40, deleted at most 7, custom plan",
            &format!("scanned 4 of 4, {}", all.join(", ")),
        ] {
            assert_eq!(text.parse::<Expectation>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn fails_when_any_promise_does_not_hold() {
        let holds = |text: &str| text.parse::<Expectation>().unwrap().holds(&found());
        assert!(holds("scanned 1 of 4"));
        assert!(holds("scanned 1 of 4, pruned at start 3, rows 17, generic plan, locked 4"));
        assert!(holds("scanned 1 of 4, buffers at least 40, buffers at most 40, sorts 0"));
        for wrong in [
            "scanned 2 of 4",
            "scanned 1 of 5",
            "scanned 1 of 4, pruned at plan 3",
            "scanned 1 of 4, pruned at start 2",
            "scanned 1 of 4, never executed 3",
            "scanned 1 of 4, rows 18",
            "scanned 1 of 4, partition-wise joins 0",
            "scanned 1 of 4, buffers at least 41",
            "scanned 1 of 4, buffers at most 39",
            "scanned 1 of 4, custom plan",
            "scanned 1 of 4, rows 17, locked 1",
        ] {
            assert!(!holds(wrong), "{wrong}");
        }
    }

    #[test]
    fn answers_in_its_own_words() {
        let promised = "scanned 4 of 4, buffers at most 39, custom plan, locked 1";
        let answer = promised.parse::<Expectation>().unwrap().answer(&found());
        assert_eq!(answer.to_string(), "scanned 1 of 4, buffers 40, no custom plan, locked 4");
    }

    #[test]
    fn says_what_it_does_not_understand() {
        for (text, why) in [
            ("rows 3", "must say `scanned N of M`"),
            ("scanned one of 4", "\"one\""),
            ("scanned 1 of 4, skipped 3", "\"skipped 3\""),
            ("scanned 1 of 4, rows many", "\"many\""),
            ("scanned 1 of 4, rows", "\"rows\" is none of"),
            ("scanned 1 of 4, generic plan 1", "\"generic plan 1\""),
            ("scanned 1 of 4, buffers about 3", "\"buffers about 3\""),
        ] {
            assert!(text.parse::<Expectation>().unwrap_err().contains(why), "{text}");
        }
    }
}
