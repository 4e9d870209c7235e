//! What online ways have left undone.

use convert::state::{self, Conversion};
use lab::{Context, Result};
use tokio_postgres::Client;

use super::design::source;
use crate::layout::JANUARY;
use crate::scenario::Scenario;

/// Whether there is a table of January that is no partition, and whether users were copied and not
/// yet given the sequence that they share.
const HALF_DONE: &str = "
    SELECT 'detach' AS scenario FROM pg_class
    WHERE oid = to_regclass('public.' || $1::text) AND NOT relispartition
      AND obj_description(oid, 'pg_class') LIKE 'Partition Lab: %'
    UNION ALL
    SELECT 'migrate' FROM pg_attribute
    WHERE attrelid = to_regclass('public.users_by_date') AND attname = 'id' AND attidentity <> ''";

/// The newest conversion of a table that is under way, or has ended and left something to drop.
const CONVERSION: &str = "
    SELECT max(id) FROM partition_convert.conversions c
    WHERE live_name = $1 AND (phase NOT IN ('finished', 'aborted')
        OR EXISTS (SELECT FROM partition_convert.settlements s WHERE s.conversion = c.id))";

fn what() -> &'static str {
    "cannot see whether an online scenario was interrupted"
}

/// The conversion of `scenario` that has not quite ended.
pub async fn conversion(client: &Client, scenario: Scenario) -> Result<Option<Conversion>> {
    let ever = "SELECT to_regclass('partition_convert.settlements') IS NOT NULL";
    if !client.query_one(ever, &[]).await.context(what)?.get::<_, bool>(0) {
        return Ok(None);
    }
    let row = client.query_one(CONVERSION, &[&source(scenario)]).await.context(what)?;
    match row.get::<_, Option<i64>>(0) {
        Some(id) => state::reload(client, id).await.map(Some),
        None => Ok(None),
    }
}

/// The scenarios whose online way was begun and has not ended.
pub async fn interrupted(client: &Client) -> Result<Vec<Scenario>> {
    let rows = client.query(HALF_DONE, &[&JANUARY]).await.context(what)?;
    let named = |name: &str| Scenario::ALL.into_iter().find(|scenario| scenario.name() == name);
    let mut found: Vec<_> = rows.iter().filter_map(|row| named(row.get(0))).collect();
    for scenario in [Scenario::Add, Scenario::Split, Scenario::Migrate] {
        if !found.contains(&scenario) && conversion(client, scenario).await?.is_some() {
            found.push(scenario);
        }
    }
    Ok(found)
}
