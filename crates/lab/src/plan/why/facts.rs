//! What the catalogs say about operators, types, functions and settings.

use std::collections::{HashMap, HashSet};

use super::expr::Expr;

/// All that judging a condition needs besides the key.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Facts {
    /// The comparisons of each operator family.
    pub(super) comparisons: HashMap<u32, Vec<Comparison>>,
    /// Pairs of types, from and to, whose cast changes nothing.
    pub(super) relabels: HashSet<(String, String)>,
    /// By the names of functions in the plan.
    pub(super) volatility: HashMap<String, Volatility>,
    /// Those of PostgreSQL itself.
    pub(super) builtin: HashSet<String>,
    pub(super) settings: Settings,
}

/// A comparison that an operator family knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Comparison {
    pub(super) operator: String,
    pub(super) left: String,
    pub(super) right: String,
    /// Depends on nothing but its operands: not on the time zone, say.
    pub(super) immutable: bool,
}

/// Settings of this session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Settings {
    /// `enable_partition_pruning`.
    pub(super) pruning: bool,
    /// `TimeZone` is UTC, in which days have 24 hours.
    pub(super) universal_time: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { pruning: true, universal_time: true }
    }
}

/// When a function may give another value for the same arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Volatility {
    /// Never.
    Immutable,
    /// From one statement to the next.
    Stable,
    /// At every call.
    Volatile,
    /// Unknown function, or overloads that differ.
    Unknown,
}

impl Volatility {
    /// From the best and the worst `provolatile` of the functions of one name.
    pub(super) fn of_overloads(best: &str, worst: &str) -> Self {
        match (best, worst) {
            // Whatever of it is called: what is left in a plan after constants were folded is
            // evaluated at the start all the same.
            (_, "i") => Self::Immutable,
            (_, "s") => Self::Stable,
            ("v", "v") => Self::Volatile,
            _ => Self::Unknown,
        }
    }
}

/// The SQL standard's functions that PostgreSQL prints without parentheses; all stable.
const BARE: [&str; 12] = [
    "CURRENT_DATE",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "LOCALTIME",
    "LOCALTIMESTAMP",
    "CURRENT_ROLE",
    "CURRENT_USER",
    "USER",
    "SESSION_USER",
    "CURRENT_CATALOG",
    "CURRENT_SCHEMA",
    "SYSTEM_USER",
];

/// What looks like a function and is none of `pg_proc`; as immutable as its arguments.
const SYNTAX: [&str; 5] = ["COALESCE", "GREATEST", "LEAST", "NULLIF", "ROW"];

impl Facts {
    /// The most volatile function in `expr`, and how volatile.
    pub(super) fn worst<'e>(&self, expr: &'e Expr) -> (Volatility, Option<&'e str>) {
        let known = |name: &str| {
            if SYNTAX.contains(&name) {
                Volatility::Immutable
            } else if BARE.iter().any(|bare| name == *bare || name.starts_with(&format!("{bare}(")))
            {
                Volatility::Stable
            } else {
                self.volatility.get(name).copied().unwrap_or(Volatility::Unknown)
            }
        };
        expr.functions()
            .map(|name| (known(name), Some(name)))
            .max_by_key(|(volatility, _)| *volatility)
            .unwrap_or((Volatility::Immutable, None))
    }

    /// Whether a function is one of PostgreSQL's own.
    pub(super) fn is_builtin(&self, function: &str) -> bool {
        SYNTAX.contains(&function) || self.builtin.contains(function)
    }

    /// Whether `operator` compares a key of `family` in any types at all.
    pub(super) fn compares(&self, family: u32, operator: &str) -> bool {
        self.family(family).iter().any(|one| one.operator == operator)
    }

    /// Whether `left operator right` is a comparison of `family`, and if so whether it is immutable.
    pub(super) fn comparison(
        &self,
        family: u32,
        operator: &str,
        left: &str,
        right: &str,
    ) -> Option<bool> {
        self.family(family)
            .iter()
            .find(|one| one.operator == operator && one.left == left && one.right == right)
            .map(|one| one.immutable)
    }

    fn family(&self, family: u32) -> &[Comparison] {
        self.comparisons.get(&family).map_or(&[], Vec::as_slice)
    }

    /// Whether a cast between these types is one in name only.
    pub(super) fn is_relabel(&self, from: &str, to: &str) -> bool {
        self.relabels.contains(&(from.to_owned(), to.to_owned()))
    }
}
