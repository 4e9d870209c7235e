//! Values that the user gave.

use std::collections::HashMap;

use lab::{Error, Result};
use tokio_postgres::Client;

use super::table::{Filled, Table};
use crate::rows::value::{Pool, convert};

/// How NULL is written; no text of these letters can be given.
const NULL: &str = "NULL";

/// The values of `--set` by the place of their column, as the server reads them.
pub async fn given(
    client: &Client,
    table: &Table,
    set: &[(String, String)],
) -> Result<HashMap<usize, Pool>> {
    let mut texts: HashMap<usize, Vec<String>> = HashMap::new();
    for (name, value) in set {
        let at = table.position(name).ok_or_else(|| unknown(table, name))?;
        texts.entry(at).or_default().push(value.clone());
    }
    let mut pools = HashMap::new();
    for (at, mut texts) in texts {
        let column = &table.columns[at];
        if column.filled == Filled::Always {
            return Err(Error::usage(format!(
                "--set {0}: column {0} of {1} is GENERATED ALWAYS",
                column.quoted(),
                table.name
            ))
            .next("leave it out: the server fills it in"));
        }
        let count = texts.len();
        texts.retain(|text| text != NULL);
        let nulls = count - texts.len();
        if nulls > 0 && column.not_null {
            let refused = refused(table, at, &[NULL.to_owned()]);
            return Err(refused.because("the column is NOT NULL"));
        }
        let values = convert(client, &texts, &column.sql_type, &column.quoted(), &column.checks)
            .await
            .map_err(|error| refused(table, at, &texts).caused_by(&error))?;
        if values.len() < texts.len() {
            let checks = column.checks.join(" AND ");
            return Err(refused(table, at, &texts).because(format!("a check demands {checks}")));
        }
        let values = values.into_iter().map(Some);
        pools.insert(at, values.chain(std::iter::repeat_n(None, nulls)).collect());
    }
    Ok(pools)
}

fn refused(table: &Table, at: usize, texts: &[String]) -> Error {
    let column = &table.columns[at];
    Error::usage(format!(
        "--set '{}={}': {} of {} takes no such value",
        column.name,
        texts.join(" | "),
        column.quoted(),
        table.name
    ))
}

fn unknown(table: &Table, name: &str) -> Error {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    Error::usage(format!("--set {name}: {} has no column of this name", table.name))
        .because(format!("its columns are {}", names.join(", ")))
}
