//! What one comparison says about one part of a key.

use super::details::LateValue;
use super::expr::Expr;
use super::facts::{Facts, Volatility};
use super::judge::{Bounds, Kind, Verdict, When, commuted};
use super::keys::{Key, Part};
use super::reason::Reason;
use crate::catalog::{Strategy, quote_ident};

/// One condition, held against one part of a key.
pub(super) struct Judge<'a> {
    pub(super) whole: &'a Expr,
    pub(super) part: &'a Part,
    pub(super) key: &'a Key,
    pub(super) facts: &'a Facts,
}

/// One side of a comparison, as seen from a part of the key.
enum Side<'e> {
    /// The key itself.
    Key,
    /// The key, in the key's collation, which is not the column's.
    InKeyCollation,
    /// The key, in another collation.
    Collated,
    /// The key within something else.
    Around(&'e Expr),
    /// Free of the key.
    Free(&'e Expr),
}

impl Judge<'_> {
    pub(super) fn single(&self, expr: &Expr) -> Verdict {
        if !expr.mentions(&self.part.columns) {
            return Verdict::Silent;
        }
        match expr {
            Expr::Binary { left, op, right } => self.comparison(left, op, right, Kind::Equal),
            Expr::Quantified { left, op, all, right } => match (op.as_str(), all) {
                ("=", true) | ("<>", false) => Verdict::Blocked(self.other_operator()),
                _ if right.mentions(&self.part.columns) => Verdict::Blocked(self.other_operator()),
                _ if matches!(self.side(left), Side::Key | Side::InKeyCollation)
                    && right.constant().is_none()
                    && !matches!(**right, Expr::Array(_)) =>
                {
                    Verdict::Blocked(Reason::UnknownArray { condition: self.condition() })
                }
                _ => self.comparison(left, op, right, Kind::Equal),
            },
            Expr::Is { operand, what } => match (self.side(operand), *what) {
                (Side::Key, "NOT NULL") => bounds(Kind::NotNull, When::Planning),
                (Side::Key, _) => bounds(Kind::Equal, When::Planning),
                (Side::Around(around), _) => Verdict::Blocked(self.around(around)),
                _ => Verdict::Blocked(self.other_operator()),
            },
            Expr::Not(inner) => match self.side(inner) {
                Side::Key => bounds(Kind::Equal, When::Planning),
                Side::Around(around) if !matches!(around, Expr::Binary { .. }) => {
                    Verdict::Blocked(self.around(around))
                }
                _ => Verdict::Blocked(self.other_operator()),
            },
            _ => match self.side(expr) {
                Side::Key => bounds(Kind::Equal, When::Planning),
                _ => Verdict::Blocked(self.around(expr)),
            },
        }
    }

    fn side<'e>(&self, expr: &'e Expr) -> Side<'e> {
        if self.is_key(expr) {
            return Side::Key;
        }
        if !expr.mentions(&self.part.columns) {
            return Side::Free(expr);
        }
        if let (Expr::Collate { operand, collation }, Some(own)) =
            (expr, &self.part.foreign_collation)
            && *collation == quote_ident(own)
            && self.is_key(operand)
        {
            return Side::InKeyCollation;
        }
        // The planner turns COLLATE into a cast of a type to itself.
        let (inner, collated) = match expr {
            Expr::Collate { operand, .. } => (&**operand, true),
            Expr::Cast { operand, target } => {
                let own = self.part.column_type.as_ref().unwrap_or(&self.part.class_type);
                (&**operand, own == target || self.part.class_type == *target)
            }
            _ => (expr, false),
        };
        if collated && self.is_key(inner) { Side::Collated } else { Side::Around(expr) }
    }

    /// Whether `expr` is this part of the key: itself, or under a cast that changes nothing.
    fn is_key(&self, expr: &Expr) -> bool {
        if self.part.expr.as_ref() == Some(expr) {
            return true;
        }
        let Expr::Cast { operand, target } = expr else { return false };
        let Some(own) = &self.part.column_type else { return false };
        own != target && self.facts.is_relabel(own, target) && self.is_key(operand)
    }

    fn comparison(&self, left: &Expr, op: &str, right: &Expr, equal: Kind) -> Verdict {
        let columns = &self.part.columns;
        if op == "OVERLAPS" {
            return Verdict::Blocked(self.other_operator());
        }
        if matches!(left, Expr::Row(_)) || matches!(right, Expr::Row(_)) {
            return Verdict::Blocked(Reason::RowComparison { condition: self.condition() });
        }
        match (self.side(left), self.side(right)) {
            (side @ (Side::Key | Side::InKeyCollation), Side::Free(value)) => {
                self.compared(op, value, equal, &side)
            }
            (Side::Free(value), side @ (Side::Key | Side::InKeyCollation)) => {
                self.compared(commuted(op), value, equal, &side)
            }
            (Side::Collated, Side::Free(_)) | (Side::Free(_), Side::Collated) => {
                Verdict::Blocked(Reason::OtherCollation { condition: self.condition(), key: None })
            }
            (Side::Around(around), Side::Free(value))
            | (Side::Free(value), Side::Around(around)) => {
                if value.own_columns().next().is_some() && !self.key_is_expression() {
                    return Verdict::Blocked(Reason::ColumnComparison {
                        condition: self.condition(),
                    });
                }
                Verdict::Blocked(self.around(around))
            }
            _ if left.mentions(columns) || right.mentions(columns) => {
                Verdict::Blocked(Reason::ColumnComparison { condition: self.condition() })
            }
            _ => Verdict::Silent,
        }
    }

    /// The key itself is compared with `value`.
    fn compared(&self, op: &str, value: &Expr, equal: Kind, side: &Side<'_>) -> Verdict {
        let condition = self.condition();
        let blocked = |reason| Verdict::Blocked(reason);
        let Part { family, .. } = *self.part;
        let kind = match op {
            "=" => equal,
            "<>" => Kind::NotEqual,
            _ => Kind::Range,
        };
        let hash = self.key.strategy == Strategy::Hash;
        if kind == Kind::NotEqual {
            if self.key.strategy != Strategy::List {
                return blocked(Reason::NotEqual { condition });
            }
        } else if !self.facts.compares(family, op) {
            let ordered = ["<", "<=", ">", ">="].contains(&op);
            return blocked(if hash && ordered {
                Reason::RangeOnHash { condition }
            } else {
                Reason::OtherOperator { condition }
            });
        }
        if value.own_columns().next().is_some() {
            return blocked(Reason::ColumnComparison { condition });
        }
        if let Some(key) = &self.part.foreign_collation
            && matches!(side, Side::Key)
        {
            return blocked(Reason::OtherCollation { condition, key: Some(key.clone()) });
        }
        let (volatility, function) = self.facts.worst(value);
        match (volatility, function) {
            (Volatility::Volatile, Some(function)) => {
                let function = format!("{function}()");
                return blocked(Reason::VolatileFunction { condition, function });
            }
            (Volatility::Unknown, Some(function)) => {
                let because =
                    format!("whether {function}() in {condition} is volatile is not known");
                return blocked(Reason::NotKnown { because });
            }
            _ => {}
        }
        bounds(kind, self.when(op, value))
    }

    fn when(&self, op: &str, value: &Expr) -> When {
        let has = |wanted: fn(&Expr) -> bool| value.walk().any(wanted);
        if has(|part| matches!(part, Expr::InitPlan(_) | Expr::Column { table: Some(_), .. })) {
            return When::Running;
        }
        if has(|part| matches!(part, Expr::Param(_))) {
            return When::Start(LateValue::Parameter);
        }
        let Some((_, value_type)) = value.constant() else {
            if matches!(value, Expr::Array(items) if items.iter().all(|item| item.constant().is_some()))
            {
                return When::Planning;
            }
            let function = value.walk().find_map(|part| match part {
                Expr::Call { bare: true, name, .. } => Some(name.clone()),
                Expr::Call { name, .. } => Some(format!("{name}()")),
                _ => None,
            });
            return When::Start(LateValue::StableFunction { function });
        };
        let value_type = value_type.map(|name| name.trim_end_matches("[]"));
        if let Some(value_type) = value_type
            && self.facts.comparison(self.part.family, op, &self.part.class_type, value_type)
                == Some(false)
        {
            return When::Start(LateValue::Types {
                key: self.part.class_type.clone(),
                value: value_type.to_owned(),
            });
        }
        When::Planning
    }

    /// What stands around the key.
    fn around(&self, around: &Expr) -> Reason {
        if self.key_is_expression() {
            return Reason::KeyIsExpression { condition: self.condition() };
        }
        let expression = around.to_string();
        match around {
            Expr::Cast { target, .. } => Reason::CastOnKey { expression, to: target.clone() },
            Expr::Binary { .. } | Expr::Unary { .. } => Reason::CalculationOnKey { expression },
            Expr::Row(_) => Reason::RowComparison { condition: self.condition() },
            Expr::Other { text, .. } if text.contains("SubPlan ") => {
                Reason::SubqueryPerRow { condition: self.condition() }
            }
            Expr::Other { .. } if !is_readable(around) => Reason::NotKnown {
                because: format!("{expression} is in a form that could not be read"),
            },
            _ => Reason::FunctionOnKey { expression },
        }
    }

    fn key_is_expression(&self) -> bool {
        !self.part.is_column()
    }

    fn other_operator(&self) -> Reason {
        Reason::OtherOperator { condition: self.condition() }
    }

    fn condition(&self) -> String {
        self.whole.to_string()
    }
}

/// Whether the parser understood an [`Expr::Other`]: then its columns are among its parts in their own words,
/// and CASE, SUBSTRING and their like are functions by another name.
fn is_readable(expr: &Expr) -> bool {
    let Expr::Other { text, .. } = expr else { return true };
    ["CASE ", "SUBSTRING(", "TRIM(", "POSITION(", "OVERLAY(", "CEIL(", "FLOOR("]
        .iter()
        .any(|start| text.starts_with(start))
}

fn bounds(kind: Kind, when: When) -> Verdict {
    Verdict::Bounds(Bounds { parts: Vec::new(), kind, when })
}
