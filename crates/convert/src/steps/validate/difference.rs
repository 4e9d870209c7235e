//! Which rows differ.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use lab::{Context, Result};
use serde::Serialize;

use super::hash::Hashing;
use super::snapshot::Snapshot;
use crate::state::Side;

/// How many differing buckets are looked into.
const LOOKED_INTO: usize = 8;

/// How many rows are named.
const NAMED: usize = 5;

/// A row that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The key's values as text, with commas.
    pub key: String,
    /// How often the source has it.
    pub source: usize,
    /// How often the target has it.
    pub target: usize,
}

impl Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.source, self.target) {
            (1, 1) => write!(f, "row {} is not the same in both", self.key),
            (_, 0) => write!(f, "row {} is only in the source", self.key),
            (0, _) => write!(f, "row {} is only in the target", self.key),
            (source, target) => write!(
                f,
                "row {} is {source} times in the source, {target} times in the target",
                self.key
            ),
        }
    }
}

/// The first rows of the buckets that differ.
pub async fn name(
    snapshot: &Snapshot,
    hashing: &Hashing,
    differing: &[i64],
) -> Result<Vec<Difference>> {
    let buckets = &differing[..differing.len().min(LOOKED_INTO)];
    if buckets.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: BTreeMap<String, [Vec<i64>; 2]> = BTreeMap::new();
    for chunk in &snapshot.chunks {
        let what = || format!("cannot read {}", chunk.leaf);
        let sql = hashing.keys(chunk, buckets);
        for row in snapshot.session.client().query(&sql, &[]).await.context(what)? {
            let sides = found.entry(row.try_get(0).context(what)?).or_default();
            sides[usize::from(chunk.side == Side::Target)].push(row.try_get(1).context(what)?);
        }
    }
    let differences = found.into_iter().filter_map(|(key, [mut source, mut target])| {
        source.sort_unstable();
        target.sort_unstable();
        let (in_source, in_target) = (source.len(), target.len());
        (source != target).then_some(Difference { key, source: in_source, target: in_target })
    });
    Ok(differences.take(NAMED).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_where_a_row_is() {
        let said = |source, target| Difference { key: "7".into(), source, target }.to_string();
        assert_eq!(said(1, 0), "row 7 is only in the source");
        assert_eq!(said(0, 2), "row 7 is only in the target");
        assert_eq!(said(1, 1), "row 7 is not the same in both");
        assert_eq!(said(1, 2), "row 7 is 1 times in the source, 2 times in the target");
    }
}
