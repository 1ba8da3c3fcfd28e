//! A write in the writer's queue, and the handle that resolves to its result.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use super::error::{DbError, DbResult, StoreError};
use super::tx::Tx;
use tokio::sync::oneshot;

/// The result of a queued write, available once its group has been committed durably. Await it, or block on it with
/// [`Pending::wait`]; the write happens either way, also when this is dropped.
#[derive(Debug)]
#[must_use = "the result says whether the write is durable"]
pub struct Pending<T> {
    result: oneshot::Receiver<Result<T, StoreError>>,
    /// Let other tasks run once before the result is returned.
    yields: bool,
}

impl<T> Pending<T> {
    /// A pending result and the sender that resolves it.
    pub(crate) fn new() -> (oneshot::Sender<Result<T, StoreError>>, Self) {
        let (sender, receiver) = oneshot::channel();
        (sender, Pending { result: receiver, yields: false })
    }

    /// Lets other tasks run before the result is returned, although it is there: so that a simulation may crash
    /// between a commit and what follows it.
    pub(crate) fn yielding(self) -> Self {
        Pending { yields: true, ..self }
    }

    /// Blocks this thread until the result is available.
    pub fn wait(self) -> Result<T, StoreError> {
        // Not `blocking_recv`: that panics on a thread that belongs to a runtime.
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        let mut pending = pin!(self);
        loop {
            match pending.as_mut().poll(&mut context) {
                Poll::Ready(result) => return result,
                Poll::Pending => std::thread::park(),
            }
        }
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if std::mem::take(&mut self.yields) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Pin::new(&mut self.result).poll(context).map(|result| result.unwrap_or(Err(StoreError::Closed)))
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// A queued write, whatever its result type.
pub(crate) trait Job: Send {
    /// Runs the write and keeps its result. `Err` when it must be rolled back.
    fn run(&mut self, tx: &Tx<'_>) -> Result<(), ()>;
    /// Replaces the kept result by an error.
    fn fail(&mut self, error: DbError);
    /// SQLite's extended code of the kept error.
    fn sqlite_code(&self) -> Option<i32>;
    /// Resolves the [`Pending`]: to the kept result, or to the error of the group's commit.
    fn reply(self: Box<Self>, group: Result<(), StoreError>);
}

/// What is called with a write's result once it is durable, whether or not anybody still waits for it.
pub(crate) type AfterCommit<T> = Box<dyn FnOnce(&T) + Send>;

/// A write as a closure.
pub(crate) struct Write<T, F> {
    closure: Option<F>,
    after: Option<AfterCommit<T>>,
    result: Option<DbResult<T>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
    path: Arc<PathBuf>,
}

impl<T, F> Write<T, F> {
    /// A write that has not run; its result goes to `reply`, and errors name `path`.
    pub(crate) fn new(closure: F, reply: oneshot::Sender<Result<T, StoreError>>, path: Arc<PathBuf>) -> Self {
        Write { closure: Some(closure), after: None, result: None, reply, path }
    }

    /// Calls `after` once the write is durable.
    pub(crate) fn then(mut self, after: Option<AfterCommit<T>>) -> Self {
        self.after = after;
        self
    }
}

impl<T, F> Job for Write<T, F>
where
    T: Send,
    F: FnOnce(&Tx<'_>) -> DbResult<T> + Send,
{
    fn run(&mut self, tx: &Tx<'_>) -> Result<(), ()> {
        self.result = self.closure.take().map(|closure| closure(tx));
        if matches!(self.result, Some(Ok(_))) { Ok(()) } else { Err(()) }
    }

    fn fail(&mut self, error: DbError) {
        self.result = Some(Err(error));
    }

    fn sqlite_code(&self) -> Option<i32> {
        match &self.result {
            Some(Err(DbError::Sql(error))) => error.sqlite_error().map(|error| error.extended_code),
            _ => None,
        }
    }

    fn reply(self: Box<Self>, group: Result<(), StoreError>) {
        let result = match (group, self.result) {
            // The write's own error is more specific than the group's.
            (_, Some(Err(error))) => Err(error.at(&self.path)),
            (Err(error), _) => Err(error),
            (Ok(()), Some(Ok(value))) => Ok(value),
            (Ok(()), None) => Err(StoreError::Closed),
        };
        if let (Ok(value), Some(after)) = (&result, self.after) {
            // A panic there is a defect of its owner and no reason to stop writing.
            let _ = catch_unwind(AssertUnwindSafe(|| after(value)));
        }
        // The caller may have dropped its end; the write has happened all the same.
        let _ = self.reply.send(result);
    }
}
