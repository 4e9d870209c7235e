//! Why partitions were pruned, or were not.

use serde::Serialize;

use super::details::{DefaultStays, LateValue};

/// Why a partitioned table's partitions were pruned, or were not.
///
/// Conditions and expressions are SQL as the plan has them, without the table's alias. Serialized as
/// an object with the variant's name in snake case as `kind`; `Display` is a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reason {
    /// These conditions pruned at plan time.
    PrunedBy {
        /// The conditions on the key, joined by AND.
        condition: String,
    },
    /// These conditions pruned when execution began.
    PrunedAtStart {
        /// The conditions on the key, joined by AND.
        condition: String,
        /// Why not earlier.
        value: LateValue,
    },
    /// These conditions prune while the query runs, once their values are there.
    WhileRunning {
        /// The conditions on the key, joined by AND.
        condition: String,
        /// How many leaves they spared this time; `None` when the query was not executed.
        spared: Option<usize>,
    },
    /// A CHECK or NOT NULL constraint (`constraint_exclusion`) excluded partitions, not their bounds.
    CheckConstraint,
    /// The planner saw without looking at partitions that it needs none of them: the conditions contradict
    /// each other, or the rest of the query returns the same whatever the table holds.
    NothingToRead,
    /// The query stopped before it came to some partitions: it had enough rows, or the other side of a join had none.
    NotReached,
    /// The conditions on the key allow every partition.
    MatchesAll {
        /// The conditions on the key, joined by AND.
        condition: String,
    },
    /// No condition on the key reaches the table.
    NoCondition,
    /// The conditions leave out columns of the key that are needed first.
    MissingColumns {
        /// The conditions that alone do not help.
        condition: String,
        /// The columns that need a condition with `=` as well.
        missing: Vec<String>,
    },
    /// A function of the key is compared, not the key.
    FunctionOnKey {
        /// The expression around the key.
        expression: String,
    },
    /// The key is cast before it is compared: by the query, or since the other side has another type.
    CastOnKey {
        /// The expression around the key.
        expression: String,
        /// The type that it is cast to.
        to: String,
    },
    /// A calculation with the key is compared, not the key.
    CalculationOnKey {
        /// The expression around the key.
        expression: String,
    },
    /// The table is partitioned by an expression, and the condition is about what is in it.
    KeyIsExpression {
        /// The condition.
        condition: String,
    },
    /// The key is compared with a value that changes from row to row.
    VolatileFunction {
        /// The condition.
        condition: String,
        /// The volatile function.
        function: String,
    },
    /// A hash partition is found by equality alone.
    RangeOnHash {
        /// The condition.
        condition: String,
    },
    /// `<>` leaves the partitions of a range or hash key as they are.
    NotEqual {
        /// The condition.
        condition: String,
    },
    /// An operator that partitions are not ordered by, such as LIKE.
    OtherOperator {
        /// The condition.
        condition: String,
    },
    /// Rows are compared as a whole: `(a, b) < (1, 2)`.
    RowComparison {
        /// The condition.
        condition: String,
    },
    /// The comparison follows another collation than the key.
    OtherCollation {
        /// The condition.
        condition: String,
        /// The key's collation, where the column has another; else the comparison names another.
        key: Option<String>,
    },
    /// The key is compared with a column of the same table.
    ColumnComparison {
        /// The condition.
        condition: String,
    },
    /// A branch of an OR does not bound the key.
    Or {
        /// The whole condition.
        condition: String,
        /// The branch.
        branch: String,
    },
    /// The condition holds a subquery that is evaluated for each row, or a hash table of its rows.
    SubqueryPerRow {
        /// The condition.
        condition: String,
    },
    /// The key is compared in a join only, whose values are not known before the table is read.
    JoinOnly {
        /// The join's condition.
        condition: String,
    },
    /// The condition on the key is applied above a boundary that it cannot pass.
    Fence {
        /// The condition, in the names of the table.
        condition: String,
        /// What is in between, such as `CTE recent`.
        boundary: String,
    },
    /// `enable_partition_pruning` is off; these conditions would have pruned.
    PruningOff {
        /// The conditions on the key, joined by AND.
        condition: String,
    },
    /// The DEFAULT partition is among those that are left.
    DefaultStays {
        /// Its name.
        partition: String,
        /// Why it may hold matching rows.
        why: DefaultStays,
    },
    /// A prepared statement's generic plan holds and locks every partition, also those that its
    /// parameters exclude when execution begins.
    GenericPlan,
    /// The key is compared with the elements of an array that is no constant: pruning looks into such an array neither when
    /// execution begins nor later.
    UnknownArray {
        /// The condition.
        condition: String,
    },
    /// The table has no partition that could hold a row.
    NoPartitions,
    /// The cause is not known.
    NotKnown {
        /// What stands in the way.
        because: String,
    },
}

impl Reason {
    /// Whether it says that partitions were left out.
    #[must_use]
    pub fn pruned(&self) -> bool {
        matches!(
            self,
            Self::PrunedBy { .. }
                | Self::PrunedAtStart { .. }
                | Self::WhileRunning { spared: Some(1..), .. }
                | Self::CheckConstraint
                | Self::NothingToRead
                | Self::NotReached
        )
    }

    /// Whether the cause is not known.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::NotKnown { .. })
    }
}
