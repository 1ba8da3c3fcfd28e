//! Finds what a person means by a few letters.
//!
//! Invariant: the same letters give the same order.
use crate::domain::phone::NumberPattern;
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// An item that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Match {
    pub item: usize,
    /// Which characters of its label matched, ascending.
    pub letters: Vec<u32>,
}

/// The items that match, best first; all in their order when nothing is typed. `label` gives an item's text, and
/// further text that is searched but not marked. With `number` an item also matches by a phone number in its texts.
pub(crate) fn rank<'a>(
    query: &str,
    number: Option<&NumberPattern>,
    labels: impl Iterator<Item = (&'a str, [&'a str; 2])>,
) -> Vec<Match> {
    let pattern = Pattern::parse(query.trim(), CaseMatching::Ignore, Normalization::Smart);
    // Longer texts hold nearly any letters somewhere: there the words must stand as they are typed.
    let substrings = Pattern::new(query.trim(), CaseMatching::Ignore, Normalization::Smart, AtomKind::Substring);
    if pattern.atoms.is_empty() {
        return labels.enumerate().map(|(item, _)| Match { item, letters: Vec::new() }).collect();
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let (mut first, mut second) = (Vec::new(), Vec::new());
    let mut found: Vec<(u32, Match)> = Vec::new();
    for (item, (label, more)) in labels.enumerate() {
        let mut letters = Vec::new();
        let own = pattern.indices(Utf32Str::new(label, &mut first), &mut matcher, &mut letters);
        let score = if let Some(score) = own {
            Some(score.saturating_mul(2))
        } else {
            letters.clear();
            let whole = format!("{label} {}", more.join(" "));
            let by_number =
                || number.is_some_and(|number| number.matches(label) || more.iter().any(|m| number.matches(m)));
            let score = substrings.score(Utf32Str::new(&whole, &mut second), &mut matcher);
            score.or_else(|| by_number().then_some(0))
        };
        if let Some(score) = score {
            letters.sort_unstable();
            letters.dedup();
            found.push((score, Match { item, letters }));
        }
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.item.cmp(&b.1.item)));
    found.into_iter().map(|(_, m)| m).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_letters_find_the_best_first_whatever_case_and_accents() {
        let labels = [("Quit", ""), ("Go to conversation", ""), ("José Budi", "62812"), ("Budi", "62813")];
        let names = |query: &str| -> Vec<usize> {
            rank(query, None, labels.iter().map(|(a, b)| (*a, ["", *b]))).into_iter().map(|m| m.item).collect()
        };
        assert_eq!(names(""), [0, 1, 2, 3]);
        assert_eq!(names("gtc"), [1]);
        assert_eq!(names("jose"), [2]);
        assert_eq!(names("62813"), [3]);
        assert_eq!(names("zzz"), Vec::<usize>::new());
        // Letters scattered over a sentence find nothing, words of it do.
        let sentences =
            |query: &str| rank(query, None, [("Quit", ["Drafts and the outbox are kept", ""])].into_iter()).len();
        assert_eq!((sentences("location"), sentences("outbox"), sentences("kept drafts")), (0, 1, 1));
    }
}
