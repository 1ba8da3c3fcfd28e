//! The files of messages: having one fetched, and how many there are.

use std::time::{Duration, Instant};

use super::{Client, engine_pid};
use crate::domain::{MediaState, Message, MessageId, StoreError};
use crate::engine::media::Fetch;
use crate::engine::outside::Outside;
use crate::store::MediaCounts;

/// Between two looks at a file that the engine fetches, beside its notifications: it may end meanwhile.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

impl Client {
    /// Asks for the file of a message: the engine fetches it now, also where it failed before. Returns whether there is
    /// one to fetch.
    pub(crate) async fn ask_for_media(&self, message: MessageId) -> Result<bool, StoreError> {
        self.store().ask_for_media(message, self.now()).await
    }

    /// Fetches the file of a message unless it is here: by the engine that runs, or by itself when none does. Returns the
    /// message as it is then, at the latest after `wait`; its file says why it is not here. `NotFound` when there is no
    /// such message.
    pub(crate) async fn fetch_media(&self, id: MessageId, wait: Duration) -> Result<Message, StoreError> {
        let deadline = Instant::now() + wait;
        let mut changes = self.watch();
        let mut is_asked = false;
        loop {
            changes.borrow_and_update();
            let message = self.message(id)?.ok_or(StoreError::NotFound)?;
            let Some(media) = &message.media else { return Ok(message) };
            let is_settled = media.file.state != MediaState::Waiting || media.file.error.is_some();
            let is_here = media.file.path.as_ref().is_some_and(|path| path.is_file());
            if is_here || (is_asked && is_settled) || Instant::now() >= deadline {
                return Ok(message);
            }
            if !is_asked {
                is_asked = true;
                if self.ask_for_media(id).await? {
                    continue;
                }
                return self.message(id)?.ok_or(StoreError::NotFound);
            }
            if engine_pid(self.data_dir()).is_none() {
                self.fetch_here(id).await?;
            } else {
                drop(tokio::time::timeout(LOOK_AGAIN, changes.changed()).await);
            }
        }
    }

    /// Fetches the file of a message in this process.
    async fn fetch_here(&self, id: MessageId) -> Result<(), StoreError> {
        let Some(due) = self.store().due_media_of(id)? else { return Ok(()) };
        self.load_accounts()?;
        let account = self.registry().find(due.account.as_str());
        let outside = Outside::new(self.http().clone());
        Fetch { store: self.store().clone(), outside, settings: self.settings().media.clone() }.run(due, account).await
    }

    /// How many files there are. Reads the tables of files from end to end.
    pub(crate) fn media_counts(&self) -> Result<MediaCounts, StoreError> {
        self.store().media_counts()
    }
}
