//! Sends keys and pasted text to where they belong.
//!
//! Invariant: a key reaches one receiver only.
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::key::{Chord, KeySequence};
use super::keymap::KeyMeaning;
use super::registry::{Command, KeyContext};
use super::run::run;
use super::typing::Judgement;
use crate::tui::app::state::{Model, Pane};
use crate::tui::composer::state::HeldInput;
use crate::tui::effect::Effect;
use crate::tui::i18n::fill;
use crate::tui::overlays::actions::PendingKeys;
use crate::tui::overlays::confirm::Question;
use crate::tui::widgets::text_editor::edit;
use crate::tui::{composer, conversations, overlays};

/// A paste of more lines asks first.
const PASTE_ASKS_ABOVE: usize = 10;

/// Takes a key for whatever has the keys: the foremost overlay, the filter, or the pane with the focus.
pub(crate) fn press(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    if is_esc_and_letter(model, key) {
        let mut effects = press_one(model, &KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE));
        effects.extend(press_one(model, &KeyEvent { modifiers: key.modifiers - KeyModifiers::ALT, ..*key }));
        return effects;
    }
    press_one(model, key)
}

/// Terminals send the same bytes for Esc and then a letter as for Alt with the letter. Where that edits no text, Esc
/// and the letter are meant.
fn is_esc_and_letter(model: &Model, key: &KeyEvent) -> bool {
    let letter = matches!(key.code, KeyCode::Char(_)) && key.modifiers.contains(KeyModifiers::ALT);
    let filtering = model.focus == Pane::List && model.conversations.filter.typing;
    let (context, typing) = match model.overlays.last() {
        Some(front) => (KeyContext::Overlay, front.takes_text()),
        None => (model.focus.place(), filtering || model.focus == Pane::Composer),
    };
    letter
        && model.keymap.meaning(context, &[Chord::of(key)]) == KeyMeaning::Nothing
        && !(typing && edit::from_key(key).is_some())
}

fn press_one(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    if let Some(pending) = model.take_front::<PendingKeys>() {
        return press_next(model, pending, key);
    }
    let filtering = model.focus == Pane::List && model.conversations.filter.typing;
    if model.overlays.is_empty() && model.focus != Pane::Composer && !filtering && Chord::of(key).typed().is_some() {
        return press_letter(model, key);
    }
    let held = model.typing.take_held();
    let mut effects = held.map(|command| run_by_letter(model, command)).unwrap_or_default();
    effects.extend(press_other(model, key));
    effects
}

/// Takes a key that is no character of a pane where characters are commands.
fn press_other(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    if is_interrupt(key) && model.keymap.command(model.focus.place(), Chord::of(key)).is_none() {
        return show_how_to_quit(model);
    }
    if !model.overlays.is_empty() {
        let (mut effects, command) = overlays::press(model, key, &[]);
        effects.extend(command.map(|command| run(model, command)).unwrap_or_default());
        return effects;
    }
    if model.focus == Pane::List && model.conversations.filter.typing {
        return filter_key(model, key);
    }
    match model.focus {
        Pane::Composer => composer_key(model, key),
        pane => press_in(model, pane.place(), key),
    }
}

/// Takes a character in the list or the thread: a command, unless it is part of something typed.
fn press_letter(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    let (context, chord, now) = (model.focus.place(), Chord::of(key), model.now);
    let undo = model.notice.as_ref().and_then(|notice| notice.undo);
    let meaning = match model.keymap.meaning(context, &[chord]) {
        // The notice of what was done offers its own key.
        _ if undo == Some(chord) => KeyMeaning::Command(Command::Undo),
        meaning => meaning,
    };
    let mut effects = run_held(model);
    let quick = model.typing.is_quick(now);
    if !quick {
        model.typing.selected_before = model.conversations.selected;
    }
    let command = match meaning {
        KeyMeaning::Prefix if !quick => {
            model.typing.begin_sequence(now, key);
            effects.extend(wait_for_more(model, context, vec![chord]));
            return effects;
        }
        KeyMeaning::Command(command) => Some(command),
        KeyMeaning::Prefix | KeyMeaning::Nothing => None,
    };
    match model.typing.judge(now, key, command) {
        Judgement::Act => effects.extend(command.map(|command| run_by_letter(model, command)).unwrap_or_default()),
        Judgement::Text(keys) => effects.extend(take_as_text(model, &keys)),
        Judgement::Hold | Judgement::Drop => {}
    }
    effects
}

