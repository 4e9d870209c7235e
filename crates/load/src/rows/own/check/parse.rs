//! Reads an expression as far as it is simple. What is not understood says nothing: the server
//! has the last word on every row anyway.

use super::facts::{Comparison, Fact};
use super::lexer::{Token, tokens};

/// What must hold where `check` is to hold.
pub fn facts(check: &str) -> Vec<Fact> {
    let tokens = tokens(check).into_iter().map(|(_, token)| token).collect();
    match (Reader { tokens, at: 0 }).group() {
        Node::Facts(facts) => facts,
        _ => Vec::new(),
    }
}

/// A part of an expression.
#[derive(Debug, Clone, PartialEq)]
enum Node {
    Column(String),
    Literal(String),
    /// The length of a column's text.
    Length(String),
    List(Vec<String>),
    Facts(Vec<Fact>),
    IsNull,
    Operator(String),
    Keyword(&'static str),
    Unknown,
}

const KEYWORDS: [&str; 7] = ["AND", "OR", "NOT", "IS", "NULL", "ANY", "ARRAY"];

/// Words that belong to a type's name.
const TYPE_WORDS: [&str; 6] = ["varying", "precision", "without", "with", "time", "zone"];

struct Reader {
    tokens: Vec<Token>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn take(&mut self, mark: char) -> bool {
        let there = self.peek() == Some(&Token::Mark(mark));
        self.at += usize::from(there);
        there
    }

    /// Everything up to a closing mark or a comma, as one node.
    fn group(&mut self) -> Node {
        let mut nodes = Vec::new();
        while let Some(token) = self.tokens.get(self.at).cloned() {
            if matches!(token, Token::Mark(')' | ']' | ',')) {
                break;
            }
            self.at += 1;
            let node = match token {
                Token::Operator(operator) if operator == "::" => {
                    self.skip_type();
                    continue;
                }
                Token::Operator(operator) => Node::Operator(operator),
                Token::Literal(literal) => Node::Literal(literal),
                Token::Mark('(') => self.items(')').pop().unwrap_or(Node::Unknown),
                Token::Mark(_) => Node::Unknown,
                Token::Word(word) => self.word(word),
            };
            nodes.push(node);
        }
        reduce(&nodes)
    }

    /// The items up to `close`, which is taken.
    fn items(&mut self, close: char) -> Vec<Node> {
        let mut items = Vec::new();
        loop {
            items.push(self.group());
            if !self.take(',') {
                break;
            }
        }
        self.take(close);
        items
    }

    fn word(&mut self, word: String) -> Node {
        if word == "ARRAY" && self.take('[') {
            let items = self.items(']').into_iter().map(|item| match item {
                Node::Literal(literal) => Some(literal),
                _ => None,
            });
            return items.collect::<Option<_>>().map_or(Node::Unknown, Node::List);
        }
        if let Some(keyword) = KEYWORDS.iter().find(|keyword| **keyword == word) {
            return Node::Keyword(keyword);
        }
        if word == "true" || word == "false" {
            return Node::Literal(word);
        }
        if !self.take('(') {
            return Node::Column(word);
        }
        let mut arguments = self.items(')');
        match (word.as_str(), arguments.pop()) {
            ("length" | "char_length" | "character_length", Some(Node::Column(column)))
                if arguments.is_empty() =>
            {
                Node::Length(column)
            }
            _ => Node::Unknown,
        }
    }

