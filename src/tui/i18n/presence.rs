//! Who else has a conversation open, in words.

use super::fill;
use super::sections::TeamStrings;
use crate::domain::Presence;
use crate::text::Clean;

/// The most names in a sentence.
const NAMES: usize = 3;

/// What is said of the agents who have a conversation open elsewhere, from long to short; empty while nobody has.
/// Somebody who writes is said before somebody who only reads.
pub(crate) fn presence(strings: &TeamStrings, present: &[Presence]) -> Vec<String> {
    let names = |wanted: &dyn Fn(&&Presence) -> bool| -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in present.iter().filter(|p| wanted(p)).filter_map(|p| Clean::name(&p.agent)).map(Clean::into_string) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    };
    let writing = names(&|p| p.writing);
    let here = names(&|_| true);
    let (sentence, mut names) = match (writing.is_empty(), here.len()) {
        (false, _) => (&strings.writing, writing),
        (true, 0) => return Vec::new(),
        (true, 1) => (&strings.here, here),
        (true, _) => (&strings.here_several, here),
    };
    let more = names.len().saturating_sub(NAMES);
    names.truncate(NAMES);
    let mut all = names.join(", ");
    if more > 0 {
        all = format!("{all} +{more}");
    }
    let places = [("name", all.as_str()), ("names", all.as_str())];
    vec![fill(sentence, &places), all.clone()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Locale;

    #[test]
    fn who_writes_is_said_first_and_nobody_is_said_of_nobody() {
        let strings = &Locale::Id.strings().team;
        let agent = |name: &str, writing| Presence { agent: name.to_owned(), writing };
        let said = |present: &[Presence]| presence(strings, present).first().cloned();
        assert_eq!(said(&[]), None);
        assert_eq!(said(&[agent("Budi", false)]).as_deref(), Some("Budi juga membuka percakapan ini"));
        assert_eq!(said(&[agent("Budi", false), agent("Ani", true)]).as_deref(), Some("Ani menulis …"));
        let many: Vec<Presence> = ["A", "B", "C", "D", "D"].map(|name| agent(name, false)).to_vec();
        assert_eq!(said(&many).as_deref(), Some("A, B, C +1 juga membuka percakapan ini"));
        assert_eq!(said(&[agent("\u{1b}[2J", false)]), None, "nothing is left of such a name");
    }
}
