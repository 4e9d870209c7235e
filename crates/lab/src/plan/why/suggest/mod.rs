//! Finds what to write instead, and proves it: each suggestion has been given to EXPLAIN.

mod closed;
mod earlier;
mod implied;
mod rewritten;

use super::details::{DefaultStays, LateValue};
use super::experiment::{BY_BOUNDS, Left, left_in};
use super::expr;
use super::keys::Group;
use super::level::{Depth, Inquiry};
use super::reason::Reason;
use super::suggestion::{Effect, Moment, Suggestion};
use crate::error::Result;

impl Inquiry<'_> {
    /// What would make the group's tables prune, or prune earlier. `before` is what the levels above
    /// leave, `depth` what this level leaves as well.
    pub(super) async fn suggestions(
        &self,
        group: &Group<'_>,
        before: &Depth,
        depth: &Depth,
        reasons: &[Reason],
    ) -> Result<Vec<Suggestion>> {
        let mut found = Vec::new();
        let says = |wanted: fn(&Reason) -> bool| reasons.iter().any(wanted);
        if says(|reason| matches!(reason, Reason::PruningOff { .. })) {
            found.extend(self.setting("enable_partition_pruning", "on").await?);
        }
        if says(|reason| matches!(late_value(reason), Some(LateValue::Parameter))) {
            found.extend(self.setting("plan_cache_mode", "force_custom_plan").await?);
        }
        if says(|reason| matches!(late_value(reason), Some(LateValue::Types { .. }))) {
            found.extend(self.earlier(group, before, depth).await?);
        }
        let pruned = says(|reason| {
            matches!(
                reason,
                Reason::PrunedBy { .. } | Reason::PrunedAtStart { .. } | Reason::PruningOff { .. }
            )
        });
        if !pruned && !says(Reason::is_unknown) {
            found.extend(self.rewritten(group, before).await?);
            found.extend(self.implied(group, before).await?);
        }
        if says(|reason| matches!(reason, Reason::VolatileFunction { .. })) {
            found.extend(self.once(group, before).await?);
        }
        if says(|reason| matches!(reason, Reason::Fence { .. })) {
            for (boundary, conditions) in self.fenced(group) {
                let condition = expr::joined(&conditions, " AND ");
                let effect = self.proven(before, &condition).await?;
                found.extend(effect.map(|effect| Suggestion::Move { condition, boundary, effect }));
            }
        }
        if let Some(condition) = reasons.iter().find_map(open_ended) {
            found.extend(self.closed(group, depth, condition).await?);
        }
        Ok(found)
    }

    /// A setting under which the query itself prunes better.
    async fn setting(&self, name: &str, value: &str) -> Result<Option<Suggestion>> {
        let Some(plan) = self.bench.plan(&[(name, value)], self.sql).await? else {
            return Ok(None);
        };
        let left = left_in(&plan, self.tree);
        // A generic plan holds more than it executes: it is the earlier pruning that counts there.
        let better = left.leaves.len() < self.occurrence.leaves.len()
            || name == "plan_cache_mode" && !left.at_start;
        let statement = format!("SET {name} = {value}");
        Ok(better.then(|| Suggestion::Set { statement, effect: self.effect(&left) }))
    }

    /// What `condition` leaves of what `depth` leaves; `None` when that is no less.
    async fn proven(&self, depth: &Depth, condition: &str) -> Result<Option<Effect>> {
        let left = self.left_with(depth, condition).await?;
        let fewer = left.filter(|left| left.leaves.len() < depth.left.leaves.len());
        Ok(fewer.map(|left| self.effect(&left)))
    }

    /// What `condition` leaves together with the conditions of `depth`.
    async fn left_with(&self, depth: &Depth, condition: &str) -> Result<Option<Left>> {
        let above = expr::joined(&depth.conditions, " AND ");
        let all = if above.is_empty() {
            condition.to_owned()
        } else {
            format!("({above}) AND ({condition})")
        };
        self.bench.left(self.tree, BY_BOUNDS, &all).await
    }

    fn effect(&self, left: &Left) -> Effect {
        let when = if left.at_start { Moment::Start } else { Moment::Plan };
        Effect { scanned: left.leaves.len(), of: self.touched.total(), when }
    }
}

fn late_value(reason: &Reason) -> Option<&LateValue> {
    match reason {
        Reason::PrunedAtStart { value, .. } => Some(value),
        _ => None,
    }
}

fn open_ended(reason: &Reason) -> Option<&str> {
    match reason {
        Reason::DefaultStays { why: DefaultStays::OpenEnded { condition }, .. } => Some(condition),
        _ => None,
    }
}
