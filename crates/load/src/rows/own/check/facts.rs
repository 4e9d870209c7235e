//! What can be learnt from a check. Literals are as the server printed them.

/// How a column compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `>`
    More,
}

impl Comparison {
    /// The same, seen from the other side.
    pub fn flipped(self) -> Self {
        match self {
            Self::Less => Self::More,
            Self::AtMost => Self::AtLeast,
            Self::AtLeast => Self::AtMost,
            Self::More => Self::Less,
        }
    }

    /// The operator of this name.
    pub fn named(operator: &str) -> Option<Self> {
        Some(match operator {
            "<" => Self::Less,
            "<=" => Self::AtMost,
            ">=" => Self::AtLeast,
            ">" => Self::More,
            _ => return None,
        })
    }
}

/// Something that must hold of columns, whose names are unquoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A column compared with a literal.
    Compared(String, Comparison, String),
    /// A column is one of these literals.
    OneOf(String, Vec<String>),
    /// The characters of a column, compared.
    Length(String, Comparison, usize),
    /// A column compared with another.
    Order(String, Comparison, String),
    /// A column is not NULL.
    NotNull(String),
}
