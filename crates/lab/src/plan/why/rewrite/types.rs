//! The types of expressions, as far as they can be read off a plan.

use super::super::expr::Expr;
use super::super::keys::Part;

pub(super) const DATE: &str = "date";
pub(super) const TIMESTAMP: &str = "timestamp without time zone";
pub(super) const TIMESTAMPTZ: &str = "timestamp with time zone";

/// The type of `expr`, in which the key is of a known type; `None` when that takes more than the plan.
pub(super) fn type_of(expr: &Expr, part: &Part) -> Option<String> {
    if part.expr.as_ref() == Some(expr) {
        return part.column_type.clone();
    }
    Some(match expr {
        Expr::Cast { target, .. } => target.clone(),
        Expr::Literal { text, quoted: false } if text.parse::<i32>().is_ok() => {
            "integer".to_owned()
        }
        Expr::Literal { text, quoted: false } if text.parse::<f64>().is_ok() => {
            "numeric".to_owned()
        }
        Expr::Call { name, bare, args } => match (name.as_str(), bare) {
            ("CURRENT_DATE", true) => DATE.to_owned(),
            ("CURRENT_TIMESTAMP", true) => TIMESTAMPTZ.to_owned(),
            ("LOCALTIMESTAMP", true) => TIMESTAMP.to_owned(),
            ("now" | "statement_timestamp" | "transaction_timestamp", false) => {
                TIMESTAMPTZ.to_owned()
            }
            ("date_trunc", false) => type_of(args.get(1)?, part)?,
            ("to_char", false) => "text".to_owned(),
            _ => return None,
        },
        Expr::Unary { op, operand } if op == "-" => type_of(operand, part)?,
        Expr::Extract { .. } => "numeric".to_owned(),
        Expr::AtTimeZone { operand, .. } => match type_of(operand, part)?.as_str() {
            TIMESTAMPTZ => TIMESTAMP.to_owned(),
            TIMESTAMP => TIMESTAMPTZ.to_owned(),
            _ => return None,
        },
        Expr::Binary { left, op, right } => {
            let (left, right) = (type_of(left, part)?, type_of(right, part)?);
            match (left.as_str(), op.as_str(), right.as_str()) {
                (DATE, "+" | "-", "interval") => TIMESTAMP.to_owned(),
                (TIMESTAMP | TIMESTAMPTZ, "+" | "-", "interval") | (DATE, "+" | "-", "integer") => {
                    left
                }
                (TIMESTAMP, "-", TIMESTAMP) | (TIMESTAMPTZ, "-", TIMESTAMPTZ) => {
                    "interval".to_owned()
                }
                (one, "+" | "-" | "*" | "/", other) if is_integer(one) && is_integer(other) => {
                    if one == "bigint" {
                        left
                    } else {
                        right
                    }
                }
                _ => return None,
            }
        }
        _ => return None,
    })
}

pub(super) fn is_integer(name: &str) -> bool {
    ["smallint", "integer", "bigint"].contains(&name)
}

pub(super) fn is_temporal(name: &str) -> bool {
    [DATE, TIMESTAMP, TIMESTAMPTZ].contains(&name)
}
