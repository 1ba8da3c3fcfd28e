//! Strangers' texts: whatever a customer writes or is called, the terminal is sent the program's own sequences only.

use crate::simulators::Simulators;
use crate::term::Term;

/// Names and texts that would steer a terminal: titles, clipboard, clearing, C1, reversed order, device reports.
const HOSTILE: [(&str, &str); 4] = [
    ("Ani \u{1b}]0;pwned\u{7}\u{1b}[2J", "satu \u{1b}[31mmerah\u{1b}[0m \u{1b}]52;c;cHduZWQ=\u{7} \u{1b}[6n selesai"),
    ("Beni \u{202e}gpj.exe\u{2066}", "dua \u{9b}2J\u{9d}0;pwned\u{9c} \u{90}q \u{85} selesai"),
    (
        "Cici \u{8}\u{8}\u{8}\u{7f}\r",
        "tiga \u{1b}c\u{1b}P1$r\u{1b}\\ \u{1b}[?1049l\u{e} https://contoh.example/\u{1b}[A selesai",
    ),
    (
        "Dedi 👨\u{200d}👩\u{200d}👧🇮🇩🙏🏽",
        "empat \u{202a}\u{202b}\u{2067}\u{200f}\u{feff}\u{e0041} 👍🏿❤\u{fe0f}क्षि selesai",
    ),
];

/// Fails when anything was written that the program has no reason to write.
#[track_caller]
pub(crate) fn only_own_sequences(raw: &[u8]) {
    let text = String::from_utf8(raw.to_vec()).expect("no broken letter was written");
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => {
                let kind = letters.next();
                if kind == Some(']') {
                    let title: String = letters.by_ref().take_while(|c| *c != '\\').collect();
                    let count = title.strip_prefix("2;").and_then(|t| t.strip_suffix("Loket\u{1b}"));
                    let counts = |count: &str| count.chars().all(|c| c.is_ascii_digit() || "() ".contains(c));
                    assert!(count.is_some_and(counts), "an OSC that is not the program's title: {title:?}");
                    continue;
                }
                assert_eq!(kind, Some('['), "a sequence that is no CSI");
                let mut sequence = String::new();
                let last = loop {
                    let next = letters.next().unwrap();
                    if next.is_ascii_alphabetic() {
                        break next;
                    }
                    sequence.push(next);
                };
                let known = match last {
                    'm' | 'H' | 'J' | 'K' => sequence.chars().all(|c| c.is_ascii_digit() || c == ';'),
                    'h' | 'l' => {
                        ["?1049", "?2004", "?1004", "?2026", "?25", "?1000", "?1006"].contains(&sequence.as_str())
                    }
                    'q' => sequence == "0 ",
                    // The window's own title is kept and given back.
                    't' => ["22;2", "23;2"].contains(&sequence.as_str()),
                    _ => false,
                };
                assert!(known, "a sequence that is not the program's: {sequence:?} {last:?}");
            }
            '\r' | '\n' => {}
            _ => {
                assert!(!letter.is_control(), "the control {letter:?} was written");
                let steers =
                    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
                let unseen =
                    matches!(letter, '\u{200b}' | '\u{feff}' | '\u{3164}' | '\u{115f}' | '\u{e0000}'..='\u{e007f}');
                assert!(!steers && !unseen, "{letter:?} was written");
            }
        }
    }
}

#[test]
fn hostile_names_and_texts_never_reach_the_terminal_raw() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let serve = installation.serve();
    simulators.connect(&serve);
    for (n, (name, text)) in HOSTILE.into_iter().enumerate() {
        for account in ["chatera", "cetar-meta", "cloudchat", "waviro"] {
            simulators.customer_writes(account, &format!("62812000000{n}"), name, text);
        }
    }
    for (columns, rows) in [(80, 24), (40, 12), (140, 45)] {
        let mut term = Term::open(installation.loket(&[]), (columns, rows));
        // Who waits longest stands first.
        term.until("all of them", |screen| screen.contains("Ani") && (columns < 80 || screen.contains("16 waiting")));
        for name in ["Ani", "Beni", "Cici", "Dedi"] {
            term.press(&format!("\x07{name}"));
            term.until("the finder", |screen| screen.contains(&format!("› {name}")));
            term.press("\r");
            term.until("the conversation", |screen| screen.contains("selesai") && screen.contains("› Write a"));
        }
        term.press("\x06selesai");
        term.until("what was found", |screen| {
            screen.contains("› selesai") && (screen.contains("empat") || screen.contains("…selesai"))
        });
        term.press("\x1b");
        term.hides("› selesai");
        term.press("\x11");
        assert_eq!(term.ended(), 0);
        only_own_sequences(term.raw());
    }
    let titles = String::from_utf8(installation.run(&["conversations"]).stdout).unwrap();
    assert!(titles.contains("Ani") && !titles.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "{titles:?}");
}
