//! A condition on a list key, answered for each value that a list names.

use super::super::expr::{self, Expr};
use super::super::facts::{Facts, Volatility};
use super::super::keys::Part;

/// More values than this are not tried.
const TRIED: usize = 500;

/// A condition on one listed column, with the question whether it holds, for each listed value.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Listed {
    /// The column.
    pub(in super::super) key: String,
    /// The values, as the lists print them.
    pub(in super::super) values: Vec<String>,
    /// Boolean SQL by value.
    pub(in super::super) questions: Vec<String>,
}

/// `conditions` for each of `values`; `None` where they depend on more than the key, or on when they
/// are evaluated.
pub(in super::super) fn listed(
    conditions: &[Expr],
    part: &Part,
    values: &[Expr],
    facts: &Facts,
) -> Option<Listed> {
    let kind = part.column_type.as_deref().filter(|_| part.is_column())?;
    let fixed = conditions.iter().all(|condition| {
        condition.own_columns().all(|column| part.columns.iter().any(|own| own == column))
            && facts.worst(condition).0 == Volatility::Immutable
            && condition.functions().all(|name| facts.is_builtin(name))
            && !condition.walk().any(|inner| {
                matches!(
                    inner,
                    Expr::Param(_)
                        | Expr::InitPlan(_)
                        | Expr::Other { .. }
                        | Expr::Column { table: Some(_), .. }
                )
            })
    });
    if !fixed || conditions.is_empty() || values.is_empty() || values.len() > TRIED {
        return None;
    }
    let question = |value: &Expr| {
        let with_value = conditions.iter().map(|condition| {
            condition.clone().map(&|inner| match inner {
                Expr::Column { table: None, .. } => {
                    Expr::Cast { operand: Box::new(value.clone()), target: kind.to_owned() }
                }
                other => other,
            })
        });
        let with_value: Vec<Expr> = with_value.collect();
        format!("coalesce({}, false)", expr::joined(&with_value, " AND "))
    };
    Some(Listed {
        key: part.text(),
        values: values.iter().map(ToString::to_string).collect(),
        questions: values.iter().map(question).collect(),
    })
}

impl Listed {
    /// The condition that names the values for which the answer is true; `None` when there are none, or all.
    pub(in super::super) fn condition(&self, answers: &[String]) -> Option<String> {
        let held: Vec<&str> = self
            .values
            .iter()
            .zip(answers)
            .filter(|(_, answer)| *answer == "true")
            .map(|(value, _)| value.as_str())
            .collect();
        if held.contains(&"NULL") || held.len() == self.values.len() {
            return None;
        }
        match held.as_slice() {
            [] => None,
            [one] => Some(format!("{} = {one}", self.key)),
            many => Some(format!("{} IN ({})", self.key, many.join(", "))),
        }
    }
}
