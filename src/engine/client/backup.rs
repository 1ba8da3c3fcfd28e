//! Export and import of all messages.

use super::Client;
use crate::engine::backup::{Export, Import, LineCounts};

impl Client {
    /// Every message with the facts of its conversation, oldest first.
    pub fn export(&self) -> Export<'_> {
        Export::new(self.store())
    }

    /// An import of the lines of a file, which were counted before.
    pub fn import(&self, counts: LineCounts) -> Import<'_> {
        Import::new(self.store(), counts)
    }
}
