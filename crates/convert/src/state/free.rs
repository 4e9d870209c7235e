//! A table and a partition of it are not converted at one time: each conversion would take the partitions
//! away that the other one knows.

use lab::catalog::Name;
use lab::{Error, Result};
use tokio_postgres::GenericClient;

use super::{Side, status, store};
use crate::design::Design;

/// Fails when a conversion under way is in the way of this one, and says how it goes on and how it ends.
pub async fn free(client: &impl GenericClient, design: &Design) -> Result<()> {
    let Some(other) = store::in_the_way(client, design).await? else { return Ok(()) };
    let (table, name) = (Name::new(&design.source.schema, &design.source.name), other.name());
    let back = match other.live {
        Side::Source => "abort",
        Side::Target => "rollback",
    };
    Err(Error::failed(format!("cannot convert {table} now"))
        .because(format!(
            "the conversion of {name} is under way ({}), and each would take partitions from the other",
            other.phase
        ))
        .next(status::next(&other))
        .next(format!("or back: cargo run -p convert -- {back} {name}")))
}
