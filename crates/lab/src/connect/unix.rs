//! A Unix socket that is not woken for nothing.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};

/// Tells the reactor that it waits for room to write only while it does. tokio's own `UnixStream`
/// always does, and Linux then wakes it each time the server has read a request: twice a request
/// instead of once.
pub(super) struct Unix {
    socket: AsyncFd<UnixStream>,
    /// The same socket, once a write had to wait.
    room: Option<AsyncFd<UnixStream>>,
}

/// Read at once: many answers, and not much to clear before.
const MOST: usize = 4 * 1024;

impl Unix {
    pub(super) async fn connect(path: &Path) -> io::Result<Self> {
        let socket = tokio::net::UnixStream::connect(path).await?.into_std()?;
        Ok(Self { socket: watched(socket, Interest::READABLE)?, room: None })
    }
}

#[expect(deprecated, reason = "its successor is unsafe, for types other than std's sockets")]
fn watched(socket: UnixStream, what: Interest) -> io::Result<AsyncFd<UnixStream>> {
    AsyncFd::with_interest(socket, what)
}

impl AsyncRead for Unix {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let mut ready = ready!(self.socket.poll_read_ready(cx))?;
            let room = buf.remaining().min(MOST);
            let free = buf.initialize_unfilled_to(room);
            if let Ok(read) = ready.try_io(|socket| socket.get_ref().read(free)) {
                let read = read?;
                if read < room {
                    // Drained: asking once more would only be told so.
                    ready.clear_ready();
                }
                buf.advance(read);
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl AsyncWrite for Unix {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            match self.socket.get_ref().write(buf) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                written => return Poll::Ready(written),
            }
            if self.room.is_none() {
                let socket = self.socket.get_ref().try_clone()?;
                self.room = Some(watched(socket, Interest::WRITABLE)?);
            }
            if let Some(room) = &self.room {
                ready!(room.poll_write_ready(cx))?.clear_ready();
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.socket.get_ref().shutdown(std::net::Shutdown::Write))
    }
}
