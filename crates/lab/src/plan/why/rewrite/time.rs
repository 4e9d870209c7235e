//! Functions that round times down: to the month, to the year, to a text.

use super::super::expr::Expr;
use super::interval::Interval;
use super::peel::Peeler;
use super::types::{DATE, TIMESTAMP, TIMESTAMPTZ};

impl Peeler<'_> {
    pub(super) fn date_trunc(
        &self,
        unit: &Expr,
        operand: &Expr,
        interval: Interval,
    ) -> Option<Interval> {
        let (unit, _) = unit.constant()?;
        let step = step(unit)?;
        let kind = self.type_of(operand)?;
        // Where clocks change, hours are not in one order; days are.
        let short = ["microseconds", "milliseconds", "second", "minute", "hour"].contains(&unit);
        if short && kind == TIMESTAMPTZ && !self.facts.settings.universal_time {
            return None;
        }
        let floor = |end: &str| format!("date_trunc('{unit}', {end}::{kind})");
        let step = format!("'{step}'::interval");
        let aligned = |end: &str| end.starts_with(&format!("date_trunc('{unit}'::text, "));
        let up = |end: &str| {
            if aligned(end) {
                return end.to_owned();
            }
            let floor = floor(end);
            format!("CASE WHEN {floor} = {end} THEN {floor} ELSE {floor} + {step} END")
        };
        let next = |end: &str| {
            if aligned(end) {
                format!("({end} + {step})")
            } else {
                format!("({} + {step})", floor(end))
            }
        };
        self.peel(operand, interval.stepped(up, next))
    }

    pub(super) fn extract(
        &self,
        unit: &str,
        operand: &Expr,
        interval: Interval,
    ) -> Option<Interval> {
        let kind = self.type_of(operand)?;
        let inner = match (unit, kind.as_str()) {
            ("year", DATE | TIMESTAMP | TIMESTAMPTZ) => interval.stepped(
                |end| format!("make_date(ceil({end}::numeric)::integer, 1, 1)::{kind}"),
                |end| format!("make_date(floor({end}::numeric)::integer + 1, 1, 1)::{kind}"),
            ),
            ("epoch", TIMESTAMP) => interval.shifted(|end| {
                format!("('epoch'::timestamp + {end}::double precision * '1 second'::interval)")
            }),
            ("epoch", TIMESTAMPTZ) => {
                interval.shifted(|end| format!("to_timestamp({end}::double precision)"))
            }
            _ => return None,
        };
        self.peel(operand, inner)
    }

    /// Equality with what `to_char` writes, for formats whose text names one span of time.
    pub(super) fn to_char(
        &self,
        operand: &Expr,
        format: &Expr,
        interval: Interval,
    ) -> Option<Interval> {
        let (format, _) = format.constant()?;
        let step = match format {
            "YYYY" => "1 year",
            "YYYY-MM" | "YYYYMM" | "YYYY/MM" => "1 month",
            "YYYY-MM-DD" | "YYYYMMDD" | "YYYY/MM/DD" => "1 day",
            _ => return None,
        };
        let kind = self.type_of(operand)?;
        let text = interval.single().filter(|_| interval.constant)?.to_owned();
        let first = format!("to_date({text}, '{format}')");
        let inner = interval
            .stepped(
                |_| format!("{first}::{kind}"),
                |_| format!("({first} + '{step}'::interval)::{kind}"),
            )
            .guarded(format!("to_char({first}, '{format}') = {text}"));
        self.peel(operand, inner)
    }
}

/// How far the next value of `date_trunc(unit, …)` is.
fn step(unit: &str) -> Option<&'static str> {
    Some(match unit {
        "second" => "1 second",
        "minute" => "1 minute",
        "hour" => "1 hour",
        "day" => "1 day",
        "week" => "7 days",
        "month" => "1 month",
        "quarter" => "3 months",
        "year" => "1 year",
        "decade" => "10 years",
        _ => return None,
    })
}
