//! `todos partition`.

use lab::app::App;
use lab::catalog::{self, RowCount, Tree};
use lab::cli::ScriptsFlag;
use lab::connect::Session;
use lab::report::{self, Align, Table};
use lab::script::Scripts;
use lab::{Result, exclusive};
use serde::Serialize;

use crate::stage::{SCHEMA, Stage, run_script};

const TABLES: [&str; 3] = ["todos_active", "todos_archived", "ai_todo_interactions"];

/// A table, as programs read it.
#[derive(Debug, Serialize)]
struct Partitioned {
    table: &'static str,
    /// `HASH (user_id)`.
    key: String,
    partitions: usize,
}

/// Makes the partitioned tables, unless they are there.
pub async fn run(app: &App, flags: &ScriptsFlag) -> Result<()> {
    let scripts = Scripts::new(flags.scripts.clone())?;
    let session = app.connect().await?;
    exclusive::hold(&session, exclusive::PATIENCE, &app.interrupt).await?;
    let stage = Stage::read(&session).await?;
    stage.at_least(Stage::Seeded)?;
    if stage == Stage::Seeded {
        let script = "001_create_partitioned_tables.sql";
        run_script(app, &session, &scripts, script, async |_| Ok(())).await?;
    } else {
        report::note("the partitioned tables are there already");
    }
    let tables = tables(&session).await?;
    app.json(&tables)?;
    app.say(render(&tables))?;
    app.say("\nnext: cargo run -p todos -- migrate")
}

async fn tables(session: &Session) -> Result<Vec<Partitioned>> {
    let mut tables = Vec::new();
    for table in TABLES {
        let name = format!("{SCHEMA}.{table}");
        let tree = catalog::tree(session.client(), &name, RowCount::Estimated).await?;
        let key = tree.as_ref().and_then(|tree| tree.partitioning.as_ref());
        tables.push(Partitioned {
            table,
            key: key.map_or(String::new(), |partitioning| partitioning.key.clone()),
            partitions: tree.as_ref().map_or(0, Tree::leaf_count),
        });
    }
    Ok(tables)
}

fn render(tables: &[Partitioned]) -> String {
    let columns = [("table", Align::Left), ("key", Align::Left), ("partitions", Align::Right)];
    let mut table = Table::new(&columns);
    for Partitioned { table: name, key, partitions } in tables {
        table.row([(*name).to_owned(), key.clone(), partitions.to_string()]);
    }
    table.to_string()
}
