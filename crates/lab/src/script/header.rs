//! The comment with which every script opens: what it needs, locks and promises.

/// How a script's statements are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    /// All or nothing.
    InOneTransaction,
    /// Each commits by itself, as `VACUUM` and everything `CONCURRENTLY` demand.
    EachStatementAlone,
}

/// What the header says; a field that is not there is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The sentence after the file's name.
    pub title: String,
    /// The scripts that must have run before.
    pub needs: String,
    /// Which locks are taken, on what, how long.
    pub locks: String,
    /// How the statements are grouped.
    pub runs: Runs,
    /// What holds afterwards.
    pub expect: String,
}

/// Reads the header; `Err` says in words what is wrong with it.
pub fn parse(text: &str) -> Result<Header, String> {
    let mut title = String::new();
    let mut fields: Vec<(String, String)> = Vec::new();
    let comment = text.lines().map_while(|line| line.strip_prefix("--"));
    let is_blank = |line: &&str| line.trim().is_empty();
    // What follows a blank line is prose for whoever reads the file.
    for line in comment.skip_while(is_blank).take_while(|line| !is_blank(line)) {
        let field = line.split_once(':').filter(|(name, _)| is_field_name(name));
        match (field, fields.last_mut()) {
            (Some((name, value)), _) => {
                fields.push((name.trim().to_owned(), value.trim().to_owned()));
            }
            // A line that names no field goes on with the field above it.
            (None, Some((_, value))) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            (None, None) => {
                line.split_once(": ").map_or("", |(_, title)| title).trim().clone_into(&mut title);
            }
        }
    }
    let mut field = |name: &str| {
        fields
            .iter_mut()
            .find(|(field, _)| field == name)
            .map(|(_, value)| std::mem::take(value))
            .unwrap_or_default()
    };
    let runs = field("Runs");
    let runs = if runs.starts_with("in one transaction") {
        Runs::InOneTransaction
    } else if runs.starts_with("each statement alone") {
        Runs::EachStatementAlone
    } else {
        return Err(format!(
            "its header must say `-- Runs: in one transaction` or `-- Runs: each statement alone`, it says {runs:?}"
        ));
    };
    Ok(Header {
        title,
        needs: field("Needs"),
        locks: field("Locks"),
        runs,
        expect: field("Expect"),
    })
}

/// ` Needs`, ` Locks`, …: one capitalised word, one space before it.
fn is_field_name(text: &str) -> bool {
    let word = text.strip_prefix(' ').unwrap_or_default();
    word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.chars().all(|c| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_field_with_its_further_lines() {
        let text = "--\n-- 11_split.sql: February becomes four weeks\n-- Needs:   01_range.sql\n\
                    -- Locks:   ACCESS EXCLUSIVE on event_logs\n--          while rows are copied\n\
                    -- Runs:    in one transaction\n-- Expect:  the same rows\n--\n-- A word to the reader.\n--\nSELECT 1;\n-- Needs: no";
        assert_eq!(
            parse(text).unwrap(),
            Header {
                title: "February becomes four weeks".to_owned(),
                needs: "01_range.sql".to_owned(),
                locks: "ACCESS EXCLUSIVE on event_logs while rows are copied".to_owned(),
                runs: Runs::InOneTransaction,
                expect: "the same rows".to_owned(),
            }
        );
    }

    #[test]
    fn a_file_that_does_not_say_how_it_runs_is_refused() {
        assert!(parse("SELECT 1;").unwrap_err().contains("-- Runs:"));
        assert!(parse("-- x.sql: y\n-- Runs: twice\n").unwrap_err().contains("\"twice\""));
    }
}
