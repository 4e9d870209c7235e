//! Conditions that the query implies and the planner does not see.

use super::super::elsewhere::Place;
use super::super::expr::{self, Expr};
use super::super::judge::{Kind, Verdict, judge};
use super::super::keys::{Group, Part};
use super::super::level::Inquiry;
use super::super::rewrite::key_condition;
use super::super::suggestion::Suggestion;
use super::super::{joined, read};
use crate::error::Result;

impl Inquiry<'_> {
    /// A condition to add: from what the table is joined with, or from what is in a key's expression.
    pub(super) async fn implied(&self, group: &Group<'_>) -> Result<Option<Suggestion>> {
        let mut texts = Vec::new();
        for part in &group.key.parts {
            if part.is_column() {
                let conditions = self.by_join(group, part).await?;
                texts.extend(conditions.iter().map(|one| expr::joined([one], "")));
            } else if group.key.deterministic {
                for condition in &self.occurrence.conditions {
                    if let Some(draft) = key_condition(condition, part) {
                        texts.extend(self.written(&draft).await?);
                    }
                }
            }
        }
        if texts.is_empty() {
            return Ok(None);
        }
        let condition = texts.join(" AND ");
        let effect = self.proven(&[], &condition).await?;
        Ok(effect.map(|effect| Suggestion::Add { condition, effect }))
    }

    /// What is known of columns that the key is joined with by `=`, said of the key. The planner hands on
    /// `=` with a constant by itself, and nothing else.
    async fn by_join(&self, group: &Group<'_>, part: &Part) -> Result<Vec<Expr>> {
        let mut found = Vec::new();
        let joins = self.occurrence.elsewhere.iter().filter(|one| one.place == Place::Join);
        for join in joins {
            let Some((table, column)) = joined_column(&join.condition, part) else { continue };
            let Some(scan) = joined::scan_of(self.plan, table) else { continue };
            if !joined::drops_unmatched(
                self.plan,
                self.tree,
                &self.occurrence.alias,
                table,
                &join.condition,
            ) {
                continue;
            }
            let Some(name) = scan.scanned() else { continue };
            let kind = read::column_type(self.bench.tx, &name, column).await?;
            if kind.is_none() || kind != part.column_type {
                continue;
            }
            for condition in joined::conditions_on(scan, column) {
                let condition = condition.map(&|inner| match (inner, &part.expr) {
                    (Expr::Column { table: None, .. }, Some(key)) => key.clone(),
                    (other, _) => other,
                });
                let bounds = match judge(&condition, group.key, self.facts) {
                    Verdict::Bounds(bounds) => {
                        bounds.when.is_static() && bounds.kind != Kind::NotNull
                    }
                    _ => false,
                };
                if bounds && !found.contains(&condition) {
                    found.push(condition);
                }
            }
        }
        Ok(found)
    }
}

/// The other table and its column, if `condition` says that it equals this part of the key.
fn joined_column<'e>(condition: &'e Expr, part: &Part) -> Option<(&'e str, &'e str)> {
    let Expr::Binary { left, op, right } = condition else { return None };
    let other = match (part.expr.as_ref()? == &**left, part.expr.as_ref()? == &**right) {
        (true, false) => right,
        (false, true) => left,
        _ => return None,
    };
    match &**other {
        Expr::Column { table: Some(table), name } if op == "=" => Some((table, name)),
        _ => None,
    }
}
