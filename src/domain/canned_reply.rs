//! Canned replies: texts that are inserted in a draft, with fields in braces that are filled first.
//!
//! Invariant: filling never changes what stands between the fields, except that a field without a value takes the
//! spaces and the comma with it that only served it.

use super::AccountName;
use super::file_paths::is_link;

/// The longest name of a field, in characters; longer text in braces is text.
const FIELD_MAX: usize = 40;

/// A canned reply: inserted in the composer, never sent by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CannedReply {
    /// By what it is found.
    pub name: String,
    /// What it inserts; fields stand in braces.
    pub text: String,
    /// The only account whose conversations have it; `None` for all.
    pub account: Option<AccountName>,
    /// What is sent with it: a link, or the path of a file.
    pub file: Option<String>,
}

/// A place that is sent often, under a name of one's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SavedPlace {
    /// By what it is found, and what stands under the map.
    pub name: String,
    /// Degrees north, digit for digit.
    pub latitude: String,
    /// Degrees east, digit for digit.
    pub longitude: String,
}

/// What a reply sends, as people know it: a link whole, of a file its name.
pub(crate) fn file_name(file: &str) -> &str {
    if is_link(file) { file } else { file.rsplit(['/', '\\']).next().unwrap_or(file) }
}

/// The fields of a text in their order, each once.
pub(crate) fn fields(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, field, after)) = next_field(rest) {
        if !found.contains(&field) {
            found.push(field);
        }
        rest = after;
    }
    found
}

/// Fills the fields of a text. A field whose value is not known stays; one whose value is empty leaves no gap. What is
/// filled in is not read for fields again.
pub(crate) fn fill_fields(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    let mut capital = false;
    while let Some((before, field, after)) = next_field(rest) {
        push(&mut out, before, &mut capital);
        rest = after;
        match value(field).as_deref().map(str::trim) {
            None => {
                out.push('{');
                out.push_str(field);
                out.push('}');
            }
            Some("") => (rest, capital) = leave_out(&mut out, rest),
            Some(value) => push(&mut out, value, &mut capital),
        }
    }
    push(&mut out, rest, &mut capital);
    out
}

/// Appends text; its first letter becomes a capital where it now begins a sentence.
fn push(out: &mut String, text: &str, capital: &mut bool) {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if *capital => {
            out.extend(first.to_uppercase());
            out.push_str(letters.as_str());
            *capital = false;
        }
        Some(_) => out.push_str(text),
        None => {}
    }
}

/// Removes what surrounded an empty field; returns what follows, and whether that begins a sentence.
fn leave_out<'t>(out: &mut String, after: &'t str) -> (&'t str, bool) {
    out.truncate(out.trim_end_matches(' ').len());
    let follows = after.trim_start_matches(' ');
    let ends_here = follows.chars().next().is_none_or(|c| matches!(c, '.' | '!' | '?' | ',' | ';' | ':' | '\n'));
    let line_begins = out.is_empty() || out.ends_with('\n');
    if line_begins && (follows.is_empty() || follows.starts_with('\n')) {
        // It stood alone on its line.
        if follows.is_empty() {
            out.truncate(out.trim_end_matches('\n').len());
        }
        return (follows.strip_prefix('\n').unwrap_or(follows), false);
    }
    if line_begins || out.ends_with(['.', '!', '?']) {
        let follows = follows.trim_start_matches([',', ' ']);
        if !line_begins && !follows.is_empty() && !follows.starts_with('\n') {
            out.push(' ');
        }
        return (follows, true);
    }
    if ends_here {
        out.truncate(out.trim_end_matches(',').len());
        return (follows, false);
    }
    if !after.starts_with(' ') {
        out.push(' ');
    }
    (after, false)
}

/// The text before the next field, the field, and the text after it. Doubled braces are a template's places, not ours.
fn next_field(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text.get(from..)?.find('{')?;
        let inside = text.get(open + 1..)?;
        let end = inside.find(['{', '}', '\n']);
        let doubled = inside.starts_with('{') || text.get(..open).is_some_and(|before| before.ends_with('{'));
        match end.filter(|end| inside.get(*end..).is_some_and(|rest| rest.starts_with('}'))) {
            Some(end) if !doubled => {
                let (field, after) = inside.split_at_checked(end)?;
                if !field.trim().is_empty() && field.chars().count() <= FIELD_MAX {
                    return Some((text.get(..open)?, field, after.strip_prefix('}')?));
                }
                from = open + 1;
            }
            _ => from = open + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str, name: &str) -> String {
        fill_fields(text, |field| (field == "name").then(|| name.to_owned()))
    }

    #[test]
    fn fields_are_found_once_and_in_order() {
        assert_eq!(fields("Halo {name}, ke {kota} {tarif}. {kota}"), ["name", "kota", "tarif"]);
        assert_eq!(fields("{{1}} {} { } {a\nb} {nomor resi} {"), ["nomor resi"]);
    }

    #[test]
    fn what_is_known_is_filled_in_once_and_the_rest_stays() {
        assert_eq!(fill("Halo {name}, ke {kota}.", "{kota}"), "Halo {kota}, ke {kota}.");
        assert_eq!(fill("Kode {{1}} {name}", "Budi"), "Kode {{1}} Budi");
    }

    #[test]
    fn a_text_reads_naturally_without_a_name() {
        for (text, read) in [
            ("Halo Kak {name}, terima kasih.", "Halo Kak, terima kasih."),
            ("Terima kasih, Kak {name}.", "Terima kasih, Kak."),
            ("Hello {name}, thank you.", "Hello, thank you."),
            ("Thank you, {name}. Bye", "Thank you. Bye"),
            ("{name}, pesanannya siap.", "Pesanannya siap."),
            ("Siap. {name}, ditunggu ya", "Siap. Ditunggu ya"),
            ("Salam\n{name}", "Salam"),
            ("Salam\n{name}\nToko", "Salam\nToko"),
            ("Untuk {name} ya", "Untuk ya"),
            ("Halo {name}", "Halo"),
            ("{name}", ""),
        ] {
            assert_eq!(fill(text, ""), read, "{text}");
        }
    }
}
