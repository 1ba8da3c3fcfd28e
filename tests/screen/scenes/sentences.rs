//! Every fixed sentence of both languages fits where it is shown at the design size.
use loket::config::Locale;
use loket::text;
use loket::tui::Msg;

use super::two_conversations;
use crate::kit::TestScreen;

const SOURCES: [(Locale, &str); 2] = [
    (Locale::En, include_str!("../../../assets/locales/en.toml")),
    (Locale::Id, include_str!("../../../assets/locales/id.toml")),
];

/// What places of a sentence are filled with at their longest in daily use.
const VALUES: &[(&str, &str)] = &[
    ("{name}", "Kartika Wulandari"),
    ("{names}", "Kartika Wulandari, Budi"),
    ("{agent}", "Sari"),
    ("{key}", "Ctrl+X u"),
    ("{keys}", "Ctrl+X Ctrl+R"),
    ("{gateway}", "CloudChat"),
    ("{account}", "toko-bandung"),
    ("{file}", "keymap.toml"),
    ("{time}", "30 Nov 08:00"),
    ("{n}", "1234"),
    ("{ago}", "23h 59m"),
    ("{span}", "23h 59m"),
    ("{host}", "wa.me"),
];

/// The sentences of a section by key, their places filled.
fn sentences(source: &str, section: &str) -> Vec<(String, String)> {
    let all: toml::Table = source.parse().unwrap();
    let filled = |text: &str| VALUES.iter().fold(text.to_owned(), |text, (place, value)| text.replace(place, value));
    let of = all[section].as_table().unwrap_or_else(|| panic!("[{section}]")).iter();
    of.filter_map(|(key, value)| Some((key.clone(), filled(value.as_str()?)))).collect()
}

#[test]
fn every_notice_reason_and_objection_is_read_whole_at_every_size() {
    for (locale, source) in SOURCES {
        for (width, height) in [(80, 24), (40, 12)] {
            let (store, ..) = two_conversations();
            let mut screen = TestScreen::new(store, locale, (width, height));
            screen.keys("enter 'Halo Kak'");
            for section in ["notices", "whynot", "objections", "errors"] {
                for (key, sentence) in sentences(source, section) {
                    screen.model.notify(&sentence, true);
                    screen.update(Msg::Focused(true));
                    let shown = screen.text();
                    let missing = sentence.split_whitespace().find(|word| !shown.contains(word));
                    assert_eq!(missing, None, "[{section}] {key} at {width}×{height}: {sentence}\n{shown}");
                    assert!(shown.contains("› Halo Kak"), "[{section}] {key} hides what is written\n{shown}");
                }
            }
        }
    }
}

#[test]
fn what_stands_on_one_line_fits_it_at_80_columns() {
    // The longest line of each place, in cells: inside the frame of the narrowest overlay that shows it.
    let limits: &[(&str, &[&str], usize)] = &[
        ("overlay", &["palette_hint", "goto_hint", "search_hint", "canned_hint"], 62),
        ("overlay", &["goto", "search", "links", "templates", "attach", "react", "canned", "palette"], 46),
        ("team", &["labels_hint", "no_labels", "assign_hint"], 48),
        ("forms", &["place_hint", "saved_hint", "card_hint", "who", "who_hint"], 64),
        ("forms", &["location", "card", "buttons", "list", "new_conversation"], 60),
        ("views", &["hint", "unknown_key", "no_value", "unknown_value", "not_a_day", "contradicts", "open_quote"], 76),
        ("note", &["title_long", "placeholder"], 46),
        ("customer", &["only_here", "new_field", "local"], 60),
        ("composer", &["placeholder", "placeholder_closed", "window_left"], 46),
        ("list", &["empty_more", "empty_filter_more"], 62),
        ("thread", &["nothing_open_more"], 48),
    ];
    let mut long = Vec::new();
    for (locale, source) in SOURCES {
        for (section, keys, limit) in limits {
            let sentences = sentences(source, section);
            for key in *keys {
                let (_, sentence) = sentences.iter().find(|(name, _)| name == key).unwrap_or_else(|| panic!("{key}"));
                if text::cells(sentence) > *limit {
                    long.push(format!("{locale:?} [{section}] {key}: {} > {limit}: {sentence}", text::cells(sentence)));
                }
            }
        }
        let hints = names_of_commands(source);
        long.extend(hints.into_iter().filter(|hint| text::cells(hint) > 24).map(|hint| format!("{locale:?} {hint}")));
    }
    assert_eq!(long, Vec::<String>::new());
}

/// The short names of commands, which stand in hint lines and in the actions popup.
fn names_of_commands(source: &str) -> Vec<String> {
    let all: toml::Table = source.parse().unwrap();
    let commands = all["commands"].as_table().unwrap();
    commands.values().map(|pair| pair[0].as_str().unwrap().to_owned()).collect()
}
