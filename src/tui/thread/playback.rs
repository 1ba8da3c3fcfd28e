//! The voice note that is being played: how far it is, how fast, and what a person does to it.
//!
//! Invariant: a time passes here only while something plays.

use std::time::Duration;

use crate::domain::{Kind, Message, MessageId, Timestamp};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::effect::{Effect, MediaCall, PlayRequest};
use crate::tui::i18n::fill;
use crate::tui::message::PlayError;

/// How fast can be played, in percent, one after the other.
const SPEEDS: [u16; 3] = [100, 150, 200];

/// A voice note that is being played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Playback {
    message: MessageId,
    /// When the sound began, at `from`.
    began: Timestamp,
    from: Duration,
    /// In percent.
    speed: u16,
    /// The player can begin anywhere and play faster. `None` until it runs.
    can_seek: Option<bool>,
}

/// How far a voice note has been played, as the thread shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Whole seconds of the note.
    pub(crate) seconds: u64,
    /// In percent.
    pub(crate) speed: u16,
}

impl Playback {
    fn position(&self, now: Timestamp) -> Duration {
        self.from + now.since(self.began) * u32::from(self.speed) / 100
    }

    /// How far it is, if it is this message's.
    pub(crate) fn progress_of(&self, message: MessageId, now: Timestamp) -> Option<Progress> {
        (self.message == message).then(|| Progress { seconds: self.position(now).as_secs(), speed: self.speed })
    }

    /// When the next second of the note begins.
    pub(crate) fn next_second(&self, now: Timestamp) -> Timestamp {
        let next = Duration::from_secs(self.position(now).as_secs() + 1).saturating_sub(self.from);
        // A millisecond more, so that the second has begun by then.
        self.began.plus(next * 100 / u32::from(self.speed.max(1)) + Duration::from_millis(1))
    }
}

/// Whether a message is one that can be heard.
pub(crate) fn can_be_heard(message: &Message) -> bool {
    let media = message.media.as_ref();
    let is_sound = |mime: &String| mime.starts_with("audio/");
    let path = media.and_then(|media| media.file.path.as_ref());
    path.is_some() && (message.kind == Kind::Audio || media.and_then(|media| media.mime.as_ref()).is_some_and(is_sound))
}

fn play(model: &mut Model, message: MessageId, from: Duration, speed: u16, can_seek: Option<bool>) -> Vec<Effect> {
    let found = model.thread.as_ref().and_then(|thread| thread.entries.get(thread.index_of(message)?));
    let Some(path) = found.and_then(|entry| entry.message.media.as_ref()?.file.path.clone()) else {
        return Vec::new();
    };
    model.playback = Some(Playback { message, began: model.now, from, speed, can_seek });
    vec![Effect::Media(MediaCall::Play(PlayRequest { message, path, from, speed }))]
}

/// Plays a message's file from its beginning, or stops it.
pub(crate) fn toggle(model: &mut Model, message: MessageId) -> Vec<Effect> {
    if model.playback.take_if(|playing| playing.message == message).is_some() {
        return vec![Effect::Media(MediaCall::StopPlaying)];
    }
    play(model, message, Duration::ZERO, SPEEDS[0], None)
}

/// Plays faster, or after the fastest at the usual speed again, from where it is.
pub(crate) fn change_speed(model: &mut Model) -> Vec<Effect> {
    let Some(playing) = model.playback.clone() else { return Vec::new() };
    if playing.can_seek == Some(false) {
        model.notify(&model.strings().notices.no_speed, true);
        return Vec::new();
    }
    let at = SPEEDS.iter().position(|speed| *speed == playing.speed).unwrap_or(0);
    let speed = SPEEDS.get(at + 1).copied().unwrap_or(SPEEDS[0]);
    play(model, playing.message, playing.position(model.now), speed, playing.can_seek)
}

/// The player runs.
pub(crate) fn started(model: &mut Model, message: MessageId, can_seek: bool) {
    let now = model.now;
    if let Some(playing) = model.playback.as_mut().filter(|playing| playing.message == message) {
        (playing.can_seek, playing.began) = (Some(can_seek), now);
    }
}

/// The player has ended by itself, or there is none.
pub(crate) fn ended(model: &mut Model, message: MessageId, result: Result<(), PlayError>) {
    if model.playback.take_if(|playing| playing.message == message).is_none() {
        return;
    }
    let strings = &model.strings().notices;
    let id = message.to_string();
    let text = match result {
        Ok(()) => return,
        Err(PlayError::OverSsh) => fill(&strings.play_over_ssh, &[("id", &id)]),
        Err(PlayError::NoPlayer) => fill(&strings.no_player, &[("id", &id)]),
        Err(PlayError::Failed { program, reason }) => {
            let (program, reason) = (Clean::line(&program), Clean::line(&reason));
            fill(&strings.player_failed, &[("program", program.as_str()), ("reason", reason.as_str())])
        }
    };
    model.notify(&text, true);
}
