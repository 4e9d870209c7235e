//! Goes down the levels of a partitioned table: what each level's conditions leave of what the levels
//! above let through.

use std::collections::{BTreeMap, BTreeSet};

use super::Level;
use super::default_stays::default_stays;
use super::details::LateValue;
use super::experiment::{BY_BOUNDS, Bench, Left};
use super::expr::{self, Expr};
use super::facts::Facts;
use super::judge::{Bounds, When};
use super::keys::{Group, PartitionTree};
use super::occurrence::Occurrence;
use super::reason::Reason;
use super::usable::{Judged, judged};
use crate::error::Result;
use crate::plan::{Fate, Plan, Touched};

/// As many different keys of one table are looked at: each costs EXPLAINs.
const GROUPS: usize = 16;

/// One mention of a partitioned table, and all that is known of it.
#[derive(Clone, Copy)]
pub(super) struct Inquiry<'a> {
    pub(super) bench: Bench<'a>,
    pub(super) sql: &'a str,
    pub(super) plan: &'a Plan,
    /// Whether the plan was executed.
    pub(super) executed: bool,
    pub(super) tree: &'a PartitionTree,
    pub(super) occurrence: &'a Occurrence,
    pub(super) touched: &'a Touched,
    pub(super) facts: &'a Facts,
}

/// Where the way down has got to.
pub(super) struct Depth {
    /// The conditions that levels above were pruned by.
    pub(super) conditions: Vec<Expr>,
    /// What they leave.
    pub(super) left: Left,
}

