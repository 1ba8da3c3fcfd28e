//! `views.toml`: views of the conversation list of one's own.

use std::path::Path;

use super::section::{Section, Source};
use crate::config::error::ConfigError;
use crate::domain::phone::Country;
use crate::domain::{ConversationFilter, query};
use jiff::tz::TimeZone;

const KEYS: [&str; 2] = ["name", "query"];

/// One `[[view]]` of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SavedView {
    pub(crate) name: String,
    /// Its query as it was written.
    pub(crate) query: String,
    /// What it shows; `None` (`query = false`) takes the built-in view of this name away.
    pub(crate) filter: Option<ConversationFilter>,
}

/// Parses the text of `views.toml`; `file` names it in errors. Local phone numbers are read as in `country`, days begin
/// at midnight in `zone`.
pub(crate) fn parse_views(
    file: &Path,
    text: &str,
    country: Country,
    zone: &TimeZone,
) -> Result<Vec<SavedView>, ConfigError> {
    let source = Source { file, text: text.strip_prefix('\u{feff}').unwrap_or(text) };
    let document = source.parse()?;
    let root = Section::root(source, &document);
    root.allow(&["view"], &[(&KEYS, "under [[view]]")])?;
    let views = root.sections("view", "written [[view]], with two brackets")?;
    views.iter().map(|section| view(section, country, zone)).collect()
}

fn view(section: &Section<'_>, country: Country, zone: &TimeZone) -> Result<SavedView, ConfigError> {
    section.allow(&KEYS, &[])?;
    let name = section.text("name")?.ok_or_else(|| section.error("", "name is missing"))?.trim().to_owned();
    if section.item("query").and_then(toml_edit::Item::as_bool) == Some(false) {
        return Ok(SavedView { name, query: String::new(), filter: None });
    }
    let query = section.text("query")?.ok_or_else(|| section.error("", "query is missing"))?.to_owned();
    let filter = query::parse(&query, country, zone).map_err(|error| section.error("query", error.to_string()))?;
    Ok(SavedView { name, query, filter: Some(filter) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::phone;

    fn parse(text: &str) -> Result<Vec<SavedView>, String> {
        parse_views(Path::new("views.toml"), text, phone::INDONESIA, &TimeZone::UTC).map_err(|e| e.to_string())
    }

    #[test]
    fn views_are_read_and_built_in_ones_taken_away() {
        let text = "[[view]]\nname = \"Komplain\"\nquery = \"label:komplain is:waiting\"\n\
                    [[view]]\nname = \"All\"\nquery = false\n";
        let views = parse(text).unwrap();
        assert_eq!(views.len(), 2);
        let filter = views[0].filter.as_ref().unwrap();
        assert!(filter.waiting && filter.labels == ["komplain"], "{filter:?}");
        assert_eq!((views[1].name.as_str(), views[1].filter.as_ref()), ("All", None));
    }

    #[test]
    fn an_error_names_the_line_and_the_word() {
        let error = parse("[[view]]\nname = \"Komplain\"\nquery = \"lable:komplain\"\n").unwrap_err();
        assert!(error.contains("views.toml:3") && error.contains("lable:komplain: no such word"), "{error}");
        let error = parse("[[view]]\nname = \"Komplain\"\n").unwrap_err();
        assert!(error.contains("query is missing"), "{error}");
    }
}
