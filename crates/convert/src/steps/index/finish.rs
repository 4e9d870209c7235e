//! What makes a whole of the leaves' indexes: keys, the parent's indexes, and the log of the target.

use lab::catalog::{Name, quote_ident};
use lab::{Context, Result};
use tokio_postgres::Client;

use super::{Leaf, build, target};
use crate::design::TargetIndex;
use crate::moves::{literal, parked};
use crate::portrait::Index;
use crate::state::{self, Conversion, Phase, Side};
use crate::steps::catch_up::Prepared;
use crate::steps::{machinery, transaction};
use crate::work::Work;

/// Which part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Keys and the parent's indexes, before there are rows: up to phase `Keyed`.
    Keys,
    /// What is left then: up to phase `Indexed`.
    Rest,
    /// Both: up to phase `Indexed`.
    All,
}

/// A part in one transaction, with its phase: nothing of it takes long, and nobody else uses the target.
pub async fn finish(
    work: &Work<'_>,
    conversion: &mut Conversion,
    leaves: &[Leaf],
    part: Part,
) -> Result<()> {
    let client = work.session.client();
    let table = target(client, conversion).await?;
    transaction::begin(client).await?;
    let finishing = async {
        if part != Part::Rest {
            keys(client, conversion, leaves).await?;
            for index in &conversion.design.indexes {
                parent(client, conversion, &table, leaves, index).await?;
            }
        }
        if part == Part::Keys {
            return state::set_phase(client, conversion, Phase::Keyed).await;
        }
        let sides = conversion.design.side_tables();
        if part == Part::Rest && !sides.is_empty() {
            // What was copied gently is out of date where the log says so, and a value may be there twice.
            let replay = Prepared::new(client, conversion, Side::Source, &work.guards).await?;
            replay.all(client).await?;
        }
        let tree = tree(client, conversion).await?;
        for side in sides {
            let what = || format!("cannot keep {} unique over all partitions", side.key);
            let made = side.over(&table.schema, &table.name);
            let mut sql = made.create(&tree);
            sql.insert(1, made.fill_at_once());
            sql.extend(made.give());
            sql.push(side.mark(conversion.id));
            client.batch_execute(&sql.join(";\n")).await.context(what)?;
        }
        client
            .batch_execute(&identities(conversion, leaves))
            .await
            .context(|| format!("cannot give the partitions of {table} their replica identity"))?;
        let names = crate::moves::around::names(client, &tree).await?;
        let sql = machinery::functions(conversion, Side::Target, &table, &tree, &work.guards)
            + &machinery::triggers(conversion, Side::Target, &table, &names, &work.guards);
        client
            .batch_execute(&sql)
            .await
            .context(|| format!("cannot put the log's trigger on {table}"))?;
        state::set_phase(client, conversion, Phase::Indexed).await
    };
    let finished = finishing.await;
    transaction::ended(client, finished).await
}

/// The source's index that `index` was made from.
fn of_source<'a>(conversion: &'a Conversion, index: &TargetIndex) -> Option<&'a Index> {
    conversion.design.source.indexes.iter().find(|known| known.name == index.name)
}

/// Each leaf's unique indexes become constraints where the source's are. The parent adopts only
/// what is of its kind.
async fn keys(client: &Client, conversion: &Conversion, leaves: &[Leaf]) -> Result<()> {
    let relations = build::relations(client, &conversion.design.source.schema).await?;
    for leaf in leaves {
        let mut sql = Vec::new();
        for index in &conversion.design.indexes {
            let kind = match index.constraint {
                Some('p') => "PRIMARY KEY",
                Some('u') => "UNIQUE",
                _ => continue,
            };
            let name = build::name_on(conversion, &relations, leaf, index);
            let name = quote_ident(&name);
            let deferrable = of_source(conversion, index).map_or("", deferrable);
            sql.push(format!(
                "ALTER TABLE {} ADD CONSTRAINT {name} {kind} USING INDEX {name}{deferrable}",
                leaf.name
            ));
        }
        client
            .batch_execute(&sql.join(";\n"))
            .await
            .context(|| format!("cannot add the keys of {}", leaf.name))?;
    }
    Ok(())
}

fn deferrable(index: &Index) -> &'static str {
    match (index.deferrable, index.deferred) {
        (true, true) => " DEFERRABLE INITIALLY DEFERRED",
        (true, false) => " DEFERRABLE",
        _ => "",
    }
}

/// The partitioned table's own index, which adopts those of the leaves. Until the swap it has a
/// parked name: the source has the other one.
async fn parent(
    client: &Client,
    conversion: &Conversion,
    table: &Name,
    leaves: &[Leaf],
    index: &TargetIndex,
) -> Result<()> {
    let name = parked(&index.name, conversion.id);
    let what = || format!("cannot make the index {} on {table}", index.name);
    let mut sql = vec![match index.as_key() {
        Some(key) => {
            let deferrable = of_source(conversion, index).map_or("", deferrable);
            format!("ALTER TABLE {table} ADD CONSTRAINT {} {key}{deferrable}", quote_ident(&name))
        }
        None => build::create(index, &name, table),
    }];
    if let Some(source) = of_source(conversion, index) {
        let qualified = Name::new(&table.schema, &name);
        if let Some(comment) = &source.comment {
            sql.push(format!("COMMENT ON INDEX {qualified} IS {}", literal(comment)));
        }
        if source.replica_identity {
            sql.push(format!(
                "ALTER TABLE {table} REPLICA IDENTITY USING INDEX {}",
                quote_ident(&name)
            ));
        }
    }
    client.batch_execute(&sql.join(";\n")).await.context(what)?;
    let marks = of_source(conversion, index).map_or_else(Vec::new, Index::marks);
    if !marks.is_empty() {
        let relations = build::relations(client, &conversion.design.source.schema).await?;
        for leaf in leaves {
            let on_leaf = build::name_on(conversion, &relations, leaf, index);
            let on_leaf = quote_ident(&on_leaf);
            let set =
                marks.iter().map(|mark| format!("ALTER TABLE {} {mark} {on_leaf}", leaf.name));
            client.batch_execute(&set.collect::<Vec<_>>().join(";\n")).await.context(what)?;
        }
    }
    Ok(())
}

/// What the source's replica identity asks of the leaves.
fn identities(conversion: &Conversion, leaves: &[Leaf]) -> String {
    let identity = match conversion.design.source.replica_identity {
        'f' => "FULL",
        'n' => "NOTHING",
        'd' => "DEFAULT",
        _ => return String::new(),
    };
    let set = |leaf: &Leaf| format!("ALTER TABLE {} REPLICA IDENTITY {identity}", leaf.name);
    leaves.iter().map(set).collect::<Vec<_>>().join(";\n")
}

/// The target with all its partitions.
async fn tree(client: &Client, conversion: &Conversion) -> Result<Vec<u32>> {
    let what = || "cannot read the partitions of the target";
    let rows = client
        .query(
            "SELECT relid::oid FROM pg_partition_tree($1::oid::regclass) ORDER BY level, relid",
            &[&conversion.oid(Side::Target)?],
        )
        .await
        .context(what)?;
    let mut oids = Vec::new();
    for row in &rows {
        oids.push(row.try_get::<_, u32>(0).context(what)?);
    }
    Ok(oids)
}
