//! Why partitions were pruned, or were not.

use std::fmt::{self, Display};

use serde::Serialize;

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
    /// A CHECK constraint (or another proof by `constraint_exclusion`) excluded partitions, not their bounds.
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
    /// The cause is not known.
    NotKnown {
        /// What stands in the way.
        because: String,
    },
}

/// Why a value was not known at plan time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LateValue {
    /// A parameter of a generic plan.
    Parameter,
    /// A stable function, such as `now()`.
    StableFunction {
        /// The function as the plan prints it; `None` for a stable cast.
        function: Option<String>,
    },
    /// The comparison of these two types depends on the session's time zone.
    Types {
        /// The key's type.
        key: String,
        /// The other side's.
        value: String,
    },
}

/// Why a DEFAULT partition may hold rows that match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DefaultStays {
    /// A value of this condition is in no partition's list or bounds.
    ValueElsewhere {
        /// The condition.
        condition: String,
    },
    /// A list names single values, and this condition allows others.
    NotOnlyListed {
        /// The condition.
        condition: String,
    },
    /// The range has no upper or no lower end.
    OpenEnded {
        /// The condition.
        condition: String,
    },
    /// The range reaches beyond the partitions' bounds, or into a gap between them.
    BeyondBounds {
        /// The condition.
        condition: String,
    },
}

impl Display for DefaultStays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ValueElsewhere { condition } => {
                write!(f, "{condition} names a value that no other partition is for")
            }
            Self::NotOnlyListed { condition } => {
                write!(f, "{condition} allows values that no list names")
            }
            Self::OpenEnded { condition } => {
                write!(f, "{condition} has an open end, beyond all bounds")
            }
            Self::BeyondBounds { condition } => write!(
                f,
                "{condition} reaches beyond the other partitions' bounds, or into a gap between them"
            ),
        }
    }
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

impl Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PrunedBy { condition } => write!(f, "pruned at plan time by {condition}"),
            Self::PrunedAtStart { condition, value } => {
                write!(f, "pruned at executor start by {condition}: {value}")
            }
            Self::WhileRunning { condition, spared: Some(1..) } => {
                write!(f, "pruned while running by {condition}, whose value was not known before")
            }
            Self::WhileRunning { condition, spared } => {
                write!(f, "can be pruned only while running, by {condition}")?;
                if spared.is_some() { f.write_str("; this time no partition was spared") } else { Ok(()) }
            }
            Self::CheckConstraint => f.write_str("excluded by a CHECK constraint, not by bounds"),
            Self::NothingToRead => f.write_str(
                "none is needed: conditions contradict each other, or the rest of the query decides alone",
            ),
            Self::NotReached => f.write_str(
                "some partitions were never reached: the query had enough rows, or no rows to join with",
            ),
            Self::MatchesAll { condition } => {
                write!(f, "{condition} allows every partition")
            }
            Self::NoCondition => f.write_str("no condition on the partition key reaches the table"),
            Self::MissingColumns { condition, missing } => write!(
                f,
                "{condition} does not help without a condition = on {}",
                missing.join(", ")
            ),
            Self::FunctionOnKey { expression } => write!(
                f,
                "{expression} is compared, not the key: the planner does not see through a function"
            ),
            Self::CastOnKey { expression, to } => write!(
                f,
                "{expression} is compared, not the key: as {to} it has other values and another order"
            ),
            Self::CalculationOnKey { expression } => {
                write!(f, "{expression} is compared, not the key: the planner does no algebra")
            }
            Self::KeyIsExpression { condition } => write!(
                f,
                "{condition} is not about the key, which is an expression: only that expression, written the same, prunes"
            ),
            Self::VolatileFunction { condition, function } => write!(
                f,
                "{function} in {condition} is volatile: another value for each row, so none to prune with"
            ),
            Self::RangeOnHash { condition } => write!(
                f,
                "{condition} is a range, and neighbours are scattered over the hash partitions"
            ),
            Self::NotEqual { condition } => {
                write!(f, "{condition} excludes one value, and no partition holds that value alone")
            }
            Self::OtherOperator { condition } => {
                write!(f, "{condition} is no comparison that the partitions are ordered by")
            }
            Self::RowComparison { condition } => {
                write!(f, "{condition} compares whole rows, which pruning does not look into")
            }
            Self::OtherCollation { condition, key: Some(key) } => {
                write!(f, "{condition} compares in another collation than the key, {key}")
            }
            Self::OtherCollation { condition, key: None } => {
                write!(f, "{condition} compares in another collation than the key")
            }
            Self::ColumnComparison { condition } => {
                write!(f, "{condition} compares the key with the row's own values")
            }
            Self::Or { condition, branch } => {
                write!(f, "the branch {branch} of {condition} does not bound the key")
            }
            Self::SubqueryPerRow { condition } => {
                write!(f, "{condition} is decided row by row, by a subquery")
            }
            Self::JoinOnly { condition } => {
                write!(f, "the key is only joined on, by {condition}: its values come too late")
            }
            Self::Fence { condition, boundary } => {
                write!(f, "{condition} is applied above {boundary}, and cannot pass it")
            }
            Self::PruningOff { condition } => {
                write!(f, "enable_partition_pruning is off; {condition} would prune")
            }
            Self::DefaultStays { partition, why } => {
                write!(f, "the DEFAULT partition {partition} stays: {why}")
            }
            Self::GenericPlan => f.write_str(
                "the generic plan holds and locks every partition, also those not executed",
            ),
            Self::NotKnown { because } => write!(f, "not known: {because}"),
        }
    }
}

impl Display for LateValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter => f.write_str("a generic plan has no values for its parameters"),
            Self::StableFunction { function: Some(function) } => {
                write!(f, "{function} is evaluated when execution begins")
            }
            Self::StableFunction { function: None } => {
                f.write_str("its value depends on the session and is made when execution begins")
            }
            Self::Types { key, value } => {
                write!(f, "comparing {key} with {value} depends on the session's TimeZone")
            }
        }
    }
}
