//! Reasons as sentences.

use std::fmt::{self, Display};

use super::reason::Reason;

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
            Self::CheckConstraint => f.write_str("excluded by a CHECK or NOT NULL constraint, not by bounds"),
            Self::NothingToRead => f.write_str(
                "none is in the plan: conditions contradict each other, the rest of the query decides alone, or only a function reads it",
            ),
            Self::NotReached => f.write_str(
                "some partitions were never reached: there were enough rows, none to join with, or a condition on no column was false",
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
            Self::UnknownArray { condition } => write!(
                f,
                "{condition} prunes only when the whole array is known while planning"
            ),
            Self::NoPartitions => f.write_str("it has no partitions"),
            Self::NotKnown { because } => write!(f, "not known: {because}"),
        }
    }
}
