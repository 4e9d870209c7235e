//! The values of an expression that a comparison allows, and with it the values of what is inside
//! the expression.

use super::super::expr::{self, Expr};

/// An end of an interval: SQL that has the end's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct End {
    pub(in super::super) sql: String,
    pub(in super::super) inclusive: bool,
}

impl End {
    pub(super) fn at(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), inclusive: true }
    }

    pub(super) fn before(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), inclusive: false }
    }
}

/// From `low` to `high`, where they are given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in super::super) struct Interval {
    pub(in super::super) low: Option<End>,
    pub(in super::super) high: Option<End>,
    /// Boolean SQL without which the interval is not the right one.
    pub(in super::super) guards: Vec<String>,
    /// Whether the ends are constants, which the server can evaluate now.
    pub(in super::super) constant: bool,
}

impl Interval {
    /// What `… op value` allows; `None` for operators that allow no interval.
    pub(super) fn of(op: &str, value: &Expr) -> Option<Self> {
        let sql = expr::operand(value);
        let end = |inclusive| Some(End { sql: sql.clone(), inclusive });
        let (low, high) = match op {
            "=" => (end(true), end(true)),
            "<" => (None, end(false)),
            "<=" => (None, end(true)),
            ">" => (end(false), None),
            ">=" => (end(true), None),
            _ => return None,
        };
        let constant =
            value.walk().all(|part| matches!(part, Expr::Literal { .. } | Expr::Cast { .. }));
        Some(Self { low, high, guards: Vec::new(), constant })
    }

    /// The one value allowed, if it is one.
    pub(super) fn single(&self) -> Option<&str> {
        match (&self.low, &self.high) {
            (Some(low), Some(high)) if low == high && low.inclusive => Some(&low.sql),
            _ => None,
        }
    }

    /// With the value at each end changed by `change`: a rising one-to-one function's inverse.
    pub(super) fn shifted(mut self, change: impl Fn(&str) -> String) -> Self {
        for end in [&mut self.low, &mut self.high].into_iter().flatten() {
            end.sql = change(&end.sql);
        }
        self
    }

    /// The same for a falling function: the ends change places.
    pub(super) fn reflected(self, change: impl Fn(&str) -> String) -> Self {
        let Self { low, high, guards, constant } = self.shifted(change);
        Self { low: high, high: low, guards, constant }
    }

    /// The arguments that a function maps into this interval, if it rounds down to steps: `up` is the first step not
    /// below a value, `next` the first above it.
    pub(super) fn stepped(
        self,
        up: impl Fn(&str) -> String,
        next: impl Fn(&str) -> String,
    ) -> Self {
        let low = self
            .low
            .map(|End { sql, inclusive }| End::at(if inclusive { up(&sql) } else { next(&sql) }));
        let high = self.high.map(|End { sql, inclusive }| {
            End::before(if inclusive { next(&sql) } else { up(&sql) })
        });
        Self { low, high, ..self }
    }

    /// The arguments that a rising function without rounding, whose values lie on a grid, maps into this
    /// interval: `floor` and `ceil` are the argument at or next below, and at or next above, a value.
    pub(super) fn gridded(
        self,
        floor: impl Fn(&str) -> String,
        ceil: impl Fn(&str) -> String,
    ) -> Self {
        let low =
            self.low.map(
                |End { sql, inclusive }| {
                    if inclusive { End::at(ceil(&sql)) } else { End::before(floor(&sql)) }
                },
            );
        let high =
            self.high.map(
                |End { sql, inclusive }| {
                    if inclusive { End::at(floor(&sql)) } else { End::before(ceil(&sql)) }
                },
            );
        Self { low, high, ..self }
    }

    pub(super) fn guarded(mut self, guard: impl Into<String>) -> Self {
        self.guards.push(guard.into());
        self
    }
}
