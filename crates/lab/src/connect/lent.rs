//! A stream that is lent to `tokio_postgres` for the handshake, and taken back after it.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

/// A stream shared between its lender and its borrower, who use it one after the other.
pub(super) struct Lent<S>(Arc<Mutex<Option<S>>>);

impl<S> Clone for Lent<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S> Lent<S> {
    pub(super) fn new(stream: S) -> Self {
        Self(Arc::new(Mutex::new(Some(stream))))
    }

    /// Nobody yet has put a stream in.
    fn empty() -> Self {
        Self(Arc::new(Mutex::new(None)))
    }

    /// The stream; whoever still has a clone finds it closed.
    pub(super) fn take_back(&self) -> Option<S> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<S>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, poll: impl FnOnce(Pin<&mut S>) -> Poll<io::Result<T>>) -> Poll<io::Result<T>>
    where
        S: Unpin,
    {
        match self.lock().as_mut() {
            Some(stream) => poll(Pin::new(stream)),
            None => Poll::Ready(Err(ErrorKind::NotConnected.into())),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Lent<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.with(|stream| stream.poll_read(cx, buf))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Lent<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.with(|stream| stream.poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|stream| stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|stream| stream.poll_shutdown(cx))
    }
}

impl<S: TlsStream + Unpin> TlsStream for Lent<S> {
    fn channel_binding(&self) -> ChannelBinding {
        self.lock().as_ref().map_or_else(ChannelBinding::none, TlsStream::channel_binding)
    }
}

/// Makes a TLS stream of which the lender keeps a handle.
pub(super) struct LendingTls<T, S> {
    inner: T,
    lent: Lent<S>,
}

impl<T, S> LendingTls<T, S> {
    /// Connects as `inner` does; the handle holds a stream once TLS has been agreed on.
    pub(super) fn new(inner: T) -> (Self, Lent<S>) {
        let lent = Lent::empty();
        (Self { inner, lent: lent.clone() }, lent)
    }
}

type Connecting<S> =
    Pin<Box<dyn Future<Output = Result<Lent<S>, Box<dyn Error + Send + Sync>>> + Send>>;

impl<T, B> TlsConnect<B> for LendingTls<T, T::Stream>
where
    T: TlsConnect<B>,
    T::Future: Send + 'static,
    T::Stream: Send + 'static,
{
    type Stream = Lent<T::Stream>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Connecting<T::Stream>;

    fn connect(self, stream: B) -> Self::Future {
        let (connecting, lent) = (self.inner.connect(stream), self.lent);
        Box::pin(async move {
            let stream = connecting.await.map_err(Into::into)?;
            *lent.lock() = Some(stream);
            Ok(lent)
        })
    }
}
