//! Decodes the picture that the viewer shows, and makes the parts of it that are asked for.
//!
//! Invariant: one picture is kept, and only while it is looked at; of several requests the newest is performed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::pixels::{self, Protocol, Rgb};
use super::previews::{LONGEST, read};
use crate::decoders::picture::{MAX_BYTES, Part, Picture, Pixels, fitted};
use crate::tui::message::Msg;
use crate::tui::overlays::viewer::request::{PictureRequest, PixelImage, ShownPicture};
use crate::tui::previews::preview::Unreadable;
use crate::tui::widgets::half_blocks;

/// The longest side of a picture that is kept, in pixels: what no window shows is not kept.
const MOST_KEPT: u32 = 4096;

/// A terminal with pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct PixelTarget {
    pub(super) protocol: Protocol,
    /// Width and height of a cell, in pixels.
    pub(super) cell: (u16, u16),
}

/// Shows parts of one picture after the other.
pub(super) struct PictureShower {
    state: Arc<Mutex<State>>,
    answers: mpsc::UnboundedSender<Msg>,
}

#[derive(Default)]
struct State {
    wanted: Option<(Box<PictureRequest>, Option<PixelTarget>)>,
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

    /// Shows this in place of what was asked for before and is not begun; also in real pixels where there is a target.
    pub(super) fn show(&self, request: Box<PictureRequest>, target: Option<PixelTarget>) {
        let mut state = lock(&self.state);
        state.wanted = Some((request, target));
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
        let ((request, target), kept) = {
            let mut state = lock(&state);
            let Some((request, target)) = state.wanted.take() else {
                state.is_served = false;
                return;
            };
            ((request, target), state.kept.take())
        };
        let asked = request.clone();
        let work = tokio::task::spawn_blocking(move || show(&asked, target, kept));
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

fn show(
    request: &PictureRequest,
    target: Option<PixelTarget>,
    kept: Option<Arc<Kept>>,
) -> Result<(ShownPicture, Arc<Kept>), Unreadable> {
    let kept = match kept.filter(|kept| kept.sha256 == request.file.sha256) {
        Some(kept) => kept,
        None => Arc::new(decode(request)?),
    };
    let (part, (width, height)) =
        request.zoom.part(kept.picture.size(), (request.columns, request.rows.saturating_mul(2)));
    let pixels = kept.picture.part(part, width, height);
    let image = target.and_then(|target| target.image(&kept.picture, part, &pixels));
    Ok((ShownPicture { pixels, size: kept.size, image }, kept))
}

impl PixelTarget {
    /// A part of a picture over the cells that its half blocks take.
    fn image(self, picture: &Picture, part: Part, blocks: &Pixels) -> Option<PixelImage> {
        let (columns, rows) = (blocks.width, half_blocks::rows(blocks));
        let (width, height) = (columns.saturating_mul(self.cell.0), rows.saturating_mul(self.cell.1));
        // What a terminal enlarges by itself is not sent in more pixels than the picture has there.
        let (width, height) = match self.protocol {
            Protocol::Sixel => (width, height),
            Protocol::Kitty | Protocol::Iterm2 => fitted((part.width, part.height), (width, height)),
        };
        let pixels = picture.part(part, width, height);
        let over_black = |[red, green, blue, opacity]: [u8; 4]| {
            [red, green, blue].map(|c| u8::try_from(u16::from(c) * u16::from(opacity) / 255).unwrap_or(c))
        };
        let bytes = pixels.rgba.into_iter().flat_map(over_black).collect();
        let rgb = Rgb { width: pixels.width.into(), height: pixels.height.into(), bytes };
        pixels::encode(self.protocol, &rgb, columns, rows)
    }
}

fn decode(request: &PictureRequest) -> Result<Kept, Unreadable> {
    let mut picture = Picture::decode(&read(&request.file.path, MAX_BYTES + 1)?).map_err(Unreadable::Picture)?;
    let size = picture.size();
    picture.shrink(MOST_KEPT);
    Ok(Kept { sha256: request.file.sha256.clone(), picture, size })
}
