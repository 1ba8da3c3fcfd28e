//! What terminals send beside plain keys: the mouse, and keys in Kitty's protocol.

use crate::installation::Installation;
use crate::term::{PAUSE, Term, USUAL};

/// An installation with two conversations of sixty and of one message; no gateway is ever asked.
fn installation(settings: &str) -> Installation {
    let installation = Installation::new(&format!(
        "{settings}\n[[account]]\nname = \"toko\"\nprovider = \"chatera\"\nbase_url = \"http://127.0.0.1:1/v1\"\n\
         api_key = \"k\"\nwindow = \"none\"\n"
    ));
    let message = |n: u32, peer: &str, name: &str, text: &str| {
        format!(
            r#"{{"id":"{n}","conversation":"1","account":"toko","channel":"whatsapp","peer":"{peer}","direction":"in","author":{{"kind":"contact","name":"{name}"}},"kind":"text","text":"{text}","media":null,"payload":null,"remote_id":"wamid.{n}","status":"received","error":null,"at":"2026-01-04T08:{:02}:00Z"}}"#,
            n % 60
        )
    };
    let long = (0..60).map(|n| message(n, "628123456780", "Budi", &format!("pesan ke-{n}.")));
    let all: Vec<String> = long.chain([message(61, "628123456781", "Citra", "Permisi kak")]).collect();
    std::fs::write(installation.path("in.jsonl"), all.join("\n")).unwrap();
    let imported = installation.run(&["import", installation.path("in.jsonl").to_str().unwrap()]);
    assert!(imported.status.success(), "{imported:?}");
    installation
}

/// A press of the left button, or another button, as terminals report it (SGR 1006); columns and rows from 1.
fn mouse(button: u8, (column, row): (usize, usize)) -> String {
    format!("\x1b[<{button};{column};{row}M")
}

const WHEEL_UP: u8 = 64;
const WHEEL_DOWN: u8 = 65;

/// The place of a text on the screen; columns and rows from 1.
fn place(screen: &str, text: &str) -> (usize, usize) {
    let (row, line) = (1..).zip(screen.lines()).find(|(_, line)| line.contains(text)).unwrap();
    (line.split(text).next().unwrap().chars().count() + 1, row)
}

fn has(term: &Term, sequence: &str) -> bool {
    String::from_utf8_lossy(term.raw()).contains(sequence)
}

#[test]
fn with_the_mouse_on_a_click_chooses_and_opens_and_the_wheel_scrolls() {
    let installation = installation("mouse = true");
    let mut term = installation.inbox();
    let screen = term.shows("0812-3456-781");
    assert!(has(&term, "\x1b[?1000h\x1b[?1006h"), "presses are asked for");
    // The conversation that waits longest is chosen at the start.
    let citra = place(&screen, "0812-3456-781");
    term.press(&mouse(0, citra));
    term.until("chosen", |screen| screen.lines().any(|line| line.contains('█') && line.contains("0812-3456-781")));
    term.press(&mouse(0, citra));
    // The list shows its text too. What is read of a conversation's account comes last.
    term.shows("Write a message");
    term.shows("per minute left");
    let other = place(&term.screen(), "0812-3456-780");
    term.press(&mouse(0, other));
    term.until("chosen", |screen| screen.lines().any(|line| line.contains('█') && line.contains("0812-3456-780")));
    term.press(&mouse(0, other));
    // The wheel over the thread goes up and down, the keys stay where they are.
    let newest = term.shows("pesan ke-59.");
    let at = place(&newest, "pesan ke-59.");
    for _ in 0..4 {
        term.press(&mouse(WHEEL_UP, at));
    }
    term.hides("pesan ke-59.");
    for _ in 0..4 {
        term.press(&mouse(WHEEL_DOWN, at));
    }
    term.shows("pesan ke-59.");
    term.press("Halo");
    term.until("typed in the composer", |screen| screen.lines().any(|line| line.contains("› Halo")));
    // The terminal gets its mouse back.
    term.press("\x11");
    term.ended();
    let text = String::from_utf8_lossy(term.raw()).into_owned();
    assert!(text.rfind("\x1b[?1000l") > text.rfind("\x1b[?1000h"), "the mouse stays on");
}

#[test]
fn with_the_mouse_off_it_is_never_asked_for_and_its_reports_mean_nothing() {
    let installation = installation("");
    let mut term = installation.inbox();
    let screen = term.shows("0812-3456-781");
    let citra = place(&screen, "0812-3456-781");
    term.press("\r");
    term.shows("Write a message");
    // A program before may have left reports on.
    term.press(&mouse(0, citra));
    term.press(&mouse(WHEEL_DOWN, citra));
    term.press("Halo");
    term.until("typed", |screen| screen.lines().any(|line| line.contains("› Halo")));
    assert!(term.screen().contains("pesan ke-"), "{}", term.screen());
    assert!(!has(&term, "\x1b[?1000h") && !has(&term, "\x1b[?1006h"), "text can be selected");
}

#[test]
fn kittys_protocol_tells_keys_apart_and_is_left_at_the_end() {
    let installation = installation("");
    std::fs::write(
        installation.path("keymap.toml"),
        "[composer]\nsend = [\"ctrl-enter\"]\nnew_line = [\"enter\", \"shift-enter\"]\n",
    )
    .unwrap();
    let mut command = installation.loket(&[]);
    command.env("TERM", "xterm-kitty");
    let mut term = Term::open(command, USUAL);
    term.shows("0812-3456-781");
    assert!(has(&term, "\x1b[>1u"), "the protocol is switched on");
    term.press("\r");
    term.shows("Write a message");
    // Shift+Enter and Ctrl+Enter have sequences of their own; plain Enter is what the key map says.
    term.press("satu");
    term.press("\x1b[13;2u");
    term.press("dua");
    term.until("two lines", |screen| screen.lines().any(|line| line.contains("  dua")));
    term.press("\x1b[13;5u");
    term.shows("Write a message");
    term.until("in the thread", |screen| screen.lines().any(|line| line.contains("dua") && line.contains('▐')));
    // Esc comes as a sequence: the letter that follows at once is a letter, not Alt and the letter.
    term.press("\x1b[27ue");
    std::thread::sleep(PAUSE);
    term.shows("Resolved.");
    term.press("\x1b[113;5u");
    // The message waits for a gateway that is not there.
    term.shows("wait to be sent");
    term.press("\r");
    term.ended();
    let text = String::from_utf8_lossy(term.raw()).into_owned();
    assert!(text.rfind("\x1b[<1u") > text.rfind("\x1b[>1u"), "the protocol stays on");
}

#[test]
fn a_terminal_that_is_not_known_to_have_the_protocol_is_sent_none_of_it() {
    let installation = installation("");
    let mut term = installation.inbox();
    term.shows("0812-3456-781");
    term.press("\x11");
    term.ended();
    assert!(!has(&term, "\x1b[>1u") && !has(&term, "\x1b[<1u"));
}
