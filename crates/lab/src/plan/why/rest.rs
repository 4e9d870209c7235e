//! What neither bounds nor parameters explain.

use super::Level;
use super::expr::{self, Expr};
use super::level::{Depth, Inquiry};
use super::reason::Reason;
use crate::error::Result;
use crate::plan::Fate;

impl Inquiry<'_> {
    /// What neither bounds nor parameters explain, told at the topmost level.
    pub(super) async fn rest(&self, depth: &Depth, top: &mut Level) -> Result<()> {
        let fates = self.fates();
        let at_plan = |leaf: &&u32| {
            !self.occurrence.leaves.contains(leaf) && fates.get(leaf) != Some(&Fate::PrunedAtStart)
        };
        let unexplained: Vec<u32> = depth.left.leaves.iter().filter(at_plan).copied().collect();
        if !unexplained.is_empty() {
            let reason = self.other_proof(&unexplained).await?;
            // What was said of the bounds is beside the point.
            if !top.reasons.iter().any(Reason::pruned) {
                top.reasons.clear();
            }
            top.reasons.push(reason);
        }
        let waits = |reason: &Reason| matches!(reason, Reason::WhileRunning { .. });
        let unread = |leaf: &u32| fates.get(leaf) == Some(&Fate::NeverExecuted);
        if self.executed
            && self.occurrence.leaves.iter().any(unread)
            && !top.reasons.iter().any(waits)
        {
            top.reasons.push(Reason::NotReached);
        }
        Ok(())
    }

    async fn other_proof(&self, unexplained: &[u32]) -> Result<Reason> {
        let own = |expr: &&Expr| {
            !expr.walk().any(|part| {
                matches!(
                    part,
                    Expr::Param(_) | Expr::InitPlan(_) | Expr::Column { table: Some(_), .. }
                ) || matches!(part, Expr::Other { text, .. } if text.contains("SubPlan"))
            })
        };
        let conditions = self.occurrence.conditions.iter().filter(own);
        let text = expr::joined(conditions, " AND ");
        if !text.is_empty()
            && let Some(left) = self.bench.left(self.tree, &[], &text).await?
            && !unexplained.iter().any(|leaf| left.leaves.contains(leaf))
        {
            return Ok(Reason::CheckConstraint);
        }
        if self.occurrence.leaves.is_empty() {
            return Ok(Reason::NothingToRead);
        }
        let because = format!(
            "{} partitions were left out by something other than their bounds",
            unexplained.len()
        );
        Ok(Reason::NotKnown { because })
    }
}
