//! A condition of a plan as a tree, as far as pruning needs to tell its parts from each other.

use std::fmt::{self, Display};

use crate::catalog::quote_ident;

/// An expression as PostgreSQL prints it in a plan.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Expr {
    /// A column: of the scanned table itself when `table` is `None`, else of another table,
    /// by the name that the plan calls it.
    Column {
        table: Option<String>,
        name: String,
    },
    /// A constant without its type: `'2024-02-01'` (quoted), `5`, `true`, `NULL`.
    Literal {
        text: String,
        quoted: bool,
    },
    /// `$1` of a generic plan.
    Param(String),
    /// The value of a subquery that runs once, before the scan.
    InitPlan(String),
    /// `operand::target`.
    Cast {
        operand: Box<Expr>,
        target: String,
    },
    /// A function by its printed name; `bare` for `CURRENT_DATE` and its like.
    Call {
        name: String,
        args: Vec<Expr>,
        bare: bool,
    },
    /// `EXTRACT(unit FROM operand)`, the unit in lower case.
    Extract {
        unit: String,
        operand: Box<Expr>,
    },
    /// `operand AT TIME ZONE zone`.
    AtTimeZone {
        operand: Box<Expr>,
        zone: Box<Expr>,
    },
    /// `left op right`.
    Binary {
        left: Box<Expr>,
        op: String,
        right: Box<Expr>,
    },
    /// `op operand`.
    Unary {
        op: String,
        operand: Box<Expr>,
    },
    /// `left op ANY (right)` or, with `all`, `left op ALL (right)`.
    Quantified {
        left: Box<Expr>,
        op: String,
        all: bool,
        right: Box<Expr>,
    },
    /// `operand IS what`: `NULL`, `NOT NULL`, `TRUE`, ….
    Is {
        operand: Box<Expr>,
        what: &'static str,
    },
    Not(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Row(Vec<Expr>),
    Array(Vec<Expr>),
    /// `operand COLLATE collation`.
    Collate {
        operand: Box<Expr>,
        collation: String,
    },
    /// Anything else, with the parts that it has been found to have.
    Other {
        text: String,
        parts: Vec<Expr>,
    },
}

impl Expr {
    /// A column of the scanned table.
    pub(super) fn own(name: impl Into<String>) -> Self {
        Self::Column { table: None, name: name.into() }
    }

    /// The parts directly beneath.
    pub(super) fn parts(&self) -> Vec<&Expr> {
        match self {
            Self::Column { .. } | Self::Literal { .. } | Self::Param(_) | Self::InitPlan(_) => {
                Vec::new()
            }
            Self::Cast { operand, .. }
            | Self::Extract { operand, .. }
            | Self::Unary { operand, .. }
            | Self::Is { operand, .. }
            | Self::Collate { operand, .. }
            | Self::Not(operand) => vec![operand],
            Self::AtTimeZone { operand, zone } => vec![operand, zone],
            Self::Binary { left, right, .. } | Self::Quantified { left, right, .. } => {
                vec![left, right]
            }
            Self::Call { args: parts, .. }
            | Self::And(parts)
            | Self::Or(parts)
            | Self::Row(parts)
            | Self::Array(parts)
            | Self::Other { parts, .. } => parts.iter().collect(),
        }
    }

    /// This expression and all beneath it.
    pub(super) fn walk(&self) -> impl Iterator<Item = &Expr> {
        let mut next = vec![self];
        std::iter::from_fn(move || {
            let expr = next.pop()?;
            next.extend(expr.parts().into_iter().rev());
            Some(expr)
        })
    }

    /// This expression with `change` applied to each part, the innermost first.
    pub(super) fn map(self, change: &impl Fn(Expr) -> Expr) -> Expr {
        let one = |expr: Box<Expr>| Box::new(expr.map(change));
        let all = |exprs: Vec<Expr>| exprs.into_iter().map(|expr| expr.map(change)).collect();
        change(match self {
            Self::Cast { operand, target } => Self::Cast { operand: one(operand), target },
            Self::Extract { unit, operand } => Self::Extract { unit, operand: one(operand) },
            Self::Unary { op, operand } => Self::Unary { op, operand: one(operand) },
            Self::Is { operand, what } => Self::Is { operand: one(operand), what },
            Self::Collate { operand, collation } => {
                Self::Collate { operand: one(operand), collation }
            }
            Self::Not(operand) => Self::Not(one(operand)),
            Self::AtTimeZone { operand, zone } => {
                Self::AtTimeZone { operand: one(operand), zone: one(zone) }
            }
            Self::Binary { left, op, right } => {
                Self::Binary { left: one(left), op, right: one(right) }
            }
            Self::Quantified { left, op, all, right } => {
                Self::Quantified { left: one(left), op, all, right: one(right) }
            }
            Self::Call { name, args, bare } => Self::Call { name, args: all(args), bare },
            Self::And(parts) => Self::And(all(parts)),
            Self::Or(parts) => Self::Or(all(parts)),
            Self::Row(parts) => Self::Row(all(parts)),
            Self::Array(parts) => Self::Array(all(parts)),
            Self::Other { text, parts } => Self::Other { text, parts: all(parts) },
            leaf => leaf,
        })
    }

