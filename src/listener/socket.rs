//! A connection's socket: it reports what really left, and lets a refusal arrive.
//!
//! Invariant: nothing is reported as written before the socket took it from a peer that was still there.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::Sleep;

/// How long a peer may go on sending what nobody reads, after its answer. The system would tell it otherwise that the
/// connection broke, and its answer would be lost.
const LINGER: Duration = Duration::from_secs(5);
/// How long a peer may take nothing of an answer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(15);
/// The bytes of it that are taken at once.
const LINGER_READ: usize = 4 * 1024;

/// Who waits to learn that a response of a connection was written. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct WriteObservers(Arc<Mutex<Vec<oneshot::Sender<()>>>>);

impl WriteObservers {
    /// Tells `observer` once what was handed over until now is written; drops it when that cannot be.
    pub(super) fn add(&self, observer: oneshot::Sender<()>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(observer);
    }

    fn take(&self) -> Vec<oneshot::Sender<()>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A socket that reports when it has taken what was written, and that reads to the end before it closes.
pub(super) struct Socket {
    stream: TcpStream,
    observers: WriteObservers,
    /// Ends the reading of what nobody wants, once the answers are written.
    linger: Option<Pin<Box<Sleep>>>,
    /// Ends the connection when the peer takes nothing for too long.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, observers: WriteObservers) -> Self {
        Socket { stream, observers, linger: None, stalled: None }
    }

    /// The result of a write; one that waits for the peer fails when that takes too long.
    fn limit_write(&mut self, context: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(WRITE_TIMEOUT)));
        stalled.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Reads and forgets what the peer sends until it closes its end.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let linger = self.linger.get_or_insert_with(|| Box::pin(tokio::time::sleep(LINGER)));
        if linger.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        let mut bytes = [0; LINGER_READ];
        let mut buffer = ReadBuf::new(&mut bytes);
        loop {
            buffer.clear();
            match ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {}
                Ok(()) | Err(_) => return Poll::Ready(()),
            }
        }
    }

    /// Whether the peer has closed its end: then it may be gone altogether.
    fn is_closed_by_peer(&self, context: &mut Context<'_>) -> bool {
        let mut byte = [0];
        match self.stream.poll_peek(context, &mut ReadBuf::new(&mut byte)) {
            Poll::Ready(Ok(read)) => read == 0,
            Poll::Ready(Err(_)) => true,
            Poll::Pending => false,
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.limit_write(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.limit_write(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Called by hyper when it has nothing left to write.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        let observers = self.observers.take();
        if !observers.is_empty() && !self.is_closed_by_peer(context) {
            for observer in observers {
                // An observer that has left does not care.
                let _ = observer.send(());
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Called by hyper when nothing more will be read or written.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.linger.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
        }
        ready!(self.poll_linger(context));
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_peer_that_takes_nothing_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let mut socket = Socket::new(stream, WriteObservers::default());
        // From here on, time passes when nothing else can.
        tokio::time::pause();
        let written = socket.write_all(&vec![0; 64 << 20]).await;
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::TimedOut);
        drop(peer);
    }
}
