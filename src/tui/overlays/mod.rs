//! What can lie over the panes: a closed set, kept as a stack, each in a file of its own. To add one: its file with a
//! `Popup`, and here its module, its variant and its two arms.
//!
//! Invariant: the stack alone says whether something lies over the panes, and only the foremost has keys and a cursor.

pub(crate) mod account_setup;
pub(crate) mod accounts;
pub(crate) mod actions;
pub(crate) mod address;
pub(crate) mod assign;
pub(crate) mod canned_replies;
pub(crate) mod card_people;
pub(crate) mod confirm;
pub(crate) mod customer;
pub(crate) mod customer_field;
pub(crate) mod details;
pub(crate) mod file_picker;
pub(crate) mod go_to;
pub(crate) mod gone;
pub(crate) mod help;
pub(crate) mod known;
pub(crate) mod labels;
pub(crate) mod links;
pub(crate) mod login;
pub(crate) mod message_form;
pub(crate) mod new_conversation;
pub(crate) mod note;
pub(crate) mod open;
pub(crate) mod palette;
pub(crate) mod popup;
pub(crate) mod reactions;
pub(crate) mod reply_fields;
pub(crate) mod save_file;
pub(crate) mod search;
pub(crate) mod send_later;
pub(crate) mod setting_input;
pub(crate) mod settings;
pub(crate) mod snooze;
pub(crate) mod templates;
pub(crate) mod time_choice;
pub(crate) mod viewer;
pub(crate) mod views;
pub(crate) mod welcome;

use self::popup::{Hint, Next, Popup};
use crate::domain::Timestamp;
use crate::tui::app::state::Model;
use crate::tui::commands::key::Chord;
use crate::tui::commands::registry::{Command, KeyContext};
use crate::tui::effect::Effect;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use std::any::Any;

macro_rules! overlays {
    ($($variant:ident($state:ty)),* $(,)?) => {
        /// Something over the panes.
        #[derive(Debug, Clone)]
        pub enum Overlay { $($variant(Box<$state>),)* }

        impl Overlay {
            fn popup(&self) -> &dyn Popup {
                match self { $(Overlay::$variant(state) => &**state,)* }
            }

            /// When it looks different although nothing happens.
            pub(crate) fn deadline(&self, model: &Model) -> Option<Timestamp> {
                self.popup().deadline(model)
            }

            /// The commands that it has.
            fn commands(&self) -> &'static [Command] {
                self.popup().commands()
            }

            /// Whether letters are typed in it.
            pub(crate) fn takes_text(&self) -> bool {
                self.popup().takes_text()
            }

            fn popup_mut(&mut self) -> &mut dyn Popup {
                match self { $(Overlay::$variant(state) => &mut **state,)* }
            }
        }

        $(impl From<$state> for Overlay {
            fn from(state: $state) -> Self {
                Overlay::$variant(Box::new(state))
            }
        })*
    };
}

overlays! {
    AccountSetup(account_setup::AccountSetup),
    Accounts(accounts::Accounts),
    Assign(assign::Assign),
    CannedReplies(canned_replies::CannedReplies),
    CardPeople(card_people::CardPeople),
    Confirm(confirm::Question),
    Customer(customer::CustomerDetails),
    CustomerField(customer_field::FieldInput),
    Details(details::Details),
    FilePicker(file_picker::FilePicker),
    GoTo(go_to::GoTo),
    Help(help::Help),
    KnownList(known::KnownList),
    Labels(labels::Labels),
    Links(links::Links),
    Login(login::Login),
    MessageForm(message_form::MessageForm),
    NewConversation(new_conversation::NewConversation),
    Note(note::NoteEditor),
    Palette(palette::Palette),
    PendingKeys(actions::PendingKeys),
    Reactions(reactions::Reactions),
    ReplyFields(reply_fields::ReplyFields),
    SaveFile(save_file::SaveFile),
    Search(search::Search),
    SendLater(send_later::SendLater),
    SettingInput(setting_input::SettingInput),
    Settings(settings::Settings),
    Snooze(snooze::Snooze),
    Templates(templates::Templates),
    Viewer(viewer::Viewer),
    Views(views::Views),
    Welcome(welcome::Welcome),
}

impl Model {
    /// Puts an overlay in front. A notice gives way to its hints.
    pub(crate) fn push_overlay(&mut self, overlay: impl Into<Overlay>) {
        self.notice = None;
        self.overlays.push(overlay.into());
    }

