//! Why a level was not pruned.

use std::collections::BTreeMap;

use super::elsewhere::Place;
use super::expr::{self, Expr};
use super::judge::{Bounds, Kind};
use super::keys::Group;
use super::level::Inquiry;
use super::reason::Reason;
use super::usable::judged;

impl Inquiry<'_> {
    pub(super) fn unpruned(
        &self,
        group: &Group<'_>,
        fixed: &[(Expr, Bounds)],
        late: &[(Expr, Bounds)],
        blocked: Vec<Reason>,
    ) -> Vec<Reason> {
        let telling: Vec<&Expr> = fixed.iter().chain(late).map(|(expr, _)| expr).collect();
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
        let fences = self.fenced(group, false).into_iter().map(|(boundary, conditions)| {
            Reason::Fence { condition: expr::joined(&conditions, " AND "), boundary }
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
                Place::Above { .. } => None,
            }
        });
        let mut reasons: Vec<Reason> = reasons.collect();
        reasons.sort_by_key(|reason| !matches!(reason, Reason::JoinOnly { .. }));
        reasons
    }

    /// The conditions that would bound the group's key if a boundary let them through, by boundary; with
    /// `movable`, only those that give the same rows within.
    pub(super) fn fenced(&self, group: &Group<'_>, movable: bool) -> BTreeMap<String, Vec<Expr>> {
        let mut above: BTreeMap<String, Vec<Expr>> = BTreeMap::new();
        for one in &self.occurrence.elsewhere {
            if let Place::Above { boundary, movable: can } = &one.place
                && (*can || !movable)
            {
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
