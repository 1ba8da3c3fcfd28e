//! Every command that a person can give: the one registry behind keys, hint line, help, palette and the README.
//!
//! Invariant: no key does anything that is not a command here, except typing text.

use crate::tui::i18n::Strings;

/// A part of the screen that has keys of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyContext {
    /// Keys that work in every part.
    Anywhere,
    List,
    Thread,
    Composer,
    /// What lies over the panes. Each overlay takes the keys of its own commands only, so that a key may mean one
    /// command in one overlay and another one in the next.
    Overlay,
}

impl KeyContext {
    /// Every context, in the order of the key table.
    pub const ALL: [KeyContext; 5] =
        [KeyContext::Anywhere, KeyContext::List, KeyContext::Thread, KeyContext::Composer, KeyContext::Overlay];

    /// Its section in key map files.
    pub fn name(self) -> &'static str {
        match self {
            KeyContext::Anywhere => "anywhere",
            KeyContext::List => "list",
            KeyContext::Thread => "thread",
            KeyContext::Composer => "composer",
            KeyContext::Overlay => "overlay",
        }
    }

    /// Its name in the person's language.
    pub fn title(self, strings: &Strings) -> &str {
        match self {
            KeyContext::Anywhere => &strings.places.anywhere,
            KeyContext::List => &strings.places.list,
            KeyContext::Thread => &strings.places.thread,
            KeyContext::Composer => &strings.places.composer,
            KeyContext::Overlay => &strings.places.overlay,
        }
    }
}

macro_rules! commands {
    ($($variant:ident = $id:literal in [$($context:ident),*]),* $(,)?) => {
        /// What a person can tell the screen to do; its sentences are in the language files, under its id.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Command { $($variant,)* }

        impl Command {
            /// Every command, in the order of help and key table.
            pub const ALL: &[Command] = &[$(Command::$variant),*];

            /// Its id in key map and language files.
            pub fn id(self) -> &'static str {
                match self { $(Command::$variant => $id,)* }
            }

            /// The contexts for which it is made: where the built-in key map has keys for it and the palette offers it.
            /// A person's own key map may have keys for it in every context.
            pub(crate) fn contexts(self) -> &'static [KeyContext] {
                match self { $(Command::$variant => &[$(KeyContext::$context),*],)* }
            }
        }
    };
}

