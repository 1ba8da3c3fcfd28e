//! What `--help`, completions and the manual say, in the chosen language. The texts are English in `args`; their
//! Indonesian stands in `assets/locales/help.id.toml`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use clap::builder::{PossibleValue, PossibleValuesParser, StyledStr};
use clap::{Arg, Command, CommandFactory as _};
use serde::Deserialize;

use super::args::Cli;
use super::translation::locale;
use crate::config::Locale;

/// The Indonesian of what clap, the manual's writer and we write.
#[derive(Default, Deserialize)]
struct Catalogue {
    words: Vec<(String, String)>,
    headings: Vec<(String, String)>,
    texts: BTreeMap<String, String>,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/locales/help.id.toml"));
    // A file that cannot be read would leave everything English; a test reads it.
    toml::from_str(text).unwrap_or_default()
});

/// The command line whose texts are in the chosen language.
pub(super) fn command() -> Command {
    let command = Cli::command();
    if locale() == Locale::En { command } else { translated_command(command) }
}

/// A help text that clap rendered, with clap's own words in the chosen language too.
pub(super) fn words(rendered: &str) -> Cow<'_, str> {
    if locale() == Locale::En {
        return Cow::Borrowed(rendered);
    }
    let replace = |text: String, (english, other): &(String, String)| text.replace(english, other);
    Cow::Owned(CATALOGUE.words.iter().fold(rendered.to_owned(), replace))
}

/// A page of the manual with its headings in the chosen language.
pub(super) fn page(command: Command) -> std::io::Result<String> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    let page = String::from_utf8_lossy(&page).into_owned();
    if locale() == Locale::En {
        return Ok(page);
    }
    let heading = |line: &str| {
        let english = line.strip_prefix(".SH ")?;
        let (_, other) = CATALOGUE.headings.iter().find(|(name, _)| name == english)?;
        Some(format!(".SH {other}"))
    };
    let lines = page.lines().map(|line| heading(line).unwrap_or_else(|| words(line).into_owned()));
    Ok(lines.map(|line| line + "\n").collect())
}

fn translated_command(mut command: Command) -> Command {
    // Now, so that what clap adds by itself is there to be translated.
    command.build();
    translate(command)
}

fn translate(mut command: Command) -> Command {
    if let Some(about) = command.get_about().and_then(find) {
        command = command.about(about);
    }
    if let Some(about) = command.get_long_about().and_then(find) {
        command = command.long_about(about);
    }
    if let Some(after) = command.get_after_help().and_then(find) {
        command = command.after_help(after);
    }
    command.mut_args(argument).mut_subcommands(translate)
}

fn argument(mut argument: Arg) -> Arg {
    if let Some(help) = argument.get_help().and_then(find) {
        argument = argument.help(help);
    }
    if let Some(help) = argument.get_long_help().and_then(find) {
        argument = argument.long_help(help);
    }
    let values = argument.get_possible_values();
    if values.iter().any(|value| value.get_help().is_some()) {
        // Nothing reads a value with this parser: it is there to be shown.
        return argument.value_parser(PossibleValuesParser::new(values.into_iter().map(value)));
    }
    argument
}

fn value(value: PossibleValue) -> PossibleValue {
    match value.get_help().and_then(find) {
        Some(help) => value.help(help),
        None => value,
    }
}

fn find(text: &StyledStr) -> Option<String> {
    CATALOGUE.texts.get(&text.to_string()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Every text that help shows of a command and of those below it.
    fn texts(command: &Command, out: &mut BTreeSet<String>) {
        let own = [command.get_about(), command.get_long_about(), command.get_after_help()];
        out.extend(own.into_iter().flatten().map(ToString::to_string));
        for argument in command.get_arguments() {
            out.extend([argument.get_help(), argument.get_long_help()].into_iter().flatten().map(ToString::to_string));
            let values = argument.get_possible_values();
            out.extend(values.iter().filter_map(PossibleValue::get_help).map(ToString::to_string));
        }
        command.get_subcommands().for_each(|inner| texts(inner, out));
    }

    #[test]
    fn every_text_of_the_help_has_its_indonesian_and_no_text_is_left_over() {
        let mut command = Cli::command();
        command.build();
        let mut said = BTreeSet::new();
        texts(&command, &mut said);
        let known: BTreeSet<String> = CATALOGUE.texts.keys().cloned().collect();
        let missing: Vec<_> = said.difference(&known).collect();
        assert_eq!(missing, Vec::<&String>::new(), "add these to assets/locales/help.id.toml");
        let gone: Vec<_> = known.difference(&said).collect();
        assert_eq!(gone, Vec::<&String>::new(), "nothing says these any more");
    }

    #[test]
    fn help_shows_the_translated_texts() {
        let mut command = translated_command(Cli::command());
        let send = command.find_subcommand_mut("send").unwrap().render_long_help().to_string();
        assert!(send.contains("Kirim satu pesan") && send.contains("Gambar, tampil di percakapan"), "{send}");
        let error = translated_command(Cli::command()).try_get_matches_from(["loket", "serve", "--help"]).unwrap_err();
        assert_eq!(error.kind(), clap::error::ErrorKind::DisplayHelp);
        assert!(error.render().to_string().contains("Jalankan mesin tanpa layar"), "{error}");
    }
}
