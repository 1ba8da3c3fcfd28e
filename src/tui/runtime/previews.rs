//! Makes previews of files, a few at a time, each on a thread that may block.
//!
//! Invariant: what is not wanted any more is not begun, a slow or broken file delays no other for long, and nothing runs
//! while nothing is wanted.

use std::collections::{HashSet, VecDeque};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};

use crate::decoders::picture::{MAX_BYTES, Picture};
use crate::decoders::{pdf, voice};
use crate::tui::message::Msg;
use crate::tui::previews::preview::{Preview, PreviewKey, PreviewKind, PreviewRequest, Unreadable};

/// How many are made at once. The rest of the machine is for the screen and the engine.
const AT_ONCE: usize = 2;

/// How long a preview may take. What takes longer goes on in its place among those at once, but nobody waits for it.
pub(super) const LONGEST: Duration = Duration::from_secs(10);

/// Makes what the screen wants to show.
pub(super) struct PreviewMaker {
    wanted: Arc<Mutex<Wanted>>,
    places: Arc<Semaphore>,
    answers: mpsc::UnboundedSender<Msg>,
}

#[derive(Default)]
struct Wanted {
    /// What is not begun, the next one first.
    waiting: VecDeque<PreviewRequest>,
    begun: HashSet<PreviewKey>,
    /// A task takes from `waiting` until it is empty.
    is_served: bool,
}

impl PreviewMaker {
    pub(super) fn new(answers: mpsc::UnboundedSender<Msg>) -> Self {
        PreviewMaker { wanted: Arc::default(), places: Arc::new(Semaphore::new(AT_ONCE)), answers }
    }

    /// Makes these, and no others that are not begun.
    pub(super) fn make(&self, requests: Vec<PreviewRequest>) {
        let mut wanted = lock(&self.wanted);
        wanted.waiting = requests.into();
        if !wanted.waiting.is_empty() && !std::mem::replace(&mut wanted.is_served, true) {
            tokio::spawn(serve(Arc::clone(&self.wanted), Arc::clone(&self.places), self.answers.clone()));
        }
    }
}

fn lock(wanted: &Mutex<Wanted>) -> MutexGuard<'_, Wanted> {
    wanted.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The next one that is wanted and not begun; `None` ends the task that serves.
fn next(wanted: &Mutex<Wanted>) -> Option<PreviewRequest> {
    let mut wanted = lock(wanted);
    while let Some(request) = wanted.waiting.pop_front() {
        if wanted.begun.insert(request.key.clone()) {
            return Some(request);
        }
    }
    wanted.is_served = false;
    None
}

async fn serve(wanted: Arc<Mutex<Wanted>>, places: Arc<Semaphore>, answers: mpsc::UnboundedSender<Msg>) {
    // A place is waited for first, so that what is scrolled away meanwhile is not begun.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let Some(request) = next(&wanted) else { return };
        let (wanted, answers) = (Arc::clone(&wanted), answers.clone());
        tokio::spawn(async move {
            let key = request.key.clone();
            let work = tokio::task::spawn_blocking(move || {
                let made = make(&request);
                drop(place);
                made
            });
            let preview = match tokio::time::timeout(LONGEST, work).await {
                Ok(Ok(preview)) => preview,
                Ok(Err(_)) => Preview::Unreadable(Unreadable::Failed),
                Err(_) => Preview::Unreadable(Unreadable::TooSlow),
            };
            lock(&wanted).begun.remove(&key);
            // While the program ends, nobody receives the answer any more.
            let _ = answers.send(Msg::PreviewMade { key, preview });
        });
    }
}

/// Makes a preview; blocks while it reads and decodes.
fn make(request: &PreviewRequest) -> Preview {
    match made(request) {
        Ok(preview) => preview,
        Err(reason) => Preview::Unreadable(reason),
    }
}

fn made(request: &PreviewRequest) -> Result<Preview, Unreadable> {
    let PreviewKey { kind, columns, rows, .. } = request.key;
    match kind {
        PreviewKind::Picture => {
            let picture = Picture::decode(&read(&request.path, MAX_BYTES + 1)?).map_err(Unreadable::Picture)?;
            let pixels = picture.fit(columns, rows.saturating_mul(2));
            Ok(Preview::Picture { pixels, size: picture.size() })
        }
        PreviewKind::Document => Ok(Preview::Document { pages: pdf::pages(&read(&request.path, pdf::MAX_BYTES)?) }),
        PreviewKind::Voice => {
            let most = u64::try_from(voice::MOST_BYTES).unwrap_or(u64::MAX);
            let heard = voice::read(&read(&request.path, most.saturating_add(1))?, usize::from(columns));
            let voice = heard.map_err(|_| Unreadable::Failed)?;
            let loudness = |bar: u8| u8::try_from(u16::from(bar) * 255 / u16::from(voice::HIGHEST)).unwrap_or(u8::MAX);
            let waveform = voice.bars.into_iter().map(loudness).collect();
            Ok(Preview::Voice { duration: voice.duration, waveform })
        }
    }
}

/// The first `most` bytes of a file.
pub(super) fn read(path: &Path, most: u64) -> Result<Vec<u8>, Unreadable> {
    let file = File::open(path).map_err(|_| Unreadable::Gone)?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).map_err(|_| Unreadable::Gone)?;
    Ok(bytes)
}
