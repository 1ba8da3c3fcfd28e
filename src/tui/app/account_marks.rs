//! Three letters for each account, for rows without room for its name.
//!
//! Invariant: no two accounts have the same letters, and those of an account do not depend on the order of the accounts.

use std::collections::BTreeMap;

/// How many letters a mark has at most.
const LETTERS: usize = 3;

/// A mark for each account's name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AccountMarks(BTreeMap<String, String>);

impl AccountMarks {
    /// Gives every name letters of its own.
    pub(crate) fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut marks = BTreeMap::new();
        let mut names: Vec<&str> = names.into_iter().collect();
        // A short name is its own mark, so it chooses first.
        names.sort_by_key(|name| (name.len() > LETTERS, *name));
        names.dedup();
        for name in names {
            let free = |mark: &String| !mark.is_empty() && !marks.values().any(|taken| taken == mark);
            let mark = candidates(name).into_iter().chain(numbered(name)).find(free);
            marks.insert(name.to_owned(), mark.unwrap_or_default());
        }
        AccountMarks(marks)
    }

    /// The letters of an account; of one that is not known any more, the beginning of its name.
    pub(crate) fn of(&self, name: &str) -> String {
        self.0.get(name).cloned().unwrap_or_else(|| name.chars().take(LETTERS).collect())
    }

    /// Every account with its letters, by name.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, mark)| (name.as_str(), mark.as_str()))
    }
}

/// Letters that remind of a name, the best first.
fn candidates(name: &str) -> Vec<String> {
    let parts: Vec<&str> = name.split('-').filter(|part| !part.is_empty()).collect();
    let first = |part: &str, letters: usize| part.chars().take(letters).collect::<String>();
    let mut found = Vec::new();
    if let [one, .., last] = parts.as_slice() {
        found.push(first(one, 2) + &first(last, 1));
        found.push(first(one, 1) + &first(last, 2));
    }
    let letters: String = parts.concat();
    found.push(first(&letters, LETTERS));
    // The first letter with two later ones.
    let rest: Vec<char> = letters.chars().skip(1).collect();
    for (at, second) in rest.iter().enumerate() {
        found.extend(rest.iter().skip(at + 1).map(|third| first(&letters, 1) + &String::from_iter([*second, *third])));
    }
    found
}

/// The beginning of a name with a number, where nothing else is free.
fn numbered(name: &str) -> impl Iterator<Item = String> {
    let letters: Vec<char> = name.chars().filter(|c| *c != '-').collect();
    (1..1000).map(move |n| {
        let number = n.to_string();
        letters.iter().take(LETTERS.saturating_sub(number.len())).collect::<String>() + &number
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(names: &[&str]) -> Vec<String> {
        let marks = AccountMarks::new(names.iter().copied());
        names.iter().map(|name| marks.of(name)).collect()
    }

    #[test]
    fn accounts_with_like_names_have_different_letters() {
        assert_eq!(marks(&["cs-jakarta", "cs-bandung", "toko", "toko-2"]), ["csj", "csb", "tok", "to2"]);
        assert_eq!(marks(&["cs", "cs-bogor", "cs-bali", "resmi"]), ["cs", "cbo", "csb", "res"]);
        assert_eq!(marks(&["toko-2", "toko"]), ["to2", "tok"]);
    }

    #[test]
    fn any_number_of_accounts_has_letters_of_their_own() {
        let names: Vec<String> = (0..300).map(|n| format!("aa-{n:03}")).collect();
        let marks = marks(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let mut unique = marks.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), names.len());
        assert!(marks.iter().all(|mark| !mark.is_empty() && mark.chars().count() <= LETTERS), "{marks:?}");
    }
}
