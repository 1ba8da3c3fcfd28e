//! The command that quits: it asks first where messages would wait for the program's next start.

use crate::domain::{QuitStatus, StoreError};
use crate::tui::app::quit::save_and_quit;
use crate::tui::app::state::Model;
use crate::tui::effect::{Effect, Read};
use crate::tui::overlays::confirm::Question;

/// Reads what the person should know before the program ends. Where the question stands already, it is answered by yes.
pub(crate) fn ask_what_waits(model: &mut Model) -> Vec<Effect> {
    if matches!(model.front_mut::<Question>(), Some(Question::Quit { .. })) {
        return save_and_quit(model);
    }
    vec![Effect::Read(Read::QuitStatus)]
}

/// Ends the program, or asks first when messages wait that no engine is left to send.
pub(crate) fn quit_or_ask(model: &mut Model, status: &Result<QuitStatus, StoreError>) -> Vec<Effect> {
    match status {
        Ok(QuitStatus { queued, engine_ends }) if asks(model, *queued, *engine_ends) => {
            model.push_overlay(Question::Quit { queued: *queued, reception_ends: *engine_ends });
            Vec::new()
        }
        _ => save_and_quit(model),
    }
}

/// Messages that nobody would send are always asked about; when a letter quits, also whatever else ends or waits.
fn asks(model: &Model, queued: u64, engine_ends: bool) -> bool {
    let real = !model.process.sandbox && !model.accounts.is_empty();
    (queued > 0 && engine_ends) || (model.quit_carefully && (queued > 0 || (engine_ends && real)))
}