    /// The place in the stack of the foremost overlay of a kind that `wanted` accepts.
    pub(crate) fn find_overlay<T: Popup>(&self, wanted: impl Fn(&T) -> bool) -> Option<usize> {
        let is_wanted = |overlay: &Overlay| (overlay.popup() as &dyn Any).downcast_ref().is_some_and(&wanted);
        self.overlays.iter().rposition(is_wanted)
    }

    /// The foremost overlay of a kind that `wanted` accepts.
    pub(crate) fn overlay_mut<T: Popup>(&mut self, wanted: impl Fn(&T) -> bool) -> Option<&mut T> {
        let index = self.find_overlay(wanted)?;
        (self.overlays.get_mut(index)?.popup_mut() as &mut dyn Any).downcast_mut()
    }

    /// Takes the foremost overlay away, if it is of a kind.
    pub(crate) fn take_front<T: Popup + Clone>(&mut self) -> Option<T> {
        let front = self.front_mut::<T>()?.clone();
        self.overlays.pop();
        Some(front)
    }

    /// The foremost overlay, if it is of a kind.
    pub(crate) fn front_mut<T: Popup>(&mut self) -> Option<&mut T> {
        (self.overlays.last_mut()?.popup_mut() as &mut dyn Any).downcast_mut()
    }
}

/// Takes a key for the foremost overlay, after those of a sequence that it may complete; the command, if any, is one of
/// the panes that is to run now.
pub(crate) fn press(model: &mut Model, key: &KeyEvent, before: &[Chord]) -> (Vec<Effect>, Option<Command>) {
    let Some(front) = model.overlays.last().map(Overlay::popup) else { return (Vec::new(), None) };
    let typed = [before, &[Chord::of(key)]].concat();
    let is_letter = typed.first().is_some_and(|first| first.typed().is_some());
    if front.takes_text() && is_letter {
        return (with_front(model, |front, model| Next::Stay(front.type_key(model, key))).0, None);
    }
    let has = |command: &Command| front.commands().contains(command);
    let meant: Vec<Command> = model.keymap.commands(KeyContext::Overlay, &typed).collect();
    let goes_on = model.keymap.own_followers(KeyContext::Overlay, &typed).any(|c| has(&c) || !c.is_of_overlay());
    if let Some(own) = meant.iter().copied().find(has) {
        let from_palette = matches!(model.overlays.last(), Some(Overlay::Palette(_)));
        let (effects, command) = with_front(model, |front, model| front.run(model, own));
        return match command {
            Some(picked) if from_palette => run_picked(model, picked),
            command => (effects, command),
        };
    }
    if let Some(other) = meant.into_iter().find(|command| !command.is_of_overlay()) {
        return (Vec::new(), Some(other));
    }
    if goes_on {
        model.push_overlay(actions::PendingKeys { context: KeyContext::Overlay, typed });
        return (Vec::new(), None);
    }
    press_anywhere(model, key)
}

/// Runs what was picked in the palette: in the overlay under it, if that has the command, else in the panes.
fn run_picked(model: &mut Model, picked: Command) -> (Vec<Effect>, Option<Command>) {
    if model.overlays.last().is_some_and(|front| front.popup().commands().contains(&picked)) {
        return with_front(model, |front, model| front.run(model, picked));
    }
    clear(model);
    (Vec::new(), Some(picked))
}

/// Takes a key that is not one of the foremost overlay's own.
fn press_anywhere(model: &mut Model, key: &KeyEvent) -> (Vec<Effect>, Option<Command>) {
    let Some(front) = model.overlays.last().map(Overlay::popup) else { return (Vec::new(), None) };
    let means = |context| model.keymap.command(context, Chord::of(key));
    if front.opened_by().is_some_and(|opener| KeyContext::ALL.into_iter().any(|at| means(at) == Some(opener))) {
        close(model);
        return (Vec::new(), None);
    }
    match means(KeyContext::Anywhere) {
        Some(command @ (Command::Quit | Command::Suspend)) => (Vec::new(), Some(command)),
        Some(command) if front.lets_run(command) => (Vec::new(), Some(command)),
        Some(Command::Back) => {
            close(model);
            (Vec::new(), None)
        }
        Some(Command::Help) => {
            let help = help::Help::of(front.commands());
            clear(model);
            model.push_overlay(help);
            (Vec::new(), None)
        }
        Some(Command::Palette) => (Vec::new(), Some(Command::Palette)),
        Some(command @ (Command::GoTo | Command::Search)) => {
            clear(model);
            (Vec::new(), Some(command))
        }
        _ => (with_front(model, |front, model| Next::Stay(front.type_key(model, key))).0, None),
    }
}

