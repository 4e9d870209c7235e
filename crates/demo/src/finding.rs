//! What a lesson's run showed, in the terms of its expectation.

use std::collections::BTreeMap;

use lab::catalog::Tree;
use lab::plan::{Fate, Node, Touched};

use crate::fact::Fact;
use crate::measure::Measured;

/// What was found of a lesson's table and in its plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Leaves that were read; 1 for a single table in the plan.
    pub scanned: usize,
    /// Leaves that the table has.
    pub total: usize,
    facts: BTreeMap<Fact, u64>,
}

impl Finding {
    /// A finding with the number of each fact.
    pub fn of(scanned: usize, total: usize, count: impl Fn(Fact) -> u64) -> Self {
        let facts = Fact::ALL.iter().map(|(fact, _)| (*fact, count(*fact))).collect();
        Self { scanned, total, facts }
    }

    /// What was found of the table at the root of `tree`.
    pub fn new(tree: &Tree, measured: &Measured) -> Self {
        let touched = measured.explained.touched.iter().find(|touched| touched.oid == tree.oid);
        let scanned = match touched {
            Some(touched) => touched.count(Fate::Scanned),
            // A single table is read when it is in the plan.
            None => measured
                .explained
                .plan
                .nodes()
                .filter_map(Node::scanned)
                .any(|name| name == tree.name)
                .into(),
        };
        Self::of(scanned, tree.leaf_count(), |fact| count(fact, touched, measured))
    }

    /// How many of it there were.
    pub fn count(&self, fact: Fact) -> u64 {
        self.facts.get(&fact).copied().unwrap_or_default()
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a count of rows
fn count(fact: Fact, touched: Option<&Touched>, measured: &Measured) -> u64 {
    let (plan, counts) = (&measured.explained.plan, &measured.counts);
    let fate = |fate| touched.map_or(0, |touched| touched.count(fate));
    let found = match fact {
        Fact::PrunedAtPlan => fate(Fate::PrunedAtPlan),
        Fact::PrunedAtStart => fate(Fate::PrunedAtStart),
        Fact::NeverExecuted => fate(Fate::NeverExecuted),
        Fact::Locked => touched.map_or(0, Touched::locked),
        Fact::PartitionwiseJoins => plan.partitionwise_joins(),
        Fact::PartitionwiseAggregates => plan.partitionwise_aggregates(),
        Fact::PartialAggregates => plan.partial_aggregates(),
        Fact::Sorts => plan.count(&["Sort", "Incremental Sort"]),
        Fact::MergeAppends => plan.count(&["Merge Append"]),
        Fact::IndexScans => plan.count(&["Index Scan", "Index Only Scan", "Bitmap Index Scan"]),
        Fact::Targets => plan.nodes().map(Node::targets).sum(),
        Fact::Rows => return plan.rows() as u64,
        Fact::Buffers => return plan.root.blocks_hit() + plan.root.blocks_read(),
        Fact::Inserted => return counts.inserted,
        Fact::Updated => return counts.updated,
        Fact::Deleted => return counts.deleted,
        // It was planned several times; only when all came to the same is the kind known.
        Fact::CustomPlan => return (counts.custom_plans > 0 && counts.generic_plans == 0).into(),
        Fact::GenericPlan => return (counts.generic_plans > 0 && counts.custom_plans == 0).into(),
    };
    found as u64
}
