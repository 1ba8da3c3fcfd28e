//! Takes over what a person sets, at the start and whenever it changes.
//!
//! Invariant: a file that cannot be used leaves in force what was, and is named until it can be used.

use std::path::Path;

use super::state::Model;
use crate::config::{RepliesFile, SavedView, parse_views};
use crate::domain::ConversationState;
use crate::text::Clean;
use crate::tui::commands::keymap::Keymap;
use crate::tui::conversations::update::reload;
use crate::tui::effect::Effect;
use crate::tui::i18n::fill;
use crate::tui::i18n::sentences::sentences_in;
use crate::tui::theme::themes::Themes;
use crate::tui::user_settings::{FileError, UserFiles, UserSettings};

/// Takes over settings and files. What has changed is said, except at the start.
pub(crate) fn apply(model: &mut Model, read: UserSettings) -> Vec<Effect> {
    let before = model.user_files.replace(read.files.clone());
    model.locale = read.locale;
    model.conversations.filter.country = read.country;
    model.settings = read.screen;
    model.agent_prefix = read.agent_prefix;
    model.listed_settings = read.listed;
    let texts = [
        (read.files.keymap, apply_keymap as fn(&mut Model, Option<&str>) -> Result<(), String>),
        (read.files.theme, apply_theme),
        (read.files.replies, apply_replies),
        (read.files.views, apply_views),
    ];
    let views = model.views.clone();
    let mut errors = Vec::new();
    for (file, (text, apply)) in UserFiles::NAMES.into_iter().zip(texts) {
        if before.is_none() {
            // What is built in is in force where the file cannot be used.
            drop(apply(model, None));
        }
        if let Err(reason) = text.and_then(|text| apply(model, text.as_deref())) {
            errors.push(FileError { file, reason });
        }
    }
    notify_of_files(model, before.as_ref(), &errors);
    model.file_errors = errors;
    forget_rendered(model);
    follow_views(model, &views)
}

/// Shows what the shown view of one's own has become; where it is gone, what the list shows at the start.
fn follow_views(model: &mut Model, before: &[SavedView]) -> Vec<Effect> {
    let filter = &mut model.conversations.filter;
    let Some(shown) = &mut filter.view else { return Vec::new() };
    let is_shown = |view: &&SavedView| Clean::line(&view.name).as_str() == shown.name;
    let Some(old) = before.iter().find(is_shown).filter(|old| old.filter.is_some()) else { return Vec::new() };
    let new = model.views.iter().find(is_shown);
    if new == Some(old) {
        return Vec::new();
    }
    if let Some(new) = new.and_then(|view| view.filter.clone()) {
        filter.state = new.state;
        shown.filter = new;
    } else {
        filter.view = None;
        filter.state = Some(ConversationState::Open);
    }
    reload(model)
}

/// Says what is wrong, else what has changed.
fn notify_of_files(model: &mut Model, before: Option<&UserFiles>, errors: &[FileError]) {
    let strings = &model.strings().notices;
    if let Some(FileError { file, reason }) = errors.iter().find(|error| !model.file_errors.contains(error)) {
        let reason = sentences_in(model.locale, reason);
        let text = fill(&strings.file_not_used, &[("file", file), ("reason", &reason)]);
        return model.notify(&text, true);
    }
    let (Some(before), Some(now)) = (before, &model.user_files) else { return };
    let is_used = |file: &str| !errors.iter().any(|error| error.file == file);
    let mut pairs = before.all().into_iter().zip(now.all());
    let changed = pairs.find(|((file, old), (_, new))| old != new && is_used(file)).map(|((file, _), _)| file);
    drop(pairs);
    if let Some(file) = changed {
        let text = fill(&strings.file_in_force, &[("file", file)]);
        model.notify(&text, false);
    }
}

fn apply_keymap(model: &mut Model, text: Option<&str>) -> Result<(), String> {
    model.keymap = match text {
        Some(text) => Keymap::with_own(model.settings.keys, text).map_err(|error| error.to_string())?,
        None => Keymap::of_set(model.settings.keys),
    };
    Ok(())
}

fn apply_theme(model: &mut Model, text: Option<&str>) -> Result<(), String> {
    let styles = Themes::parse(text.unwrap_or_default())?.styles(&model.settings.theme)?;
    model.theme.set_styles(styles);
    Ok(())
}

fn apply_replies(model: &mut Model, text: Option<&str>) -> Result<(), String> {
    let file = RepliesFile::parse(Path::new(""), text.unwrap_or_default()).map_err(|error| error.place_and_reason())?;
    model.use_replies(&file);
    Ok(())
}

fn apply_views(model: &mut Model, text: Option<&str>) -> Result<(), String> {
    let views = parse_views(Path::new(""), text.unwrap_or_default(), model.country(), &model.zone);
    model.views = views.map_err(|error| error.place_and_reason())?;
    Ok(())
}

/// Rows that were made in another language or theme are made anew.
fn forget_rendered(model: &mut Model) {
    for entry in model.thread.iter_mut().flat_map(|thread| &mut thread.entries) {
        entry.rendered = None;
    }
}
