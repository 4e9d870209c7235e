//! The values of flags that are more than a number.

use std::str::FromStr;

use jiff::civil::Date;

/// Shares of the four tables, by their short names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mix(pub Vec<(String, u32)>);

impl FromStr for Mix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = crate::rows::demo::MIX.map(|(table, _)| table.short());
        let mut shares: Vec<(String, u32)> = Vec::new();
        for part in text.split(',') {
            let (name, share) =
                part.split_once('=').ok_or_else(|| format!("`{part}` is not NAME=SHARE"))?;
            let name = name.trim();
            if !names.contains(&name) {
                return Err(format!("there is no `{name}`, only {}", names.join(", ")));
            }
            if shares.iter().any(|(known, _)| known == name) {
                return Err(format!("`{name}` is named twice"));
            }
            let share = share.trim().parse().ok().filter(|share| *share <= 1_000_000);
            let share = share.ok_or_else(|| format!("the share of {name} is not 0 to 1000000"))?;
            shares.push((name.to_owned(), share));
        }
        if shares.iter().all(|(_, share)| *share == 0) {
            return Err("every share is 0".to_owned());
        }
        Ok(Self(shares))
    }
}

/// From the first day to the day before the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dates(pub Date, pub Date);

impl FromStr for Dates {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let date = |text: &str| {
            text.trim()
                .parse::<Date>()
                .map_err(|_| format!("`{text}` is not a date like 2024-01-31"))
        };
        let (from, to) = text.split_once("..").ok_or("it is not FROM..TO")?;
        let (from, to) = (date(from)?, date(to)?);
        if from >= to { Err(format!("{to} is not after {from}")) } else { Ok(Self(from, to)) }
    }
}

/// A column and the text of a value for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment(pub String, pub String);

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (column, value) = text.split_once('=').ok_or("it is not COLUMN=VALUE")?;
        Ok(Self(column.to_owned(), value.to_owned()))
    }
}

/// Statements a second.
pub fn rate(text: &str) -> Result<f64, String> {
    number(text, 0.001, 10_000_000.0)
}

/// 0 to 100.
pub fn percent(text: &str) -> Result<f64, String> {
    number(text, 0.0, 100.0)
}

fn number(text: &str, least: f64, most: f64) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("it is not a number from {least} to {most}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_names_each_table_once() {
        let mix: Mix = "events=3, sales=1".parse().unwrap();
        assert_eq!(mix.0, [("events".to_owned(), 3), ("sales".to_owned(), 1)]);
        for wrong in ["events", "rows=3", "events=-1", "events=1,events=2", "sales=0", ""] {
            assert!(wrong.parse::<Mix>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn dates_are_in_order() {
        assert!("2024-01-01..2024-01-02".parse::<Dates>().is_ok());
        for wrong in ["2024-01-01", "2024-01-02..2024-01-02", "2024-02-30..2025-01-01", "a..b"] {
            assert!(wrong.parse::<Dates>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn numbers_have_limits() {
        assert_eq!(rate("2000"), Ok(2_000.0));
        for wrong in ["0", "-1", "NaN", "inf", "x"] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
        assert!(percent("100.5").is_err());
    }
}
