//! Whether the source still is what the conversion was decided for.

use std::collections::HashMap;

use lab::catalog::Name;
use lab::connect::search_path;
use lab::{Context, Error, Result};

use crate::portrait::Column;
use crate::state::Conversion;
use crate::work::Work;

/// Columns of the table, as the portrait has them.
const COLUMNS: &str = "\
    SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull, nullif(a.attgenerated::text, '')
    FROM pg_attribute a
    WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum";

const TREE: &str = "\
    SELECT relid::oid FROM pg_partition_tree($1::oid::regclass)
    UNION SELECT oid FROM pg_class WHERE oid = $1";

/// Fails when columns or partitions of the source have changed, and names what.
pub async fn check(work: &Work<'_>, conversion: &Conversion) -> Result<()> {
    let client = work.session.client();
    let source = &conversion.design.source;
    let what = || format!("cannot read the definition of {}", conversion.name());
    // Names of types come as the portrait's: qualified.
    client.batch_execute(&format!("BEGIN; {}", search_path::SET_LOCAL)).await.context(what)?;
    let read = async {
        let columns = client.query(COLUMNS, &[&source.oid]).await?;
        let tree = client.query(TREE, &[&source.oid]).await?;
        Ok::<_, tokio_postgres::Error>((columns, tree))
    };
    let (columns, tree) = super::transaction::ended(client, read.await.context(what)).await?;
    let changed = |why: String| {
        Err(Error::failed(format!("{} has changed since its conversion began", conversion.name()))
            .because(why)
            .next("change it back, and run the same command again")
            .next(abort(&conversion.name())))
    };
    let mut now = HashMap::new();
    for row in &columns {
        let kind: Option<&str> = row.try_get(3).context(what)?;
        let seen = Seen {
            data_type: row.try_get(1).context(what)?,
            not_null: row.try_get(2).context(what)?,
            generated: kind.and_then(|text| text.chars().next()),
        };
        now.insert(row.try_get::<_, String>(0).context(what)?, seen);
    }
    if now.is_empty() && !source.columns.is_empty() {
        return changed("it is gone, or has no column".to_owned());
    }
    for column in &source.columns {
        match now.remove(&column.name) {
            None => return changed(format!("column {} is gone", column.name)),
            Some(seen) if seen != Seen::from(column) => {
                return changed(format!(
                    "column {} was {}, and is {seen}",
                    column.name,
                    Seen::from(column)
                ));
            }
            Some(_) => {}
        }
    }
    if let Some(column) = now.keys().min() {
        return changed(format!("column {column} is new"));
    }
    let mut tables = Vec::new();
    for row in &tree {
        tables.push(row.try_get::<_, u32>(0).context(what)?);
    }
    if let Some(gone) = source.tree.iter().find(|oid| !tables.contains(oid)) {
        let leaf = source.leaves.iter().find(|leaf| leaf.oid == *gone);
        let name = leaf.map_or_else(|| format!("with OID {gone}"), |leaf| leaf.name.clone());
        return changed(format!("its partition {name} was dropped or detached"));
    }
    if let Some(new) = tables.iter().find(|oid| !source.tree.contains(oid)) {
        let names = crate::moves::around::names(client, &[*new]).await?;
        let name = names.first().map_or_else(String::new, ToString::to_string);
        return changed(format!("partition {name} was attached to it"));
    }
    Ok(())
}

/// What to type to be rid of a conversion.
#[must_use]
pub fn abort(table: &Name) -> String {
    format!("cargo run -p convert -- abort {table}")
}

#[derive(Debug, PartialEq)]
struct Seen {
    data_type: String,
    not_null: bool,
    generated: Option<char>,
}

impl From<&Column> for Seen {
    fn from(column: &Column) -> Self {
        Self {
            data_type: column.data_type.clone(),
            not_null: column.not_null,
            generated: column.generated,
        }
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.data_type)?;
        if self.not_null {
            f.write_str(" NOT NULL")?;
        }
        if self.generated.is_some() {
            f.write_str(" GENERATED")?;
        }
        Ok(())
    }
}
