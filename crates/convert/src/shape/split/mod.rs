//! Shape `Split`: a partition gives way to several of the same parent, together as wide as it was.
//!
//! The partition is the source. Its target is a *staging* table, partitioned like the parent, which
//! no application knows; swapped, the new partitions hang below the parent instead, and the old one
//! stands alone. Nothing is scanned while the parent is locked: CHECKs, validated beforehand, prove
//! every bound ([`checks`]), and foreign keys are there already ([`keys`]).

mod checks;
mod exchange;
mod family;
mod keys;

use lab::{Context, Error, Result};
use tokio_postgres::Client;

use self::exchange::{Facts, Names};
use self::family::Family;
use self::keys::Keys;
use crate::design::Design;
use crate::moves::{Exchange, Turn, parked};
use crate::shape::proof;
use crate::state::{Conversion, Side};
use crate::steps::catch_up;
use crate::work::Work;

/// Does what can be done before the parent is locked: checks and foreign keys on the tables that are about to
/// become live, all validated. Does nothing where that has been done.
pub async fn ready(work: &Work<'_>, conversion: &Conversion) -> Result<()> {
    let client = work.session.client();
    proof::prepare(client).await?;
    let Some(target) = conversion.target else { return Ok(()) };
    let id = conversion.id;
    let family = read(client, id, &conversion.design, target).await?;
    let keys = Keys::read(client, family.parent_oid).await?;
    let coming: Vec<_> = match conversion.live {
        Side::Source => {
            checks::prove_new(work, id, &family).await?;
            family.new.iter().map(|member| member.name.clone()).collect()
        }
        Side::Target => {
            checks::prove_old(work, id, &family).await?;
            vec![family.old.name.clone()]
        }
    };
    keys::add(work, id, &coming, &keys.outgoing).await?;
    if !keys.outgoing.is_empty() {
        catch_up::until_short(work, conversion).await?;
    }
    keys::validate(work, &coming, &keys.outgoing).await
}

/// The new partitions, by OID, once they hang below the parent.
pub async fn live_partitions(client: &Client, conversion: &Conversion) -> Result<Vec<u32>> {
    let target = conversion.oid(Side::Target)?;
    let family = read(client, conversion.id, &conversion.design, target).await?;
    Ok(family.new.iter().map(|member| member.oid).collect())
}

/// What makes the shadow live.
pub async fn exchange(client: &Client, turn: &Turn<'_>) -> Result<Exchange> {
    let target = match turn.side {
        Side::Source => turn.shadow.oid,
        Side::Target => turn.live.oid,
    };
    let family = read(client, turn.id, turn.design, target).await?;
    let keys = Keys::read(client, family.parent_oid).await?;
    let (log_trigger_name, log_trigger) = log_trigger(client, &family).await?;
    let inherited = inherited(client, &family).await?;
    let names = names(turn, &family);
    let facts = Facts {
        id: turn.id,
        live: turn.side,
        family,
        keys,
        log_trigger,
        log_trigger_name,
        inherited,
        names,
    };
    Ok(exchange::exchange(&facts))
}

async fn read(client: &Client, id: i64, design: &Design, target: u32) -> Result<Family> {
    let parent = design.source.parent.as_ref().ok_or_else(|| {
        Error::usage(format!("{} is no partition", design.source.name))
            .next("convert plan TABLE --split PARTITION, with the name of a partition")
    })?;
    let tables = (parent.oid, design.source.oid, target);
    Family::read(client, id, tables, &parent.bound, design.layout.parts.len()).await
}

/// A new partition whose name the old one has waits under a parked name.
fn names(turn: &Turn<'_>, family: &Family) -> Names {
    let design = turn.design;
    let old_live = design.source.name.clone();
    let of = |name: &str| {
        let part = design.layout.parts.iter().find(|part| {
            part.name == name || (part.name == old_live && parked(&part.name, turn.id) == name)
        });
        match part {
            Some(part) if part.name == old_live => (part.name.clone(), parked(&part.name, turn.id)),
            // The name is free from the start, or somebody gave it another one.
            _ => (name.to_owned(), name.to_owned()),
        }
    };
    let new = family.new.iter().map(|member| of(&member.name.name)).collect();
    Names { old_parked: design.old_name.clone(), old_live, new }
}

/// The staging table's row trigger, as its partitions are to have it once they hang elsewhere.
async fn log_trigger(client: &Client, family: &Family) -> Result<(String, Vec<String>)> {
    let row = client
        .query_one(
            "SELECT quote_ident(tgname), pg_get_triggerdef(oid), tgenabled = 'A' FROM pg_trigger
             WHERE tgrelid = $1 AND tgname LIKE 'partition\\_convert\\_%' AND tgtype & 1 = 1",
            &[&family.staging_oid],
        )
        .await
        .context(|| format!("{} has no log", family.staging))?;
    let (name, definition): (String, String) = (row.get(0), row.get(1));
    let on = |table: &str| format!(" ON {table} ");
    let create = definition.replacen(&on(&family.staging.to_string()), &on("{table}"), 1);
    let always = row
        .get::<_, bool>(2)
        .then(|| format!("ALTER TABLE {{table}} ENABLE ALWAYS TRIGGER {name}"));
    Ok((name, [create].into_iter().chain(always).collect()))
}

async fn inherited(client: &Client, family: &Family) -> Result<Vec<(u32, String)>> {
    let rows = client
        .query(
            "SELECT k.conrelid, quote_ident(k.conname) FROM pg_constraint k
             JOIN pg_constraint above ON above.oid = k.conparentid
             WHERE k.contype = 'f' AND above.conrelid = $1 AND k.conrelid <> $1
             ORDER BY k.oid",
            &[&family.parent_oid],
        )
        .await
        .context(|| format!("cannot read the foreign keys of {}'s partitions", family.parent))?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}
