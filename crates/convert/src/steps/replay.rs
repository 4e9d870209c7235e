//! The statements that replay a log: how rows are found again by what it holds.

use lab::catalog::{Name, quote_ident};
use lab::connect::search_path::AS_USER;
use lab::{Context, Result};
use tokio_postgres::Client;

use super::machinery::REPLAY;
use super::table_name;
use crate::shape;
use crate::state::{Conversion, Side};

/// Entries behind the place `$1` up to `$2`. Both are read as text: the driver knows no `tid`.
const RANGE: &str = "ctid > $1::text::tid AND ctid <= $2::text::tid";

/// A column of the log.
#[derive(Debug, Clone, PartialEq)]
struct LogColumn {
    /// Quoted.
    name: String,
    /// `=`, or `OPERATOR(schema.=)` where the type has one of its own outside `pg_catalog`.
    equals: String,
    nullable: bool,
}

/// Replays what was changed on one side.
#[derive(Debug, Clone)]
pub struct Replay {
    /// The table whose changes are in the log.
    pub from: Name,
    /// Where its rows are read: of partitions that hang below a parent, that.
    rows: Name,
    /// The table that gets them.
    pub to: Name,
    /// Their log.
    pub log: Name,
    columns: Vec<LogColumn>,
    /// How many of them are the key.
    key: usize,
    /// Columns that are copied, quoted, in a list.
    copied: Vec<String>,
}

/// The equality operator of each column's type where it is not in `pg_catalog`: an extension's type would else be compared as the
/// type beneath it. The type's default operator class names it, which only a superuser can make: an
/// operator of the same name and arguments, anybody who may create in a schema.
const OPERATORS: &str = "\
    SELECT (SELECT format('OPERATOR(%I.%s)', n.nspname, o.oprname)
            FROM pg_attribute a
            JOIN pg_type d ON d.oid = a.atttypid
            JOIN pg_type t ON t.oid = CASE d.typtype WHEN 'd' THEN d.typbasetype ELSE d.oid END
            JOIN pg_opclass k ON k.opcintype = t.oid AND k.opcdefault
            JOIN pg_am m ON m.oid = k.opcmethod AND m.amname IN ('btree', 'hash')
            JOIN pg_amop p ON p.amopfamily = k.opcfamily AND p.amoplefttype = t.oid AND p.amoprighttype = t.oid
                AND p.amopstrategy = CASE m.amname WHEN 'btree' THEN 3 ELSE 1 END
            JOIN pg_operator o ON o.oid = p.amopopr
            JOIN pg_namespace n ON n.oid = o.oprnamespace AND n.nspname <> 'pg_catalog'
            WHERE a.attrelid = $1 AND a.attname = c.name AND NOT a.attisdropped
            ORDER BY m.amname LIMIT 1)
    FROM unnest($2::text[]) WITH ORDINALITY AS c (name, at)
    ORDER BY c.at";

impl Replay {
    /// From `side` to the other one, under the names that the tables have now.
    pub async fn new(client: &Client, conversion: &Conversion, side: Side) -> Result<Self> {
        let design = &conversion.design;
        let what = || "cannot read how the key's columns are compared";
        let rows = client
            .query(OPERATORS, &[&conversion.source, &design.log_columns])
            .await
            .context(what)?;
        let mut columns = Vec::new();
        for (column, row) in design.log_columns.iter().zip(&rows) {
            let known = design.source.columns.iter().find(|known| known.name == *column);
            columns.push(LogColumn {
                name: quote_ident(column).into_owned(),
                equals: row.try_get::<_, Option<String>>(0).context(what)?.unwrap_or("=".into()),
                nullable: known.is_none_or(|known| !known.not_null),
            });
        }
        let from = table_name(client, conversion, side).await?;
        let rows = shape::rows(client, conversion, side).await?;
        Ok(Self {
            rows: rows.unwrap_or_else(|| from.clone()),
            from,
            to: table_name(client, conversion, side.other()).await?,
            log: conversion.log(side),
            columns,
            key: design.key.len(),
            copied: design.columns.iter().map(|name| quote_ident(name).into_owned()).collect(),
        })
    }

    /// At most `$2` entries behind the place `$1`: the last one's place and how many.
    pub fn take(&self) -> String {
        format!(
            "SELECT max(ctid)::text, count(*)
             FROM (SELECT ctid FROM {} WHERE ctid > $1::text::tid LIMIT $2) AS taken",
            self.log
        )
    }

