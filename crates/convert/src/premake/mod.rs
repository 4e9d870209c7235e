//! Keeps partitions ahead of time, and lets old ones go.
//!
//! [`survey`] says what would be done for one table, [`Survey::carry_out`] does it. Nothing here
//! takes a lock on a parent that stops its readers or writers, but where a DEFAULT partition leaves
//! no other way; each lock is waited for only a moment.

mod done;
mod make;
mod marks;
mod missing;
mod model;
mod node;
mod partman;
mod pattern;
mod retire;
mod rhythm;
mod span;
mod survey;

use std::str::FromStr;

use lab::{Context, Error, Result};
use tokio_postgres::GenericClient;

pub use done::Done;
pub use make::MOVE_LIMIT;
pub use node::{New, Node, Old};
pub use partman::{Kept, Partman, installed};
pub use rhythm::Width;
pub use survey::{Survey, survey};

/// What is wished for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Partitions beyond the one that holds the present.
    pub ahead: u32,
    /// Partitions that are wholly older than this go.
    pub retain: Option<Retain>,
    /// These are dropped, not only detached.
    pub drop: bool,
    /// The time zone in which days begin: an IANA name.
    pub time_zone: Option<String>,
}

/// How long rows are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retain {
    /// Calendar months.
    Months(i64),
    /// Days.
    Days(i64),
    /// So many values below the greatest.
    Numbers(i64),
}

impl FromStr for Retain {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            Error::usage(format!("{text:?} is no age"))
                .next("--retain '12 months', '90 days', '2 years', or 1000000 for integers")
        };
        let (number, unit) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let number: i64 = number.replace('_', "").parse().map_err(|_| wrong())?;
        if !(1..=1_000_000_000_000_000_000).contains(&number) {
            return Err(wrong());
        }
        let unit = unit.trim();
        let months =
            |each: i64| number.checked_mul(each).filter(|n| *n < 120_000).ok_or_else(wrong);
        let days =
            |each: i64| number.checked_mul(each).filter(|n| *n < 3_650_000).ok_or_else(wrong);
        Ok(match unit.strip_suffix('s').unwrap_or(unit) {
            "" => Self::Numbers(number),
            "day" => Self::Days(days(1)?),
            "week" => Self::Days(days(7)?),
            "month" => Self::Months(months(1)?),
            "quarter" => Self::Months(months(3)?),
            "year" => Self::Months(months(12)?),
            _ => return Err(wrong()),
        })
    }
}

/// OIDs of the partitioned tables that conversions made, that still exist, and of which some level has a next
/// partition.
pub async fn converted(client: &impl GenericClient) -> Result<Vec<u32>> {
    let what = || "cannot read which tables were converted";
    let there = "SELECT to_regclass('partition_convert.conversions') IS NOT NULL";
    let there: bool = client.query_one(there, &[]).await.context(what)?.try_get(0).context(what)?;
    if !there {
        return Ok(Vec::new());
    }
    let rows = client
        .query(
            "SELECT DISTINCT c.oid FROM partition_convert.conversions v
             JOIN pg_class c ON c.oid = v.target AND c.relkind = 'p'
             WHERE v.phase IN ('swapped', 'finished') AND v.shape <> 'split' AND EXISTS (
                 SELECT FROM pg_partition_tree(c.oid) t JOIN pg_partitioned_table p ON p.partrelid = t.relid
                 WHERE p.partstrat = 'r')
             ORDER BY 1",
            &[],
        )
        .await
        .context(what)?;
    rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().context(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read() {
        for (text, retain) in [
            ("12 months", Retain::Months(12)),
            ("1 month", Retain::Months(1)),
            ("2 quarters", Retain::Months(6)),
            ("2 years", Retain::Months(24)),
            ("3 weeks", Retain::Days(21)),
            (" 90 days ", Retain::Days(90)),
            ("1_000_000", Retain::Numbers(1_000_000)),
        ] {
            assert_eq!(text.parse::<Retain>().unwrap(), retain);
        }
        for text in ["", "soon", "-3 days", "0 days", "3 fortnights", "9999999999 years"] {
            assert!(text.parse::<Retain>().is_err(), "{text}");
        }
    }
}
