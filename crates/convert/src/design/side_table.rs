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
    /// The name under which applications know that table.
    live: Name,
    /// Of both tables and of the function. Unquoted.
    owner: String,
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
            live: Name::new(&source.schema, &source.name),
            owner: source.owner.clone(),
            columns: own.columns.iter().flatten().map(typed).collect(),
            partition_columns: index::missing(own, partitioned_by).iter().map(typed).collect(),
        }
    }

    /// Makes it, empty, and the trigger that keeps it from now on. To be run in one transaction: it
    /// takes SHARE ROW EXCLUSIVE on the table for a moment.
    ///
    /// The function writes with the rights of its owner, so it is nobody's to call, and serves no table but the one it was made
    /// for (`tree`: OIDs of the table and its partitions, where they are known, for they are told apart in no time); under another
    /// name, one that has the owner of the side table: neither a temporary one nor a stranger's.
    #[must_use]
    pub fn create(&self, tree: &[u32]) -> Vec<String> {
        let known: Vec<String> = tree.iter().map(u32::to_string).collect();
        let known = match known.as_slice() {
            [] => String::new(),
            known => format!("TG_RELID <> ALL ('{{{}}}'::oid[]) AND ", known.join(",")),
        };
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
                     -- By name first: a condition with a query in it is run as one, for each row.\n    \
                     IF {known}coalesce(pg_partition_root(TG_RELID), TG_RELID)::oid\n        \
                         NOT IN (coalesce(to_regclass({live})::oid, 0), coalesce(to_regclass({table})::oid, 0)) THEN\n        \
                         IF NOT EXISTS (\n            \
                             SELECT FROM pg_class own, pg_class side\n            \
                             WHERE own.oid = coalesce(pg_partition_root(TG_RELID)::oid, TG_RELID)\n              \
                                 AND side.oid = {side}::regclass\n              \
                                 AND own.relowner = side.relowner AND own.relpersistence = side.relpersistence) THEN\n            \
                             RAISE '{message} % is not', TG_RELID::regclass USING ERRCODE = 'insufficient_privilege',\n                \
                                 HINT = {hint};\n        \
                         END IF;\n    \
                     END IF;\n    \
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
                live = literal(&self.live.to_string()),
                table = literal(&self.table.to_string()),
                side = literal(&name.to_string()),
                message = raised(&format!("{name} is kept for the table that has its owner, and")),
                hint = literal(&format!(
                    "Where the table was given to another owner: ALTER TABLE {name} OWNER TO …; ALTER FUNCTION {function}() OWNER TO …"
                )),
            ),
            format!("REVOKE ALL ON FUNCTION {function}() FROM PUBLIC"),
            // ALTER DEFAULT PRIVILEGES may have given it to roles by name: one with TRIGGER on any table of the
            // same owner could forge entries.
            format!(
                "DO $revoke$\n\
                 DECLARE grantee text;\n\
                 BEGIN\n    \
                     FOR grantee IN SELECT DISTINCT pg_catalog.pg_get_userbyid(a.grantee)\n        \
                         FROM pg_catalog.pg_proc p, pg_catalog.aclexplode(p.proacl) a\n        \
                         WHERE p.oid OPERATOR(pg_catalog.=) {}::pg_catalog.regprocedure\n          \
                             AND a.grantee OPERATOR(pg_catalog.<>) p.proowner LOOP\n        \
                         EXECUTE pg_catalog.format('REVOKE ALL ON FUNCTION %s FROM %I', {}, grantee);\n    \
                     END LOOP;\n\
                 END\n\
                 $revoke$",
                literal(&format!("{function}()")),
                literal(&format!("{function}()")),
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

    /// Gives it, and its function, to the owner of the table.
    #[must_use]
    pub fn give(&self) -> [String; 2] {
        let owner = quote_ident(&self.owner);
        [
            format!("ALTER TABLE {} OWNER TO {owner}", self.name),
            format!("ALTER FUNCTION {}() OWNER TO {owner}", self.function()),
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

/// A text within the quotes of RAISE, in which a percent sign stands for a value.
fn raised(text: &str) -> String {
    text.replace('\'', "''").replace('%', "%%")
}