impl Inquiry<'_> {
    pub(super) async fn levels(&self) -> Result<Vec<Level>> {
        let mut depth = Depth {
            conditions: Vec::new(),
            left: Left { leaves: self.tree.all_leaves(), at_start: false },
        };
        let mut levels: Vec<(Group<'_>, Level)> = Vec::new();
        for group in self.tree.groups().into_iter().take(GROUPS) {
            let beneath = self.beneath(&group, &depth.left.leaves);
            // What the levels above left out altogether has nothing to tell.
            if !beneath.is_empty() || group.level == 0 {
                let level = self.level(&group, &beneath, &mut depth).await?;
                levels.push((group, level));
            }
        }
        self.rest(&depth, &mut levels).await?;
        Ok(levels.into_iter().map(|(_, level)| level).collect())
    }

    async fn level(
        &self,
        group: &Group<'_>,
        beneath: &BTreeSet<u32>,
        depth: &mut Depth,
    ) -> Result<Level> {
        let Judged { usable, blocked } = judged(&self.occurrence.conditions, group.key, self.facts);
        let (fixed, late): (Vec<_>, Vec<_>) =
            usable.into_iter().partition(|(_, bounds)| bounds.when.is_static());
        let mut reasons = self.fixed(group, &fixed, beneath, depth).await?;
        reasons.extend(self.late(&late, beneath));
        if reasons.is_empty() {
            reasons = self.unpruned(group, &fixed, &late, blocked);
        }
        if reasons.iter().any(Reason::pruned) {
            reasons.extend(default_stays(self.tree, group, &fixed, &self.alive(&depth.left)));
        }
        let suggestions = self.suggestions(group, depth, &reasons).await?;
        Ok(Level {
            level: group.level,
            table: group.tables[0].name.clone(),
            tables: group.tables.len(),
            strategy: group.key.strategy,
            key: group.key.text(),
            reasons,
            suggestions,
        })
    }

    /// Those of `leaves` that lie beneath the group's tables.
    fn beneath(&self, group: &Group<'_>, leaves: &BTreeSet<u32>) -> BTreeSet<u32> {
        if group.level == 0 {
            return leaves.clone();
        }
        let parents = group.oids();
        let beneath = |leaf: &u32| self.tree.child_above(*leaf, &parents).is_some();
        leaves.iter().copied().filter(beneath).collect()
    }

    /// Which of the conditions whose value needs nothing but the session pruned, and when.
    async fn fixed(
        &self,
        group: &Group<'_>,
        fixed: &[(Expr, Bounds)],
        beneath: &BTreeSet<u32>,
        depth: &mut Depth,
    ) -> Result<Vec<Reason>> {
        let tables = group.oids();
        let (early, start): (Vec<_>, Vec<_>) =
            fixed.iter().cloned().partition(|(_, bounds)| bounds.when == When::Planning);
        let mut reasons = Vec::new();
        for conditions in [early, start] {
            if conditions.is_empty() {
                continue;
            }
            let exprs = conditions.iter().map(|(expr, _)| expr);
            let mut all = depth.conditions.clone();
            all.extend(exprs.clone().filter(|expr| !depth.conditions.contains(expr)).cloned());
            let text = expr::joined(&all, " AND ");
            let Some(left) = self.bench.left(self.tree, BY_BOUNDS, &text).await? else {
                let because = format!("the server refuses to explain {text} alone");
                reasons.push(Reason::NotKnown { because });
                continue;
            };
            // One condition may prune this level and the next: what is still there in part was pruned
            // beneath.
            let kept: BTreeSet<u32> = left
                .leaves
                .iter()
                .filter_map(|leaf| self.tree.child_above(*leaf, &tables))
                .collect();
            let is_gone = |leaf: &u32| {
                depth.left.leaves.contains(leaf)
                    && self
                        .tree
                        .child_above(*leaf, &tables)
                        .is_some_and(|child| !kept.contains(&child))
            };
            let gone: BTreeSet<u32> =
                beneath.iter().filter(|leaf| is_gone(leaf)).copied().collect();
            let still: usize = gone.intersection(&self.occurrence.leaves).count();
            if still > 0 && self.facts.settings.pruning {
                // For one thing, a plan does not print every COLLATE.
                let because = format!(
                    "{text} alone prunes, but not in the query, whose plan may not show it whole"
                );
                reasons.push(Reason::NotKnown { because });
                continue;
            }
            if !gone.is_empty() {
                let condition = expr::joined(exprs, " AND ");
                let late = left.at_start && !depth.left.at_start;
                reasons.push(self.pruned(condition, &conditions, &gone, late));
            }
            depth.conditions = all;
            depth.left.leaves.retain(|leaf| !gone.contains(leaf));
            depth.left.at_start |= left.at_start;
        }
        Ok(reasons)
    }

    /// The reason for the absence of `gone`.
    fn pruned(
        &self,
        condition: String,
        conditions: &[(Expr, Bounds)],
        gone: &BTreeSet<u32>,
        late: bool,
    ) -> Reason {
        if !self.facts.settings.pruning
            && gone.iter().any(|leaf| self.occurrence.leaves.contains(leaf))
        {
            return Reason::PruningOff { condition };
        }
        let value = conditions.iter().find_map(|(_, bounds)| match &bounds.when {
            When::Start(value) => Some(value.clone()),
            _ => None,
        });
        let at_start = || {
            let fates = self.fates();
            gone.iter().any(|leaf| fates.get(leaf) == Some(&Fate::PrunedAtStart))
        };
        match value {
            Some(value) => Reason::PrunedAtStart { condition, value },
            // Its constants are those of a custom plan, made to see them; the real one has parameters.
            None if at_start() && self.occurrence.leaves.is_empty() => {
                Reason::PrunedAtStart { condition, value: LateValue::Parameter }
            }
            None if late => Reason::PrunedAtStart {
                condition,
                value: LateValue::StableFunction { function: None },
            },
            None => Reason::PrunedBy { condition },
        }
    }

    /// What conditions did whose values come from parameters, or from the query itself.
    fn late(&self, late: &[(Expr, Bounds)], beneath: &BTreeSet<u32>) -> Vec<Reason> {
        let fates = self.fates();
        let with =
            |fate: Fate| beneath.iter().filter(|leaf| fates.get(leaf) == Some(&fate)).count();
        let (running, parameters): (Vec<_>, Vec<_>) =
            late.iter().partition(|(_, bounds)| bounds.when == When::Running);
        let text =
            |some: &[&(Expr, Bounds)]| expr::joined(some.iter().map(|(expr, _)| expr), " AND ");
        let mut reasons = Vec::new();
        if !parameters.is_empty() && with(Fate::PrunedAtStart) > 0 {
            let condition = text(&parameters);
            reasons.push(Reason::PrunedAtStart { condition, value: LateValue::Parameter });
            reasons.push(Reason::GenericPlan);
        }
        if !running.is_empty() {
            let spared = self.executed.then(|| with(Fate::NeverExecuted));
            reasons.push(Reason::WhileRunning { condition: text(&running), spared });
        }
        reasons
    }

    /// The leaves that are still there: in the experiments and in the query.
    fn alive(&self, left: &Left) -> BTreeSet<u32> {
        if self.occurrence.leaves.is_empty() {
            return left.leaves.clone();
        }
        left.leaves.intersection(&self.occurrence.leaves).copied().collect()
    }

    /// Those conditions of the query that EXPLAIN can be given alone: without parameters, other tables and
    /// subqueries.
    pub(super) fn own_conditions(&self) -> Vec<Expr> {
        let own = |expr: &&Expr| {
            !expr.walk().any(|part| match part {
                Expr::Param(_) | Expr::InitPlan(_) | Expr::Column { table: Some(_), .. } => true,
                Expr::Other { text, .. } => text.contains("SubPlan"),
                _ => false,
            })
        };
        self.occurrence.conditions.iter().filter(own).cloned().collect()
    }

    pub(super) fn fates(&self) -> BTreeMap<u32, Fate> {
        self.touched.leaves.iter().map(|leaf| (leaf.oid, leaf.fate)).collect()
    }
}
