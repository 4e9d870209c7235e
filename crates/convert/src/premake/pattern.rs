//! How the names of partitions go on.

use lab::Result;

use super::rhythm::{Style, Width};
use crate::layout::{Axis, Names};

/// What stands before and after the part of a name that says which period it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    before: String,
    after: String,
    label: Label,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Date(Style),
    /// The lower bound.
    Number,
    /// How many widths the lower bound is.
    Index,
}

impl Label {
    fn of(self, axis: &Axis, width: Width, from: i128) -> Result<String> {
        Ok(match (self, width) {
            (Self::Date(style), _) => style.label(axis.date(from)?),
            (Self::Index, Width::Numbers(width)) => (from / width).to_string(),
            (Self::Number | Self::Index, _) if from < 0 => format!("minus_{}", -from),
            (Self::Number | Self::Index, _) => from.to_string(),
        })
    }
}

impl Pattern {
    /// The pattern of which `name`, that begins at `from`, is the last so far; the one before it,
    /// when there is one, tells patterns apart that agree about the last. The parent's name and
    /// our usual label when none is recognised.
    pub(super) fn of(
        axis: &Axis,
        width: Width,
        (name, from): (&str, i128),
        earlier: Option<(&str, i128)>,
        parent: &str,
    ) -> Result<Self> {
        let labels: Vec<_> = if axis.is_time() {
            Style::ALL.into_iter().map(Label::Date).collect()
        } else {
            vec![Label::Number, Label::Index]
        };
        let mut found = None;
        for label in labels {
            // Two partitions of one pattern have different names: a month's is not its year.
            let this = label.of(axis, width, from)?;
            let next = label.of(axis, width, width.after(axis, from)?)?;
            let last = earlier.map(|(_, from)| label.of(axis, width, from)).transpose()?;
            let differs = this != next && last.is_none_or(|last| this != last);
            let Some(at) = name.rfind(&this).filter(|_| differs) else { continue };
            let (before, after) = (&name[..at], &name[at + this.len()..]);
            // 1 is found in p10, too; digits beside it are another number's.
            let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
            if digit(before.chars().next_back()) || digit(after.chars().next()) {
                continue;
            }
            let pattern = Self { before: before.to_owned(), after: after.to_owned(), label };
            let fits = match earlier {
                Some((name, from)) => pattern.name(axis, width, from)? == name,
                None => true,
            };
            if fits {
                return Ok(pattern);
            }
            found = found.or(Some(pattern));
        }
        let usual = || -> Result<Self> {
            let label = if axis.is_time() {
                Label::Date(width.style(axis.date(from)?))
            } else {
                Label::Number
            };
            Ok(Self { before: format!("{parent}_"), after: String::new(), label })
        };
        found.map_or_else(usual, Ok)
    }

    /// The name of the partition that begins at `from`.
    pub(super) fn name(&self, axis: &Axis, width: Width, from: i128) -> Result<String> {
        Ok(format!("{}{}{}", self.before, self.label.of(axis, width, from)?, self.after))
    }

    /// The same, cut to what a name may have, and free.
    pub(super) fn free_name(
        &self,
        axis: &Axis,
        width: Width,
        from: i128,
        names: &mut Names,
    ) -> Result<String> {
        let label = format!("{}{}", self.label.of(axis, width, from)?, self.after);
        Ok(names.join(&self.before, &label))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> i128 {
        Axis::Date.parse(text).unwrap()
    }

    /// Names of two partitions and the name of the third.
    fn third(from: [&str; 3], names: [&str; 2]) -> String {
        let width = Width::of(&Axis::Date, day(from[1]), day(from[2])).unwrap();
        let (last, earlier) = ((names[1], day(from[1])), Some((names[0], day(from[0]))));
        let pattern = Pattern::of(&Axis::Date, width, last, earlier, "t").unwrap();
        pattern.name(&Axis::Date, width, day(from[2])).unwrap()
    }

    #[test]
    fn names_go_on_as_they_began() {
        let months = ["2024-11-01", "2024-12-01", "2025-01-01"];
        for (names, next) in [
            (["t_2024_11", "t_2024_12"], "t_2025_01"),
            (["t_p2024_11_01", "t_p2024_12_01"], "t_p2025_01_01"),
            (["t_p20241101", "t_p20241201"], "t_p20250101"),
            (["y2024m11", "y2024m12"], "t_2025_01"),
            (["202411_t", "202412_t"], "202501_t"),
            (["T-2024-11", "T-2024-12"], "T-2025-01"),
            (["november", "december"], "t_2025_01"),
        ] {
            assert_eq!(third(months, names), next);
        }
        let quarters = ["2024-07-01", "2024-10-01", "2025-01-01"];
        assert_eq!(third(quarters, ["a_2024q3", "a_2024q4"]), "a_2025q1");
        assert_eq!(third(quarters, ["a_2024_07", "a_2024_10"]), "a_2025_01");
        let weeks = ["2024-12-16", "2024-12-23", "2024-12-30"];
        assert_eq!(third(weeks, ["t_2024_w51", "t_2024_w52"]), "t_2025_w01");
        assert_eq!(third(weeks, ["a", "b"]), "t_2025_w01");
        let years = ["2023-01-01", "2024-01-01", "2025-01-01"];
        assert_eq!(third(years, ["t_2023", "t_2024"]), "t_2025");
    }

    #[test]
    fn numbers_go_on_too() {
        let axis = Axis::Integer { lowest: 0, highest: i128::MAX };
        let width = Width::Numbers(100);
        for (names, next) in [
            (["t_100", "t_200"], "t_300"),
            (["t_p1", "t_p2"], "t_p3"),
            (["one", "two"], "parent_300"),
        ] {
            let pattern =
                Pattern::of(&axis, width, (names[1], 200), Some((names[0], 100)), "parent");
            assert_eq!(pattern.unwrap().name(&axis, width, 300).unwrap(), next);
        }
    }
}
