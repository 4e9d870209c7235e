//! The words of an expression, as `pg_get_expr` prints it.

use lab::catalog::quote_ident;

/// A word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// A name or a keyword; a name is unquoted.
    Word(String),
    /// A number or a quoted text, as it stands.
    Literal(String),
    /// `(`, `)`, `[`, `]`, `,` or `.`
    Mark(char),
    /// An operator, `::` among them.
    Operator(String),
}

/// The words, each with where it begins.
pub fn tokens(text: &str) -> Vec<(usize, Token)> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let until = |stop: fn(char) -> bool| rest.find(stop).unwrap_or(rest.len());
        let (length, token) = match c {
            _ if c.is_whitespace() => (c.len_utf8(), None),
            '(' | ')' | '[' | ']' | ',' | '.' => (1, Some(Token::Mark(c))),
            '"' => {
                let length = quoted(rest, '"', false);
                let name = rest[1..length].strip_suffix('"').unwrap_or(&rest[1..length]);
                (length, Some(Token::Word(name.replace("\"\"", "\""))))
            }
            '\'' => (quoted(rest, '\'', false), Some(Token::Literal(String::new()))),
            'E' | 'B' | 'X' if rest[1..].starts_with('\'') => {
                (1 + quoted(&rest[1..], '\'', c == 'E'), Some(Token::Literal(String::new())))
            }
            _ if c.is_ascii_digit() => (
                until(|c| !(c.is_ascii_alphanumeric() || c == '.')),
                Some(Token::Literal(String::new())),
            ),
            _ if c.is_alphanumeric() || c == '_' => {
                let length = until(|c| !(c.is_alphanumeric() || c == '_' || c == '$'));
                (length, Some(Token::Word(rest[..length].to_owned())))
            }
            ':' => (until(|c| c != ':'), Some(Token::Operator("::".to_owned()))),
            _ => {
                let length = until(|c| !"+-*/<>=~!@#%^&|`?".contains(c)).max(c.len_utf8());
                (length, Some(Token::Operator(rest[..length].to_owned())))
            }
        };
        if let Some(token) = token {
            let token = match token {
                Token::Literal(_) => Token::Literal(rest[..length].to_owned()),
                token => token,
            };
            tokens.push((at, token));
        }
        at += length;
    }
    tokens
}

/// The length of what begins with a quote, up to the closing one; doubled ones are within.
fn quoted(text: &str, quote: char, escapes: bool) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if escapes && c == '\\' {
            chars.next();
        } else if c == quote {
            match chars.peek() {
                Some((_, next)) if *next == quote => {
                    chars.next();
                }
                _ => return at + 1,
            }
        }
    }
    text.len()
}

/// A domain's check as one of `column` (unquoted).
pub fn rename_value(check: &str, column: &str) -> String {
    let mut renamed = check.to_owned();
    for (at, token) in tokens(check).into_iter().rev() {
        if token == Token::Word("VALUE".to_owned()) && check[at..].starts_with("VALUE") {
            renamed.replace_range(at..at + "VALUE".len(), &quote_ident(column));
        }
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domains_value_becomes_the_column() {
        assert_eq!(
            rename_value("((VALUE)::text <> 'VALUE''s'::text) AND (\"VALUE\" > 0)", "My Col"),
            "((\"My Col\")::text <> 'VALUE''s'::text) AND (\"VALUE\" > 0)"
        );
    }

    #[test]
    fn quotes_hold_words_together() {
        let words: Vec<Token> =
            tokens("\"a \"\"b\" >= E'x\\'y'::text").into_iter().map(|t| t.1).collect();
        assert_eq!(
            words,
            [
                Token::Word("a \"b".to_owned()),
                Token::Operator(">=".to_owned()),
                Token::Literal("E'x\\'y'".to_owned()),
                Token::Operator("::".to_owned()),
                Token::Word("text".to_owned()),
            ]
        );
    }
}
