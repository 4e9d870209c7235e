//! Names of partitions: short enough, and no two alike.

use std::collections::HashSet;

use lab::{Error, Result};

/// PostgreSQL's limit for an identifier, in bytes (`NAMEDATALEN - 1`).
const LIMIT: usize = 63;

/// The longest name that is made here. Each table's row type has an array type, whose name is the
/// table's behind an underscore, cut: with 63 bytes all partitions' array types would lose their last
/// letter and collide, and PostgreSQL gives up after 62 underscores (SQLSTATE 42710).
const LONGEST: usize = LIMIT - 1;

/// What a name keeps of a value, so that there is room for the table's own name.
const LABEL_LIMIT: usize = 40;

/// Gives names that nothing else has.
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: HashSet<String>,
}

impl Names {
    /// Beside what exists already.
    pub(crate) fn beside<'a>(taken: impl IntoIterator<Item = &'a String>) -> Self {
        Self { taken: taken.into_iter().cloned().collect() }
    }

    /// `stem_label`; the stem is cut where both are too long, and a number is added where the name
    /// is taken.
    pub(crate) fn give(&mut self, stem: &str, label: &str) -> String {
        self.join(stem, &format!("_{label}"))
    }

    /// The same without anything between the two.
    pub(crate) fn join(&mut self, stem: &str, label: &str) -> String {
        let mut name = joined(stem, label);
        let mut n = 2;
        while !self.taken.insert(name.clone()) {
            name = joined(stem, &format!("{label}_{n}"));
            n += 1;
        }
        name
    }

    /// A name that the user chose.
    pub(crate) fn chosen(&mut self, name: &str) -> Result<String> {
        if name.is_empty() || name.len() > LIMIT {
            return Err(Error::usage(format!("{name:?} is no name for a partition"))
                .because(format!("it has {} bytes, and a name has 1 to {LIMIT}", name.len())));
        }
        if !self.taken.insert(name.to_owned()) {
            return Err(Error::usage(format!("the name {name} is taken"))
                .next("choose another name for that partition"));
        }
        Ok(name.to_owned())
    }
}

fn joined(stem: &str, suffix: &str) -> String {
    format!("{}{suffix}", cut(stem, LONGEST.saturating_sub(suffix.len())))
}

/// The longest beginning of `text` that has at most `bytes` and ends with a whole character.
fn cut(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// What a partition for this list value is called behind its table's name: lower case, with `_` for
/// whatever is neither letter nor digit.
pub(crate) fn label_of(value: &str) -> String {
    let mut label = String::new();
    if value.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
        label.push_str("minus");
    }
    for c in value.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            label.push(c);
        } else if !label.is_empty() && !label.ends_with('_') {
            label.push('_');
        }
    }
    match cut(&label, LABEL_LIMIT).trim_end_matches('_') {
        "" if value.is_empty() => "empty".to_owned(),
        "" => "other".to_owned(),
        label => label.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_end_and_stay_apart() {
        let mut names = Names::beside(&["t_2024".to_owned()]);
        assert_eq!(names.give("t", "2024"), "t_2024_2");
        assert_eq!(names.give("t", "2024"), "t_2024_3");
        let long = "ü".repeat(31);
        let name = names.give(&long, "2024_q1");
        assert!(name.len() < 63 && name.ends_with("ü_2024_q1"), "{name}");
        let other = names.give(&format!("{long}x"), "2024_q1");
        assert!(other.len() < 63 && other.ends_with("_2024_q1_2"), "{other}");
    }

    #[test]
    fn values_become_names() {
        for (value, label) in [
            ("EU-West (1)", "eu_west_1"),
            ("", "empty"),
            ("  ", "other"),
            ("-5", "minus_5"),
            ("日本", "日本"),
            ("Größe", "größe"),
            ("a\"b'c", "a_b_c"),
        ] {
            assert_eq!(label_of(value), label);
        }
        assert!(label_of(&"ü".repeat(90)).len() <= LABEL_LIMIT);
    }

    #[test]
    fn a_chosen_name_must_be_short_and_free() {
        let mut names = Names::default();
        assert_eq!(names.chosen("p").unwrap(), "p");
        assert!(names.chosen("p").unwrap_err().to_string().contains("taken"));
        assert!(names.chosen(&"x".repeat(64)).is_err());
    }
}
