//! Goes down the levels of a partitioned table: what each level's conditions leave of what the levels
//! above let through.

use std::collections::{BTreeMap, BTreeSet};

use super::Level;
use super::default_stays::default_stays;
use super::elsewhere::Place;
use super::experiment::{BY_BOUNDS, Bench, Left};
use super::expr::{self, Expr};
use super::facts::Facts;
use super::judge::{Bounds, Kind, When};
use super::keys::{Group, PartitionTree};
use super::occurrence::Occurrence;
use super::reason::{LateValue, Reason};
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
#[derive(Clone)]
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
        let mut levels = Vec::new();
        for group in self.tree.groups().into_iter().take(GROUPS) {
            let beneath = self.beneath(&group, &depth.left.leaves);
            // What the levels above left out altogether has nothing to tell.
            if !beneath.is_empty() || group.level == 0 {
                levels.push(self.level(&group, &beneath, &mut depth).await?);
            }
        }
        if let Some(top) = levels.first_mut() {
            self.rest(&depth, top).await?;
        }
        Ok(levels)
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
        let before = depth.clone();
        let mut reasons = self.fixed(&fixed, beneath, depth).await?;
        reasons.extend(self.late(&late, beneath));
        if reasons.is_empty() {
            reasons = self.unpruned(group, &fixed, &late, blocked);
        }
        if reasons.iter().any(Reason::pruned) {
            reasons.extend(default_stays(self.tree, group, &fixed, &self.alive(&depth.left)));
        }
        let suggestions = self.suggestions(group, &before, depth, &reasons).await?;
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
        let parents: BTreeSet<u32> = group.tables.iter().map(|table| table.oid).collect();
        let beneath = |leaf: &u32| self.tree.child_above(*leaf, &parents).is_some();
        leaves.iter().copied().filter(beneath).collect()
    }

    /// Which of the conditions whose value needs nothing but the session pruned, and when.
    async fn fixed(
        &self,
        fixed: &[(Expr, Bounds)],
        beneath: &BTreeSet<u32>,
        depth: &mut Depth,
    ) -> Result<Vec<Reason>> {
        let (early, start): (Vec<_>, Vec<_>) =
            fixed.iter().cloned().partition(|(_, bounds)| bounds.when == When::Planning);
        let mut reasons = Vec::new();
        for conditions in [early, start] {
            if conditions.is_empty() {
                continue;
            }
            let exprs = conditions.iter().map(|(expr, _)| expr);
            let all: Vec<Expr> = depth.conditions.iter().chain(exprs.clone()).cloned().collect();
            let text = expr::joined(&all, " AND ");
            let Some(left) = self.bench.left(self.tree, BY_BOUNDS, &text).await? else {
                let because = format!("the server refuses to explain {text} alone");
                reasons.push(Reason::NotKnown { because });
                continue;
            };
            let gone: BTreeSet<u32> = beneath
                .iter()
                .filter(|leaf| depth.left.leaves.contains(leaf) && !left.leaves.contains(leaf))
                .copied()
                .collect();
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
            depth.left = left;
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

    fn unpruned(
        &self,
        group: &Group<'_>,
        fixed: &[(Expr, Bounds)],
        late: &[(Expr, Bounds)],
        blocked: Vec<Reason>,
    ) -> Vec<Reason> {
        // `IS NOT NULL`, which the planner itself adds for max(), excludes next to nothing.
        let telling: Vec<&Expr> = fixed
            .iter()
            .chain(late)
            .filter(|(_, bounds)| bounds.kind != Kind::NotNull)
            .map(|(expr, _)| expr)
            .collect();
        if !blocked.is_empty() {
            return blocked;
        }
        if !telling.is_empty() {
            return vec![Reason::MatchesAll { condition: expr::joined(telling, " AND ") }];
        }
        let elsewhere = self.elsewhere(group);
        if !elsewhere.is_empty() {
            return elsewhere;
        }
        if let Some(hidden) = self.occurrence.conditions.iter().find_map(hides_columns) {
            let because = format!("the plan does not say which column {hidden} is about");
            return vec![Reason::NotKnown { because }];
        }
        if self.occurrence.hidden {
            let because = "the plan does not show the conditions of foreign partitions".to_owned();
            return vec![Reason::NotKnown { because }];
        }
        vec![Reason::NoCondition]
    }

    /// The conditions on the key that stand in other places; the most helpful kind only.
    fn elsewhere(&self, group: &Group<'_>) -> Vec<Reason> {
        let columns = group.key.columns();
        let about_key =
            || self.occurrence.elsewhere.iter().filter(|one| one.condition.mentions(&columns));
        let fences = self.fenced(group).into_iter().map(|(boundary, conditions)| Reason::Fence {
            condition: expr::joined(&conditions, " AND "),
            boundary,
        });
        let fences: Vec<Reason> = fences.collect();
        if !fences.is_empty() {
            return fences;
        }
        let reasons = about_key().filter_map(|one| {
            let condition = one.condition.to_string();
            match one.place {
                Place::Join => Some(Reason::JoinOnly { condition }),
                Place::SubPlan => Some(Reason::SubqueryPerRow { condition }),
                Place::Above(_) => None,
            }
        });
        let mut reasons: Vec<Reason> = reasons.collect();
        reasons.sort_by_key(|reason| !matches!(reason, Reason::JoinOnly { .. }));
        reasons
    }

    /// The conditions that would bound the group's key if a boundary let them through, by boundary.
    pub(super) fn fenced(&self, group: &Group<'_>) -> BTreeMap<String, Vec<Expr>> {
        let mut above: BTreeMap<String, Vec<Expr>> = BTreeMap::new();
        for one in &self.occurrence.elsewhere {
            if let Place::Above(boundary) = &one.place {
                above.entry(boundary.clone()).or_default().push(one.condition.clone());
            }
        }
        for conditions in above.values_mut() {
            let usable = judged(conditions, group.key, self.facts).usable;
            *conditions = usable
                .into_iter()
                .filter(|(_, bounds)| bounds.when.is_static() && bounds.kind != Kind::NotNull)
                .map(|(expr, _)| expr)
                .collect();
        }
        above.retain(|_, conditions| !conditions.is_empty());
        above
    }

    /// What neither bounds nor parameters explain, told at the topmost level.
    async fn rest(&self, depth: &Depth, top: &mut Level) -> Result<()> {
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

    /// The leaves that are still there: in the experiments and in the query.
    fn alive(&self, left: &Left) -> BTreeSet<u32> {
        if self.occurrence.leaves.is_empty() {
            return left.leaves.clone();
        }
        left.leaves.intersection(&self.occurrence.leaves).copied().collect()
    }

    pub(super) fn fates(&self) -> BTreeMap<u32, Fate> {
        self.touched.leaves.iter().map(|leaf| (leaf.oid, leaf.fate)).collect()
    }
}

/// The text of a condition that PostgreSQL before 17 prints without the columns that it compares.
fn hides_columns(condition: &Expr) -> Option<&str> {
    match condition {
        Expr::Other { text, .. } if text.contains("hashed SubPlan ") && !text.contains(").col") => {
            Some(text)
        }
        _ => None,
    }
}
