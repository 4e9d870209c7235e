//! The statements that make the target: like the source, partitioned, without indexes.

use lab::catalog::{Name, quote_ident};
use lab::{Context, Error, Result};
use tokio_postgres::Client;

use crate::layout::{Layout, Part};
use crate::moves::{literal, parked};
use crate::portrait::Portrait;
use crate::request::Shape;
use crate::state::Conversion;
use crate::steps::ready::UNTIL_READY;

/// What a portrait leaves out, since only the copying of a table asks for it.
#[derive(Debug, Default)]
pub struct Details {
    /// Names of the source's own tree in its schema, which the target's partitions cannot have yet.
    taken: Vec<String>,
    /// By column: what follows `ALTER COLUMN c`.
    columns: Vec<(String, String)>,
    /// `USING` of the source's leaves, when that is not heap.
    access_method: Option<String>,
}

/// Reads them.
pub async fn details(client: &Client, source: u32) -> Result<Details> {
    let what = || format!("cannot read the definition of table {source}");
    let columns = client
        .query(
            "SELECT attname::text,
                    CASE WHEN attstattarget >= 0 THEN 'SET STATISTICS ' || attstattarget END,
                    'SET (' || array_to_string(attoptions, ', ') || ')'
             FROM pg_attribute
             WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped
               AND (attstattarget >= 0 OR attoptions IS NOT NULL)
             ORDER BY attnum",
            &[&source],
        )
        .await
        .context(what)?;
    let mut settings = Vec::new();
    for row in &columns {
        let name: String = row.try_get(0).context(what)?;
        for index in [1, 2] {
            if let Some(setting) = row.try_get::<_, Option<String>>(index).context(what)? {
                settings.push((name.clone(), setting));
            }
        }
    }
    let row = client
        .query_one(
            "SELECT (SELECT array_agg(c.relname::text)
                     FROM pg_class s, pg_partition_tree(s.oid) t JOIN pg_class c ON c.oid = t.relid
                     WHERE s.oid = $1 AND c.relnamespace = s.relnamespace),
                    (SELECT nullif(a.amname::text, 'heap') FROM pg_class s
                     JOIN pg_am a ON a.oid = s.relam WHERE s.oid = $1)",
            &[&source],
        )
        .await
        .context(what)?;
    Ok(Details {
        taken: row.try_get::<_, Option<_>>(0).context(what)?.unwrap_or_default(),
        columns: settings,
        access_method: row.try_get(1).context(what)?,
    })
}

/// The statements, to be run in one transaction.
///
/// The target is created under its shadow's name in the source's schema. Its partitions have the
/// names of the layout, or parked ones where a table of the source has that name.
pub fn statements(conversion: &Conversion, details: &Details) -> Result<String> {
    let design = &conversion.design;
    let source = &design.source;
    let name = Name::new(&source.schema, &design.target_name);
    let key = match (&design.request.shape, &source.parent) {
        // The partitions will be attached to the parent, so its key it must be.
        (Shape::Split, Some(parent)) => &parent.partition_key,
        _ => &design.layout.key,
    };
    // Numbers come from the parent; and a table with an identity cannot be attached.
    let is_split = design.request.shape == Shape::Split;
    let identity = if is_split { "" } else { "INCLUDING IDENTITY " };
    let mut maker = Maker { conversion, details, source, tables: Vec::new(), sql: Vec::new() };
    maker.sql.push(format!(
        "CREATE TABLE {name} (LIKE {} INCLUDING DEFAULTS INCLUDING GENERATED {identity}\
         INCLUDING STORAGE INCLUDING COMPRESSION INCLUDING COMMENTS INCLUDING CONSTRAINTS \
         INCLUDING STATISTICS) PARTITION BY {key}{}",
        conversion.name(),
        maker.tablespace()
    ));
    maker.partitions(&name, &design.layout)?;
    maker.dress(&name);
    Ok(maker.sql.join(";\n"))
}

/// Gathers statements.
struct Maker<'a> {
    conversion: &'a Conversion,
    details: &'a Details,
    source: &'a Portrait,
    /// Beneath the target.
    tables: Vec<Name>,
    sql: Vec<String>,
}