    fn skip_type(&mut self) {
        self.at += 1;
        loop {
            match self.peek() {
                Some(Token::Mark('.' | '[')) => self.at += 2,
                Some(Token::Mark('(')) => {
                    self.at += 1;
                    self.items(')');
                }
                Some(Token::Word(word)) if TYPE_WORDS.contains(&word.as_str()) => self.at += 1,
                _ => break,
            }
        }
    }
}

/// What the nodes between two parentheses say together.
fn reduce(nodes: &[Node]) -> Node {
    for joint in ["OR", "AND"] {
        let parts: Vec<&[Node]> = nodes.split(|node| *node == Node::Keyword(joint)).collect();
        if parts.len() > 1 {
            let parts = parts.into_iter().map(reduce).collect();
            return if joint == "OR" { either(parts) } else { both(parts) };
        }
    }
    match nodes {
        [node] => node.clone(),
        [Node::Operator(minus), Node::Literal(number)] if minus == "-" => {
            Node::Literal(format!("-{number}"))
        }
        [Node::Column(_), Node::Keyword("IS"), Node::Keyword("NULL")] => Node::IsNull,
        [
            Node::Column(column),
            Node::Keyword("IS"),
            Node::Keyword("NOT"),
            Node::Keyword("NULL"),
        ] => Node::Facts(vec![Fact::NotNull(column.clone())]),
        [Node::Column(column), Node::Operator(equal), Node::Keyword("ANY"), Node::List(values)]
            if equal == "=" =>
        {
            Node::Facts(vec![Fact::OneOf(column.clone(), values.clone())])
        }
        [left, Node::Operator(operator), right] => compared(left, operator, right),
        _ => Node::Unknown,
    }
}

fn both(parts: Vec<Node>) -> Node {
    let known = parts.into_iter().filter_map(|part| match part {
        Node::Facts(facts) => Some(facts),
        _ => None,
    });
    Node::Facts(known.flatten().collect())
}

/// `x IS NULL OR …` demands the rest of all values; `x = 1 OR x = 2` is a list.
fn either(parts: Vec<Node>) -> Node {
    let mut parts: Vec<Node> = parts.into_iter().filter(|part| *part != Node::IsNull).collect();
    if parts.len() == 1 {
        return parts.swap_remove(0);
    }
    let mut all: Option<(String, Vec<String>)> = None;
    for part in parts {
        let Node::Facts(facts) = part else { return Node::Unknown };
        let [Fact::OneOf(column, values)] = facts.as_slice() else { return Node::Unknown };
        match &mut all {
            None => all = Some((column.clone(), values.clone())),
            Some((same, all)) if same == column => all.extend(values.iter().cloned()),
            Some(_) => return Node::Unknown,
        }
    }
    all.map_or(Node::Unknown, |(column, values)| Node::Facts(vec![Fact::OneOf(column, values)]))
}

fn compared(left: &Node, operator: &str, right: &Node) -> Node {
    let fact = |fact| Node::Facts(vec![fact]);
    let comparison = Comparison::named(operator);
    match (left, right, comparison) {
        (Node::Column(column), Node::Literal(literal), Some(is)) => {
            fact(Fact::Compared(column.clone(), is, literal.clone()))
        }
        (Node::Column(column), Node::Literal(literal), None) if operator == "=" => {
            fact(Fact::OneOf(column.clone(), vec![literal.clone()]))
        }
        (Node::Column(left), Node::Column(right), Some(is)) => {
            fact(Fact::Order(left.clone(), is, right.clone()))
        }
        (Node::Length(column), Node::Literal(literal), is) => {
            let Ok(count) = literal.trim_matches('\'').parse() else { return Node::Unknown };
            let length = |is| Fact::Length(column.clone(), is, count);
            match (is, operator) {
                (Some(is), _) => fact(length(is)),
                (None, "=") => {
                    Node::Facts(vec![length(Comparison::AtLeast), length(Comparison::AtMost)])
                }
                _ => Node::Unknown,
            }
        }
        (Node::Literal(_), Node::Column(_) | Node::Length(_), Some(is)) => {
            let operator = match is.flipped() {
                Comparison::Less => "<",
                Comparison::AtMost => "<=",
                Comparison::AtLeast => ">=",
                Comparison::More => ">",
            };
            compared(right, operator, left)
        }
        _ => Node::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Comparison::{AtLeast, AtMost, Less, More};

    /// The texts are what PostgreSQL 15 prints.
    #[test]
    fn understands_what_the_server_prints_of_simple_checks() {
        let of = |column: &str, is, literal: &str| {
            Fact::Compared(column.to_owned(), is, literal.to_owned())
        };
        let list = |column: &str, values: &[&str]| {
            Fact::OneOf(column.to_owned(), values.iter().map(|&v| v.to_owned()).collect())
        };
        let length = |is, count| Fact::Length("code".to_owned(), is, count);
        for (check, wanted) in [
            ("(price > (0)::numeric)", vec![of("price", More, "0")]),
            (
                "((age >= 18) AND (age <= 99))",
                vec![of("age", AtLeast, "18"), of("age", AtMost, "99")],
            ),
            ("(x >= '-5'::integer)", vec![of("x", AtLeast, "'-5'")]),
            (
                "((status)::text = ANY ((ARRAY['a'::character varying, 'it''s'::character varying])::text[]))",
                vec![list("status", &["'a'", "'it''s'"])],
            ),
            ("(n = ANY (ARRAY[1, 2]))", vec![list("n", &["1", "2"])]),
            (
                "((char_length((code)::text) >= 2) AND (length(code) < 9))",
                vec![length(AtLeast, 2), length(Less, 9)],
            ),
            ("(length(code) = 3)", vec![length(AtLeast, 3), length(AtMost, 3)]),
            (
                "(day >= '2024-01-01 00:00:00'::timestamp without time zone)",
                vec![of("day", AtLeast, "'2024-01-01 00:00:00'")],
            ),
            (
                "((\"Ends At\" IS NULL) OR (\"Ends At\" > starts))",
                vec![Fact::Order("Ends At".to_owned(), More, "starts".to_owned())],
            ),
            ("((a = 1) OR (a = 2))", vec![list("a", &["1", "2"])]),
            ("(x IS NOT NULL)", vec![Fact::NotNull("x".to_owned())]),
            ("((lower(x) = 'a'::text) AND (y < 3))", vec![of("y", Less, "3")]),
            ("((0 < y) AND (y ~ '^[)(]$'::text))", vec![of("y", More, "0")]),
        ] {
            assert_eq!(facts(check), wanted, "{check}");
        }
        for check in [
            "((x % 2) = 0)",
            "((a > 1) OR (b > 1))",
            "(email ~~ '%@%'::text)",
            "CASE WHEN (a > 1) THEN (b > 1) ELSE true END",
            "(NOT (a > 1))",
            "(f(a, b) > 3)",
            "((a + b) > 3)",
            "((a > 1) IS TRUE",
        ] {
            assert_eq!(facts(check), [], "{check}");
        }
    }
}
