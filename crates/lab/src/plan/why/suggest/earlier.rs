//! The same condition with a value that is known earlier.

use super::super::details::LateValue;
use super::super::expr::{self, Expr};
use super::super::judge::When;
use super::super::keys::Group;
use super::super::level::{Depth, Inquiry};
use super::super::rewrite::{retyped, without_calls};
use super::super::suggestion::{Effect, Moment, Suggestion};
use super::super::usable::judged;
use crate::error::Result;

impl Inquiry<'_> {
    /// Constants of the key's own type in place of another, so that the planner may prune.
    pub(super) async fn earlier(
        &self,
        group: &Group<'_>,
        depth: &Depth,
    ) -> Result<Option<Suggestion>> {
        let judged = judged(&self.occurrence.conditions, group.key, self.facts);
        let (mut from, mut to) = (Vec::new(), Vec::new());
        for (condition, bounds) in judged.usable {
            if !matches!(bounds.when, When::Start(LateValue::Types { .. })) {
                continue;
            }
            let Some(draft) = retyped(&condition, group.key, self.facts) else { return Ok(None) };
            let Some(text) = self.written(&draft).await? else { return Ok(None) };
            from.push(condition);
            to.push(text);
        }
        let to = to.join(" AND ");
        let Some(left) = self.left_with(&from, &to).await? else { return Ok(None) };
        let earlier = !left.at_start && left.leaves.len() <= depth.left.leaves.len();
        let from = expr::joined(&from, " AND ");
        Ok(earlier.then(|| Suggestion::Rewrite { from, to, effect: self.effect(&left) }))
    }

    /// A volatile value within a subquery, which is evaluated once. Proved with a stable function
    /// of the same type in the volatile one's place.
    pub(super) async fn once(&self, group: &Group<'_>) -> Result<Option<Suggestion>> {
        let columns = group.key.columns();
        for condition in &self.occurrence.conditions {
            let Expr::Binary { left, op, right } = condition else { continue };
            let volatile = condition.functions().any(|name| name == "clock_timestamp");
            if !volatile || !left.mentions(&columns) || right.own_columns().next().is_some() {
                continue;
            }
            let stand_in = without_calls(condition, "clock_timestamp", "statement_timestamp");
            if let Some(effect) =
                self.proven(std::slice::from_ref(condition), &stand_in.to_string()).await?
            {
                let to = format!("{} {op} (SELECT {right})", expr::operand(left));
                let effect = Effect { when: Moment::Running, ..effect };
                return Ok(Some(Suggestion::Once { from: condition.to_string(), to, effect }));
            }
        }
        Ok(None)
    }
}
