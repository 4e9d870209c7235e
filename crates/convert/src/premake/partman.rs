//! The configuration of `pg_partman`, where that extension is installed: one keeper of partitions is
//! enough.
//!
//! Signatures: `pg_partman`'s `sql/functions/create_parent.sql` of 4.7 and 5.1, and the release notes
//! of 5.4, in which `create_partition` takes the place of `create_parent`.

use lab::catalog::{Name, quote_ident};
use lab::{Context, Result};
use tokio_postgres::Client;

use super::node::Node;
use super::rhythm::Width;
use super::{Retain, Wish};
use crate::moves::literal;

/// The extension as it is installed in this database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partman {
    /// Its schema, unquoted.
    pub schema: String,
    /// `4.7.2`.
    pub version: String,
}

/// A table whose partitions it is to keep.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The table.
    pub name: Name,
    /// The column of the key, unquoted.
    pub column: String,
    /// How wide its partitions are.
    pub width: Width,
    /// Its partitions with two ends, and where each begins; of numbers only.
    pub existing: Vec<(Name, i128)>,
    /// Where the newest ends, without quotes; `None` with MAXVALUE.
    pub end: Option<String>,
    /// Periods are the calendar's.
    pub is_time: bool,
}

impl From<&Node> for Kept {
    fn from(node: &Node) -> Self {
        let Node { name, column, width, existing, end, is_time, .. } = node.clone();
        Self { name, column, width, existing, end, is_time }
    }
}

/// The extension, if it is installed in this database.
pub async fn installed(client: &Client) -> Result<Option<Partman>> {
    let what = || "cannot see whether pg_partman is installed";
    let row = client
        .query_opt(
            "SELECT nspname::text, extversion FROM pg_extension e
             JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'pg_partman'",
            &[],
        )
        .await
        .context(what)?;
    row.map(|row| Ok(Partman { schema: row.try_get(0)?, version: row.try_get(1)? }))
        .transpose()
        .map_err(|error: tokio_postgres::Error| error)
        .context(what)
}

impl Partman {
    fn release(&self) -> (u32, u32) {
        let mut parts = self.version.split('.').map(|part| part.parse().unwrap_or(0));
        (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
    }

    /// Whether it keeps this table already.
    pub async fn keeps(&self, client: &Client, table: &Name) -> Result<bool> {
        let statement = format!(
            "SELECT EXISTS (SELECT FROM {}.part_config WHERE parent_table = $1)",
            quote_ident(&self.schema)
        );
        let what = || format!("cannot read pg_partman's configuration of {table}");
        let row = client.query_one(&statement, &[&plain(table)]).await.context(what)?;
        row.try_get(0).context(what)
    }

    /// The statements that make it keep the partitions of `kept` as `wish` says, from where the
    /// existing ones end; those that change its settings when it keeps the table already.
    #[must_use]
    pub fn configuration(&self, kept: &Kept, wish: &Wish, keeps: bool) -> String {
        let schema = quote_ident(&self.schema);
        let table = literal(&plain(&kept.name));
        let mut lines = Vec::new();
        if let Some(zone) = wish.time_zone.as_ref().filter(|_| kept.is_time) {
            lines.push(
                "-- Days begin in the time zone of whoever runs this, maintenance too:".to_owned(),
            );
            lines.push(format!("SET timezone = {};", literal(zone)));
        }
        if !keeps {
            lines.extend(self.renames(kept));
            let function =
                if self.release() >= (5, 4) { "create_partition" } else { "create_parent" };
            let kind = if self.release() >= (5, 0) { "range" } else { "native" };
            let start = kept.end.as_ref().map_or(String::new(), |end| {
                format!(",\n    p_start_partition => {}", literal(end))
            });
            lines.push(format!(
                "SELECT {schema}.{function}(\n    p_parent_table => {table},\n    p_control => {},\n    \
                 p_type => '{kind}',\n    p_interval => {},\n    p_premake => {}{start});",
                literal(&kept.column),
                literal(&interval(kept.width)),
                wish.ahead
            ));
        }
        // Ahead of the clock, not of the newest row.
        let mut settings =
            vec![format!("premake = {}", wish.ahead), "infinite_time_partitions = true".to_owned()];
        if let Some(retain) = wish.retain {
            settings.push(format!("retention = {}", literal(&age(retain))));
            settings.push(format!("retention_keep_table = {}", !wish.drop));
        }
        lines.push(format!(
            "UPDATE {schema}.part_config SET\n    {}\nWHERE parent_table = {table};",
            settings.join(",\n    ")
        ));
        lines.push(format!(
            "-- Every hour, from cron, pg_cron or its background worker:\nCALL {schema}.run_maintenance_proc();"
        ));
        lines.join("\n")
    }
}

impl Partman {
    /// Before 5.0 it reads the bounds of integer partitions off their names.
    fn renames(&self, kept: &Kept) -> Vec<String> {
        if self.release() >= (5, 0) || kept.is_time {
            return Vec::new();
        }
        let rename = |(name, from): &(Name, i128)| {
            let wanted = format!("{}_p{from}", kept.name.name);
            let rename = || format!("ALTER TABLE {name} RENAME TO {};", quote_ident(&wanted));
            (name.name != wanted).then(rename)
        };
        kept.existing.iter().filter_map(rename).collect()
    }
}

/// `pg_partman` takes names without quotes.
fn plain(table: &Name) -> String {
    format!("{}.{}", table.schema, table.name)
}

fn interval(width: Width) -> String {
    match width {
        Width::Months(1) => "1 month".to_owned(),
        Width::Months(12) => "1 year".to_owned(),
        Width::Months(months) => format!("{months} months"),
        Width::Days(1) => "1 day".to_owned(),
        Width::Days(7) => "1 week".to_owned(),
        Width::Days(days) => format!("{days} days"),
        Width::Numbers(numbers) => numbers.to_string(),
    }
}

fn age(retain: Retain) -> String {
    match retain {
        Retain::Months(months) => format!("{months} months"),
        Retain::Days(days) => format!("{days} days"),
        Retain::Numbers(numbers) => numbers.to_string(),
    }
}