impl Maker<'_> {
    fn partitions(&mut self, parent: &Name, layout: &Layout) -> Result<()> {
        // The first one is the table itself, which is there.
        let old = self.conversion.design.request.shape == Shape::AttachOld;
        for part in layout.parts.iter().skip(usize::from(old)) {
            let name = self.name(part);
            if let Some(below) = &part.below {
                self.sql.push(format!(
                    "CREATE TABLE {name} PARTITION OF {parent} {} PARTITION BY {}{}",
                    part.bound,
                    below.key,
                    self.tablespace()
                ));
                self.tables.push(name.clone());
                self.partitions(&name, below)?;
            } else {
                self.leaf(&name, parent, &part.bound);
                self.tables.push(name);
            }
        }
        if layout.parts.is_empty() {
            return Err(Error::failed(format!("{parent} would have no partition")));
        }
        Ok(())
    }

    fn name(&self, part: &Part) -> Name {
        let taken = self.details.taken.contains(&part.name);
        let name = if taken { parked(&part.name, self.conversion.id) } else { part.name.clone() };
        Name::new(&self.source.schema, name)
    }

    fn leaf(&mut self, name: &Name, parent: &Name, bound: &str) {
        let unlogged = if self.source.persistence == 'u' { "UNLOGGED " } else { "" };
        let method = self.details.access_method.as_deref();
        let using = method.map_or_else(String::new, |am| format!(" USING {}", quote_ident(am)));
        // Nothing is vacuumed before it is ready.
        let ours = UNTIL_READY;
        let own = |option: &&String| !ours.iter().any(|our| option.starts_with(&format!("{our}=")));
        let options: Vec<String> = (self.source.options.iter().filter(own).cloned())
            .chain(ours.map(|option| format!("{option}=false")))
            .map(|option| storage_option(&option))
            .collect();
        let options = options.join(", ");
        let tablespace = self.tablespace();
        self.sql.push(format!(
            "CREATE {unlogged}TABLE {name} PARTITION OF {parent} {bound}{using} WITH ({options}){tablespace}"
        ));
        if self.source.publications.iter().any(|publication| publication.all) {
            // Published, and without a key yet: rows could not be deleted.
            self.sql.push(format!("ALTER TABLE {name} REPLICA IDENTITY FULL"));
        }
        for (column, setting) in &self.details.columns {
            // n_distinct and the like do not go down to partitions by themselves.
            let column = quote_ident(column);
            self.sql.push(format!("ALTER TABLE {name} ALTER COLUMN {column} {setting}"));
        }
    }

    fn tablespace(&self) -> String {
        let space = self.source.tablespace.as_deref();
        space.map_or_else(String::new, |space| format!(" TABLESPACE {}", quote_ident(space)))
    }

    /// Owner, rights, policies, comment.
    fn dress(&mut self, name: &Name) {
        let source = self.source;
        for (column, setting) in &self.details.columns {
            let column = quote_ident(column);
            self.sql.push(format!("ALTER TABLE ONLY {name} ALTER COLUMN {column} {setting}"));
        }
        let owner = quote_ident(&source.owner);
        for table in [name.clone()].iter().chain(&self.tables) {
            self.sql.push(format!("ALTER TABLE {table} OWNER TO {owner}"));
        }
        let table = name.to_string();
        self.sql.push(no_default_privileges(self.conversion.source, &table, source.row_security));
        for statement in &source.grants {
            self.sql.push(statement.replacen("{table}", &table, 1));
        }
        for policy in &source.policies {
            self.sql.push(policy.definition.replacen("{table}", &table, 1));
        }
        if source.row_security {
            self.sql.push(format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"));
        }
        if let Some(comment) = &source.comment {
            let comment = literal(comment);
            self.sql.push(format!("COMMENT ON TABLE {name} IS {comment}"));
            // Who knows the table by its comment finds the partitions, too: `setup --reset` does.
            if self.conversion.design.request.shape == Shape::Table {
                for table in &self.tables {
                    self.sql.push(format!("COMMENT ON TABLE {table} IS {comment}"));
                }
            }
        }
    }
}

/// Takes back what `ALTER DEFAULT PRIVILEGES` gave on the target, and of its partitions what the source does
/// not grant itself; where policies hide rows, all: a partition's own privileges lead past them.
fn no_default_privileges(source: u32, target: &str, row_security: bool) -> String {
    let body = format!(
        "DECLARE revoke text; BEGIN FOR revoke IN \
             SELECT format('REVOKE %s ON %s FROM %s', a.privilege_type, c.oid::regclass, \
                 CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END) \
             FROM pg_partition_tree({table}) AS t JOIN pg_class AS c ON c.oid = t.relid, aclexplode(c.relacl) AS a \
             WHERE a.grantee <> c.relowner AND ({row_security} OR t.level = 0 OR NOT EXISTS ( \
                 SELECT FROM pg_class AS s, aclexplode(s.relacl) AS own \
                 WHERE s.oid = {source} AND (own.grantee, own.privilege_type) = (a.grantee, a.privilege_type))) \
         LOOP EXECUTE revoke; END LOOP; END",
        table = literal(target)
    );
    format!("DO {}", literal(&body))
}

/// `fillfactor=70` → `fillfactor='70'`, `toast.autovacuum_enabled=false` alike.
fn storage_option(option: &str) -> String {
    match option.split_once('=') {
        Some((name, value)) => format!("{name}={}", literal(value)),
        None => option.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_quoted() {
        assert_eq!(storage_option("fillfactor=70"), "fillfactor='70'");
        assert_eq!(storage_option("toast.x=false"), "toast.x='false'");
    }
}
