//! What a person does to a voice note: plays it, stops it, plays it faster.

use std::time::Duration;

use crate::domain::{Kind, Message, MessageId};
use crate::text::Clean;
use crate::tui::app::state::Model;
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::effect::{Effect, MediaCall, PlayRequest};
use crate::tui::i18n::fill;
use crate::tui::message::PlayError;
use crate::tui::previews::playback::Playback;

/// How fast can be played, in percent, one after the other.
const SPEEDS: [u16; 3] = [100, 150, 200];

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

/// The player runs from now on.
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
    let key = model.keymap.first_key(KeyContext::Thread, Command::SaveMedia).map(|key| key.to_string());
    let key = key.unwrap_or_default();
    let text = match result {
        Ok(()) => return,
        Err(PlayError::OverSsh) => fill(&strings.play_over_ssh, &[("key", &key)]),
        Err(PlayError::NoPlayer) => fill(&strings.no_player, &[("key", &key)]),
        Err(PlayError::Failed { program, reason }) => {
            let (program, reason) = (Clean::line(&program), Clean::line(&reason));
            fill(&strings.player_failed, &[("program", program.as_str()), ("reason", reason.as_str())])
        }
    };
    model.notify(&text, true);
}
