//! PostgreSQL's protocol as far as a stream of inserts needs it.
//!
//! Why not `tokio_postgres`: it carries each request and each answer through channels between
//! two tasks. Here one task writes and reads, rows are encoded where they are sent from, and an
//! insert costs the client a third (`docs/benchmarks.md`).

mod answer;
mod statement;

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use lab::connect::Stream;
use postgres_protocol::message::frontend;
use tokio::io::{AsyncReadExt, AsyncWrite};

pub use answer::{Answer, Refusal};
pub use statement::{Insert, MOST_PARAMETERS, begin_copy, end_copy, in_copy};

/// A connection: what waits to be sent, and what has arrived.
pub struct Wire {
    stream: Stream,
    out: BytesMut,
    inbox: BytesMut,
    /// Bytes that were handed to the operating system.
    flushed: u64,
    /// The server said why it ends the connection.
    farewell: Option<Refusal>,
}

/// Room for answers; more is read in the next turn.
const INBOX: usize = 8 * 1024;

impl Wire {
    pub fn new(stream: Stream) -> Self {
        Self {
            stream,
            out: BytesMut::with_capacity(8 * 1024),
            inbox: BytesMut::with_capacity(INBOX),
            flushed: 0,
            farewell: None,
        }
    }

    /// The server process at the other end.
    pub fn pid(&self) -> i32 {
        self.stream.pid
    }

    /// Where messages are appended; [`exchange`](Self::exchange) sends them.
    pub fn out(&mut self) -> &mut BytesMut {
        &mut self.out
    }

    /// Where the next message will begin, counted in bytes from the first one.
    pub fn position(&self) -> u64 {
        self.flushed + self.out.len() as u64
    }

    /// Up to where messages have left the process. What lies beyond, the server cannot know.
    pub fn flushed(&self) -> u64 {
        self.flushed
    }

    /// What the server gave as its reason for ending the connection.
    pub fn farewell(&mut self) -> Option<Refusal> {
        self.farewell.take()
    }

    /// Sends and receives at the same time, until something has arrived; a closed connection is
    /// [`ErrorKind::UnexpectedEof`]. May be dropped at any moment: nothing gets lost.
    ///
    /// At the same time, because a server that cannot get rid of its answers takes no more
    /// requests.
    pub async fn exchange(&mut self) -> io::Result<()> {
        poll_fn(|cx| {
            // A failed write does not hide what the server had to say before it closed.
            let written = self.poll_flush(cx, 0);
            match self.poll_fill(cx) {
                Poll::Pending => match written {
                    Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                    _ => Poll::Pending,
                },
                Poll::Ready(arrived) => Poll::Ready(arrived),
            }
        })
        .await
    }

    /// The same, but also ends as soon as at most `left` bytes wait to be sent.
    pub async fn drain(&mut self, left: usize) -> io::Result<()> {
        poll_fn(|cx| {
            let written = self.poll_flush(cx, left);
            match self.poll_fill(cx) {
                Poll::Pending => written,
                Poll::Ready(arrived) => Poll::Ready(arrived),
            }
        })
        .await
    }

    /// Says good-bye, so that the server does not log a lost connection.
    pub async fn terminate(mut self) {
        frontend::terminate(&mut self.out);
        // A server that is gone needs no good-bye.
        let _ = self.drain(0).await;
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>, left: usize) -> Poll<io::Result<()>> {
        while self.out.len() > left {
            let written = ready!(Pin::new(&mut self.stream.io).poll_write(cx, &self.out))?;
            if written == 0 {
                return Poll::Ready(Err(ErrorKind::WriteZero.into()));
            }
            self.out.advance(written);
            self.flushed += written as u64;
        }
        if self.out.is_empty() {
            // TLS keeps records back until it is told.
            return Pin::new(&mut self.stream.io).poll_flush(cx);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inbox.reserve(INBOX);
        match ready!(pin!(self.stream.io.read_buf(&mut self.inbox)).poll(cx))? {
            0 => Poll::Ready(Err(ErrorKind::UnexpectedEof.into())),
            _ => Poll::Ready(Ok(())),
        }
    }
}
