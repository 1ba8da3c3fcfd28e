//! Wrong usage of the command line, as clap found it, in the person's language.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::print;
use super::translation::{locale, set_locale};
use crate::config::{Environment, Locale};
use crate::text::Clean;

/// Prints help, or what is wrong with the arguments; these may hold text of strangers when a script passes it on.
/// Returns the exit status.
pub(crate) fn wrong_usage(error: &clap::Error) -> u8 {
    set_locale(wanted_locale());
    let status = u8::try_from(error.exit_code()).unwrap_or(2);
    if let Some(sentence) = sentence(error).filter(|_| locale() == Locale::Id) {
        print::stderr_line(&format!("loket: {sentence}"));
        return status;
    }
    let text = error.render().to_string();
    let cleaned = Clean::printed(&text);
    if cleaned.as_str() == text && (text.is_ascii() || Environment::process().shows_unicode()) {
        // In colours where the terminal has them. An error on the terminal can be reported nowhere.
        drop(error.print());
    } else if status == 0 {
        // Help that the locale's character set cannot show as it is.
        drop(print::line(cleaned.trim_end()));
    } else {
        print::stderr_line(cleaned.trim_end());
    }
    status
}

/// The language that the arguments or the environment ask for: the arguments could not be read as a whole.
fn wanted_locale() -> Locale {
    let arguments: Vec<String> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let given = arguments.iter().enumerate().find_map(|(at, argument)| match argument.strip_prefix("--locale")? {
        "" => arguments.get(at + 1).cloned(),
        value => value.strip_prefix('=').map(str::to_owned),
    });
    let environment = Environment::process();
    let set = given.or_else(|| environment.text("LOKET_LOCALE")).and_then(|word| word.parse().ok());
    set.unwrap_or_else(|| environment.text("LANG").map(|lang| Locale::from_lang(&lang)).unwrap_or_default())
}

/// A sentence of our own on what is wrong, for languages that clap does not have; none for help and version.
fn sentence(error: &clap::Error) -> Option<String> {
    let text = |kind| match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join(", ")),
        _ => None,
    };
    let argument = text(ContextKind::InvalidArg).unwrap_or_default();
    let value = text(ContextKind::InvalidValue).unwrap_or_default();
    let options = text(ContextKind::ValidValue).map_or_else(String::new, |list| format!("; possible: {list}"));
    let near = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    let near = near.into_iter().find_map(text).map_or_else(String::new, |near| format!("; did you mean {near}?"));
    let what = match error.kind() {
        ErrorKind::UnknownArgument => format!("the option {argument} is unknown{near}"),
        ErrorKind::InvalidSubcommand => {
            format!("the command {} is unknown{near}", text(ContextKind::InvalidSubcommand).unwrap_or_default())
        }
        ErrorKind::InvalidValue if value.is_empty() => format!("{argument} needs a value{options}"),
        ErrorKind::InvalidValue => format!("{argument}: {value} cannot be used here{options}{near}"),
        ErrorKind::ValueValidation => format!("{argument}: {value} cannot be used here"),
        ErrorKind::MissingRequiredArgument => format!("still missing: {argument}"),
        ErrorKind::ArgumentConflict => {
            let other = text(ContextKind::PriorArg).unwrap_or_default();
            format!("{argument} does not go with {other}")
        }
        ErrorKind::TooManyValues => format!("{argument}: too many values"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("{argument}: the number of values does not fit")
        }
        ErrorKind::InvalidUtf8 => "the arguments are no UTF-8 text".to_owned(),
        _ => return None,
    };
    Some(format!("{what}; see: loket --help"))
}
