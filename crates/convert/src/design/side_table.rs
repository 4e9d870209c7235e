//! A table beside a partitioned one, which keeps a key unique over all partitions that the
//! partitioned table's own indexes cannot.
//!
//! A trigger keeps it. It is put on the target, whose replays then keep it too: on the source, what fills
//! it would wait for writers' rows, and they for what it has filled in. A rollback carries it over as
//! it does any other trigger.

use lab::catalog::{Name, quote_ident};

use super::{Design, index};
use crate::moves::literal;
use crate::portrait::{Index, Portrait};
use crate::request::UniqueKey;

/// A side table for one unique key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideTable {
    /// The unique constraint or index that it stands for, unquoted.
    pub key: String,
    /// Its name.
    pub name: Name,
    /// The table that it watches.
    table: Name,
    /// The key's columns, and the partition key's that tell where the row is; with their types.
    columns: Vec<(String, String)>,
    partition_columns: Vec<(String, String)>,
}

/// Whether a side table can stand for `index`: one of plain columns, over all rows.
pub(super) fn serves(index: &Index) -> bool {
    !index.partial && !index.nulls_not_distinct && index.columns.iter().all(Option::is_some)
}

impl Design {
    /// The side tables that the request asks for with `--unique KEY=side-table`.
    #[must_use]
    pub fn side_tables(&self) -> Vec<SideTable> {
        let wanted = |side: &SideTable| {
            let own = self.source.indexes.iter().find(|own| own.name == side.key);
            own.is_some_and(|own| index::way(&self.request, own) == Some(UniqueKey::SideTable))
        };
        self.side_tables_possible().into_iter().filter(wanted).collect()
    }

    /// The side tables that could be asked for, whether they are or not.
    #[must_use]
    pub fn side_tables_possible(&self) -> Vec<SideTable> {
        let partitioned_by = self.partition_columns();
        let key = super::key(&self.source).map(|index| index.oid);
        let fit = self.source.indexes.iter().filter(|own| {
            own.unique
                && own.valid
                && serves(own)
                && Some(own.oid) != key
                && own.constraint != Some('p')
                && !index::missing(own, &partitioned_by).is_empty()
        });
        fit.map(|own| SideTable::of(&self.source, own, &partitioned_by)).collect()
    }
}

impl SideTable {
    /// The same over another table, all of it in that table's schema.
    #[must_use]
    pub fn over(&self, schema: &str, table: &str) -> Self {
        Self {
            name: Name::new(schema, &self.name.name),
            table: Name::new(schema, table),
            ..self.clone()
        }
    }

    fn of(source: &Portrait, own: &Index, partitioned_by: &[String]) -> Self {
        let typed = |name: &String| {
            let column = source.columns.iter().find(|column| column.name == *name);
            (name.clone(), column.map(|column| column.data_type.clone()).unwrap_or_default())
        };
        let mut short = own.name.as_str();
        // Room for what is added behind it, within 63 bytes.
        while short.len() > 50 {
            short = &short[..short.char_indices().next_back().map_or(0, |(at, _)| at)];
        }
        Self {
            key: own.name.clone(),
            name: Name::new(&source.schema, format!("{short}_global")),
            table: Name::new(&source.schema, &source.name),
            columns: own.columns.iter().flatten().map(typed).collect(),
            partition_columns: index::missing(own, partitioned_by).iter().map(typed).collect(),
        }
    }

    /// Makes it, empty, and the trigger that keeps it from now on. To be run in one transaction: it
    /// takes SHARE ROW EXCLUSIVE on the table for a moment.
    #[must_use]
    pub fn create(&self) -> Vec<String> {
        let key = self.columns.iter().map(|(name, _)| quote_ident(name).into_owned());
        let key: Vec<String> = key.collect();
        let lines = self.columns.iter().chain(&self.partition_columns);
        let lines: Vec<String> = lines
            .map(|(name, kind)| format!("    {} {kind} NOT NULL", quote_ident(name)))
            .collect();
        let name = &self.name;
        let function = self.function();
        let trigger = quote_ident(&name.name).into_owned();
        let all_set = |row: &str| {
            let set = key.iter().map(|column| format!("{row}.{column} IS NOT NULL"));
            set.collect::<Vec<_>>().join(" AND ")
        };
        let same = key.iter().map(|column| format!("{column} = OLD.{column}"));
        let same = same.collect::<Vec<_>>().join(" AND ");
        let all: Vec<String> = self.all_columns();
        let values: Vec<String> = all.iter().map(|column| format!("NEW.{column}")).collect();
        vec![
            format!(
                "CREATE TABLE {name} (\n{},\n    PRIMARY KEY ({})\n)",
                lines.join(",\n"),
                key.join(", ")
            ),
            format!(
                "CREATE FUNCTION {function}() RETURNS trigger\n\
                 LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $keep$\n\
                 BEGIN\n    \
                     IF TG_OP <> 'INSERT' AND {} THEN\n        \
                         DELETE FROM {name} WHERE {same};\n    \
                     END IF;\n    \
                     IF TG_OP <> 'DELETE' AND {} THEN\n        \
                         INSERT INTO {name} ({}) VALUES ({});\n    \
                     END IF;\n    \
                     RETURN NULL;\n\
                 END\n\
                 $keep$",
                all_set("OLD"),
                all_set("NEW"),
                all.join(", "),
                values.join(", "),
            ),
            format!(
                "CREATE TRIGGER {trigger} AFTER INSERT OR UPDATE OR DELETE ON {}\n    \
                 FOR EACH ROW EXECUTE FUNCTION {function}()",
                self.table
            ),
            // A replication worker fires no other.
            format!("ALTER TABLE {} ENABLE ALWAYS TRIGGER {trigger}", self.table),
        ]
    }

    /// Takes over all rows of the table at once: one that nobody else writes to.
    #[must_use]
    pub fn fill_at_once(&self) -> String {
        let all = self.all_columns().join(", ");
        let set = self.columns.iter().map(|(name, _)| format!("{} IS NOT NULL", quote_ident(name)));
        let set = set.collect::<Vec<_>>().join(" AND ");
        format!("INSERT INTO {} ({all}) SELECT {all} FROM {} WHERE {set}", self.name, self.table)
    }

    /// Says which conversion made it.
    #[must_use]
    pub fn mark(&self, conversion: i64) -> String {
        format!("COMMENT ON TABLE {} IS {}", self.name, literal(&self.comment(conversion)))
    }

    /// Removes it with its trigger, if conversion `conversion` made it. Needs ACCESS EXCLUSIVE on the table
    /// that it watches.
    #[must_use]
    pub fn drop(&self, conversion: i64) -> String {
        let body = format!(
            "BEGIN IF obj_description(to_regclass({}), 'pg_class') = {} THEN \
             DROP FUNCTION IF EXISTS {}() CASCADE; DROP TABLE {}; END IF; END",
            literal(&self.name.to_string()),
            literal(&self.comment(conversion)),
            self.function(),
            self.name
        );
        format!("DO {}", literal(&body))
    }

    fn comment(&self, conversion: i64) -> String {
        format!(
            "keeps {} of {} unique over all partitions (conversion {conversion})",
            self.key, self.table.name
        )
    }

    fn function(&self) -> Name {
        Name::new(&self.name.schema, format!("{}_keep", self.name.name))
    }

    fn all_columns(&self) -> Vec<String> {
        let all = self.columns.iter().chain(&self.partition_columns);
        all.map(|(name, _)| quote_ident(name).into_owned()).collect()
    }
}
