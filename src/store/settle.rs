//! The end of an attempt.
use super::db::Store;
use super::writer::Pending;
use crate::domain::{Failure, Message, MessageId, Timestamp};

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The gateway took it.
    Accepted {
        /// The id by which its receipts may name it.
        remote_id: Option<String>,
    },
    /// Nothing was processed; it is tried again by itself.
    Later {
        /// Why.
        failure: Failure,
        /// Not before this time.
        not_before: Timestamp,
    },
    /// It was not taken and never will be as it is.
    Refused {
        /// Why.
        failure: Failure,
    },
    /// Nobody knows whether it was processed.
    Unsure {
        /// What happened.
        failure: Failure,
    },
}

impl Store {
    /// Ends an attempt. A late word on an attempt that is not the newest changes nothing.
    pub fn settle(&self, _message: MessageId, _attempt: u32, _settled: Settled, _now: Timestamp) -> Pending<Message> {
        self.write(|_| Err(super::error::Fault::Other("not built yet".into())))
    }

    /// At the start of an engine: every message that was being sent becomes unsure (code `interrupted`), for
    /// nobody knows whether its request left. Returns them.
    pub fn recover_leases(&self, _now: Timestamp) -> Pending<Vec<MessageId>> {
        self.write(|_| Err(super::error::Fault::Other("not built yet".into())))
    }
}
