//! Driving a connection, and keeping what the server says besides results.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_postgres::{AsyncMessage, Connection};

/// Drives `connection` in a task of its own; what the server raises arrives in the channel.
///
/// A lost connection ends the task, and the client's next call returns the error.
pub(super) fn drive<S, T>(mut connection: Connection<S, T>) -> UnboundedReceiver<String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, receiver) = unbounded_channel();
    tokio::spawn(async move {
        while let Some(Ok(message)) = std::future::poll_fn(|cx| connection.poll_message(cx)).await {
            if let AsyncMessage::Notice(notice) = message {
                // Nobody may be listening any more; the connection still has to be driven.
                let _ = sender.send(notice.message().to_owned());
            }
        }
    });
    receiver
}
