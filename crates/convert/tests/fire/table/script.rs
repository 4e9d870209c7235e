//! What makes the table.

use lab::catalog::Name;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::{Col, DAYS, Row, Table, literal};

impl Table {
    /// What makes the table, with the fixed subset in it.
    pub fn script(&self) -> String {
        let name = &self.name;
        let by = self.source.map(|source| format!(" PARTITION BY {}", source.key(self)));
        let mut script = vec![
            "CREATE SCHEMA \"My Schema\"".to_owned(),
            "CREATE SCHEMA elsewhere".to_owned(),
            "CREATE TYPE mood AS ENUM ('1', '2', '3', '4')".to_owned(),
            format!(
                "CREATE TABLE {name} ({}){}",
                self.elements().join(", "),
                by.unwrap_or_default()
            ),
        ];
        let bounds = self.source.map(|source| source.bounds(self)).unwrap_or_default();
        for (number, bound) in bounds.iter().enumerate() {
            let part = Name::new(&*name.schema, format!("Part {number}"));
            script.push(format!("CREATE TABLE {part} PARTITION OF {name} {bound}"));
        }
        if self.dropped {
            script.push(format!("ALTER TABLE {name} DROP COLUMN gone"));
        }
        let (n, num) = (self.col(Col::N), self.col(Col::Num));
        script.push(format!("CREATE INDEX ON {name} ({n}, ({num} + 1)) WHERE {n} > 5"));
        script.push(self.insert(&self.fixed_rows()));
        script.join(";\n")
    }

    /// Columns and constraints.
    fn elements(&self) -> Vec<String> {
        let mut elements = Vec::new();
        if self.dropped {
            elements.push("gone integer DEFAULT 3".to_owned());
        }
        for column in Col::ALL {
            let nullable = match column {
                Col::Writer | Col::N => false,
                Col::Code | Col::Body => true,
                _ => !self.key.contains(&column) && !self.is_partition_column(column),
            };
            let not_null = if nullable { "" } else { " NOT NULL" };
            let identity = match self.identity {
                Some(kind) if column == Col::Id => format!(" GENERATED {kind} AS IDENTITY"),
                _ => String::new(),
            };
            let data_type = self.types[column as usize];
            elements.push(format!("{} {data_type}{not_null}{identity}", self.col(column)));
        }
        let n = self.col(Col::N);
        elements.push(format!("\"twice ñ\" numeric GENERATED ALWAYS AS ({n}::numeric * 2) STORED"));
        let quoted = |columns: &[Col]| {
            columns.iter().map(|column| self.col(*column)).collect::<Vec<_>>().join(", ")
        };
        let kind = if self.primary { "PRIMARY KEY" } else { "UNIQUE" };
        elements.push(format!("{kind} ({})", quoted(&self.key)));
        let deferrable = if self.deferrable { " DEFERRABLE INITIALLY DEFERRED" } else { "" };
        if let Some(unique) = &self.unique {
            elements.push(format!("UNIQUE ({}){deferrable}", quoted(unique)));
        }
        elements
    }

    /// Simple statement that inserts rows.
    pub fn insert(&self, rows: &[Row]) -> String {
        let values = |row: &Row| {
            format!("({})", row.each_ref().map(|value| literal(value.as_deref())).join(", "))
        };
        let rows = rows.iter().map(values).collect::<Vec<_>>().join(", ");
        format!("INSERT INTO {} ({}){} VALUES {rows}", self.name, self.columns(), self.overriding())
    }

    /// Identity columns take our values only so.
    pub fn overriding(&self) -> &'static str {
        if self.identity.is_some() { " OVERRIDING SYSTEM VALUE" } else { "" }
    }

    /// They span all that writers write, so that every row has a partition.
    fn fixed_rows(&self) -> Vec<Row> {
        let mut random = StdRng::seed_from_u64(self.seed ^ 1);
        let row = |number: u32| {
            let mut row = self.row(&mut random, 0, number);
            row[Col::At as usize] = Some(self.time(number % DAYS, number % 24));
            row[Col::Kind as usize] = Some((number % 4 + 1).to_string());
            row[Col::Num as usize] = Some((number * 37 % 1000).to_string());
            row[Col::Code as usize] = Some(format!("fixed {number}"));
            row
        };
        let mut rows: Vec<Row> = (0..self.fixed).map(row).collect();
        rows[0][Col::Num as usize] = Some("0".to_owned());
        rows[1][Col::Num as usize] = Some("999".to_owned());
        rows
    }
}
