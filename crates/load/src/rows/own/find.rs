//! Finds the table that the user named.

use lab::catalog::{self, RowCount, Tree};
use lab::{Context, Error, Result};
use tokio_postgres::Client;

/// The table, if rows can be inserted into it.
pub async fn find(client: &Client, name: &str) -> Result<Tree> {
    let Some(tree) = catalog::tree(client, name, RowCount::Estimated).await? else {
        return Err(missing(client, name).await);
    };
    if tree.foreign {
        return Err(Error::usage(format!("{} is a foreign table", tree.name))
            .next("load the table that it stands for, on its own server"));
    }
    let may = client
        .query_one(
            "SELECT has_any_column_privilege($1::oid, 'INSERT'), current_user::text",
            &[&tree.oid],
        )
        .await
        .context(|| format!("cannot look up your rights on {}", tree.name))?;
    let (may, user): (bool, String) = (may.get(0), may.get(1));
    if !may {
        return Err(Error::failed(format!("{user} may not insert into {}", tree.name))
            .next(format!("as its owner: GRANT SELECT, INSERT ON {} TO {user}", tree.name)));
    }
    Ok(tree)
}

async fn missing(client: &Client, name: &str) -> Error {
    let kind = client
        .query_opt(
            "SELECT CASE c.relkind WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialized view'
                    WHEN 'S' THEN 'a sequence' ELSE 'no table' END
             FROM pg_class c
             JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relname = $1
                   AND n.nspname = ANY (current_setting('partition_lab.user_schemas', true)::name[])
                OR c.oid = to_regclass($1)",
            &[&name],
        )
        .await;
    match kind.ok().flatten().and_then(|row| row.try_get::<_, String>(0).ok()) {
        Some(kind) => Error::usage(format!("{name} is {kind}"))
            .next("name a table that holds rows, or a partitioned one"),
        None => Error::usage(format!("there is no table {name}")).next(
            "name it with its schema (sales.orders), and capitals in double quotes: '\"Orders\"'",
        ),
    }
}
