//! What stands in its rows.

use rand::RngExt;
use rand::rngs::StdRng;

use super::{Col, DAYS, Row, Table};

impl Table {
    /// A row of `writer` with this id and whatever else.
    pub fn row(&self, random: &mut StdRng, writer: usize, id: u32) -> Row {
        Col::ALL.map(|column| match column {
            Col::Writer => Some(writer.to_string()),
            Col::Id => Some(self.id(writer, id)),
            _ => self.value(random, writer, column),
        })
    }

    /// The id as its type prints it.
    pub fn id(&self, writer: usize, id: u32) -> String {
        let id = u32::try_from(writer).expect("few") * 100_000 + id;
        match self.types[Col::Id as usize] {
            "uuid" => format!("00000000-0000-4000-8000-{id:012x}"),
            "text" => format!("k {id}"),
            _ => id.to_string(),
        }
    }

    /// Any value of a column but Writer and Id.
    pub fn value(&self, random: &mut StdRng, writer: usize, column: Col) -> Option<String> {
        Some(match column {
            Col::Writer | Col::Id => panic!("these are chosen"),
            Col::At => {
                let (day, hour) = (random.random_range(0..DAYS), random.random_range(0..24));
                self.time(day, hour)
            }
            Col::Kind => random.random_range(1..=4).to_string(),
            Col::Num => random.random_range(0..1000).to_string(),
            Col::Code => match random.random_range(0..10) {
                0..4 => return None,
                number => format!("code {writer}.{number}"),
            },
            Col::N => random.random_range(0..100).to_string(),
            Col::Body => match random.random_range(0..12) {
                0 => return None,
                1 => String::new(),
                // Hardly compressible: it goes out of line.
                2 => (0..400).map(|_| random.random_range(0..u64::MAX).to_string()).collect(),
                _ => format!("{:x}", random.random_range(0..u32::MAX)),
            },
        })
    }

    /// In a year to come: else there would be partitions for all the time until now.
    pub(super) fn time(&self, day: u32, hour: u32) -> String {
        let months = [31, 29, 31, 30, 31, 30];
        let (mut month, mut day) = (0, day);
        while day >= months[month] {
            day -= months[month];
            month += 1;
        }
        let date = format!("2088-{:02}-{:02}", month + 1, day + 1);
        match self.types[Col::At as usize] {
            "date" => date,
            "timestamp" => format!("{date} {hour:02}:30:00"),
            _ => format!("{date} {hour:02}:30:00+00"),
        }
    }
}

/// A value as it stands in a simple statement.
pub fn literal(value: Option<&str>) -> String {
    match value {
        None => "NULL".to_owned(),
        Some(value) => format!("'{}'", value.replace('\'', "''")),
    }
}
