//! Where a page ended, as a text that can go to a browser and come back.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use jiff::Timestamp;
use uuid::Uuid;

use super::{Order, StoreError, Todo};

/// The last todo of a page by what the list is ordered by. The next page begins after it, whatever was written since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    /// Of [`Order::Newest`].
    Newest {
        /// When the todo was made.
        created_at: Timestamp,
        /// The todo.
        id: Uuid,
    },
    /// Of [`Order::MostUrgent`].
    MostUrgent {
        /// The todo's priority.
        priority: i32,
        /// When it is due, if ever.
        due_date: Option<Timestamp>,
        /// The todo.
        id: Uuid,
    },
}

impl Cursor {
    pub(super) fn of(todo: &Todo, order: Order) -> Self {
        match order {
            Order::Newest => Self::Newest { created_at: todo.created_at, id: todo.id },
            Order::MostUrgent => {
                Self::MostUrgent { priority: todo.priority, due_date: todo.due_date, id: todo.id }
            }
        }
    }

    pub(super) fn order(self) -> Order {
        match self {
            Self::Newest { .. } => Order::Newest,
            Self::MostUrgent { .. } => Order::MostUrgent,
        }
    }
}

impl Display for Cursor {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newest { created_at, id } => write!(f, "n.{}.{id}", created_at.as_microsecond()),
            Self::MostUrgent { priority, due_date: None, id } => {
                write!(f, "u.{priority}.never.{id}")
            }
            Self::MostUrgent { priority, due_date: Some(due), id } => {
                write!(f, "u.{priority}.{}.{id}", due.as_microsecond())
            }
        }
    }
}

impl FromStr for Cursor {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        parse(text)
            .ok_or_else(|| StoreError::Invalid { field: "cursor".to_owned(), why: text.to_owned() })
    }
}

fn parse(text: &str) -> Option<Cursor> {
    let moment = |text: &str| Timestamp::from_microsecond(text.parse().ok()?).ok();
    let parts: Vec<&str> = text.split('.').collect();
    match parts[..] {
        ["n", created_at, id] => {
            Some(Cursor::Newest { created_at: moment(created_at)?, id: id.parse().ok()? })
        }
        ["u", priority, due, id] => Some(Cursor::MostUrgent {
            priority: priority.parse().ok()?,
            due_date: if due == "never" { None } else { Some(moment(due)?) },
            id: id.parse().ok()?,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_as_it_went() {
        let (id, at) = (Uuid::from_u128(7), Timestamp::from_microsecond(-1_234_567).unwrap());
        for cursor in [
            Cursor::Newest { created_at: at, id },
            Cursor::MostUrgent { priority: 5, due_date: Some(at), id },
            Cursor::MostUrgent { priority: 1, due_date: None, id },
        ] {
            assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
        }
        for text in [
            "",
            "n",
            "n.x.y",
            "u.1.never",
            "n.1.00000000-0000-0000-0000-000000000007.more",
            "n.9223372036854775807.x",
        ] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}
