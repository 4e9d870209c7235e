//! Texts that fit a column's name: made once, so that rows only choose.

use fake::Fake;
use fake::faker::address::en::{
    CityName, CountryCode, CountryName, StateName, StreetName, ZipCode,
};
use fake::faker::company::en::{CompanyName, Industry};
use fake::faker::currency::en::CurrencyCode;
use fake::faker::filesystem::en::FilePath;
use fake::faker::internet::en::{SafeEmail, Username};
use fake::faker::lorem::en::{Sentence, Word, Words};
use fake::faker::name::en::{FirstName, LastName, Name};
use fake::faker::phone_number::en::PhoneNumber;
use rand::{RngExt, SeedableRng};

use crate::rows::Random;

/// How many texts to make.
const TEXTS: usize = 1_000;

/// A column's name in parts: `userId` and `user_id` are both `user`, `id`.
pub struct Parts(Vec<String>);

impl Parts {
    /// The parts of `name`.
    pub fn of(name: &str) -> Self {
        let mut parts = vec![String::new()];
        let mut lower = false;
        for c in name.chars() {
            if !c.is_alphanumeric() || (c.is_uppercase() && lower) {
                parts.push(String::new());
            }
            if c.is_alphanumeric()
                && let Some(part) = parts.last_mut()
            {
                part.extend(c.to_lowercase());
            }
            lower = c.is_lowercase();
        }
        Self(parts)
    }

    /// Whether one of `words` is among them.
    pub fn any(&self, words: &[&str]) -> bool {
        self.0.iter().any(|part| words.contains(&part.as_str()))
    }
}

/// Texts of at most `most` characters for a column of this name.
pub fn candidates(name: &str, most: Option<usize>, random: &mut Random) -> Vec<String> {
    let make = maker(&Parts::of(name), most);
    let texts: Vec<String> = (0..TEXTS).map(|_| make(random)).collect();
    let fits = |text: &&String| most.is_none_or(|most| text.chars().count() <= most);
    let fitting: Vec<String> = texts.iter().filter(fits).cloned().collect();
    if fitting.len() >= TEXTS / 10 {
        return fitting;
    }
    texts.iter().map(|text| cut(text, most)).collect()
}

/// One such text.
pub fn one(name: &str, most: Option<usize>, random: &mut Random) -> String {
    cut(&maker(&Parts::of(name), most)(random), most)
}

fn cut(text: &str, most: Option<usize>) -> String {
    match most {
        None => text.to_owned(),
        Some(most) if text.chars().count() <= most => text.to_owned(),
        // A space at the end is lost in char(n), and a text of nothing else is empty.
        Some(most) => text.chars().filter(|c| *c != ' ').take(most).collect(),
    }
}

type Maker = fn(&mut Random) -> String;

fn one_of(random: &mut Random, words: &[&str]) -> String {
    words[random.random_range(0..words.len())].to_owned()
}

