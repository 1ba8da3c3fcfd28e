//! Export and import of conversations and messages.
//!
//! Invariant: an imported message is not sent and is not added twice; what a conversation here has is never replaced by
//! what a file says.

mod conversations;
mod export;
mod import;
mod messages;
pub use conversations::{ConversationDetails, ExportedConversation};
pub use export::ExportedMessage;
pub use import::Importer;
pub use messages::ImportCounts;
