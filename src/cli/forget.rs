//! `loket forget`: deletes a customer everywhere, for good.

use std::io::{self, IsTerminal as _};

use serde_json::json;

use super::args::Forget;
use super::{Context, Exit, print, read};
use crate::engine::client::{ForgetError, Forgotten};
use crate::text::Clean;
use crate::tui::i18n::fill;

pub(super) fn run(context: &Context, args: &Forget) -> Result<(), Exit> {
    let strings = &context.locale().strings().forget;
    let client = context.client()?;
    let account = read::known_account(context, &client, &args.account)?;
    let Some(person) = client.find_person(&account, &args.peer)? else {
        let values = [("account", account.as_str()), ("peer", &args.peer)];
        return Err(Exit::wrong(fill(&strings.unknown, &values)));
    };
    let name = Clean::name(&person.name).map_or_else(|| args.peer.clone(), Clean::into_string);
    if !args.yes {
        let values = [
            ("name", name.as_str()),
            ("peer", &args.peer),
            ("account", account.as_str()),
            ("messages", &person.messages.to_string()),
        ];
        confirm(&fill(&strings.question, &values), &strings.yes, &strings.no_terminal)?;
    }
    let forgotten = client.forget(&person).map_err(|error| match error {
        ForgetError::Sending => Exit::failed(fill(&strings.sending, &[("name", &name)])),
        ForgetError::Store(error) => error.into(),
    })?;
    report(context, &name, forgotten)
}

/// Fails unless the person at the terminal types the word.
fn confirm(question: &str, yes: &str, no_terminal: &str) -> Result<(), Exit> {
    if !io::stdin().is_terminal() {
        return Err(Exit::wrong(no_terminal));
    }
    print::stderr_line(question);
    let mut line = String::new();
    match io::stdin().read_line(&mut line) {
        Ok(_) if line.trim().eq_ignore_ascii_case(yes) => Ok(()),
        // The person has decided; there is nothing to explain.
        _ => Err(Exit { status: 1, message: String::new() }),
    }
}

fn report(context: &Context, name: &str, forgotten: Forgotten) -> Result<(), Exit> {
    let strings = &context.locale().strings().forget;
    let Forgotten { conversations, messages, events, contacts, erased } = forgotten;
    if context.common.json {
        print::json(&json!({
            "conversations": conversations,
            "messages": messages,
            "events": events,
            "contacts": contacts,
            "erased": erased,
        }))?;
    } else {
        let values = [
            ("name", name),
            ("messages", &messages.to_string()),
            ("events", &events.to_string()),
            ("contacts", &contacts.to_string()),
        ];
        print::line(&fill(&strings.done, &values))?;
        print::stderr_line(&strings.elsewhere);
    }
    if !erased {
        print::stderr_line(&strings.not_erased);
    }
    Ok(())
}