/// Runs the command of a letter after which nothing was typed for long enough.
pub(crate) fn run_held(model: &mut Model) -> Vec<Effect> {
    match model.typing.take_due(model.now) {
        // Something has come in front meanwhile.
        Some(command) if model.overlays.is_empty() => run_by_letter(model, command),
        _ => Vec::new(),
    }
}

/// Runs a command that was given by a letter, which may have been meant as text: it is asked before quitting.
fn run_by_letter(model: &mut Model, command: Command) -> Vec<Effect> {
    model.quit_carefully = command == Command::Quit;
    run(model, command)
}

/// Puts what was typed where letters are commands into the open conversation's draft; without one it is dropped.
fn take_as_text(model: &mut Model, keys: &[KeyEvent]) -> Vec<Effect> {
    if let Some(before) = model.typing.selected_before.filter(|_| model.focus == Pane::List) {
        // Its first letters may have moved the selection.
        model.conversations.select(before);
    }
    if !show_redirected(model) {
        model.typing.drop_what_follows(model.now);
        return Vec::new();
    }
    let mut effects = Vec::new();
    for key in keys {
        effects.extend(composer_key(model, key));
    }
    model.typing.redirected = true;
    effects
}

/// Gives the composer the keys for text that was typed or pasted elsewhere, and says so. `false` without a composer.
fn show_redirected(model: &mut Model) -> bool {
    let strings = &model.strings().notices;
    let Some(conversation) = model.composer.conversation else {
        model.notify(&strings.typed_nowhere, true);
        return false;
    };
    let name = model.conversation(conversation).map(|found| Model::title(found, model.country()));
    let name = name.unwrap_or_default();
    model.focus = Pane::Composer;
    model.notify(&fill(&strings.typed_elsewhere, &[("name", name.as_str())]), false);
    if let Some(notice) = model.notice.as_mut() {
        notice.stays = true;
    }
    model.typing.redirected = true;
    true
}

/// Takes a key of a pane in which nothing is typed.
fn press_in(model: &mut Model, context: KeyContext, key: &KeyEvent) -> Vec<Effect> {
    let chord = Chord::of(key);
    match model.keymap.meaning(context, &[chord]) {
        KeyMeaning::Command(command) => run(model, command),
        KeyMeaning::Prefix => wait_for_more(model, context, vec![chord]),
        KeyMeaning::Nothing => Vec::new(),
    }
}

/// Shows what can follow the keys pressed so far.
fn wait_for_more(model: &mut Model, context: KeyContext, typed: Vec<Chord>) -> Vec<Effect> {
    model.push_overlay(PendingKeys { context, typed });
    Vec::new()
}

/// Takes the key after others that are not complete without it. One that cannot follow ends the sequence.
fn press_next(model: &mut Model, pending: PendingKeys, key: &KeyEvent) -> Vec<Effect> {
    let PendingKeys { context, mut typed } = pending;
    let chord = Chord::of(key);
    if !model.overlays.is_empty() {
        let (mut effects, command) = overlays::press(model, key, &typed);
        effects.extend(command.map(|command| run(model, command)).unwrap_or_default());
        return effects;
    }
    typed.push(chord);
    match model.keymap.meaning(context, &typed) {
        KeyMeaning::Command(command) => run(model, command),
        KeyMeaning::Prefix => wait_for_more(model, context, typed),
        KeyMeaning::Nothing if model.keymap.command(context, chord) == Some(Command::Back) => Vec::new(),
        KeyMeaning::Nothing => {
            if let Some(keys) = model.typing.unfinished(model.now, key) {
                return take_as_text(model, &keys);
            }
            let keys = KeySequence::from(&typed[..]).to_string();
            model.notify(&fill(&model.strings().notices.unbound, &[("keys", &keys)]), false);
            Vec::new()
        }
    }
}

