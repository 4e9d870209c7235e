//! What one condition means for one partition key, by the rules that the planner prunes by
//! (`match_clause_to_partition_key` in PostgreSQL's `partprune.c`).

use super::details::LateValue;
use super::expr::Expr;
use super::facts::Facts;
use super::keys::Key;
use super::reason::Reason;
use super::single::Judge;

/// What a condition says about a key.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    /// Nothing: it does not mention the key.
    Silent,
    /// It bounds the key in a form that pruning understands.
    Bounds(Bounds),
    /// It mentions the key in a form that pruning does not understand.
    Blocked(Reason),
}

/// A condition in a form that pruning understands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bounds {
    /// The parts of the key that it bounds, by position. More than one for an OR.
    pub(super) parts: Vec<usize>,
    pub(super) kind: Kind,
    pub(super) when: When,
}

/// The form of a condition that bounds a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `=`, `= ANY`, `IS NULL`, a boolean key itself.
    Equal,
    /// `<`, `<=`, `>`, `>=`.
    Range,
    /// `<>`, `<> ALL`: for lists only.
    NotEqual,
    /// `IS NOT NULL`: spares the partition of NULLs alone.
    NotNull,
    /// An OR whose branches all bound the key.
    Either,
}

/// When the value that the key is compared with is known.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum When {
    Planning,
    Start(LateValue),
    Running,
}

impl When {
    fn rank(&self) -> u8 {
        match self {
            Self::Planning => 0,
            Self::Start(LateValue::Parameter) => 2,
            Self::Start(_) => 1,
            Self::Running => 3,
        }
    }

    /// Whether EXPLAIN can evaluate it on its own: no parameter, no other table.
    pub(super) fn is_static(&self) -> bool {
        self.rank() < 2
    }
}

/// What `expr`, one of several conditions joined by AND, says about `key`.
pub(super) fn judge(expr: &Expr, key: &Key, facts: &Facts) -> Verdict {
    if !expr.mentions(&key.columns()) {
        return Verdict::Silent;
    }
    match expr {
        Expr::Or(branches) => either(expr, branches, key, facts),
        Expr::And(parts) => all(parts, key, facts),
        _ => {
            let mut blocked = None;
            for (at, part) in key.parts.iter().enumerate() {
                let judge = Judge { whole: expr, part, key, facts };
                match judge.single(expr) {
                    Verdict::Bounds(bounds) => {
                        return Verdict::Bounds(Bounds { parts: vec![at], ..bounds });
                    }
                    Verdict::Blocked(reason) => {
                        blocked.get_or_insert(reason);
                    }
                    Verdict::Silent => {}
                }
            }
            blocked.map_or(Verdict::Silent, Verdict::Blocked)
        }
    }
}

/// Conditions joined by AND inside an OR: the strongest of them counts.
fn all(parts: &[Expr], key: &Key, facts: &Facts) -> Verdict {
    let mut best = Verdict::Silent;
    for verdict in parts.iter().map(|part| judge(part, key, facts)) {
        best = match (best, verdict) {
            (Verdict::Bounds(mut one), Verdict::Bounds(other)) => {
                one.parts.extend(other.parts);
                one.kind = Kind::Either;
                if other.when.rank() > one.when.rank() {
                    one.when = other.when;
                }
                Verdict::Bounds(one)
            }
            (bounds @ Verdict::Bounds(_), _) | (_, bounds @ Verdict::Bounds(_)) => bounds,
            (blocked @ Verdict::Blocked(_), _) | (Verdict::Silent, blocked) => blocked,
        };
    }
    best
}

/// An OR prunes when every branch does.
fn either(whole: &Expr, branches: &[Expr], key: &Key, facts: &Facts) -> Verdict {
    let mut found: Option<Bounds> = None;
    for branch in branches {
        match judge(branch, key, facts) {
            Verdict::Bounds(bounds) => match &mut found {
                None => found = Some(bounds),
                Some(found) => {
                    // Only what all branches bound is bounded.
                    found.parts.retain(|part| bounds.parts.contains(part));
                    if bounds.when.rank() > found.when.rank() {
                        found.when = bounds.when;
                    }
                }
            },
            Verdict::Silent => {
                return Verdict::Blocked(Reason::Or {
                    condition: whole.to_string(),
                    branch: branch.to_string(),
                });
            }
            blocked @ Verdict::Blocked(_) => return blocked,
        }
    }
    match found {
        Some(bounds) => Verdict::Bounds(Bounds { kind: Kind::Either, ..bounds }),
        None => Verdict::Silent,
    }
}

/// The operator with its operands exchanged.
pub(super) fn commuted(op: &str) -> &str {
    match op {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        other => other,
    }
}
