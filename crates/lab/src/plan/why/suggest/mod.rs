//! Finds what to write instead, and proves it: each suggestion has been given to EXPLAIN.

mod closed;
mod earlier;
mod implied;
mod rewritten;

use super::details::{DefaultStays, LateValue};
use super::experiment::{BY_BOUNDS, Left, left_in};
use super::expr::{self, Expr};
use super::keys::Group;
use super::level::{Depth, Inquiry};
use super::reason::Reason;
use super::suggestion::{Effect, Moment, Suggestion};
use crate::error::Result;

impl Inquiry<'_> {
    /// What would make the group's tables prune, or prune earlier. `depth` is what this level leaves.
    pub(super) async fn suggestions(
        &self,
        group: &Group<'_>,
        depth: &Depth,
        reasons: &[Reason],
    ) -> Result<Vec<Suggestion>> {
        let mut found = Vec::new();
        let says = |wanted: fn(&Reason) -> bool| reasons.iter().any(wanted);
        if says(|reason| matches!(reason, Reason::PruningOff { .. })) {
            found.extend(self.setting("enable_partition_pruning", "on").await?);
        }
        // Whatever is written then, it prunes nothing.
        if !self.facts.settings.pruning {
            return Ok(found);
        }
        let by_parameter = |reason: &Reason| match reason {
            Reason::UnknownArray { condition } => condition.contains('$'),
            _ => matches!(late_value(reason), Some(LateValue::Parameter)),
        };
        if reasons.iter().any(by_parameter) {
            found.extend(self.setting("plan_cache_mode", "force_custom_plan").await?);
        }
        if says(|reason| matches!(late_value(reason), Some(LateValue::Types { .. }))) {
            found.extend(self.earlier(group, depth).await?);
        }
        let pruned =
            says(|reason| matches!(reason, Reason::PrunedBy { .. } | Reason::PrunedAtStart { .. }));
        if !says(Reason::is_unknown) {
            found.extend(self.rewritten(group, pruned).await?);
        }
        if !pruned && !says(Reason::is_unknown) {
            found.extend(self.implied(group).await?);
        }
        if says(|reason| matches!(reason, Reason::VolatileFunction { .. })) {
            found.extend(self.once(group).await?);
        }
        if says(|reason| matches!(reason, Reason::Fence { .. })) {
            for (boundary, conditions) in self.fenced(group, true) {
                let condition = expr::joined(&conditions, " AND ");
                let effect = self.proven(&[], &condition).await?;
                found.extend(effect.map(|effect| Suggestion::Move { condition, boundary, effect }));
            }
        }
        if let Some(condition) = reasons.iter().find_map(open_ended)
            && found.is_empty()
        {
            found.extend(self.closed(group, condition).await?);
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

    /// What is left when `condition` stands in place of `without`; `None` when that is no less than now.
    async fn proven(&self, without: &[Expr], condition: &str) -> Result<Option<Effect>> {
        let left = self.left_with(without, condition).await?;
        let fewer = left.filter(|left| left.leaves.len() < self.occurrence.leaves.len());
        Ok(fewer.map(|left| self.effect(&left)))
    }

    /// What the conditions of the query leave, with `condition` in place of `without`.
    async fn left_with(&self, without: &[Expr], condition: &str) -> Result<Option<Left>> {
        let others = self.own_conditions().into_iter().filter(|one| !without.contains(one));
        let mut all = vec![format!("({condition})")];
        all.extend(others.map(|other| format!("({other})")));
        let all = all.join(" AND ");
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
