//! What neither single conditions nor parameters explain.

use std::collections::BTreeSet;

use super::Level;
use super::experiment::BY_BOUNDS;
use super::expr;
use super::keys::Group;
use super::level::{Depth, Inquiry};
use super::reason::Reason;
use crate::error::Result;
use crate::plan::Fate;

impl Inquiry<'_> {
    /// Explains the absence of leaves that `depth`, the end of the way down, has left.
    pub(super) async fn rest(
        &self,
        depth: &Depth,
        levels: &mut [(Group<'_>, Level)],
    ) -> Result<()> {
        let fates = self.fates();
        let at_plan = |leaf: &&u32| {
            !self.occurrence.leaves.contains(leaf) && fates.get(leaf) != Some(&Fate::PrunedAtStart)
        };
        let unexplained: Vec<u32> = depth.left.leaves.iter().filter(at_plan).copied().collect();
        if !unexplained.is_empty() {
            let reason = self.other_proof(&unexplained).await?;
            let at = self.level_of(&unexplained, levels);
            if let Some((_, level)) = levels.get_mut(at) {
                // What was said of this level's conditions one by one is beside the point.
                if !level.reasons.iter().any(Reason::pruned) {
                    level.reasons.clear();
                }
                level.reasons.push(reason);
            }
        }
        let waits = |reason: &Reason| matches!(reason, Reason::WhileRunning { .. });
        let unread = |leaf: &u32| fates.get(leaf) == Some(&Fate::NeverExecuted);
        let waiting = levels.iter().flat_map(|(_, level)| &level.reasons).any(waits);
        if self.executed
            && self.occurrence.leaves.iter().any(unread)
            && !waiting
            && let Some((_, top)) = levels.first_mut()
        {
            top.reasons.push(Reason::NotReached);
        }
        Ok(())
    }

    /// The position of the lowest level at which a table lost a partition and kept another.
    fn level_of(&self, lost: &[u32], levels: &[(Group<'_>, Level)]) -> usize {
        let parted = |(group, _): &&(Group<'_>, Level)| {
            let tables = group.oids();
            let child = |leaf: &u32| self.tree.child_above(*leaf, &tables);
            let parent = |child: &u32| self.tree.table(*child).and_then(|table| table.parent);
            let kept: BTreeSet<u32> = self.occurrence.leaves.iter().filter_map(child).collect();
            let parents: BTreeSet<u32> = kept.iter().filter_map(parent).collect();
            lost.iter().filter_map(child).any(|child| {
                !kept.contains(&child) && parent(&child).is_some_and(|oid| parents.contains(&oid))
            })
        };
        levels.iter().rposition(|level| parted(&level)).unwrap_or(0)
    }

    async fn other_proof(&self, unexplained: &[u32]) -> Result<Reason> {
        let conditions = self.own_conditions();
        let text = expr::joined(&conditions, " AND ");
        if !text.is_empty() {
            let explains = async |with| {
                let left = self.bench.left(self.tree, with, &text).await?;
                let gone = |left: super::experiment::Left| {
                    !unexplained.iter().any(|leaf| left.leaves.contains(leaf))
                };
                Ok::<_, crate::Error>(left.is_some_and(gone))
            };
            // The bounds of all levels together may refute a branch of an OR, for one.
            if explains(BY_BOUNDS).await? {
                let columns: Vec<String> =
                    self.tree.groups().iter().flat_map(|group| group.key.columns()).collect();
                let about = conditions.iter().filter(|condition| condition.mentions(&columns));
                return Ok(Reason::PrunedBy { condition: expr::joined(about, " AND ") });
            }
            if explains(&[]).await? {
                return Ok(Reason::CheckConstraint);
            }
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