/// Runs a command in the foremost overlay, if that has it.
pub(crate) fn run_in_front(model: &mut Model, command: Command) -> Vec<Effect> {
    if model.overlays.last().is_some_and(|front| front.popup().commands().contains(&command)) {
        return with_front(model, |front, model| front.run(model, command)).0;
    }
    Vec::new()
}

/// Lets the foremost overlay act while it is off the stack, so that it can change the model.
fn with_front(
    model: &mut Model,
    act: impl FnOnce(&mut dyn Popup, &mut Model) -> Next,
) -> (Vec<Effect>, Option<Command>) {
    let Some(mut front) = model.overlays.pop() else { return (Vec::new(), None) };
    let below = model.overlays.len();
    let next = act(front.popup_mut(), model);
    if matches!(next, Next::Stay(_) | Next::RunOver(_)) {
        model.overlays.insert(below.min(model.overlays.len()), front);
    }
    match next {
        Next::Stay(effects) | Next::Close(effects) => (effects, None),
        Next::Run(command) | Next::RunOver(command) => (Vec::new(), Some(command)),
    }
}

fn close(model: &mut Model) {
    if model.overlays.last().is_some_and(|front| front.popup().can_close(model)) {
        model.overlays.pop();
    }
}

/// Takes the overlays away that something else is opened over, unless something may be typed in them.
fn clear(model: &mut Model) {
    model.overlays.retain(|overlay| overlay.popup().stays_below());
}

/// Takes pasted text for the line that is typed in the foremost overlay.
pub(crate) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    with_front(model, |front, model| Next::Stay(front.paste(model, text))).0
}

/// Takes the time: what is over closes, what has aged is read again.
pub(crate) fn pass_time(model: &mut Model) -> Option<Effect> {
    login::close_connected(model);
    accounts::read_again(model)
}

/// Measures every overlay for the present size of the window.
pub(crate) fn layout(model: &mut Model) {
    let mut overlays = std::mem::take(&mut model.overlays);
    for overlay in &mut overlays {
        overlay.popup_mut().layout(model);
    }
    model.overlays = overlays;
}

/// The hint line of the foremost overlay.
pub(crate) fn hints(model: &Model) -> Vec<Hint> {
    model.overlays.last().map(|front| front.popup().hints(model)).unwrap_or_default()
}

