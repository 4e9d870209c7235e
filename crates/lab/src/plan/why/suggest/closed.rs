//! An end for a range without one, which keeps a DEFAULT partition in.

use super::super::default_stays::has_lower_end;
use super::super::expr::{self, Expr};
use super::super::keys::Group;
use super::super::level::Inquiry;
use super::super::read;
use super::super::rewrite::literal;
use super::super::suggestion::Suggestion;
use crate::error::Result;

impl Inquiry<'_> {
    /// An end for an open range: the last bound of the group's only table.
    pub(super) async fn closed(&self, group: &Group<'_>, open: &str) -> Result<Option<Suggestion>> {
        let ([table], [part]) = (group.tables.as_slice(), group.key.parts.as_slice()) else {
            return Ok(None);
        };
        // The range has the end that its condition names; it lacks the other.
        let named = |expr: &&Expr| expr::joined([*expr], "") == open && has_lower_end(expr);
        let low = self.occurrence.conditions.iter().any(|expr| named(&expr));
        let bounds = read::bounds(self.bench.tx, &[table.oid]).await?;
        let ends = bounds.iter().filter_map(|text| {
            let (from, to) = text.strip_prefix("FOR VALUES FROM (")?.split_once(") TO (")?;
            let end = if low { to.strip_suffix(')')? } else { from };
            (!["MINVALUE", "MAXVALUE"].contains(&end)).then(|| end.to_owned())
        });
        let ends: Vec<String> = ends.collect();
        let Some(kind) = part.column_type.as_deref().filter(|_| !ends.is_empty()) else {
            return Ok(None);
        };
        // The server compares them, as it compares the key.
        let extreme = if low { "max" } else { "min" };
        let list = ends.iter().map(|end| format!("({end}::{kind})")).collect::<Vec<_>>().join(", ");
        let question = format!("(SELECT {extreme}(v) FROM (VALUES {list}) AS ends (v))");
        let Some([value]) =
            self.bench.values(&[question]).await?.and_then(|all| <[String; 1]>::try_from(all).ok())
        else {
            return Ok(None);
        };
        let op = if low { "<" } else { ">=" };
        let condition = format!("{} {op} {}", part.text(), literal(&value, kind));
        let effect = self.proven(&[], &condition).await?;
        // To leave nothing is no improvement.
        let effect = effect.filter(|effect| effect.scanned > 0);
        Ok(effect.map(|effect| Suggestion::Close { condition, effect }))
    }
}
