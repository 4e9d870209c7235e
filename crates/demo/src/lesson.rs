//! Lessons: the statements of a query file with the comments that say what to expect.

use lab::script::{Script, Statement};
use lab::{Error, Result};

use crate::versions::Expectations;

/// A query and what it teaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    /// Its name within the topic.
    pub slug: String,
    /// One line.
    pub title: String,
    /// The table whose partitions are counted.
    pub table: String,
    /// What must hold once the table is partitioned.
    pub expectations: Expectations,
    /// Why it is so.
    pub why: String,
    /// What prepares the query, in the same transaction.
    pub before: Vec<String>,
    /// The statement that is explained.
    pub query: String,
}

impl Lesson {
    /// All statements as they stand in the file.
    pub fn sql(&self) -> String {
        let all: Vec<_> =
            self.before.iter().chain([&self.query]).map(|sql| format!("{sql};")).collect();
        all.join("\n")
    }
}

/// The lessons of a file. A statement whose comment names no lesson belongs to the one above.
pub fn lessons(script: &Script) -> Result<Vec<Lesson>> {
    let mut all: Vec<Vec<&Statement>> = Vec::new();
    for statement in &script.statements {
        match all.last_mut() {
            Some(lesson) if field(statement, "lesson").is_none() => lesson.push(statement),
            _ => all.push(vec![statement]),
        }
    }
    all.into_iter().map(|statements| lesson(&script.path, &statements)).collect()
}

fn lesson(path: &str, statements: &[&Statement]) -> Result<Lesson> {
    let [first, ..] = statements else {
        return Err(Error::failed(format!("{path}: a lesson without a statement")));
    };
    let wrong = |why: String| {
        Error::failed(format!("{path}:{}: cannot read this lesson", first.line))
            .because(why)
            .next("correct the file, then run the same command again")
    };
    let required = |name: &str| {
        field(first, name).ok_or_else(|| wrong(format!("it has no line `-- {name}: …`")))
    };
    let others: Vec<(String, String)> = fields(first, "expect")
        .filter_map(|(versions, text)| Some((versions?.to_owned(), text)))
        .collect();
    let mut before: Vec<String> =
        statements.iter().map(|statement| statement.sql.clone()).collect();
    let query = before.pop().unwrap_or_default();
    Ok(Lesson {
        slug: required("lesson")?,
        title: required("title")?,
        table: required("table")?,
        expectations: Expectations::new(&required("expect")?, &others).map_err(wrong)?,
        why: required("why")?,
        before,
        query,
    })
}

/// The text of `-- name: text`, with the indented lines that follow it.
fn field(statement: &Statement, name: &str) -> Option<String> {
    fields(statement, name).find(|(versions, _)| versions.is_none()).map(|(_, text)| text)
}

/// All `-- name: text` and `-- name (versions): text`.
fn fields<'a>(
    statement: &'a Statement,
    name: &'a str,
) -> impl Iterator<Item = (Option<&'a str>, String)> {
    statement.comment.iter().enumerate().filter_map(move |(n, line)| {
        let line = line.strip_prefix(name)?;
        let (versions, first) = match line.strip_prefix(" (").and_then(|l| l.split_once("):")) {
            Some((versions, first)) => (Some(versions), first),
            None => (None, line.strip_prefix(':')?),
        };
        let rest = statement.comment[n + 1..].iter().take_while(|line| line.starts_with(' '));
        let words: Vec<&str> =
            [first].into_iter().chain(rest.map(String::as_str)).map(str::trim).collect();
        Some((versions, words.join(" ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::script::{Header, Runs, statements};

    fn parse(text: &str) -> Result<Vec<Lesson>> {
        let header = Header {
            title: String::new(),
            needs: String::new(),
            locks: String::new(),
            runs: Runs::EachStatementAlone,
            expect: String::new(),
        };
        lessons(&Script {
            from_folder: false,
            name: "x.sql".to_owned(),
            path: "x.sql".to_owned(),
            text: text.to_owned(),
            header,
            statements: statements(text).unwrap(),
        })
    }

    const FEBRUARY: &str = "-- lesson: february\n-- title:  One month\n-- table:  event_logs\n\
        -- expect: scanned 1 of 4\n-- why:    the bounds\n--         say so\n";

    #[test]
    fn statements_without_a_name_belong_to_the_lesson_above() {
        let all = parse(&format!(
            "{FEBRUARY}PREPARE p AS SELECT 1;\n-- now\nEXECUTE p;\n\n{FEBRUARY}SELECT 2;"
        ))
        .unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].before.len(), all[0].query.as_str()), (1, "EXECUTE p"));
        assert_eq!(all[0].why, "the bounds say so");
        assert_eq!(all[0].sql(), "PREPARE p AS SELECT 1;\nEXECUTE p;");
    }

    #[test]
    fn what_differs_by_version_is_read_with_the_rest() {
        let text = FEBRUARY
            .replace("-- why:", "-- expect (15, 16): scanned 4 of 4,\n--         rows 0\n-- why:");
        let all = parse(&format!("{text}SELECT 1;")).unwrap();
        let on = |major| all[0].expectations.on(major).to_string();
        assert_eq!([on(16), on(17)], ["scanned 4 of 4, rows 0", "scanned 1 of 4"]);
        let error = parse(&format!("{}SELECT 1;", text.replace("16)", "x)"))).unwrap_err();
        assert!(error.to_string().contains("\"x\" is no major version"), "{error}");
    }

    #[test]
    fn a_lesson_that_lacks_something_is_named_with_its_line() {
        let text = FEBRUARY.replace("-- table:  event_logs\n", "");
        let error = parse(&format!("\n{text}SELECT 1;")).unwrap_err().to_string();
        assert!(error.contains("x.sql:7") && error.contains("-- table:"), "{error}");
    }
}