    /// Whether a column of the scanned table with one of these names is in it.
    pub(super) fn mentions(&self, columns: &[String]) -> bool {
        self.own_columns().any(|name| columns.iter().any(|column| column == name))
    }

    /// Columns of the scanned table.
    pub(super) fn own_columns(&self) -> impl Iterator<Item = &str> {
        self.walk().filter_map(|expr| match expr {
            Self::Column { table: None, name } => Some(name.as_str()),
            _ => None,
        })
    }

    /// Names of the functions that it calls, as printed.
    pub(super) fn functions(&self) -> impl Iterator<Item = &str> {
        self.walk().filter_map(|expr| match expr {
            Self::Call { name, .. } => Some(name.as_str()),
            _ => None,
        })
    }

    /// The constant's text and the type that the plan gives it (`None` for a bare number).
    pub(super) fn constant(&self) -> Option<(&str, Option<&str>)> {
        match self {
            Self::Literal { text, .. } => Some((text, None)),
            Self::Cast { operand, target } => match &**operand {
                Self::Literal { text, .. } => Some((text, Some(target))),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Display for Expr {
    /// SQL in PostgreSQL's own words, without parentheses around the whole.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Column { table: Some(table), name } => {
                write!(f, "{}.{}", quote_ident(table), quote_ident(name))
            }
            Self::Column { table: None, name } => write!(f, "{}", quote_ident(name)),
            Self::Literal { text, quoted: true } => {
                write!(f, "'{}'", text.replace('\'', "''"))
            }
            Self::Literal { text, .. } | Self::Other { text, .. } => f.write_str(text),
            Self::Param(name) | Self::Call { name, bare: true, .. } => f.write_str(name),
            Self::InitPlan(name) => write!(f, "({name})"),
            Self::Cast { operand, target } => write!(f, "{}::{target}", Inner(operand)),
            Self::Call { name, args, .. } => write!(f, "{name}({})", list(args)),
            Self::Extract { unit, operand } => write!(f, "EXTRACT({unit} FROM {operand})"),
            Self::AtTimeZone { operand, zone } => {
                write!(f, "{} AT TIME ZONE {}", Inner(operand), Inner(zone))
            }
            Self::Binary { left, op, right } => {
                write!(f, "{} {op} {}", Inner(left), Inner(right))
            }
            Self::Unary { op, operand } => write!(f, "{op} {}", Inner(operand)),
            Self::Quantified { left, op, all, right } => {
                write!(f, "{} {op} {} ", Inner(left), if *all { "ALL" } else { "ANY" })?;
                if matches!(**right, Self::InitPlan(_)) {
                    write!(f, "{right}")
                } else {
                    write!(f, "({right})")
                }
            }
            Self::Is { operand, what } => write!(f, "{} IS {what}", Inner(operand)),
            Self::Not(operand) => write!(f, "NOT {}", Inner(operand)),
            Self::And(parts) => f.write_str(&joined(parts, " AND ")),
            Self::Or(parts) => f.write_str(&joined(parts, " OR ")),
            Self::Row(parts) => write!(f, "ROW({})", list(parts)),
            Self::Array(parts) => write!(f, "ARRAY[{}]", list(parts)),
            Self::Collate { operand, collation } => {
                write!(f, "{} COLLATE {collation}", Inner(operand))
            }
        }
    }
}

/// An operand: in parentheses where it is an operation itself.
struct Inner<'a>(&'a Expr);

impl Display for Inner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = matches!(
            self.0,
            Expr::Column { .. }
                | Expr::Param(_)
                | Expr::InitPlan(_)
                | Expr::Call { .. }
                | Expr::Extract { .. }
                | Expr::Row(_)
                | Expr::Array(_)
                | Expr::Cast { .. }
                | Expr::Collate { .. }
        ) || matches!(self.0, Expr::Literal { text, .. } if !text.starts_with('-'));
        if whole { write!(f, "{}", self.0) } else { write!(f, "({})", self.0) }
    }
}

/// `expr` as SQL that may stand beside an operator.
pub(super) fn operand(expr: &Expr) -> String {
    Inner(expr).to_string()
}

fn list(parts: &[Expr]) -> String {
    parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Each part as an operand, between `connective`s. Comparisons need no parentheses there.
pub(super) fn joined<'a>(parts: impl IntoIterator<Item = &'a Expr>, connective: &str) -> String {
    let part = |part: &Expr| match part {
        Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Other { .. } => format!("({part})"),
        _ => part.to_string(),
    };
    let parts: Vec<&Expr> = parts.into_iter().collect();
    match parts.as_slice() {
        [one] => one.to_string(),
        many => many.iter().copied().map(part).collect::<Vec<_>>().join(connective),
    }
}