    /// Deletes the shadow's rows that entries behind `$1` up to `$2` name.
    pub fn delete(&self) -> String {
        self.delete_by(&self.keys())
    }

    /// Inserts what the live table holds for entries behind `$1` up to `$2`. `SET_LOCAL` has to follow.
    pub fn insert(&self) -> String {
        format!("{} WHERE {AS_USER}", self.insert_by(&self.keys()))
    }

    /// Takes entries behind `$1` up to `$2` out of the log.
    pub fn forget(&self) -> String {
        format!("DELETE FROM {} WHERE {RANGE}", self.log)
    }

    /// All of it in one statement, so in one snapshot, for at most `$2` entries behind `$1`: the last one's place and
    /// how many. The count of what was deleted makes the server delete before it inserts, and the setting is
    /// made before either, as is the path of [`AS_USER`], after which `SET_LOCAL` has to follow in a transaction.
    /// Without `delete` what is there stays.
    pub fn at_once(&self, delete: bool) -> String {
        let names = self.names(self.columns.len());
        let insert = self.insert_by("keys");
        let (gone, made) = if delete {
            (self.delete_by("keys"), format!("{insert} WHERE (SELECT count(*) FROM gone) >= 0"))
        } else {
            ("SELECT".to_owned(), format!("{insert} ON CONFLICT DO NOTHING"))
        };
        let returning = if delete { "RETURNING 1" } else { "" };
        format!(
            "WITH taken AS (
                DELETE FROM {log} WHERE ctid > $1::text::tid AND ctid <= (
                    SELECT max(ctid) FROM (SELECT ctid FROM {log} WHERE ctid > $1::text::tid LIMIT $2) AS first)
                AND (SELECT pg_catalog.set_config('{REPLAY}', 'on', true)) = 'on' AND {AS_USER}
                RETURNING ctid, {names}),
             keys AS MATERIALIZED (SELECT DISTINCT {names} FROM taken),
             gone AS ({gone} {returning}),
             made AS ({made})
             SELECT max(ctid)::text, count(*) FROM taken",
            log = self.log
        )
    }

    fn delete_by(&self, keys: &str) -> String {
        format!("DELETE FROM {} AS t USING {keys} AS k WHERE {}", self.to, self.matches("t"))
    }

    fn insert_by(&self, keys: &str) -> String {
        let to = &self.to;
        format!(
            "INSERT INTO {to} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {keys} AS k JOIN {} AS s ON {}",
            self.copied.join(", "),
            self.list("s"),
            self.rows,
            self.matches("s")
        )
    }

    /// Deletes every row of `leaf` whose key an entry has. The key is enough as long as nothing was
    /// taken out of the log: whatever row came to that key has an entry of its own, with its partition.
    pub fn delete_logged(&self, leaf: &Name) -> String {
        format!(
            "DELETE FROM ONLY {leaf} AS t USING (SELECT DISTINCT {} FROM {}) AS k WHERE {}",
            self.names(self.key),
            self.log,
            self.same_key("t")
        )
    }

    /// Whether an entry `k` has the key of the row `alias`: the key alone, so that hashes serve.
    pub fn same_key(&self, alias: &str) -> String {
        let columns: Vec<String> =
            self.columns.iter().take(self.key).map(|column| column.matches(alias)).collect();
        columns.join(" AND ")
    }

    fn keys(&self) -> String {
        let names = self.names(self.columns.len());
        format!("(SELECT DISTINCT {names} FROM {} WHERE {RANGE})", self.log)
    }

    fn names(&self, first: usize) -> String {
        let columns = self.columns.iter().take(first);
        columns.map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    fn list(&self, alias: &str) -> String {
        self.copied.iter().map(|name| format!("{alias}.{name}")).collect::<Vec<_>>().join(", ")
    }

    fn matches(&self, alias: &str) -> String {
        let columns: Vec<String> =
            self.columns.iter().map(|column| column.matches(alias)).collect();
        columns.join(" AND ")
    }
}

impl LogColumn {
    fn matches(&self, alias: &str) -> String {
        let Self { name, equals, nullable } = self;
        if *nullable {
            // Not IS NOT DISTINCT FROM: that finds no index and prunes no partition.
            format!(
                "({alias}.{name} {equals} k.{name} OR {alias}.{name} IS NULL AND k.{name} IS NULL)"
            )
        } else {
            format!("{alias}.{name} {equals} k.{name}")
        }
    }
}
