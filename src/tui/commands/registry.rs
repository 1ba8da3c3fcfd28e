//! Every command that a person can give: the one registry behind keys, hint line, help, palette and the README.
//!
//! Invariant: no key does anything that is not a command here, except typing text.

use super::keymap::Keymap;
use crate::config::Locale;
use crate::tui::i18n::Strings;

/// A place of the screen that has its own keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyContext {
    /// Keys that work everywhere.
    Anywhere,
    /// The conversation list.
    List,
    /// The conversation.
    Thread,
    /// The composer.
    Composer,
}

impl KeyContext {
    /// Every place, in the order of the key table.
    pub const ALL: [KeyContext; 4] = [KeyContext::Anywhere, KeyContext::List, KeyContext::Thread, KeyContext::Composer];

    /// Its name in key map files.
    pub fn name(self) -> &'static str {
        match self {
            KeyContext::Anywhere => "anywhere",
            KeyContext::List => "list",
            KeyContext::Thread => "thread",
            KeyContext::Composer => "composer",
        }
    }

    /// Its name for people.
    pub fn title(self, words: &Strings) -> &str {
        match self {
            KeyContext::Anywhere => &words.places.anywhere,
            KeyContext::List => &words.places.list,
            KeyContext::Thread => &words.places.thread,
            KeyContext::Composer => &words.places.composer,
        }
    }
}

macro_rules! commands {
    ($($(#[$doc:meta])* $variant:ident = $id:literal in [$($place:ident),*]),* $(,)?) => {
        /// What a person can tell the screen to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Command { $($(#[$doc])* $variant,)* }

        impl Command {
            /// Every command, in the order in which they are listed.
            pub const ALL: &[Command] = &[$(Command::$variant),*];

            /// Its name in key map and language files.
            pub fn id(self) -> &'static str {
                match self { $(Command::$variant => $id,)* }
            }

            /// Where it means something.
            pub fn places(self) -> &'static [KeyContext] {
                match self { $(Command::$variant => &[$(KeyContext::$place),*],)* }
            }
        }
    };
}

commands! {
    /// Quits.
    Quit = "quit" in [Anywhere, List],
    /// Opens the palette.
    Palette = "palette" in [Anywhere],
    /// Opens the conversation finder.
    GoTo = "goto" in [Anywhere],
    /// Shows the keys.
    Help = "help" in [Anywhere, List, Thread],
    /// Opens the next unread conversation.
    NextUnread = "next_unread" in [Anywhere],
    /// Searches messages.
    Search = "search" in [Anywhere],
    /// To the next pane.
    NextPane = "next_pane" in [Anywhere],
    /// To the previous pane.
    PreviousPane = "previous_pane" in [Anywhere],
    /// Back.
    Back = "back" in [Anywhere],
    /// Begins a conversation.
    NewConversation = "new_conversation" in [Anywhere, List],
    /// Shows the accounts.
    Accounts = "accounts" in [Anywhere],
    /// Opens the form for a new account.
    AddAccount = "add_account" in [Anywhere],
    /// Logs an account in by QR code.
    LogIn = "log_in" in [Anywhere],
    /// Puts the program to sleep.
    Suspend = "suspend" in [Anywhere],
    /// One down.
    Down = "down" in [List, Thread],
    /// One up.
    Up = "up" in [List, Thread],
    /// A page down.
    PageDown = "page_down" in [List, Thread, Composer],
    /// A page up.
    PageUp = "page_up" in [List, Thread, Composer],
    /// To the first.
    Top = "top" in [List, Thread],
    /// To the last.
    Bottom = "bottom" in [List, Thread],
    /// Opens the chosen conversation.
    Open = "open" in [List],
    /// Filters the list by text.
    Filter = "filter" in [List],
    /// Only unread conversations.
    UnreadOnly = "unread_only" in [List],
    /// Open, all, put off, done.
    CycleState = "cycle_state" in [List],
    /// Done, or open again.
    Resolve = "resolve" in [List, Thread],
    /// Puts off.
    Snooze = "snooze" in [List, Thread],
    /// Marks as unread.
    MarkUnread = "mark_unread" in [List, Thread],
    /// Copies a message.
    Copy = "copy" in [Thread],
    /// Opens a message's link or media.
    OpenLink = "open_link" in [Thread],
    /// Sends a message again.
    SendAgain = "send_again" in [Thread],
    /// Takes a message out of the outbox.
    Cancel = "cancel" in [Thread],
    /// Shows what is known of a message.
    Details = "details" in [Thread],
    /// To the composer.
    Write = "write" in [Thread],
    /// Sends the draft.
    Send = "send" in [Composer],
    /// A new line.
    NewLine = "new_line" in [Composer],
    /// The draft in an editor.
    Editor = "editor" in [Composer],
    /// Sends a template.
    Template = "template" in [Composer],
    /// Sends media by link.
    Attach = "attach" in [Composer],
    /// Canned replies.
    Canned = "canned" in [Composer],
    /// Sends a place.
    SendLocation = "send_location" in [Composer],
    /// Sends a contact card.
    SendCard = "send_card" in [Composer],
    /// Sends text with buttons.
    SendButtons = "send_buttons" in [Composer],
    /// Sends a list menu.
    SendList = "send_list" in [Composer],
}