/// The first that fits.
fn maker(name: &Parts, most: Option<usize>) -> Maker {
    let by_name: [(&[&str], Maker); 27] = [
        (&["email", "mail"], |r| SafeEmail().fake_with_rng(r)),
        (&["url", "website", "link", "href", "homepage"], |r| {
            let word: String = Word().fake_with_rng(r);
            format!("https://www.example.org/{word}/{}", r.random_range(1..10_000))
        }),
        (&["username", "login", "nick", "nickname", "handle", "account"], |r| {
            Username().fake_with_rng(r)
        }),
        (&["firstname", "first", "given", "forename"], |r| FirstName().fake_with_rng(r)),
        (&["lastname", "last", "surname", "family"], |r| LastName().fake_with_rng(r)),
        (&["company", "employer", "organisation", "organization", "vendor", "supplier"], |r| {
            CompanyName().fake_with_rng(r)
        }),
        (&["industry", "sector"], |r| Industry().fake_with_rng(r)),
        (&["city", "town"], |r| CityName().fake_with_rng(r)),
        (&["state", "province"], |r| StateName().fake_with_rng(r)),
        (&["street", "address"], |r| {
            let street: String = StreetName().fake_with_rng(r);
            format!("{} {street}", r.random_range(1..300))
        }),
        (&["zip", "postcode", "postal"], |r| ZipCode().fake_with_rng(r)),
        (&["phone", "mobile", "tel", "telephone", "fax"], |r| PhoneNumber().fake_with_rng(r)),
        (&["currency"], |r| CurrencyCode().fake_with_rng(r)),
        (&["language", "lang", "locale"], |r| {
            one_of(r, &["en", "de", "fr", "es", "it", "ja", "pt", "zh"])
        }),
        (&["timezone", "tz"], |r| {
            one_of(r, &["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo"])
        }),
        (&["status", "condition"], |r| {
            one_of(r, &["active", "pending", "inactive", "done", "new", "closed"])
        }),
        (&["gender", "sex"], |r| one_of(r, &["female", "male", "other"])),
        (&["color", "colour"], |r| one_of(r, &["red", "green", "blue", "black", "white", "grey"])),
        (&["priority", "severity", "level"], |r| one_of(r, &["low", "medium", "high"])),
        (&["title", "subject", "headline", "caption"], |r| {
            let words: Vec<String> = Words(2..6).fake_with_rng(r);
            words.join(" ")
        }),
        (
            &[
                "description",
                "comment",
                "body",
                "content",
                "text",
                "bio",
                "notes",
                "note",
                "message",
            ],
            |r| Sentence(4..14).fake_with_rng(r),
        ),
        (&["code", "sku", "number", "reference", "ref", "serial", "key"], |r| {
            format!("{:04X}-{:04}", r.random::<u16>(), r.random_range(0..10_000))
        }),
        (&["hash", "token", "checksum", "digest", "sha", "md5"], |r| {
            format!("{:032x}", r.random::<u128>())
        }),
        (&["path", "file", "filename"], |r| FilePath().fake_with_rng(r)),
        (&["ip", "host"], |r| {
            format!("10.{}.{}.{}", r.random::<u8>(), r.random::<u8>(), r.random_range(1..255))
        }),
        (&["slug"], |r| {
            let words: Vec<String> = Words(2..5).fake_with_rng(r);
            words.join("-")
        }),
        (&["version"], |r| {
            format!("{}.{}.{}", r.random_range(0..9), r.random_range(0..20), r.random_range(0..9))
        }),
    ];
    if name.any(&["country", "nation"]) {
        return if most.is_some_and(|most| most <= 3) || name.any(&["code", "iso"]) {
            |r| CountryCode().fake_with_rng(r)
        } else {
            |r| CountryName().fake_with_rng(r)
        };
    }
    if name.any(&["user"]) && name.any(&["name"]) {
        return |r| Username().fake_with_rng(r);
    }
    if let Some((_, make)) = by_name.iter().find(|(words, _)| name.any(words)) {
        return *make;
    }
    if name.any(&["name"]) {
        return |r| Name().fake_with_rng(r);
    }
    |r| {
        let words: Vec<String> = Words(1..4).fake_with_rng(r);
        words.join(" ")
    }
}

/// Texts in many shapes, for a column whose check nobody foresaw; the server says which pass.
pub fn shapes(random: &mut Random) -> Vec<String> {
    let mut texts = Vec::new();
    for name in ["email", "url", "phone", "country", "code", "slug", "version", "hash", "ip", "zip"]
    {
        texts.extend(candidates(name, None, random).into_iter().take(30));
    }
    for word in candidates("word", None, random).into_iter().take(60) {
        let mut capital = word.clone();
        capital[..1].make_ascii_uppercase();
        texts.extend([word.to_uppercase(), word.replace(' ', "_"), word.replace(' ', ""), capital]);
    }
    for length in 1..=16 {
        for _ in 0..8 {
            texts.push((0..length).map(|_| char::from(random.random_range(b'0'..=b'9'))).collect());
            texts.push((0..length).map(|_| char::from(random.random_range(b'A'..=b'Z'))).collect());
            texts.push((0..length).map(|_| char::from(random.random_range(b'a'..=b'z'))).collect());
        }
    }
    for _ in 0..30 {
        texts.push(format!(
            "+{}{}",
            random.random_range(1..99),
            random.random_range(1_000_000_u64..9_999_999_999)
        ));
        let letters = |random: &mut Random| char::from(random.random_range(b'A'..=b'Z'));
        let (a, b, c) = (letters(random), letters(random), letters(random));
        let n = random.random_range(1..100_000);
        texts.extend([
            format!("{a}{b}{c}-{n:05}"),
            format!("{a}{b}{c}{n:04}"),
            format!("{a}{b}-{n}"),
        ]);
        texts.push(format!("#{:06x}", random.random_range(0..0x100_0000)));
    }
    texts
}

/// Random numbers for what is made once: the same in every run.
pub fn steady() -> Random {
    Random::seed_from_u64(2024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_fit_names_and_lengths() {
        let of = |name: &str, most| candidates(name, most, &mut steady());
        assert!(of("Contact-Email", None).iter().all(|text| text.contains('@')));
        assert!(of("countryCode", None).iter().all(|text| text.len() == 2));
        for most in [1, 2, 3, 8, 20] {
            for name in ["email", "description", "x", "phone", "title"] {
                let texts = of(name, Some(most));
                assert!(texts.len() >= 100, "{name} {most}");
                assert!(texts.iter().all(|text| (1..=most).contains(&text.chars().count())));
            }
        }
    }

    #[test]
    fn parts_of_names() {
        assert!(Parts::of("createdAt").any(&["at"]));
        assert!(Parts::of("user_ID").any(&["id"]));
        assert!(!Parts::of("candidate").any(&["date"]));
    }
}