/// Draws the foremost overlay over the panes; returns where its cursor is.
pub(crate) fn draw(model: &Model, buf: &mut Buffer) -> Option<Position> {
    model.overlays.last()?.popup().draw(model, buf)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::{KeySet, Locale};
    use crate::domain::{AccountName, Channel, ConversationId, MessageId, Seq};
    use crate::tui::app::state::Setup;
    use crate::tui::commands::keymap::Keymap;
    use crate::tui::theme::Theme;
    use crossterm::event::{KeyCode, KeyModifiers};

    fn model() -> Model {
        let setup = Setup {
            locale: Locale::En,
            theme: Theme::default(),
            zone: jiff::tz::TimeZone::UTC,
            keymap: Keymap::built_in().clone(),
            agent: String::new(),
            replies: crate::config::RepliesFile::default(),
            country: crate::domain::phone::INDONESIA,
            config_path: String::new(),
            size: (80, 24),
            now: Timestamp(0),
            seq: Seq(0),
        };
        Model::new(setup).0
    }

    /// One overlay of every kind, in every state that has commands of its own.
    fn every_overlay(model: &mut Model) -> Vec<Overlay> {
        let name = AccountName::new("toko").unwrap();
        let gateway = account_setup::Gateway {
            id: "a",
            name: "A",
            base_url: None,
            modes: &[],
            channels: &[Channel::WhatsApp],
            fields: &[],
            signs: false,
            login: true,
        };
        let options = account_setup::SetupOptions { gateways: vec![gateway], taken: Vec::new(), storages: Vec::new() };
        let account = crate::domain::AddedAccount { key_accepted: true, webhook_url: String::new(), reachable: true };
        let mut form = account_setup::AccountForm::new(options, model.strings()).unwrap();
        form.trying = Some(Timestamp(0));
        model.push_overlay(account_setup::AccountSetup::Filling(form.clone()));
        account_setup::show_result(model, name.clone(), Ok(account));
        form.trying = None;
        model.push_overlay(account_setup::AccountSetup::Filling(form));
        model.composer.conversation = Some(ConversationId(1));
        canned_replies::open(model);
        model.push_overlay(reply_fields::ReplyFields::new("a", "{b}", None));
        go_to::open(model);
        palette::open(model, &[]);
        login::begin(model, &name, "A");
        let to = address::Target::Conversation(ConversationId(1));
        templates::open_for(model, &name, to);
        let kind = message_form::FormKind::Buttons { kinds: &["reply", "url"], max: 2 };
        let mut buttons = message_form::MessageForm::new(model, kind, address::Target::Conversation(ConversationId(1)));
        for _ in 0..3 {
            buttons.run(model, Command::NextField);
        }
        model.push_overlay(buttons.clone());
        buttons.run(model, Command::NextField);
        model.push_overlay(buttons);
        known::open_places(model, ConversationId(1));
        model.push_overlay(reactions::Reactions { conversation: ConversationId(1), message: MessageId(1), chosen: 0 });
        model.push_overlay(accounts::Accounts::default());
        actions::open(model);
        labels::open_for(model, ConversationId(1));
        model.push_overlay(confirm::Question::SendAgain { message: MessageId(1), unsure: true });
        model.push_overlay(customer_field::FieldInput::of_new_field(ConversationId(1)));
        model.push_overlay(details::Details::of(MessageId(1)));
        model.push_overlay(help::Help::default());
        model.push_overlay(links::Links { urls: Vec::new(), chosen: 0 });
        model.push_overlay(new_conversation::NewConversation::new(name));
        model.push_overlay(note::NoteEditor::new(ConversationId(1), ""));
        let file = crate::tui::previews::files::MediaFile {
            sha256: "ab".into(),
            path: "/data/media/ab.jpg".into(),
            name: "a.jpg".into(),
            size: None,
            mime: "image/jpeg".into(),
        };
        let save = save_file::SaveFile::new(model, &file);
        model.push_overlay(save);
        model.push_overlay(viewer::Viewer::new(MessageId(1), file));
        model.push_overlay(search::Search::default());
        model.push_overlay(settings::Settings::default());
        let later = send_later::SendLater::of_draft(model, ConversationId(1));
        model.push_overlay(later);
        let snooze = snooze::Snooze::new(model, ConversationId(1));
        model.push_overlay(snooze);
        model.push_overlay(welcome::Welcome::default());
        model.overlays.clone()
    }

    #[test]
    fn in_an_overlay_no_key_means_two_commands_and_every_command_has_an_overlay() {
        let mut model = model();
        let mut used = BTreeSet::new();
        for overlay in every_overlay(&mut model) {
            let mut keys = Vec::new();
            for command in overlay.popup().commands() {
                assert!(command.contexts().contains(&KeyContext::Overlay), "{command:?}");
                keys.extend(model.keymap.keys(KeyContext::Overlay, *command).iter().map(ToString::to_string));
                used.insert(*command);
            }
            let count = keys.len();
            let different: BTreeSet<String> = keys.into_iter().collect();
            assert_eq!(different.len(), count, "{overlay:?}");
        }
        let all = Command::ALL.iter().copied().filter(|command| command.contexts().contains(&KeyContext::Overlay));
        assert_eq!(used, all.collect());
    }

    #[test]
    fn every_overlay_has_hints_with_keys() {
        let mut model = model();
        for overlay in every_overlay(&mut model) {
            let hints = overlay.popup().hints(&model);
            assert!(!hints.is_empty() && hints.iter().all(|(key, label)| !key.is_empty() && !label.is_empty()));
        }
    }

    #[test]
    fn an_own_key_map_reaches_overlays_and_their_hints() {
        let mut model = model();
        model.keymap = Keymap::with_own(
            KeySet::Default,
            "[overlay]\naccept = [\"f6\"]\nclose = [\"ctrl-x k\"]\nresolve = [\"ctrl-r\"]",
        )
        .unwrap();
        let open = |model: &mut Model| {
            let snooze = snooze::Snooze::new(model, ConversationId(1));
            model.push_overlay(snooze);
        };
        let ctrl = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
        open(&mut model);
        let (_, command) = press(&mut model, &KeyEvent::new(KeyCode::F(6), KeyModifiers::NONE), &[]);
        assert_eq!((command, model.overlays.len()), (None, 0));
        open(&mut model);
        assert_eq!(press(&mut model, &ctrl('r'), &[]).1, Some(Command::Resolve));
        model.overlays.clear();
        model.push_overlay(help::Help::default());
        press(&mut model, &ctrl('x'), &[]);
        let pending = model.take_front::<actions::PendingKeys>().unwrap();
        press(&mut model, &KeyEvent::new(KeyCode::Char('k'), KeyModifiers::NONE), &pending.typed);
        assert!(model.overlays.is_empty());
    }
}