commands! {
    Quit = "quit" in [Anywhere, List],
    Palette = "palette" in [Anywhere],
    GoTo = "goto" in [Anywhere],
    Help = "help" in [Anywhere, List, Thread],
    Actions = "actions" in [Anywhere],
    NextUnread = "next_unread" in [Anywhere],
    Search = "search" in [Anywhere],
    NextPane = "next_pane" in [Anywhere],
    PreviousPane = "previous_pane" in [Anywhere],
    Back = "back" in [Anywhere],
    NewConversation = "new_conversation" in [Anywhere, List],
    Accounts = "accounts" in [Anywhere],
    Settings = "settings" in [Anywhere, List, Thread],
    AddAccount = "add_account" in [Anywhere, Overlay],
    LogIn = "log_in" in [Anywhere, Overlay],
    Suspend = "suspend" in [Anywhere],
    NotifyTest = "notify_test" in [Anywhere],
    Down = "down" in [List, Thread, Overlay],
    Up = "up" in [List, Thread, Overlay],
    PageDown = "page_down" in [List, Thread, Composer, Overlay],
    PageUp = "page_up" in [List, Thread, Composer, Overlay],
    Top = "top" in [List, Thread],
    Bottom = "bottom" in [List, Thread],
    Open = "open" in [List],
    Filter = "filter" in [List],
    UnreadOnly = "unread_only" in [List],
    Views = "views" in [Anywhere, List],
    ListOrder = "list_order" in [Anywhere, List],
    Resolve = "resolve" in [Anywhere, List, Thread],
    Snooze = "snooze" in [Anywhere, List, Thread],
    MarkUnread = "mark_unread" in [Anywhere, List, Thread],
    Copy = "copy" in [Thread],
    OpenLink = "open_link" in [Thread],
    OpenMedia = "open_media" in [Thread],
    SaveMedia = "save_media" in [Thread, Overlay],
    Play = "play" in [Thread],
    Speed = "speed" in [Thread],
    WriteToContact = "write_to_contact" in [Thread],
    SaveContact = "save_contact" in [Thread],
    SendAgain = "send_again" in [Thread],
    Cancel = "cancel" in [Thread],
    NextHit = "next_hit" in [Thread],
    PreviousHit = "previous_hit" in [Thread],
    Assign = "assign" in [Anywhere],
    Label = "label" in [Anywhere],
    Note = "note" in [Anywhere],
    Take = "take" in [Anywhere],
    Customer = "customer" in [Anywhere],
    Details = "details" in [Anywhere, Thread],
    Quote = "quote" in [Anywhere],
    React = "react" in [Anywhere],
    Write = "write" in [Thread],
    Send = "send" in [Composer],
    SendLater = "send_later" in [Anywhere, Overlay],
    NewLine = "new_line" in [Composer, Overlay],
    Undo = "undo" in [Anywhere],
    Redo = "redo" in [Composer],
    Editor = "editor" in [Anywhere],
    Template = "template" in [Anywhere, Composer],
    Attach = "attach" in [Anywhere, Composer],
    Canned = "canned" in [Composer],
    SendLocation = "send_location" in [Anywhere],
    SendCard = "send_card" in [Anywhere],
    SendButtons = "send_buttons" in [Anywhere],
    SendList = "send_list" in [Anywhere],
    Accept = "accept" in [Overlay],
    Close = "close" in [Overlay],
    Yes = "yes" in [Overlay],
    No = "no" in [Overlay],
    NextMatch = "next_match" in [Overlay],
    PreviousMatch = "previous_match" in [Overlay],
    NextField = "next_field" in [Overlay],
    PreviousField = "previous_field" in [Overlay],
    NextChoice = "next_choice" in [Overlay],
    PreviousChoice = "previous_choice" in [Overlay],
    RemoveRow = "remove_row" in [Overlay],
    RowUp = "row_up" in [Overlay],
    RowDown = "row_down" in [Overlay],
    Demo = "demo" in [Overlay],
    CopyUrl = "copy_url" in [Overlay],
    ResetSetting = "reset_setting" in [Overlay],
    SavePicture = "save_picture" in [Overlay],
    InvertCode = "invert_code" in [Overlay],
    LargerCode = "larger_code" in [Overlay],
    SmallerCode = "smaller_code" in [Overlay],
    ZoomIn = "zoom_in" in [Overlay],
    ZoomOut = "zoom_out" in [Overlay],
    ZoomFit = "zoom_fit" in [Overlay],
    PanLeft = "pan_left" in [Overlay],
    PanRight = "pan_right" in [Overlay],
    NextPicture = "next_picture" in [Overlay],
    PreviousPicture = "previous_picture" in [Overlay],
    OpenOutside = "open_outside" in [Overlay],
    CopyPath = "copy_path" in [Overlay],
}

impl Command {
    /// The command of an id in a key map file.
    pub(crate) fn from_id(id: &str) -> Option<Self> {
        Command::ALL.iter().copied().find(|c| c.id() == id)
    }

    /// Whether overlays have it.
    pub(crate) fn is_of_overlay(self) -> bool {
        self.contexts().contains(&KeyContext::Overlay)
    }

    /// Whether only overlays have it, so that it means nothing in the panes.
    pub(crate) fn is_only_of_overlay(self) -> bool {
        self.contexts() == [KeyContext::Overlay]
    }

    /// Whether it only moves what is chosen or seen.
    pub(crate) fn is_movement(self) -> bool {
        matches!(
            self,
            Command::Down | Command::Up | Command::PageDown | Command::PageUp | Command::Top | Command::Bottom
        )
    }

    /// Whether it is about the messages or the draft of an open conversation, so that one that is only chosen in the
    /// list is opened first.
    pub(crate) fn needs_open_conversation(self) -> bool {
        use Command::{
            Attach, Canned, Details, Editor, SendButtons, SendCard, SendLater, SendList, SendLocation, Template, Write,
        };
        matches!(
            self,
            Attach
                | Canned
                | Details
                | Editor
                | SendButtons
                | SendCard
                | SendLater
                | SendList
                | SendLocation
                | Template
                | Write
        )
    }
}

/// The commands that the hint line offers in a context, the most useful first; overlays choose their own.
pub(crate) fn hints(context: KeyContext) -> &'static [Command] {
    use Command::{Actions, Attach, Canned, Copy, Filter, Help, NextUnread, Open, Palette, Send, SendAgain, Write};
    match context {
        KeyContext::Overlay => &[],
        KeyContext::Anywhere => &[Help, Palette],
        KeyContext::List => &[Open, NextUnread, Filter, Actions, Help],
        KeyContext::Thread => &[Write, SendAgain, Copy, Actions, Help],
        KeyContext::Composer => &[Send, Actions, Canned, Attach, NextUnread],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Locale;
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
}
