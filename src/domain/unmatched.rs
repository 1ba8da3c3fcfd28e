//! What a gateway reported about nobody knows which message.

use super::{MessageId, Status, Timestamp};

/// A report of which the message is not known; it may be about one that is unsure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnmatchedReport {
    /// A receipt for an id of the gateway that no message here has.
    Receipt { remote_id: String, status: Status, at: Timestamp },
    /// A message on our side that was not sent from here: from the phone, or the unsure one itself.
    Elsewhere { message: MessageId, text: String, at: Timestamp },
}
