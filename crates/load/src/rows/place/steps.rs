//! The way from the top of a partition tree to each leaf, as the catalog tells it.

use std::collections::HashMap;

use lab::{Context, Error, Result};
use tokio_postgres::Client;

use super::bounds::Bounds;
use crate::rows::sql;

/// One partition, as its parent sees it.
#[derive(Debug, Clone)]
pub struct Step {
    /// The partition's OID.
    pub oid: u32,
    /// The OID of the table that it is a partition of.
    pub parent: u32,
    /// As `pg_get_partkeydef` prints it.
    pub key: String,
    /// Its bounds.
    pub bounds: Bounds,
    /// The key's columns; `None` is an expression.
    pub columns: Vec<Option<String>>,
}

impl Step {
    /// The key's columns, if values for them lead to this partition rather than another: not with
    /// hashes, and not when an expression decides.
    pub fn steerable(&self) -> Option<Vec<&str>> {
        let named: Option<Vec<&str>> = self.columns.iter().map(Option::as_deref).collect();
        named.filter(|_| self.bounds != Bounds::Hash)
    }
}

/// All steps above and beneath a table.
#[derive(Debug, Default)]
pub struct Steps(HashMap<u32, Step>);

impl Steps {
    /// Reads them.
    pub async fn read(client: &Client, oid: u32) -> Result<Self> {
        let what = || format!("cannot read the partition bounds of table {oid}");
        let mut steps = HashMap::new();
        for row in client.query(sql::PARTITION_STEPS, &[&oid]).await.context(what)? {
            let text: &str = row.try_get("bounds").context(what)?;
            let bounds = Bounds::parse(text)
                .ok_or_else(|| Error::failed(what()).because(format!("unknown bounds: {text}")))?;
            let step = Step {
                oid: row.try_get("oid").context(what)?,
                parent: row.try_get("parent").context(what)?,
                key: row.try_get("key").context(what)?,
                bounds,
                columns: row.try_get("columns").context(what)?,
            };
            steps.insert(step.oid, step);
        }
        Ok(Self(steps))
    }

    /// Steps of one table, from the top down; none for a table that is no partition.
    pub fn to(&self, oid: u32) -> Vec<&Step> {
        let mut steps = Vec::new();
        let mut next = self.0.get(&oid);
        while let Some(step) = next {
            steps.push(step);
            next = self.0.get(&step.parent);
        }
        steps.reverse();
        steps
    }

    /// All of them, in any order.
    pub fn all(&self) -> impl Iterator<Item = &Step> {
        self.0.values()
    }

    /// The names of the columns whose values lead to a partition.
    pub fn steerable(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.all().filter_map(Step::steerable).flatten().map(str::to_owned).collect();
        names.sort();
        names.dedup();
        names
    }

    /// What cannot be steered, in a sentence a key.
    pub fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = self
            .all()
            .filter(|step| step.bounds != Bounds::Default && step.steerable().is_none())
            .map(|step| match step.bounds {
                Bounds::Hash => format!("{}: the server's hash spreads the rows", step.key),
                _ => format!(
                    "{}: values are invented freely, for nobody can tell which of them an \
                     expression sends where",
                    step.key
                ),
            })
            .collect();
        notes.sort();
        notes.dedup();
        notes
    }
}