/// Handles a key while the filter is typed; a key that it does not use may be a command.
fn filter_key(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    match conversations::update::filter_key(model, key) {
        Some(effects) => effects,
        None => press_in(model, KeyContext::Anywhere, key),
    }
}

/// Handles a key for the composer: holds it while an answer is pending, else runs its command or types it.
pub(crate) fn composer_key(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    let chord = Chord::of(key);
    let meaning = model.keymap.meaning(KeyContext::Composer, &[chord]);
    let anywhere = match meaning {
        KeyMeaning::Command(command) => command.contexts().contains(&KeyContext::Anywhere),
        // The command that follows may be about the draft.
        KeyMeaning::Prefix | KeyMeaning::Nothing => false,
    };
    if chord.typed().is_none() && key.code != KeyCode::Enter {
        model.typing.redirected = false;
    }
    if model.composer.pending.is_some() && !anywhere {
        model.composer.held_input.push_back(HeldInput::Key(*key));
        return Vec::new();
    }
    match meaning {
        // The slash is an ordinary letter except at the start of an empty draft.
        KeyMeaning::Command(command)
            if command != Command::Canned || key.code != KeyCode::Char('/') || model.composer.editor.is_empty() =>
        {
            run(model, command)
        }
        KeyMeaning::Prefix => wait_for_more(model, KeyContext::Composer, vec![chord]),
        _ => {
            composer::update::type_key(model, key);
            Vec::new()
        }
    }
}

fn is_interrupt(key: &KeyEvent) -> bool {
    key.code == KeyCode::Char('c') && key.modifiers == KeyModifiers::CONTROL
}

/// Ctrl+C copies elsewhere and ends programs elsewhere: here it only says what ends this one.
fn show_how_to_quit(model: &mut Model) -> Vec<Effect> {
    if let Some(chord) = model.keymap.first_key(KeyContext::Anywhere, Command::Quit) {
        model.notify(&fill(&model.strings().notices.to_quit, &[("key", &chord.to_string())]), false);
    }
    Vec::new()
}

/// Gives pasted text to whatever is typed in; a long paste into the composer is asked about first.
pub(crate) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if !model.overlays.is_empty() {
        return overlays::paste(model, text);
    }
    let held = model.typing.take_held();
    let mut effects = held.map(|command| run_by_letter(model, command)).unwrap_or_default();
    effects.extend(paste_in_pane(model, text));
    effects
}

fn paste_in_pane(model: &mut Model, text: &str) -> Vec<Effect> {
    match model.focus {
        Pane::List if model.conversations.filter.typing => {
            model.conversations.filter.text.insert(text);
            conversations::update::reload(model)
        }
        pane => {
            if pane != Pane::Composer && !show_redirected(model) {
                return Vec::new();
            }
            let lines = text.trim_end().split(['\n', '\r']).filter(|l| !l.is_empty()).count();
            if lines > PASTE_ASKS_ABOVE {
                model.push_overlay(Question::Paste { text: text.to_owned(), lines });
                Vec::new()
            } else {
                composer::update::paste(model, text)
            }
        }
    }
}

/// Runs the command for which the open conversation was opened; keys that were pressed meanwhile come after it.
pub(crate) fn run_after_open(model: &mut Model) -> Vec<Effect> {
    let Some((_, command)) = model.after_open.take().filter(|(id, _)| model.open_id() == Some(*id)) else {
        return Vec::new();
    };
    // Who went back to the list meanwhile means the list by a movement.
    let is_meant = !(command.is_movement() && model.focus == Pane::List);
    let mut effects = if is_meant { run(model, command) } else { Vec::new() };
    for input in std::mem::take(&mut model.composer.held_input) {
        effects.extend(match input {
            HeldInput::Key(key) => press(model, &key),
            HeldInput::Paste(text) | HeldInput::TakenBack(text) => paste(model, &text),
        });
    }
    effects
}
