//! Takes away what is about a conversation that was deleted.

use super::Overlay;
use super::address::Target;
use super::confirm::Question;
use crate::domain::ConversationId;
use crate::tui::app::state::Model;

/// Closes what lies over the conversation that the keys were about, now that it is deleted: what it shows and asks means
/// nothing any more.
pub(crate) fn close_about(model: &mut Model, id: ConversationId) {
    model.overlays.retain(|overlay| !is_about(overlay, id));
}

fn is_about(overlay: &Overlay, id: ConversationId) -> bool {
    match overlay {
        Overlay::AccountSetup(_)
        | Overlay::Accounts(_)
        | Overlay::GoTo(_)
        | Overlay::Help(_)
        | Overlay::Login(_)
        | Overlay::NewConversation(_)
        | Overlay::Palette(_)
        | Overlay::Search(_)
        | Overlay::SettingInput(_)
        | Overlay::Settings(_)
        | Overlay::Views(_)
        | Overlay::Welcome(_) => false,
        Overlay::Confirm(question) => !matches!(**question, Question::Quit { .. }),
        Overlay::MessageForm(form) => form.to == Target::Conversation(id),
        Overlay::Assign(_)
        | Overlay::CannedReplies(_)
        | Overlay::CardPeople(_)
        | Overlay::Customer(_)
        | Overlay::CustomerField(_)
        | Overlay::Details(_)
        | Overlay::FilePicker(_)
        | Overlay::KnownList(_)
        | Overlay::Labels(_)
        | Overlay::Links(_)
        | Overlay::Note(_)
        | Overlay::PendingKeys(_)
        | Overlay::Reactions(_)
        | Overlay::ReplyFields(_)
        | Overlay::SaveFile(_)
        | Overlay::SendLater(_)
        | Overlay::Snooze(_)
        | Overlay::Templates(_)
        | Overlay::Viewer(_) => true,
    }
}
