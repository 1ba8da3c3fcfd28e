//! The previews that were made, the most recently made ones only, and those that are being made.
//!
//! Invariant: at most so many are kept, whatever is scrolled past.

use std::collections::{HashMap, VecDeque};

use super::preview::{Preview, PreviewKey, PreviewRequest};
use crate::tui::effect::{Effect, MediaCall};

/// How many previews are kept: more than two screens of the largest window, a few kilobytes each.
const MOST: usize = 256;

/// The previews of the thread.
#[derive(Debug, Clone, Default)]
pub(crate) struct Previews {
    made: HashMap<PreviewKey, Preview>,
    /// The keys of `made`, oldest first.
    order: VecDeque<PreviewKey>,
    /// What was asked for and is not here yet.
    asked: Vec<PreviewRequest>,
}

impl Previews {
    /// A preview that was made.
    pub(crate) fn get(&self, key: &PreviewKey) -> Option<&Preview> {
        self.made.get(key)
    }

    /// Takes a preview in, and drops the oldest one where there are too many.
    pub(crate) fn add(&mut self, key: PreviewKey, preview: Preview) {
        self.asked.retain(|request| request.key != key);
        if self.made.insert(key.clone(), preview).is_none() {
            self.order.push_back(key);
        }
        while self.order.len() > MOST {
            if let Some(oldest) = self.order.pop_front() {
                self.made.remove(&oldest);
            }
        }
    }

    /// Asks for the visible previews that are not made yet, in this order, in place of those asked for before.
    pub(crate) fn ask(&mut self, visible: impl Iterator<Item = PreviewRequest>) -> Option<Effect> {
        let mut wanted: Vec<PreviewRequest> = Vec::new();
        for request in visible {
            if !self.made.contains_key(&request.key) && !wanted.iter().any(|other| other.key == request.key) {
                wanted.push(request);
            }
        }
        if wanted == self.asked {
            return None;
        }
        self.asked.clone_from(&wanted);
        Some(Effect::Media(MediaCall::MakePreviews(wanted)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::previews::preview::{PreviewKind, Unreadable};

    fn request(name: &str) -> PreviewRequest {
        let key = PreviewKey { sha256: name.to_owned(), kind: PreviewKind::Picture, columns: 24, rows: 8 };
        PreviewRequest { key, path: name.into() }
    }

    fn asked(effect: Option<Effect>) -> Vec<String> {
        match effect {
            Some(Effect::Media(MediaCall::MakePreviews(wanted))) => {
                wanted.into_iter().map(|request| request.key.sha256).collect()
            }
            _ => vec!["nothing".to_owned()],
        }
    }

    #[test]
    fn what_is_visible_is_asked_for_once_and_what_is_scrolled_away_is_not_wanted_any_more() {
        let mut previews = Previews::default();
        let visible = |names: &'static [&str]| names.iter().map(|name| request(name));
        assert_eq!(asked(previews.ask(visible(&["b", "a", "b"]))), ["b", "a"]);
        assert_eq!(asked(previews.ask(visible(&["b", "a"]))), ["nothing"]);
        previews.add(request("b").key, Preview::Unreadable(Unreadable::Gone));
        assert_eq!(asked(previews.ask(visible(&["b", "a"]))), ["nothing"]);
        assert_eq!(asked(previews.ask(visible(&["c", "b"]))), ["c"]);
        assert_eq!(asked(previews.ask(visible(&[]))), [""; 0]);
    }

    #[test]
    fn no_more_than_a_bound_is_kept() {
        let mut previews = Previews::default();
        for n in 0..(MOST * 2) {
            previews.add(request(&n.to_string()).key, Preview::Document { pages: None });
        }
        assert_eq!((previews.made.len(), previews.order.len()), (MOST, MOST));
        assert!(previews.get(&request(&(MOST * 2 - 1).to_string()).key).is_some());
        assert!(previews.get(&request("0").key).is_none());
    }
}
