//! `replies.toml`: canned replies of one's own, those that are built in taken away or replaced, and places that are sent
//! often.

use std::path::Path;

use super::section::{Section, Source};
use crate::config::error::{ConfigError, quoted};
use crate::domain::file_paths::is_link;
use crate::domain::place::{PlaceError, parse_place};
use crate::domain::{AccountName, CannedReply, SavedPlace};

const REPLY_KEYS: [&str; 4] = ["name", "text", "account", "file"];
const PLACE_KEYS: [&str; 2] = ["name", "at"];

/// What `replies.toml` says, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepliesFile {
    entries: Vec<Entry>,
    /// Places that are sent often.
    pub places: Vec<SavedPlace>,
}

/// What one `[[reply]]` of the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Entry {
    Add(CannedReply),
    /// `text = false`: takes the built-in reply of this name away.
    Remove(String),
}

impl RepliesFile {
    /// Parses the file's text; `file` names it in errors.
    pub fn parse(file: &Path, text: &str) -> Result<Self, ConfigError> {
        let source = Source { file, text: text.strip_prefix('\u{feff}').unwrap_or(text) };
        let document = source.parse()?;
        let root = Section::root(source, &document);
        root.allow(&["reply", "place"], &[(&REPLY_KEYS, "under [[reply]]"), (&["at"], "under [[place]]")])?;
        let replies = root.sections("reply", "written [[reply]], with two brackets")?;
        let places = root.sections("place", "written [[place]], with two brackets")?;
        Ok(RepliesFile {
            entries: replies.iter().map(entry).collect::<Result<_, _>>()?,
            places: places.iter().map(place).collect::<Result<_, _>>()?,
        })
    }

    /// The replies of the file before the built-in ones that it neither replaces nor takes away.
    pub fn over(&self, built_in: &[CannedReply]) -> Vec<CannedReply> {
        let kept = built_in.iter().filter(|reply| {
            !self.entries.iter().any(|entry| match entry {
                Entry::Add(own) => own.account.is_none() && own.name == reply.name,
                Entry::Remove(name) => *name == reply.name,
            })
        });
        let own = self.entries.iter().filter_map(|entry| match entry {
            Entry::Add(reply) => Some(reply),
            Entry::Remove(_) => None,
        });
        own.chain(kept).cloned().collect()
    }
}

/// A link as it is; the path of a file where it stands beside the file that names it.
fn beside(file: &Path, given: &str) -> String {
    if is_link(given) || given.starts_with("~/") {
        return given.to_owned();
    }
    let path = file.parent().unwrap_or(Path::new("")).join(given);
    path.to_string_lossy().into_owned()
}

fn entry(section: &Section<'_>) -> Result<Entry, ConfigError> {
    section.allow(&REPLY_KEYS, &[])?;
    let name = name(section)?;
    if section.item("text").and_then(toml_edit::Item::as_bool) == Some(false) {
        return Ok(Entry::Remove(name));
    }
    let text = section.lines("text")?.map(str::to_owned);
    let file = section.text("file")?.map(|given| beside(section.file(), given));
    if text.is_none() && file.is_none() {
        return Err(section.error("", format!("reply {}: give text, file or both", quoted(&name))));
    }
    let account = section.text("account")?.map(|given| {
        let wrong = || section.error("account", format!("{} is no account's name", quoted(given)));
        AccountName::new(given).ok_or_else(wrong)
    });
    Ok(Entry::Add(CannedReply { name, text: text.unwrap_or_default(), account: account.transpose()?, file }))
}

fn place(section: &Section<'_>) -> Result<SavedPlace, ConfigError> {
    section.allow(&PLACE_KEYS, &[])?;
    let name = name(section)?;
    let at = section.text("at")?.ok_or_else(|| section.error("", "at is missing: coordinates or a link of a map"))?;
    let found = parse_place(at).map_err(|error| {
        let why = match error {
            PlaceError::ShortLink => "a shortened link does not tell its place; paste the coordinates instead",
            PlaceError::LinkWithoutPlace => "no coordinates stand in this link",
            PlaceError::Unreadable => "must be coordinates such as \"-6.2, 106.8\", or a link of a map",
            PlaceError::OutOfRange => "latitude is at most 90 degrees and longitude at most 180",
        };
        section.error("at", why)
    })?;
    Ok(SavedPlace { name, latitude: found.latitude, longitude: found.longitude })
}

fn name(section: &Section<'_>) -> Result<String, ConfigError> {
    let name = section.text("name")?.ok_or_else(|| section.error("", "name is missing"))?;
    Ok(name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<RepliesFile, String> {
        RepliesFile::parse(Path::new("replies.toml"), text).map_err(|error| error.to_string())
    }

    fn reply(name: &str, text: &str) -> CannedReply {
        CannedReply { name: name.into(), text: text.into(), ..CannedReply::default() }
    }

    #[test]
    fn own_replies_replace_and_remove_built_in_ones() {
        let file = parse(
            "[[reply]]\nname = \"salam\"\ntext = \"Hai {name}\"\n[[reply]]\nname = \"tunggu\"\ntext = false\n\
             [[reply]]\nname = \"jam\"\naccount = \"toko\"\ntext = \"24 jam\"\nfile = \"harga.pdf\"\n",
        )
        .unwrap();
        let built_in = [reply("salam", "Halo"), reply("tunggu", "Sebentar"), reply("jam", "08-17")];
        let all = file.over(&built_in);
        let jam =
            CannedReply { account: AccountName::new("toko"), file: Some("harga.pdf".into()), ..reply("jam", "24 jam") };
        assert_eq!(all, [reply("salam", "Hai {name}"), jam, reply("jam", "08-17")]);
        assert_eq!(RepliesFile::default().over(&built_in), built_in);
    }

    #[test]
    fn places_are_read_in_any_notation() {
        let file = parse("[[place]]\nname = \"Toko kami\"\nat = \"-6,2 106,8166\"\n").unwrap();
        let place = SavedPlace { name: "Toko kami".into(), latitude: "-6.2".into(), longitude: "106.8166".into() };
        assert_eq!(file.places, [place]);
    }

    #[test]
    fn an_error_names_its_line_and_what_to_do() {
        for (text, error) in [
            ("[[reply]]\ntext = \"x\"", "replies.toml:1:1: reply: name is missing"),
            ("[[reply]]\nname = \"a\"", "replies.toml:1:1: reply: reply \"a\": give text, file or both"),
            (
                "[[reply]]\nname = \"a\"\ntxt = \"x\"",
                "replies.toml:3:1: reply: unknown key \"txt\"; did you mean \"text\"?",
            ),
            (
                "[[reply]]\nname = \"a\"\ntext = true",
                "replies.toml:3:8: reply: text: must be a text in quotes, not true or false",
            ),
            (
                "[[reply]]\nname = \"a\"\ntext = \"x\"\naccount = \"Toko!\"",
                "replies.toml:4:11: reply: account: \"Toko!\" is no account's name",
            ),
            (
                "[[place]]\nname = \"a\"\nat = \"https://maps.app.goo.gl/x\"",
                "replies.toml:3:6: place: at: a shortened link does not tell its place; paste the coordinates instead",
            ),
        ] {
            assert_eq!(parse(text).unwrap_err(), error);
        }
    }
}
