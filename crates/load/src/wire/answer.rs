//! What the server answers to one statement.

use std::io::{self, ErrorKind};

use bytes::Buf;
use fallible_iterator::FallibleIterator;
use lab::Error;
use postgres_protocol::message::backend::{
    COMMAND_COMPLETE_TAG, COPY_IN_RESPONSE_TAG, DATA_ROW_TAG, ERROR_RESPONSE_TAG,
    ErrorResponseBody, Header, Message, READY_FOR_QUERY_TAG,
};
use tokio_postgres::error::SqlState;

use super::Wire;

/// A step of the server's answer to a statement.
#[derive(Debug)]
pub enum Answer {
    /// A row went into the table with this OID.
    Into(u32),
    /// So many rows were inserted: fewer than were sent when a trigger left some out.
    Rows(u64),
    /// The server refuses the statement; `Done` follows.
    Refused(Refusal),
    /// The server waits for the rows of a COPY.
    CopyIn,
    /// The statement is over: done and durable, unless it was refused.
    Done,
}

/// Why the server refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Five characters.
    pub sqlstate: String,
    /// The server's words.
    pub message: String,
    /// More of them, where there are any.
    pub detail: Option<String>,
    /// It ends the connection, too.
    pub fatal: bool,
}

impl Refusal {
    /// Source of the field codes: "Error and Notice Message Fields" in PostgreSQL's manual.
    fn new(body: &ErrorResponseBody) -> io::Result<Self> {
        let mut refusal =
            Self { sqlstate: String::new(), message: String::new(), detail: None, fatal: false };
        let mut fields = body.fields();
        while let Some(field) = fields.next()? {
            let value = String::from_utf8_lossy(field.value_bytes());
            match field.type_() {
                b'V' => refusal.fatal = matches!(&*value, "FATAL" | "PANIC"),
                b'C' => refusal.sqlstate = value.into_owned(),
                b'M' => refusal.message = value.into_owned(),
                b'D' => refusal.detail = Some(value.into_owned()),
                _ => {}
            }
        }
        Ok(refusal)
    }

    /// The SQLSTATE's first two characters, which say what kind of error it is.
    pub fn class(&self) -> &str {
        self.sqlstate.get(..2).unwrap_or_default()
    }

    /// As an error of a command about `what`.
    pub fn error(&self, what: impl std::fmt::Display) -> Error {
        let error = Error::failed(what).because(&self.message).detail("SQLSTATE", &self.sqlstate);
        let error = match &self.detail {
            Some(detail) => error.detail("DETAIL", detail),
            None => error,
        };
        match lab::sqlstate::advice(&SqlState::from_code(&self.sqlstate)) {
            Some(step) => error.next(step),
            None => error,
        }
    }
}

impl Wire {
    /// The next step of what has arrived; `None` until more arrives.
    pub fn answer(&mut self) -> io::Result<Option<Answer>> {
        while let Some(header) = Header::parse(&self.inbox)? {
            // A message's length counts itself, not its tag.
            let length = usize::try_from(header.len()).unwrap_or(usize::MAX).saturating_add(1);
            if self.inbox.len() < length {
                break;
            }
            let answer = match header.tag() {
                DATA_ROW_TAG => Some(Answer::Into(table_oid(&self.inbox[5..length])?)),
                COMMAND_COMPLETE_TAG => Some(Answer::Rows(row_count(&self.inbox[5..length]))),
                READY_FOR_QUERY_TAG => Some(Answer::Done),
                COPY_IN_RESPONSE_TAG => Some(Answer::CopyIn),
                ERROR_RESPONSE_TAG => {
                    let Some(Message::ErrorResponse(body)) = Message::parse(&mut self.inbox)?
                    else {
                        return Err(ErrorKind::InvalidData.into());
                    };
                    let refusal = Refusal::new(&body)?;
                    if refusal.fatal {
                        // It belongs to no statement: the connection is closed next.
                        self.farewell = Some(refusal);
                        continue;
                    }
                    return Ok(Some(Answer::Refused(refusal)));
                }
                // Steps without news, notices and changed settings.
                _ => None,
            };
            self.inbox.advance(length);
            if answer.is_some() {
                return Ok(answer);
            }
        }
        Ok(None)
    }
}

/// The number at the end of `INSERT 0 100` or `COPY 100`; a statement without one inserts nothing.
fn row_count(tag: &[u8]) -> u64 {
    let digits = tag.iter().rev().skip(1).take_while(|byte| byte.is_ascii_digit());
    let places = std::iter::successors(Some(1_u64), |place| place.checked_mul(10));
    digits.zip(places).map(|(digit, place)| u64::from(digit - b'0') * place).sum()
}

/// The one column of a row: after the number of columns (2 bytes) its length (4), then the OID.
fn table_oid(row: &[u8]) -> io::Result<u32> {
    let oid = row.get(6..10).and_then(|oid| oid.try_into().ok());
    oid.map(u32::from_be_bytes).ok_or_else(|| ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_of_a_statement_are_the_last_number() {
        for (tag, rows) in [
            ("INSERT 0 1", 1),
            ("INSERT 0 0", 0),
            ("INSERT 0 100", 100),
            ("COPY 10205", 10_205),
            ("SET", 0),
        ] {
            assert_eq!(row_count(format!("{tag}\0").as_bytes()), rows, "{tag}");
        }
    }
}
