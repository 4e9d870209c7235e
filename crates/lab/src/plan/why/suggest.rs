//! Finds what to write instead, and proves it: each suggestion has been given to EXPLAIN.

use super::experiment::{BY_BOUNDS, Left, left_in};
use super::expr::{self, Expr};
use super::keys::Group;
use super::level::{Depth, Inquiry};
use super::read;
use super::reason::{DefaultStays, LateValue, Reason};
use super::rewrite::{Draft, Rewrite, listed, rewrites};
use super::suggestion::{Effect, Suggestion};
use crate::catalog::Strategy;
use crate::error::Result;

/// Lists of more partitions than this are not read value by value.
const LISTED: usize = 500;

impl Inquiry<'_> {
    /// What would make the group's tables prune, or prune earlier. `before` is what the levels above leave, `depth` what this
    /// level leaves as well.
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
        if says(|reason| {
            matches!(reason, Reason::PrunedAtStart { value: LateValue::Parameter, .. })
        }) {
            found.extend(self.setting("plan_cache_mode", "force_custom_plan").await?);
        }
        let pruned = says(|reason| {
            matches!(
                reason,
                Reason::PrunedBy { .. } | Reason::PrunedAtStart { .. } | Reason::PruningOff { .. }
            )
        });
        if !pruned && !says(Reason::is_unknown) {
            found.extend(self.rewritten(group, before).await?);
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

    /// Conditions that do not prune, written so that they do: all together, else one by one.
    async fn rewritten(&self, group: &Group<'_>, before: &Depth) -> Result<Vec<Suggestion>> {
        let rewrites = rewrites(&self.occurrence.conditions, group.key, self.facts);
        let mut texts: Vec<(Vec<Expr>, String)> = Vec::new();
        for Rewrite { from, to } in rewrites {
            if let Some(text) = self.written(&to).await? {
                texts.push((from, text));
            }
        }
        if texts.is_empty() {
            texts.extend(self.by_listed_values(group).await?);
        }
        let whole =
            |text: &String| if text.contains(" OR ") { format!("({text})") } else { text.clone() };
        if texts.len() > 1 {
            let from: Vec<Expr> = texts.iter().flat_map(|(from, _)| from.clone()).collect();
            let to = texts.iter().map(|(_, text)| whole(text)).collect::<Vec<_>>().join(" AND ");
            texts.insert(0, (from, to));
        }
        for (from, to) in texts {
            if let Some(effect) = self.proven(before, &whole(&to)).await? {
                let from = expr::joined(&from, " AND ");
                return Ok(vec![Suggestion::Rewrite { from, to, effect }]);
            }
        }
        Ok(Vec::new())
    }

    /// The text of a condition whose values the server computes first.
    async fn written(&self, draft: &Draft) -> Result<Option<String>> {
        let answers = self.bench.values(&draft.questions()).await?;
        Ok(answers.and_then(|answers| draft.text(&mut answers.into_iter())))
    }

    /// The listed values for which the conditions on a list key hold. Without a DEFAULT partition there are no
    /// rows of any other value.
    async fn by_listed_values(&self, group: &Group<'_>) -> Result<Option<(Vec<Expr>, String)>> {
        let [part] = group.key.parts.as_slice() else { return Ok(None) };
        let closed = group.tables.iter().all(|table| table.default_partition.is_none());
        if group.key.strategy != Strategy::List || !closed || self.tree.tables.len() > LISTED {
            return Ok(None);
        }
        let about_key: Vec<Expr> = self
            .occurrence
            .conditions
            .iter()
            .filter(|condition| condition.mentions(&part.columns))
            .cloned()
            .collect();
        let parents: Vec<u32> = group.tables.iter().map(|table| table.oid).collect();
        let values = read::listed_values(self.bench.tx, &parents).await?;
        let Some(listed) = listed(&about_key, part, &values, self.facts) else { return Ok(None) };
        let answers = self.bench.values(&listed.questions).await?;
        Ok(answers.and_then(|answers| listed.condition(&answers)).map(|text| (about_key, text)))
    }

    /// An end for an open range: the last bound of the group's only table.
    async fn closed(
        &self,
        group: &Group<'_>,
        depth: &Depth,
        condition: &str,
    ) -> Result<Option<Suggestion>> {
        let ([table], [part]) = (group.tables.as_slice(), group.key.parts.as_slice()) else {
            return Ok(None);
        };
        let low = condition.contains('>');
        let (low_word, high_word) = ("FROM (", ") TO (");
        let bounds = read::bounds(self.bench.tx, &[table.oid]).await?;
        let ends = bounds.iter().filter_map(|text| {
            let (from, to) =
                text.strip_prefix("FOR VALUES ")?.strip_prefix(low_word)?.split_once(high_word)?;
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
        let condition = format!("{} {op} {}", part.text(), super::rewrite::literal(&value, kind));
        let effect = self.proven(depth, &condition).await?;
        // To leave nothing is no improvement.
        let effect = effect.filter(|effect| effect.scanned > 0);
        Ok(effect.map(|effect| Suggestion::Close { condition, effect }))
    }

    /// What `condition` leaves of what `depth` leaves; `None` when that is no less.
    pub(super) async fn proven(&self, depth: &Depth, condition: &str) -> Result<Option<Effect>> {
        let mut all = expr::joined(&depth.conditions, " AND ");
        if !all.is_empty() {
            all.push_str(" AND ");
        }
        all.push_str(condition);
        let left = self.bench.left(self.tree, BY_BOUNDS, &all).await?;
        let fewer = left.filter(|left| left.leaves.len() < depth.left.leaves.len());
        Ok(fewer.map(|left| self.effect(&left)))
    }

    fn effect(&self, left: &Left) -> Effect {
        Effect { scanned: left.leaves.len(), of: self.touched.total(), at_start: left.at_start }
    }
}

fn open_ended(reason: &Reason) -> Option<&str> {
    match reason {
        Reason::DefaultStays { why: DefaultStays::OpenEnded { condition }, .. } => Some(condition),
        _ => None,
    }
}
