//! Wrong usage of the command line, as clap found it, in the person's language.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::translation::{locale, set_locale};
use super::{help, print};
use crate::config::{Environment, Locale, Overrides, Paths, Settings};
use crate::text::Clean;

/// Prints help, or what is wrong with the arguments; these may hold text of strangers when a script passes it on.
/// Returns the exit status.
pub(crate) fn wrong_usage(error: &clap::Error) -> u8 {
    choose_locale();
    let status = u8::try_from(error.exit_code()).unwrap_or(2);
    if let Some(sentence) = sentence(error).filter(|_| locale() == Locale::Id) {
        print::stderr_line(&format!("loket: {sentence}"));
        return status;
    }
    if locale() == Locale::Id && is_help(error.kind()) {
        print_help();
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

fn is_help(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    )
}

/// Prints the help or the version that the arguments ask for, in the chosen language.
fn print_help() {
    let Err(asked) = help::command().try_get_matches() else { return };
    let rendered = asked.render().to_string();
    let text = help::words(&rendered);
    if asked.use_stderr() {
        print::stderr_line(text.trim_end());
    } else {
        // An error on standard output can be reported nowhere.
        drop(print::line(text.trim_end()));
    }
}

/// Chooses the language of what is printed before flags and configuration are read as a whole.
pub(crate) fn choose_locale() {
    set_locale(wanted_locale());
}

/// The language that the arguments, the environment or the configuration ask for. The arguments could not be read as a
/// whole, or ask for help, which needs no configuration that can be used.
fn wanted_locale() -> Locale {
    let environment = Environment::process();
    let given = argument("--locale").or_else(|| environment.text("LOKET_LOCALE"));
    if let Some(locale) = given.and_then(|word| word.parse().ok()) {
        return locale;
    }
    let overrides = Overrides { config: argument("--config").map(Into::into), ..Overrides::default() };
    let paths = Paths::find(&overrides, &environment).ok();
    let settings = paths.and_then(|paths| Settings::load(&paths, &overrides, &environment).ok());
    settings.map_or_else(|| system_locale(&environment), |settings| settings.locale)
}

fn system_locale(environment: &Environment) -> Locale {
    environment.text("LANG").map(|lang| Locale::from_lang(&lang)).unwrap_or_default()
}

/// The value of an option as the shell gave it: `--option VALUE` or `--option=VALUE`.
fn argument(option: &str) -> Option<String> {
    let arguments: Vec<String> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    arguments.iter().enumerate().find_map(|(at, argument)| match argument.strip_prefix(option)? {
        "" => arguments.get(at + 1).cloned(),
        value => value.strip_prefix('=').map(str::to_owned),
    })
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
        ErrorKind::MissingSubcommand => format!("say what to do; one of {}", text(ContextKind::ValidSubcommand)?),
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
