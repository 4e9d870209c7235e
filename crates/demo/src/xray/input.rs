//! The query and the values of its parameters, from where the flags say.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};

use lab::{Context, Error, Result};
use tokio_postgres::Client;

use crate::cli::Query;

/// The name of the prepared statement.
pub const STATEMENT: &str = "partition_lab_query";

/// The text of the query.
pub fn sql(query: &Query) -> Result<String> {
    match (&query.sql, &query.file) {
        (Some(sql), _) if sql != "-" => Ok(sql.clone()),
        (None, Some(file)) => text(file),
        _ => text("-"),
    }
}

/// What a file holds; `-`: stdin.
pub fn text(file: &str) -> Result<String> {
    let mut text = String::new();
    if file == "-" {
        io::stdin().read_to_string(&mut text).context(|| "cannot read from stdin")?;
    } else {
        text = fs::read_to_string(file).context(|| format!("cannot read {file}"))?;
    }
    // Editors of Windows begin a file with a byte order mark.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// `EXECUTE` of the prepared statement with these values, `1=…`, `2=…`.
pub fn execute(parameters: &[(u16, String)]) -> Result<String> {
    let values: BTreeMap<u16, &str> =
        parameters.iter().map(|(number, value)| (*number, value.as_str())).collect();
    let missing = (1..).zip(values.keys()).find(|(wanted, number)| wanted != *number);
    if let Some((wanted, _)) = missing {
        return Err(
            Error::usage(format!("${wanted} has no value")).next(format!("--param {wanted}=VALUE"))
        );
    }
    if values.len() < parameters.len() {
        return Err(Error::usage("a parameter has two values: give each number once"));
    }
    if values.is_empty() {
        return Ok(format!("EXECUTE {STATEMENT}"));
    }
    let values: Vec<String> = values.values().map(|value| literal(value)).collect();
    Ok(format!("EXECUTE {STATEMENT} ({})", values.join(", ")))
}

/// Whether the prepared statement has as many parameters as there are values.
pub async fn complete(client: &Client, values: usize) -> Result<()> {
    let what = || "cannot read the query's parameters";
    let sql = "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = $1";
    let row = client.query_one(sql, &[&STATEMENT]).await.context(what)?;
    let wanted = usize::try_from(row.try_get::<_, i32>(0).context(what)?).unwrap_or(0);
    if values > wanted {
        return Err(Error::usage(format!("the query has no ${}", wanted + 1)));
    }
    if values < wanted {
        let missing = values + 1;
        let error = Error::usage(format!("${missing} has no value"));
        return Err(error.next(format!("--param {missing}=VALUE")));
    }
    Ok(())
}

/// A value as SQL writes it, whatever `standard_conforming_strings` says. EXPLAIN takes no parameters of its own.
fn literal(value: &str) -> String {
    if value == "NULL" {
        return value.to_owned();
    }
    format!("E'{}'", value.replace('\\', "\\\\").replace('\'', "''"))
}

/// Reads `1=2024-02-01`.
pub fn parameter(text: &str) -> Result<(u16, String), String> {
    let parts =
        text.split_once('=').and_then(|(number, value)| Some((number.parse().ok()?, value)));
    match parts {
        Some((number, value)) if number > 0 => Ok((number, value.to_owned())),
        _ => Err("write it as 1=VALUE for $1".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(parameters: &[&str]) -> Result<String> {
        execute(&parameters.iter().map(|text| parameter(text).unwrap()).collect::<Vec<_>>())
    }

    #[test]
    fn values_are_quoted_and_in_order() {
        let all = given(&["2=it's", "1=2024-02-01", r"3=a\b", "4=NULL", "5="]).unwrap();
        assert_eq!(
            all,
            r"EXECUTE partition_lab_query (E'2024-02-01', E'it''s', E'a\\b', NULL, E'')"
        );
        assert_eq!(given(&[]).unwrap(), "EXECUTE partition_lab_query");
        for (wrong, why) in [
            (&["2=x"][..], "$1 has no value"),
            (&["1=x", "1=y"], "two values"),
            (&["1=x", "3=y"], "$2"),
        ] {
            assert!(given(wrong).unwrap_err().to_string().contains(why), "{wrong:?}");
        }
        for wrong in ["x", "0=x", "-1=x", "=x", "70000=x"] {
            assert!(parameter(wrong).is_err(), "{wrong}");
        }
    }
}
