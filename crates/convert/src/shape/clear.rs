//! What a shape leaves on tables that stay.

use lab::{Context, Result};

use super::attach_old;
use super::brief::briefly;
use crate::request::Shape;
use crate::state::Conversion;
use crate::work::Work;

/// Constraints and triggers of a conversion, wherever they are; not those that a parent hands down.
const LEFT: &str = "
    SELECT format('%I.%I', n.nspname, c.relname), format('DROP %s %I', kind, name), kind = 'CONSTRAINT'
    FROM (SELECT conrelid, 'CONSTRAINT', conname FROM pg_constraint
          WHERE starts_with(conname, $1 || '_') AND coninhcount = 0 AND conparentid = 0
        UNION ALL
          SELECT tgrelid, 'TRIGGER', tgname FROM pg_trigger
          WHERE (tgname = $1 OR starts_with(tgname, $1 || '_')) AND tgparentid = 0 AND NOT tgisinternal
         ) AS found (relation, kind, name)
    JOIN pg_class c ON c.oid = relation
    JOIN pg_namespace n ON n.oid = c.relnamespace
    ORDER BY c.oid, kind, name";

/// Takes away what [`ready`](super::ready) and [`exchange`](super::exchange) put on tables that are to stay when
/// the conversion ends, one way or the other. Each table is locked for a moment, on its own.
pub async fn clear(work: &Work<'_>, conversion: &Conversion) -> Result<()> {
    let client = work.session.client();
    let rows = client
        .query(LEFT, &[&format!("partition_convert_{}", conversion.id)])
        .await
        .context(|| "cannot see what the conversion left")?;
    for row in &rows {
        let (table, drop): (&str, &str) = (row.get(0), row.get(1));
        let statement = if row.get(2) {
            format!("ALTER TABLE {table} {drop}")
        } else {
            format!("{drop} ON {table}")
        };
        briefly(work, format!("tidy up {table}"), &[statement]).await?;
    }
    match conversion.design.request.shape {
        Shape::AttachOld => attach_old::forget_indexes(client, conversion).await,
        Shape::Table | Shape::Copy { .. } | Shape::Split => Ok(()),
    }
}
