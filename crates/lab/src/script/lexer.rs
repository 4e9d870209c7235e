//! PostgreSQL's lexical structure, as far as splitting and renaming need it (manual, section 4.1).
//!
//! Why not a parser crate: the ones that know all of PostgreSQL's grammar compile its C sources for
//! minutes, the others stop at statements they do not know. Splitting needs only where quotes,
//! comments and words begin and end.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A keyword or unquoted identifier.
    Word,
    /// `"…"`, with the quotes.
    Quoted,
    /// `'…'`, `E'…'`, `$tag$…$tag$`.
    Literal,
    /// `-- …` or `/* … */`, nested.
    Comment,
    /// White space.
    Space,
    /// Any other single character.
    Symbol,
}

/// A piece of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its text.
    pub text: &'a str,
    /// Where it begins, in bytes.
    pub start: usize,
}

impl Token<'_> {
    /// Whether it counts: neither white space nor a comment.
    #[must_use]
    pub fn is_code(&self) -> bool {
        !matches!(self.kind, Kind::Comment | Kind::Space)
    }
}

/// A quote or comment that never ends.
#[derive(Debug, PartialEq, Eq)]
pub struct Unterminated {
    /// What began.
    pub what: &'static str,
    /// Where it began, in bytes.
    pub start: usize,
}

/// All tokens of `sql`; put together they are `sql` again.
pub fn tokens(sql: &str) -> Result<Vec<Token<'_>>, Unterminated> {
    let mut all = Vec::new();
    let mut start = 0;
    while start < sql.len() {
        let (kind, length) = next(&sql[start..]).map_err(|what| Unterminated { what, start })?;
        all.push(Token { kind, text: &sql[start..start + length], start });
        start += length;
    }
    Ok(all)
}

/// The kind and length in bytes of the token with which `rest` (not empty) begins.
fn next(rest: &str) -> Result<(Kind, usize), &'static str> {
    let first = rest.chars().next().unwrap_or_default();
    Ok(match first {
        _ if rest.starts_with("--") => (Kind::Comment, rest.find('\n').unwrap_or(rest.len())),
        _ if rest.starts_with("/*") => (Kind::Comment, block_comment(rest).ok_or("comment")?),
        '\'' => (Kind::Literal, quoted(rest, b'\'', false).ok_or("string")?),
        'e' | 'E' if rest[1..].starts_with('\'') => {
            (Kind::Literal, 1 + quoted(&rest[1..], b'\'', true).ok_or("string")?)
        }
        '"' => (Kind::Quoted, quoted(rest, b'"', false).ok_or("quoted identifier")?),
        '$' => match dollar_tag(rest) {
            Some(tag) => {
                let end = rest[tag.len()..].find(tag).ok_or("dollar-quoted string")?;
                (Kind::Literal, end + 2 * tag.len())
            }
            None => (Kind::Symbol, 1),
        },
        _ if starts_word(first) => {
            (Kind::Word, run(rest, |c| starts_word(c) || c.is_ascii_digit() || c == '$'))
        }
        _ if first.is_ascii_digit() => {
            (Kind::Symbol, run(rest, |c| c.is_ascii_alphanumeric() || c == '_'))
        }
        _ if first.is_whitespace() => (Kind::Space, run(rest, char::is_whitespace)),
        _ => (Kind::Symbol, first.len_utf8()),
    })
}

fn starts_word(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

/// Length in bytes of the leading characters that satisfy `belongs`.
fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// Length of a quoted piece; a doubled quote, or with `escapes` a backslash, does not end it.
fn quoted(text: &str, quote: u8, escapes: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    loop {
        match *bytes.get(at)? {
            b'\\' if escapes => at += 2,
            byte if byte == quote && bytes.get(at + 1) == Some(&quote) => at += 2,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// Length of a block comment; in SQL they nest.
fn block_comment(text: &str) -> Option<usize> {
    let mut depth = 0_u32;
    let mut at = 0;
    loop {
        match text.as_bytes().get(at..at + 2)? {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" => {
                (depth, at) = (depth - 1, at + 2);
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
}

/// `$$` or `$tag$` at the beginning; `$1` is a parameter.
fn dollar_tag(text: &str) -> Option<&str> {
    let end = 1 + text[1..].find('$')?;
    let tag = &text[1..end];
    let fits = tag.chars().all(|c| starts_word(c) || c.is_ascii_digit());
    (fits && !tag.starts_with(|c: char| c.is_ascii_digit())).then(|| &text[..=end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(sql: &str) -> Vec<(Kind, &str)> {
        let all = tokens(sql).unwrap();
        assert_eq!(all.iter().map(|token| token.text).collect::<String>(), sql);
        all.into_iter().filter(|t| t.kind != Kind::Space).map(|t| (t.kind, t.text)).collect()
    }

    #[test]
    fn each_kind_of_quote_and_comment_is_one_token() {
        use Kind::{Comment, Literal, Quoted, Symbol, Word};
        for (sql, kind) in [
            ("'it''s; fine'", Literal),
            (r"'C:\'", Literal),
            (r"E'it\'s; fine'", Literal),
            ("$$ a; 'b $$", Literal),
            ("$fn$ $$;$$ $fn$", Literal),
            (r#""a ""; b""#, Quoted),
            ("-- it's; fine", Comment),
            ("/* a /* b; */ c; */", Comment),
            ("größe", Word),
            ("a$1$b", Word),
            ("$", Symbol),
            ("1e10", Symbol),
        ] {
            assert_eq!(kinds(sql), [(kind, sql)], "{sql}");
        }
    }

    /// Texts of all that can begin or end a quote or comment, put together at random.
    #[test]
    fn loses_no_character_of_any_text() {
        const PIECES: [&str; 24] = [
            "'", "\"", "$", "$$", "$a$", "--", "/*", "*/", "\n", "\r\n", "\\", ";", "(", ")", "E'",
            "e", "é", "東", " ", "\u{a0}", "1", "$1", "a", "_",
        ];
        // A linear congruential generator with the constants of Knuth's MMIX.
        let mut state = 1_u64;
        let mut random = |below: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % below
        };
        let mut split = 0;
        for _ in 0..20_000 {
            let length = random(12);
            let sql: String = (0..length).map(|_| PIECES[random(PIECES.len())]).collect();
            match tokens(&sql) {
                Ok(all) => {
                    split += 1;
                    let ends: String = all.iter().map(|token| token.text).collect();
                    assert_eq!(ends, sql);
                    assert!(all.iter().all(|token| sql[token.start..].starts_with(token.text)));
                    assert!(all.iter().all(|token| !token.text.is_empty()));
                }
                // What stands before is whole.
                Err(open) => assert!(tokens(&sql[..open.start]).is_ok(), "{sql:?}"),
            }
        }
        assert!((5_000..15_000).contains(&split), "{split} of 20,000 end all that they begin");
    }

    #[test]
    fn a_parameter_is_no_dollar_quote() {
        assert_eq!(kinds("$1+$2")[0], (Kind::Symbol, "$"));
    }

    #[test]
    fn an_open_quote_is_named_with_its_place() {
        for (sql, what) in [
            ("a 'b", "string"),
            (r"a E'b\'", "string"),
            ("a \"b", "quoted identifier"),
            ("a $x$ b $y$", "dollar-quoted string"),
            ("a /* b /* */", "comment"),
        ] {
            assert_eq!(tokens(sql), Err(Unterminated { what, start: 2 }), "{sql}");
        }
    }
}
