//! Conditions that do not prune, written so that they do.

use super::super::expr::{self, Expr};
use super::super::keys::Group;
use super::super::level::Inquiry;
use super::super::read;
use super::super::rewrite::{Draft, Rewrite, listed, rewrites};
use super::super::suggestion::Suggestion;
use crate::catalog::Strategy;
use crate::error::Result;

/// Lists of more partitions than this are not read value by value.
const LISTED: usize = 500;
/// As many ways to write a level's conditions are tried: each plans what it leaves.
const TRIED: usize = 3;

impl Inquiry<'_> {
    /// Conditions that do not prune, written so that they do: all together, else one by one.
    pub(super) async fn rewritten(
        &self,
        group: &Group<'_>,
        pruned: bool,
    ) -> Result<Vec<Suggestion>> {
        let rewrites = rewrites(&self.occurrence.conditions, group.key, self.facts);
        let mut texts: Vec<(Vec<Expr>, String)> = Vec::new();
        for Rewrite { from, to } in rewrites {
            if let Some(text) = self.written(&to).await? {
                texts.push((from, text));
            }
        }
        if texts.is_empty() && !pruned {
            texts.extend(self.by_listed_values(group).await?);
        }
        let whole =
            |text: &String| if text.contains(" OR ") { format!("({text})") } else { text.clone() };
        if texts.len() > 1 {
            let from: Vec<Expr> = texts.iter().flat_map(|(from, _)| from.clone()).collect();
            let to = texts.iter().map(|(_, text)| whole(text)).collect::<Vec<_>>().join(" AND ");
            texts.insert(0, (from, to));
        }
        for (from, to) in texts.into_iter().take(TRIED) {
            if let Some(effect) = self.proven(&from, &to).await? {
                let from = expr::joined(&from, " AND ");
                return Ok(vec![Suggestion::Rewrite { from, to, effect }]);
            }
        }
        Ok(Vec::new())
    }

    /// The text of a condition whose values the server computes first.
    pub(super) async fn written(&self, draft: &Draft) -> Result<Option<String>> {
        let answers = self.bench.values(&draft.questions()).await?;
        Ok(answers.and_then(|answers| draft.text(&mut answers.into_iter())))
    }

    /// The listed values for which the conditions on a list key hold. Without a DEFAULT partition there are no
    /// rows of any other value.
    async fn by_listed_values(&self, group: &Group<'_>) -> Result<Option<(Vec<Expr>, String)>> {
        let [part] = group.key.parts.as_slice() else { return Ok(None) };
        let closed = group.tables.iter().all(|table| table.default_partition.is_none());
        let told = group.key.strategy == Strategy::List && group.key.deterministic;
        if !told || !closed || self.tree.tables.len() > LISTED {
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
}
