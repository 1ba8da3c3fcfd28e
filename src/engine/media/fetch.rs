//! Fetching the file of one message, to its end.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::part::Part;
use super::retry;
use crate::config::MediaSettings;
use crate::domain::{Kind, MediaError, MediaFault, MediaState, StoreError};
use crate::engine::accounts::account::ConfiguredAccount;
use crate::engine::clock;
use crate::engine::outside::{FetchError, Limits, Outside, Permitted};
use crate::providers::{Method, Request};
use crate::store::{DueMedia, StagedFile, Store};

/// Between two looks at a file that another process fetches.
const OTHERS_TURN: Duration = Duration::from_millis(500);

/// What fetching files needs. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Fetch {
    pub(crate) store: Store,
    pub(crate) outside: Outside,
    pub(crate) settings: MediaSettings,
}

impl Fetch {
    /// Fetches the file of a message and records what came of it. `account` is `None` where it has left the
    /// configuration: then the link is fetched without a key. Does nothing while another process fetches it.
    pub(crate) async fn run(self, due: DueMedia, account: Option<Arc<ConfiguredAccount>>) -> Result<(), StoreError> {
        let Some(part) = self.open_part(&due)? else {
            tokio::time::sleep(OTHERS_TURN).await;
            return Ok(());
        };
        let failed = match self.fetch(&due, account.as_deref(), part).await {
            Ok(staged) => match self.store.keep_media(due.message, staged, clock::now()).await {
                // The message was forgotten meanwhile; the file goes with it.
                Err(StoreError::NotFound) => return Ok(()),
                Err(StoreError::Unusable { reason, .. }) => MediaError::with(MediaFault::Disk, reason).into(),
                kept => return kept,
            },
            Err(failed) => failed,
        };
        tracing::info!(message = due.message.0, reason = %failed.error, "the file of a message did not come");
        let failure = retry::after(failed, due.attempts, due.since, clock::now());
        if failure.state != MediaState::Waiting {
            // Nobody goes on with it. What cannot be removed now is swept at the next start.
            drop(self.store.media_part(due.message).and_then(|path| Part::remove(&path)));
        }
        self.store.record_media_failure(due.message, failure).await
    }

    fn open_part(&self, due: &DueMedia) -> Result<Option<Part>, StoreError> {
        let open = || Part::open(&self.store.media_part(due.message)?);
        open().map_err(|error| match error.kind() {
            io::ErrorKind::StorageFull => StoreError::Full,
            _ => StoreError::Unusable { path: self.store.path().to_owned(), reason: error.to_string() },
        })
    }

    async fn fetch(
        &self,
        due: &DueMedia,
        account: Option<&ConfiguredAccount>,
        mut part: Part,
    ) -> Result<StagedFile, FetchError> {
        let request = match account {
            Some(account) => account.provider.file_request(&account.profile, &due.media),
            None => due.media.url.clone().map(|url| Request::bare(Method::Get, url)),
        };
        let request = request.ok_or(MediaFault::NoLink)?;
        let gateway = account.and_then(|account| Url::parse(&account.profile.base_url).ok());
        let permitted = Permitted { gateway, private: self.settings.allow_private.clone() };
        let limits = Limits { max_bytes: self.settings.max_bytes(), timeout: self.settings.timeout };
        let resume = part.resume(&request.url);
        let opened = self.outside.open(&request, &permitted, limits, resume.as_ref()).await;
        let mut answer = match opened {
            Err(error) if resume.is_some() && error.error.fault == MediaFault::Incomplete => {
                // The server has another version, and the next attempt begins anew.
                Part::remove(part.path()).map_err(disk)?;
                return Err(error);
            }
            opened => opened?,
        };
        if answer.from == 0 {
            part.begin(&request.url, answer.validator.as_deref()).map_err(disk)?;
        }
        while let Some(bytes) = answer.chunk().await? {
            part.add(&bytes).map_err(disk)?;
        }
        stage(part, due.kind).await
    }
}

/// Makes the whole file durable, and judges it.
async fn stage(part: Part, kind: Kind) -> Result<StagedFile, FetchError> {
    let path = part.path().to_owned();
    part.remove_source().map_err(disk)?;
    let staged = tokio::task::spawn_blocking(move || {
        let staged = StagedFile::of_part(&path);
        drop(part);
        staged
    });
    let staged = staged.await.map_err(|_| MediaFault::Disk)?.map_err(disk)?;
    if staged.size == 0 {
        return Err(MediaFault::Empty.into());
    }
    if staged.file_type.is_web_page() && kind != Kind::Document {
        return Err(MediaFault::WebPage.into());
    }
    Ok(staged)
}

#[expect(clippy::needless_pass_by_value, reason = "given to map_err")]
fn disk(error: io::Error) -> FetchError {
    MediaError::with(MediaFault::Disk, error.to_string()).into()
}
