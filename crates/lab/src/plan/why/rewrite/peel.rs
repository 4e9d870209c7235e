//! Takes away, layer by layer, what stands around a key, and moves it to the other side of the
//! comparison: `f(key) >= value` becomes an interval of the key.
//!
//! Each layer is exact: the same rows, or no answer. What only the server can compute becomes SQL.

use super::super::expr::{self, Expr};
use super::super::facts::Facts;
use super::super::keys::Part;
use super::interval::{End, Interval};
use super::types::{DATE, TIMESTAMP, TIMESTAMPTZ, is_integer, is_temporal, type_of};

/// What is known where a layer is taken away.
pub(super) struct Peeler<'a> {
    pub(super) part: &'a Part,
    pub(super) facts: &'a Facts,
}

impl Peeler<'_> {
    /// The interval of the key in which `around op value` is true; `None` where it is none, or not known.
    pub(super) fn interval(&self, around: &Expr, op: &str, value: &Expr) -> Option<Interval> {
        let interval = Interval::of(op, value)?;
        let (outer, given) = (self.type_of(around), self.type_of(value));
        if let (Some(outer), Some(given)) = (&outer, &given)
            && is_temporal(outer)
            && outer != given
            && !(is_temporal(given) && self.facts.settings.universal_time)
        {
            return None;
        }
        if outer.as_deref().is_some_and(is_temporal) && given.is_none() {
            return None;
        }
        self.peel(around, interval)
    }

    pub(super) fn type_of(&self, expr: &Expr) -> Option<String> {
        type_of(expr, self.part)
    }

    pub(super) fn peel(&self, around: &Expr, interval: Interval) -> Option<Interval> {
        if self.part.expr.as_ref() == Some(around) {
            return Some(interval);
        }
        match around {
            Expr::Cast { operand, target } => self.cast(operand, target, interval),
            Expr::Call { name, args, .. } => match (name.as_str(), args.as_slice()) {
                ("date_trunc", [unit, operand]) => self.date_trunc(unit, operand, interval),
                ("date_part", [unit, operand]) => {
                    let (unit, _) = unit.constant()?;
                    self.extract(unit, operand, interval)
                }
                ("date", [operand]) => self.cast(operand, DATE, interval),
                ("COALESCE", [operand, default]) => self.coalesce(operand, default, interval),
                ("to_char", [operand, format]) => self.to_char(operand, format, interval),
                _ => None,
            },
            Expr::Extract { unit, operand } => self.extract(unit, operand, interval),
            Expr::AtTimeZone { operand, zone } => {
                let (zone, _) = zone.constant()?;
                let fixed = ["UTC", "GMT", "Etc/UTC", "Etc/GMT", "Z"].contains(&zone);
                let zone = format!("'{zone}'");
                let inner = interval.shifted(|end| format!("({end} AT TIME ZONE {zone})"));
                if fixed { self.peel(operand, inner) } else { None }
            }
            Expr::Unary { op, operand } if op == "-" => {
                let whole = self.type_of(operand).is_some_and(|kind| is_integer(&kind));
                let reflected = interval.reflected(|end| format!("(- {end})"));
                if whole { self.peel(operand, reflected) } else { None }
            }
            Expr::Binary { left, op, right } => self.calculation(left, op, right, interval),
            _ => None,
        }
    }

    fn cast(&self, operand: &Expr, target: &str, interval: Interval) -> Option<Interval> {
        let source = self.type_of(operand)?;
        if self.facts.is_relabel(&source, target) {
            return self.peel(operand, interval);
        }
        let inner = match (source.as_str(), target) {
            (TIMESTAMP | TIMESTAMPTZ, DATE) => {
                interval.stepped(str::to_owned, |end| format!("({end} + 1)"))
            }
            (DATE, TIMESTAMP | TIMESTAMPTZ) => days(interval, target),
            (from, to) if is_integer(from) && is_integer(to) => interval,
            (from, "numeric") if is_integer(from) => whole(interval),
            ("smallint" | "integer", "double precision") => whole(interval),
            // Equal as text is equal, where the text is the one that the type itself would write.
            (_, "text" | "character varying") if has_one_text(&source) => {
                let value = interval.single()?.to_owned();
                interval
                    .shifted(|end| format!("{end}::{source}"))
                    .guarded(format!("{value}::{source}::text = {value}::text"))
            }
            _ => return None,
        };
        self.peel(operand, inner)
    }

    /// NULLs count as `default`: of no consequence where that is outside the interval.
    fn coalesce(&self, operand: &Expr, default: &Expr, interval: Interval) -> Option<Interval> {
        default.constant()?;
        let default = expr::operand(default);
        let within = |end: &Option<End>, op: char| {
            end.as_ref().map(|end| {
                let equal = if end.inclusive { "=" } else { "" };
                format!("{default} {op}{equal} {}", end.sql)
            })
        };
        let ends = [within(&interval.low, '>'), within(&interval.high, '<')];
        let ends: Vec<String> = ends.into_iter().flatten().collect();
        self.peel(operand, interval.guarded(format!("NOT ({})", ends.join(" AND "))))
    }

    fn calculation(
        &self,
        left: &Expr,
        op: &str,
        right: &Expr,
        interval: Interval,
    ) -> Option<Interval> {
        let (inner, other, on_left) = match (self.has_key(left), self.has_key(right)) {
            (true, false) => (left, right, true),
            (false, true) => (right, left, false),
            _ => return None,
        };
        let (inner_type, other_type) = (self.type_of(inner)?, self.type_of(other)?);
        let mut interval = interval;
        interval.constant &= other.constant().is_some();
        let k = expr::operand(other);
        let interval = match (inner_type.as_str(), op, other_type.as_str()) {
            (one, "+", other) if is_integer(one) && is_integer(other) => {
                interval.shifted(|end| format!("({end} - {k})"))
            }
            (one, "-", other) if is_integer(one) && is_integer(other) && on_left => {
                interval.shifted(|end| format!("({end} + {k})"))
            }
            (one, "-", other) if is_integer(one) && is_integer(other) => {
                interval.reflected(|end| format!("({k} - {end})"))
            }
            (one, "*", other) if is_integer(one) && is_integer(other) => {
                whole(interval.shifted(|end| format!("({end}::numeric / {k})")))
                    .guarded(format!("{k} > 0"))
            }
            // Rounds towards zero: 9 / 10 and -9 / 10 are both 0.
            (one, "/", other) if is_integer(one) && is_integer(other) && on_left => interval
                .stepped(
                    |end| format!("CASE WHEN {end} > 0 THEN {end}::numeric * {k} ELSE ({end}::numeric - 1) * {k} + 1 END"),
                    |end| format!("CASE WHEN {end} >= 0 THEN ({end}::numeric + 1) * {k} ELSE {end}::numeric * {k} + 1 END"),
                )
                .guarded(format!("{k} > 0")),
            (DATE, "+", "integer") => interval.shifted(|end| format!("({end} - {k})")),
            (DATE, "-", "integer") if on_left => interval.shifted(|end| format!("({end} + {k})")),
            (DATE | TIMESTAMP | TIMESTAMPTZ, "+" | "-", "interval") if on_left || op == "+" => {
                let back = if op == "+" { "-" } else { "+" };
                self.fixed_length(&inner_type, other)?;
                let shifted = interval
                    .shifted(|end| format!("({end} {back} {k})"))
                    .guarded(without_months(&k));
                if inner_type == DATE {
                    return self.cast(inner, TIMESTAMP, shifted);
                }
                shifted
            }
            // An age: `now() - key < '7 days'`.
            (TIMESTAMP | TIMESTAMPTZ, "-", same) if !on_left && same == inner_type => {
                if inner_type == TIMESTAMPTZ && !self.facts.settings.universal_time {
                    return None;
                }
                let ends = [&interval.low, &interval.high];
                let guards: Vec<String> =
                    ends.into_iter().flatten().map(|end| without_months(&end.sql)).collect();
                let reflected = interval.reflected(|end| format!("({k} - {end})"));
                guards.into_iter().fold(reflected, Interval::guarded)
            }
            _ => return None,
        };
        self.peel(inner, interval)
    }

    /// Whether an interval is as long at any time: days are not, where clocks change.
    fn fixed_length(&self, key: &str, interval: &Expr) -> Option<()> {
        interval.constant()?;
        (key != TIMESTAMPTZ || self.facts.settings.universal_time).then_some(())
    }

    fn has_key(&self, expr: &Expr) -> bool {
        expr.mentions(&self.part.columns)
    }
}

/// Whether equal values of the type have one and the same text.
fn has_one_text(name: &str) -> bool {
    is_integer(name) || name == DATE || name == "uuid" || name == TIMESTAMP || name == "boolean"
}

fn whole(interval: Interval) -> Interval {
    interval.gridded(|end| format!("floor({end})"), |end| format!("ceil({end})"))
}

/// A month has no fixed length; what has none is as long as it is at any time.
fn without_months(interval: &str) -> String {
    format!("extract(year FROM {interval}) * 12 + extract(month FROM {interval}) = 0")
}

/// The dates whose midnights, of the type `target`, lie in `interval`.
pub(super) fn days(interval: Interval, target: &str) -> Interval {
    interval.gridded(
        |end| format!("{end}::date"),
        |end| {
            format!(
                "CASE WHEN {end}::date::{target} = {end} THEN {end}::date ELSE {end}::date + 1 END"
            )
        },
    )
}
