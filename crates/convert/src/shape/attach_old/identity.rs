//! Identity columns: the partition loses them, and on the way back it gets them again.

use lab::catalog::{Name, quote_ident};
use lab::{Context, Result};
use tokio_postgres::GenericClient;

use crate::moves::{Turn, parked, rename, sequence};
use crate::portrait::Sequence;

/// Statements, after the renames of the tables, that give the old table its identity columns, which go on
/// where the live table's are.
pub(super) async fn again(client: &impl GenericClient, turn: &Turn<'_>) -> Result<Vec<String>> {
    let mut statements = Vec::new();
    for column in &turn.live.columns {
        let (Some(kind), Some(live)) = (column.identity, &column.sequence) else { continue };
        let options = options(client, live).await?;
        let from = Name::new(&live.schema, parked(&live.name, turn.id));
        let to = sequence::name(live);
        statements.push(rename::rename("SEQUENCE", &to, &from.name));
        let kind = if kind == 'a' { "ALWAYS" } else { "BY DEFAULT" };
        statements.push(format!(
            "ALTER TABLE {} ALTER COLUMN {} ADD GENERATED {kind} AS IDENTITY (SEQUENCE NAME {to} {options})",
            turn.live_name(),
            quote_ident(&column.name)
        ));
        statements.push(sequence::set(&to, &from));
        let granted = turn.around.sequences.get(&live.oid).into_iter().flatten();
        statements.extend(granted.map(|text| text.replace("{sequence}", &to.to_string())));
    }
    Ok(statements)
}

async fn options(client: &impl GenericClient, sequence: &Sequence) -> Result<String> {
    client
        .query_one(
            "SELECT format('START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s%s', seqstart, \
                 seqincrement, seqmin, seqmax, seqcache, CASE WHEN seqcycle THEN ' CYCLE' ELSE '' END)
             FROM pg_sequence WHERE seqrelid = $1",
            &[&sequence.oid],
        )
        .await
        .and_then(|row| row.try_get(0))
        .context(|| format!("cannot read sequence {}", sequence.name))
}
