//! The conversion as a script for psql or a migration tool: the engine's steps without its workers,
//! its pace and its way back.

mod end;
mod marks;
mod names;
mod rows;
mod shadow;
mod target;
mod text;

use lab::catalog::Name;
use lab::{Error, Result};
use tokio_postgres::GenericClient;

use crate::design::Design;
use crate::moves::{self, Around, Turn};
use crate::request::Shape;
use crate::state::Side;
use names::Names;
use shadow::SCRIPT;
use text::Text;

const LOG: &str = include_str!("../../../../../scripts/convert/plan/log.sql");
const REPLAY: &str = include_str!("../../../../../scripts/convert/plan/replay.sql");

/// The whole script. An error where a blocker stands, or where only `run` can do it.
pub async fn script(client: &impl GenericClient, design: &Design) -> Result<String> {
    let table = Name::new(&design.source.schema, &design.source.name);
    let only_run = |why: &str| {
        Error::failed(format!("there is no script for {table}"))
            .because(why)
            .next("cargo run -p convert -- run, with the same flags")
    };
    if let Some(blocker) = design.blockers.first() {
        let error = Error::failed(format!("{table} cannot be converted like this"))
            .because(format!("{}: {}", blocker.object, blocker.why));
        return Err(blocker.ways.iter().fold(error, Error::next));
    }
    if design.request.shape != Shape::Table {
        return Err(only_run("a script can give a table a new partitioned self, and nothing else"));
    }
    if design.source.views.iter().any(|view| view.materialized) {
        return Err(only_run("a materialized view over it must be built again"));
    }
    // Definitions come qualified under a path without the user's schemas.
    let live_tables = moves::around::names(client, &design.source.tree).await?;
    let around = around(client, design.source.oid).await?;
    Ok(write(design, &live_tables, &around))
}

async fn around(client: &impl GenericClient, oid: u32) -> Result<Around> {
    use lab::Context;
    let what = || "cannot set the search_path for a moment";
    let row = client.query_one("SELECT pg_catalog.current_setting('search_path')", &[]);
    let path: String = row.await.context(what)?.try_get(0).context(what)?;
    let set = "SELECT pg_catalog.set_config('search_path', $1::pg_catalog.text, false)";
    client.query_one(set, &[&"pg_catalog, pg_temp"]).await.context(what)?;
    let around = moves::around::read(client, oid).await;
    client.query_one(set, &[&path]).await.context(what)?;
    around
}

fn write(design: &Design, live_tables: &[Name], around: &Around) -> String {
    let names = Names::of(design);
    let mut script = Text(names.fill(design, &header(design)));
    script.add(names.fill(design, LOG));
    script.add(rows::begin(design, &names, live_tables));
    script.add(target::target(design, live_tables));
    script.add(rows::copy(design, &names));
    script.add(rows::indexes(design, &names, live_tables));
    script.add(rows::side_tables(design));
    script.add("-- 5. What was changed meanwhile.\n\n");
    script.add(names.fill(design, REPLAY));
    let shadow = shadow::portrait(design, live_tables);
    let shadow_tables = shadow::tables(design, live_tables);
    let exchange = moves::table(&Turn {
        id: SCRIPT,
        design,
        side: Side::Source,
        live: &design.source,
        shadow: &shadow,
        live_tables,
        shadow_tables: &shadow_tables,
        around,
        pending: &[],
    });
    script.add(end::swap(design, &names, &exchange, live_tables));
    script.add(end::settle(&names, &exchange.settle));
    script.add(end::finish(design, &names));
    script.0
}

fn header(design: &Design) -> String {
    format!(
        "--\n-- {{source}} by {}\n\
         -- Run:     psql -v ON_ERROR_STOP=1 -f THIS_FILE (statement by statement, in no transaction)\n\
         -- Locks:   short ones, tried again and again: SHARE ROW EXCLUSIVE for the trigger, ACCESS EXCLUSIVE in the swap\n\
         -- Undo:    before the swap, drop {{target}}, the trigger partition_convert_{SCRIPT} and the schema partition_convert\n\
         --\n\n",
        design.layout.key.replace('\n', " ")
    )
}
