//! How a table is partitioned, or shall be.

use convert::request::{Every, Level};
use rand::RngExt;
use rand::rngs::StdRng;

use crate::table::{Col, Table};

/// One level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Strategy {
    Range(Col, Every),
    List(Col),
    Hash(Col, u32),
}

impl Strategy {
    pub fn invent(random: &mut StdRng) -> Self {
        let month_or_so = [Every::Month, Every::Quarter, Every::Year, Every::Week];
        match random.random_range(0..6) {
            0 | 1 => Self::Range(Col::At, month_or_so[random.random_range(0..4)]),
            2 => Self::Range(Col::Num, Every::Step(random.random_range(150..600))),
            3 => Self::List(Col::Kind),
            4 => Self::Hash(Col::Id, random.random_range(2..6)),
            _ => {
                let column = [Col::Kind, Col::Num, Col::At][random.random_range(0..3)];
                Self::Hash(column, random.random_range(2..5))
            }
        }
    }

    pub fn column(self) -> Col {
        match self {
            Self::Range(column, _) | Self::List(column) | Self::Hash(column, _) => column,
        }
    }

    /// What stands after `PARTITION BY`.
    pub fn key(self, table: &Table) -> String {
        let by = match self {
            Self::Range(..) => "RANGE",
            Self::List(_) => "LIST",
            Self::Hash(..) => "HASH",
        };
        format!("{by} ({})", table.col(self.column()))
    }

    /// Bounds for a source, over all values that are written.
    pub fn bounds(self, table: &Table) -> Vec<String> {
        let range = |from: &str, to: &str| format!("FOR VALUES FROM ({from}) TO ({to})");
        match self {
            Self::Range(Col::Num, _) => vec![
                range("MINVALUE", "300"),
                range("300", "700"),
                range("700", "800"),
                "DEFAULT".to_owned(),
            ],
            Self::Range(..) => {
                let zone = if table.types[Col::At as usize] == "timestamptz" { "+00" } else { "" };
                let first = |month: u32| format!("'2088-{month:02}-01 00:00:00{zone}'");
                (1..7).map(|month| range(&first(month), &first(month + 1))).collect()
            }
            Self::List(_) => vec![
                "FOR VALUES IN ('1', '3')".to_owned(),
                "FOR VALUES IN ('2')".to_owned(),
                "DEFAULT".to_owned(),
            ],
            Self::Hash(_, modulus) => (0..modulus)
                .map(|r| format!("FOR VALUES WITH (MODULUS {modulus}, REMAINDER {r})"))
                .collect(),
        }
    }

    /// The same, as a user asks for it.
    pub fn level(self, table: &Table) -> Level {
        let column = table.names[self.column() as usize].clone();
        match self {
            Self::Range(_, every) => Level::Range { column, every },
            Self::List(_) => Level::List { column },
            Self::Hash(_, partitions) => Level::Hash { column, partitions },
        }
    }
}

/// How a width is typed.
pub fn width(every: Every) -> String {
    match every {
        Every::Day => "day".to_owned(),
        Every::Week => "week".to_owned(),
        Every::Month => "month".to_owned(),
        Every::Quarter => "quarter".to_owned(),
        Every::Year => "year".to_owned(),
        Every::Step(step) => step.to_string(),
    }
}
