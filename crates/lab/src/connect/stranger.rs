//! What answers at the address, when it is not PostgreSQL.

use std::error::Error as _;
use std::io;
use std::io::ErrorKind::{
    BrokenPipe, ConnectionAborted, ConnectionReset, InvalidData, InvalidInput, Other, UnexpectedEof,
};

const NO_POSTGRES: &str = "what answers there does not speak PostgreSQL's protocol";
const CLOSED: &str = "the connection was accepted and then closed without a word: PostgreSQL is starting \
                      or stopping, or a proxy has no server behind it, or it is another service";

/// Why it seems to be none, in place of how the protocol broke; `None`: PostgreSQL it may be.
pub(super) fn explain(error: &tokio_postgres::Error) -> Option<&'static str> {
    if error.is_closed() {
        return Some(CLOSED);
    }
    let Some(cause) = error.source() else {
        // Its kind cannot be asked for.
        return (error.to_string() == "unexpected message from server").then_some(NO_POSTGRES);
    };
    let cause = cause.downcast_ref::<io::Error>()?;
    let held = cause.get_ref().and_then(|held| held.downcast_ref::<rustls::Error>());
    if let Some(held) = held {
        // `SSH-2.0-…` begins as the answer that means yes to TLS does.
        return matches!(held, rustls::Error::InvalidMessage(_)).then_some(NO_POSTGRES);
    }
    match cause.kind() {
        // tokio's decoder, when the stream ends within what should be a message.
        Other if cause.to_string() == "bytes remaining on stream" => Some(NO_POSTGRES),
        InvalidInput | InvalidData => Some(NO_POSTGRES),
        UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe => Some(CLOSED),
        _ => None,
    }
}
