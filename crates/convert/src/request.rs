//! What the user asks for.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::str::FromStr;

use lab::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::layout::Bound;
use crate::portrait::Portrait;

/// How a table shall be partitioned, and what its user decided where there is a choice. Kept as
/// JSON with the conversion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// What becomes of the table.
    pub shape: Shape,
    /// The partitioning by level: one, or two with `--then`.
    pub levels: Vec<Level>,
    /// With a DEFAULT partition for rows outside every bound (never for hash).
    pub default: bool,
    /// Periods to make beyond the newest row and the present.
    pub ahead: u32,
    /// The time zone in which periods begin, for `timestamptz` columns and UUIDv7: an IANA name.
    pub time_zone: Option<String>,
    /// Names that the user gave to the partitions, in the order of their bounds; else they are
    /// made from the table's name and the bounds.
    pub names: Vec<String>,
    /// What becomes of unique keys that do not contain the partition key: by constraint or index
    /// name, `*` for all others.
    pub unique: BTreeMap<String, UniqueKey>,
    /// Carry on where a blocker can be overridden: its `code`.
    pub accept: Vec<String>,
}

/// What becomes of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Shape {
    /// A new partitioned table takes its place, by rename.
    Table,
    /// The table is a partition; several new partitions of the same parent take its place.
    Split,
    /// A new partitioned table of another name is made, and the table stays.
    Copy {
        /// The new table's name, in the same schema.
        name: String,
    },
    /// The table itself becomes the first partition; no row moves.
    AttachOld,
}

/// One level of partitioning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Level {
    /// `--range COL --every …`
    Range {
        /// The column.
        column: String,
        /// The width of a partition.
        every: Every,
    },
    /// `--list COL`: a partition for each value there is.
    List {
        /// The column.
        column: String,
    },
    /// `--hash COL --partitions N`
    Hash {
        /// The column.
        column: String,
        /// How many partitions: the modulus.
        partitions: u32,
    },
}

impl Level {
    /// The column that this level is partitioned by.
    #[must_use]
    pub fn column(&self) -> &str {
        match self {
            Self::Range { column, .. } | Self::List { column } | Self::Hash { column, .. } => {
                column
            }
        }
    }

    fn set_column(&mut self, name: String) {
        match self {
            Self::Range { column, .. } | Self::List { column } | Self::Hash { column, .. } => {
                *column = name;
            }
        }
    }
}

/// The width of a range partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// A calendar day.
    Day,
    /// Seven days, beginning on Monday; when a month is split, counted from its first day.
    Week,
    /// A calendar month.
    Month,
    /// Three calendar months.
    Quarter,
    /// A calendar year.
    Year,
    /// So many values of an integer column.
    Step(i64),
}

impl FromStr for Every {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(match text {
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Month,
            "quarter" => Self::Quarter,
            "year" => Self::Year,
            number => match number.replace('_', "").parse() {
                Ok(step) if step > 0 => Self::Step(step),
                _ => {
                    return Err(Error::usage(format!("{text:?} is no width of a partition"))
                        .next("day, week, month, quarter, year, or so many values: 1000000"));
                }
            },
        })
    }
}

impl Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day => f.write_str("day"),
            Self::Week => f.write_str("week"),
            Self::Month => f.write_str("month"),
            Self::Quarter => f.write_str("quarter"),
            Self::Year => f.write_str("year"),
            Self::Step(step) => write!(f, "{step}"),
        }
    }
}

/// As `--then` takes it: `range:COL:WIDTH`, `list:COL`, `hash:COL:N`. The column may contain colons.
impl FromStr for Level {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            Error::usage(format!("{text:?} is no second level"))
                .next("--then range:COL:WIDTH, list:COL or hash:COL:N")
        };
        let (by, rest) = text.split_once(':').ok_or_else(wrong)?;
        let last = || rest.rsplit_once(':').filter(|(column, _)| !column.is_empty());
        match by {
            "list" if !rest.is_empty() => Ok(Self::List { column: rest.to_owned() }),
            "range" => {
                let (column, every) = last().ok_or_else(wrong)?;
                Ok(Self::Range { column: column.to_owned(), every: every.parse()? })
            }
            "hash" => {
                let (column, number) = last().ok_or_else(wrong)?;
                let partitions = number.parse().ok().filter(|n| *n > 0).ok_or_else(wrong)?;
                Ok(Self::Hash { column: column.to_owned(), partitions })
            }
            _ => Err(wrong()),
        }
    }
}

impl Request {
    /// The request for the table that it is about: for a split, the column is the parent's key, and
    /// it need not have been said. `portrait` is the partition's.
    pub fn completed(mut self, portrait: &Portrait) -> Result<Self> {
        let (Shape::Split, Some(parent)) = (&self.shape, &portrait.parent) else {
            return Ok(self);
        };
        let what = || Error::usage(format!("{} cannot be split so", portrait.name));
        let key = parent.key_column().ok_or_else(|| {
            what()
                .because(format!("its parent is partitioned by {}", parent.partition_key))
                .because("one plain column is needed")
        })?;
        // Nothing was said but which: a bucket is doubled.
        if let (Some(level @ Level::List { .. }), Some(Bound::Hash { .. })) =
            (self.levels.first_mut(), Bound::read(&parent.bound))
            && level.column().is_empty()
        {
            *level = Level::Hash { column: String::new(), partitions: 2 };
        }
        let fits = matches!(
            (self.levels.first(), Bound::read(&parent.bound)),
            (Some(Level::Range { .. }), Some(Bound::Range(..) | Bound::Default))
                | (Some(Level::List { .. }), Some(Bound::List(_) | Bound::Default))
                | (Some(Level::Hash { .. }), Some(Bound::Hash { .. }))
        );
        let next = match parent.partition_key.split_once(' ') {
            Some(("RANGE", _)) => "--split PARTITION --every week",
            Some(("HASH", _)) => "--split PARTITION --partitions 2",
            _ => "--split PARTITION, without a width: one partition for each of its values",
        };
        if !fits {
            return Err(what()
                .because(format!("its parent is partitioned by {}", parent.partition_key))
                .next(next));
        }
        if let Some(level) = self.levels.first_mut() {
            if level.column().is_empty() {
                level.set_column(key);
            } else if level.column() != key {
                return Err(what()
                    .because(format!("its parent is partitioned by {}", parent.partition_key))
                    .next(next));
            }
        }
        Ok(self)
    }
}

/// What becomes of a unique key that does not contain the partition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UniqueKey {
    /// The partition key is added to it: unique within a partition key's value only.
    Extend,
    /// It becomes a plain index; the application sees to it (UUIDs, say).
    Drop,
    /// A table beside it, kept by a trigger, keeps it unique over all partitions.
    SideTable,
}
