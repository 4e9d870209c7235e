//! What a lesson promises on each major version of PostgreSQL, for not all do the same.

use crate::expectation::Expectation;

/// `expect: …`, and `expect (15, 16): …` where these versions differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectations {
    usual: Expectation,
    /// Major versions, as the lesson lists them, with what holds there instead.
    others: Vec<(Vec<u32>, Expectation)>,
}

impl Expectations {
    /// Reads `usual`, and `others` as pairs of a list of major versions and what holds on them.
    pub fn new(usual: &str, others: &[(String, String)]) -> Result<Self, String> {
        let mut this = Self { usual: usual.parse()?, others: Vec::new() };
        for (majors, text) in others {
            let number = |text: &str| {
                text.parse().map_err(|_| format!("{text:?} is no major version: (15, 16)"))
            };
            let majors = majors.split(',').map(str::trim).map(number);
            let majors: Vec<u32> = majors.collect::<Result<_, _>>()?;
            if let Some(twice) = majors.iter().find(|major| this.on(**major) != &this.usual) {
                return Err(format!("it expects two things of PostgreSQL {twice}"));
            }
            let expectation: Expectation = text.parse()?;
            if expectation == this.usual {
                return Err(format!("it expects the usual of PostgreSQL {}", list(&majors)));
            }
            this.others.push((majors, expectation));
        }
        Ok(this)
    }

    /// What holds on a server of this major version.
    pub fn on(&self, major: u32) -> &Expectation {
        let of_major = self.others.iter().find(|(majors, _)| majors.contains(&major));
        of_major.map_or(&self.usual, |(_, expectation)| expectation)
    }

    /// What holds on other versions and not on this one, each with the name of these versions.
    pub fn elsewhere(&self, major: u32) -> Vec<(String, &Expectation)> {
        let here = self.on(major);
        let others = self
            .others
            .iter()
            .map(|(majors, expectation)| (format!("on PostgreSQL {}", list(majors)), expectation));
        let usual = ("on other versions".to_owned(), &self.usual);
        others.chain([usual]).filter(|(_, expectation)| *expectation != here).collect()
    }
}

/// `15`, `15 and 16`, `15, 16 and 17`.
fn list(majors: &[u32]) -> String {
    let majors: Vec<String> = majors.iter().map(u32::to_string).collect();
    match majors.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => majors.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expectations(others: &[(&str, &str)]) -> Result<Expectations, String> {
        let others: Vec<_> =
            others.iter().map(|(majors, text)| ((*majors).into(), (*text).into())).collect();
        Expectations::new("scanned 0 of 4", &others)
    }

    #[test]
    fn the_usual_holds_where_nothing_else_is_said() {
        let usual = expectations(&[]).unwrap();
        assert_eq!(usual.on(15).to_string(), "scanned 0 of 4");
        assert!(usual.elsewhere(15).is_empty());
    }

    #[test]
    fn each_version_has_its_own_and_tells_of_the_others() {
        let by_version =
            expectations(&[("15, 16,17", "scanned 4 of 4"), ("19", "scanned 1 of 4, rows 0")])
                .unwrap();
        let on = |major| by_version.on(major).to_string();
        assert_eq!([on(16), on(18)], ["scanned 4 of 4", "scanned 0 of 4"]);
        assert_eq!(on(19), "scanned 1 of 4, rows 0");
        let elsewhere = |major| -> Vec<String> {
            let all = by_version.elsewhere(major).into_iter();
            all.map(|(versions, expectation)| format!("{versions}: {expectation}")).collect()
        };
        assert_eq!(
            elsewhere(18),
            [
                "on PostgreSQL 15, 16 and 17: scanned 4 of 4",
                "on PostgreSQL 19: scanned 1 of 4, rows 0"
            ]
        );
        assert_eq!(
            elsewhere(15),
            ["on PostgreSQL 19: scanned 1 of 4, rows 0", "on other versions: scanned 0 of 4"]
        );
    }

    #[test]
    fn says_what_is_wrong_with_a_version() {
        for (others, why) in [
            (&[("old", "scanned 4 of 4")][..], "\"old\" is no major version"),
            (&[("15, ", "scanned 4 of 4")], "is no major version"),
            (&[("15", "scanned 4")], "\"scanned 4\""),
            (&[("15", "scanned 0 of 4")], "the usual of PostgreSQL 15"),
            (&[("15", "scanned 4 of 4"), ("16, 15", "scanned 1 of 4")], "of PostgreSQL 15"),
        ] {
            let error = expectations(others).unwrap_err();
            assert!(error.contains(why), "{others:?}: {error}");
        }
    }
}