impl Command {
    /// The command of a name in a key map file.
    pub fn from_id(id: &str) -> Option<Self> {
        Command::ALL.iter().copied().find(|c| c.id() == id)
    }
}

/// The commands that the hint line offers in a place, the most useful first.
pub fn hints(place: KeyContext) -> &'static [Command] {
    use Command::{
        Back, Canned, Copy, Filter, Help, NewLine, NextUnread, Open, OpenLink, Palette, Send, SendAgain, Template,
        UnreadOnly, Write,
    };
    match place {
        KeyContext::Anywhere => &[Help, Palette],
        KeyContext::List => &[Open, NextUnread, Filter, UnreadOnly, Help],
        KeyContext::Thread => &[Write, SendAgain, Copy, OpenLink, Help],
        KeyContext::Composer => &[Send, NewLine, Template, Canned, Back],
    }
}

/// The key table as Markdown, for the README.
pub fn key_table(locale: Locale, keymap: &Keymap) -> String {
    let words = locale.strings();
    let mut out =
        format!("| {} | {} | {} |\n|---|---|---|\n", words.places.r#where, words.places.keys, words.places.what);
    for place in KeyContext::ALL {
        for command in Command::ALL {
            let keys = keymap.keys(place, *command);
            if keys.is_empty() {
                continue;
            }
            let keys: Vec<String> = keys.iter().map(|k| format!("`{k}`")).collect();
            let row = [place.title(words), &keys.join(" "), words.command_sentence(command.id())];
            out.push_str(&["| ", &row.join(" | "), " |\n"].concat());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_command_has_words_in_every_language_and_no_words_lack_a_command() {
        let ids: BTreeSet<&str> = Command::ALL.iter().map(|c| c.id()).collect();
        assert_eq!(ids.len(), Command::ALL.len());
        for locale in Locale::ALL {
            let named: BTreeSet<&str> = locale.strings().commands.keys().map(String::as_str).collect();
            assert_eq!(named, ids, "{locale:?}");
            assert!(locale.strings().commands.values().all(|(label, what)| !label.is_empty() && what.ends_with('.')));
        }
    }

    #[test]
    fn every_command_has_a_key_where_it_means_something_and_hints_are_few() {
        let keymap = Keymap::built_in();
        for command in Command::ALL {
            for place in command.places() {
                assert!(!keymap.keys(*place, *command).is_empty(), "{command:?} in {place:?}");
            }
        }
        for place in KeyContext::ALL {
            assert!(hints(place).len() <= 5);
        }
    }

    #[test]
    fn the_contracts_keys_are_in_the_table() {
        let table = key_table(Locale::En, Keymap::built_in());
        for key in ["Ctrl+Q", "Ctrl+P", "Ctrl+G", "F1", "Ctrl+N", "Ctrl+F", "Tab", "Shift+Tab", "Esc", "Alt+Enter"] {
            assert!(table.contains(&format!("`{key}`")), "{key} in\n{table}");
        }
        for key in ["j", "k", "/", "u", "q", "PgUp", "PgDn", "g", "G", "y", "o", "R", "i", "Ctrl+J", "Alt+E", "Ctrl+T"]
        {
            assert!(table.contains(&format!("`{key}`")), "{key}");
        }
    }
}
