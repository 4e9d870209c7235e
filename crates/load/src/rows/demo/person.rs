//! Names of people: made beforehand, because each takes longer than the rest of its row.

use std::sync::{Arc, LazyLock};

use fake::Fake;
use fake::faker::internet::en::{SafeEmail, Username};
use rand::SeedableRng;

use crate::rows::Random;

const PEOPLE: usize = 4_096;

/// Who a user can be.
#[derive(Debug, PartialEq, Eq)]
pub struct Person {
    /// In lower case, at most 40 characters: fits `varchar(50)` together with a number.
    pub name: String,
    /// Of the e-mail address; nobody's.
    pub domain: String,
}

/// The same people in every run, so that a seed gives the same rows.
pub fn people() -> Arc<[Person]> {
    static PEOPLE: LazyLock<Arc<[Person]>> = LazyLock::new(make);
    Arc::clone(&PEOPLE)
}

fn make() -> Arc<[Person]> {
    let mut random = Random::seed_from_u64(0);
    let person = || {
        let name: String = Username().fake_with_rng(&mut random);
        let email: String = SafeEmail().fake_with_rng(&mut random);
        Person {
            name: name.to_lowercase().chars().take(40).collect(),
            domain: email.rsplit('@').next().unwrap_or("example.org").to_owned(),
        }
    };
    std::iter::repeat_with(person).take(PEOPLE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn people_are_the_same_each_time_and_differ_among_each_other() {
        assert_eq!(make(), make());
        let people = people();
        let names: HashSet<_> = people.iter().map(|person| &person.name).collect();
        assert!(names.len() > PEOPLE / 2, "{}", names.len());
        for Person { name, domain } in people.iter() {
            assert!((1..=40).contains(&name.chars().count()), "{name}");
            assert!(domain.starts_with("example."), "{domain}");
        }
    }
}
