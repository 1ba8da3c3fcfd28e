//! Decodes the picture that the viewer shows, and makes the parts of it that are asked for.
//!
//! Invariant: one picture is kept, and only while it is looked at; of several requests the newest is performed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::previews::{LONGEST, read};
use crate::decoders::picture::{MAX_BYTES, Picture};
use crate::tui::message::Msg;
use crate::tui::overlays::viewer::request::{PictureRequest, ShownPicture};
use crate::tui::previews::preview::Unreadable;

/// The longest side of a picture that is kept, in pixels: what no window shows is not kept.
const MOST_KEPT: u32 = 4096;

/// Shows parts of one picture after the other.
pub(super) struct PictureShower {
    state: Arc<Mutex<State>>,
    answers: mpsc::UnboundedSender<Msg>,
}

#[derive(Default)]
struct State {
    wanted: Option<Box<PictureRequest>>,
    /// A task takes from `wanted` until it is empty.
    is_served: bool,
    kept: Option<Arc<Kept>>,
}

/// A decoded picture, by the hash of its file.
struct Kept {
    sha256: String,
    picture: Picture,
    /// The size before it was made smaller for keeping.
    size: (u32, u32),
}

impl PictureShower {
    pub(super) fn new(answers: mpsc::UnboundedSender<Msg>) -> Self {
        PictureShower { state: Arc::default(), answers }
    }

    /// Shows this in place of what was asked for before and is not begun.
    pub(super) fn show(&self, request: Box<PictureRequest>) {
        let mut state = lock(&self.state);
        state.wanted = Some(request);
        if !std::mem::replace(&mut state.is_served, true) {
            tokio::spawn(serve(Arc::clone(&self.state), self.answers.clone()));
        }
    }

    /// Forgets the picture that is kept when nothing is looked at any more.
    pub(super) fn forget_unless(&self, viewed: bool) {
        if !viewed {
            let mut state = lock(&self.state);
            (state.kept, state.wanted) = (None, None);
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(state: Arc<Mutex<State>>, answers: mpsc::UnboundedSender<Msg>) {
    loop {
        let (request, kept) = {
            let mut state = lock(&state);
            let Some(request) = state.wanted.take() else {
                state.is_served = false;
                return;
            };
            (request, state.kept.take())
        };
        let asked = request.clone();
        let work = tokio::task::spawn_blocking(move || show(&asked, kept));
        let shown = match tokio::time::timeout(LONGEST, work).await {
            Ok(Ok(Ok((shown, kept)))) => {
                lock(&state).kept = Some(kept);
                Ok(shown)
            }
            Ok(Ok(Err(reason))) => Err(reason),
            Ok(Err(_)) => Err(Unreadable::Failed),
            Err(_) => Err(Unreadable::TooSlow),
        };
        // While the program ends, nobody receives the answer any more.
        let _ = answers.send(Msg::PictureShown { request, shown });
    }
}

fn show(request: &PictureRequest, kept: Option<Arc<Kept>>) -> Result<(ShownPicture, Arc<Kept>), Unreadable> {
    let kept = match kept.filter(|kept| kept.sha256 == request.file.sha256) {
        Some(kept) => kept,
        None => Arc::new(decode(request)?),
    };
    let (part, (width, height)) =
        request.zoom.part(kept.picture.size(), (request.columns, request.rows.saturating_mul(2)));
    let pixels = kept.picture.part(part, width, height);
    Ok((ShownPicture { pixels, size: kept.size }, kept))
}

fn decode(request: &PictureRequest) -> Result<Kept, Unreadable> {
    let mut picture = Picture::decode(&read(&request.file.path, MAX_BYTES + 1)?).map_err(Unreadable::Picture)?;
    let size = picture.size();
    picture.shrink(MOST_KEPT);
    Ok(Kept { sha256: request.file.sha256.clone(), picture, size })
}
