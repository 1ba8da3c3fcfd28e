//! A voice note is heard: by a program of the machine that shows nothing on the screen and ends with it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use portable_pty::CommandBuilder;
use serde_json::json;
use sha2::Digest as _;

use crate::installation::Installation;
use crate::term::{PAUSE, Term, USUAL};

const VOICE: &[u8] = include_bytes!("../../assets/sandbox/catatan.ogg");

/// An installation with a voice note, whose player is a script that notes its process and arguments before it goes on.
fn installation(script: &str) -> Installation {
    let installation = Installation::new("");
    let player = installation.path("player");
    let script = format!(
        "#!/bin/sh\nprintf '%s ' \"$@\" >> '{0}/calls'\necho noise; echo noise >&2\necho $$ > '{0}/pid.new'\n\
         mv '{0}/pid.new' '{0}/pid'\n{script}\n",
        installation.path("").display()
    );
    std::fs::write(&player, script).unwrap();
    std::fs::set_permissions(&player, std::fs::Permissions::from_mode(0o755)).unwrap();
    configure(&installation, &format!("[media]\naudio_player = [\"{}\", \"--satu\"]\n", player.display()));
    let message = json!({
        "id": "1", "conversation": "1", "account": "toko", "channel": "whatsapp", "peer": "628123456780",
        "direction": "in", "author": {"kind": "contact", "name": "Budi Santoso"}, "kind": "audio", "text": "",
        "media": {
            "url": null, "mime": "audio/ogg", "name": null, "size": VOICE.len(), "remote_id": "m", "state": "here",
            "file": null, "sha256": hex::encode(sha2::Sha256::digest(VOICE)), "error": null,
        },
        "payload": null, "remote_id": "wamid.1", "status": "received", "error": null, "at": "2026-01-04T08:49:07Z",
        "file_data": base64::engine::general_purpose::STANDARD.encode(VOICE),
    });
    std::fs::write(installation.path("in.jsonl"), message.to_string()).unwrap();
    let imported = installation.run(&["import", installation.path("in.jsonl").to_str().unwrap()]);
    assert!(imported.status.success(), "{imported:?}");
    installation
}

/// The account's gateway is never asked.
fn configure(installation: &Installation, media: &str) {
    let account =
        "[[account]]\nname = \"toko\"\nprovider = \"chatera\"\nbase_url = \"http://127.0.0.1:1/v1\"\napi_key = \"k\"\n";
    std::fs::write(installation.path("config.toml"), format!("{media}{account}")).unwrap();
}

/// The conversation with the voice note chosen.
fn open(command: CommandBuilder) -> Term {
    let mut term = Term::open(command, USUAL);
    term.shows("0812-3456-780");
    term.press("\r");
    // Its length is known without playing it.
    term.shows("\u{25ba} 0:08 ");
    term.press("\x1b");
    term.until("the list has the keys", |screen| screen.contains("Enter open") && !screen.contains("Enter open file"));
    term.press("\t");
    term.shows("Enter open file");
    std::thread::sleep(PAUSE);
    term
}

#[track_caller]
fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let limit = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < limit, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(15));
    }
}

/// The player's process, which is noted once.
fn player(installation: &Installation) -> u32 {
    let path = installation.path("pid");
    let pid = wait_for("the player", || std::fs::read_to_string(&path).ok());
    std::fs::remove_file(path).unwrap();
    pid.trim().parse().unwrap()
}

#[test]
fn a_voice_note_is_played_shown_and_stopped() {
    let installation = installation("exec sleep 600");
    let mut term = open(installation.loket(&[]));
    term.press("p");
    let pid = player(&installation);
    term.shows("\u{25a0} 0:00/0:08");
    term.shows("\u{25a0} 0:01/0:08");
    let calls = std::fs::read_to_string(installation.path("calls")).unwrap();
    let words: Vec<&str> = calls.split_whitespace().collect();
    assert!(
        matches!(words[..], ["--satu", file] if Path::new(file).is_absolute() && Path::new(file).exists()),
        "{calls}"
    );
    assert!(!term.screen().contains("noise") && !String::from_utf8_lossy(term.raw()).contains("noise"));
    term.press("p");
    term.shows("\u{25ba} 0:08 ");
    installation.until_ended(pid);
    // Nothing is drawn any more. The engine starts meanwhile, which may show.
    let quiet = (0..9).map(|_| term.written_within(Duration::from_secs(4))).any(|bytes| bytes == 0);
    assert!(quiet, "it writes and writes:\n{}", term.screen());
    // A player that does not know how has one speed.
    term.press("p");
    let pid = player(&installation);
    term.shows("\u{25a0} 0:0");
    term.press("f");
    term.shows("This player has one speed only");
    // It ends with the screen, however that ends.
    term.kill();
    installation.until_ended(pid);
}

#[test]
fn the_player_ends_when_the_screen_is_left() {
    let installation = installation("exec sleep 600");
    let mut term = open(installation.loket(&[]));
    term.press("p");
    let pid = player(&installation);
    term.shows("\u{25a0} 0:0");
    term.press("\x11");
    wait_for("the end", || {
        if term.screen().contains("y yes") {
            term.press("y");
        }
        term.written_within(Duration::from_millis(50));
        (!crate::installation::is_running(term.pid())).then_some(())
    });
    installation.until_ended(pid);
}

#[test]
fn what_keeps_a_voice_note_from_being_heard_is_said() {
    let dying = installation("exit 7");
    let mut term = open(dying.loket(&[]));
    term.press("p");
    term.shows("exit status: 7");
    term.shows("\u{25ba} 0:08 ");
    drop(term);
    let mut far = dying.loket(&[]);
    far.env("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22");
    let mut term = open(far);
    term.press("p");
    term.shows("Over SSH nobody here hears it; s saves it.");
    drop(term);
    configure(&dying, "");
    let mut bare = dying.loket(&[]);
    bare.env("PATH", dying.path("").to_str().unwrap());
    let mut term = open(bare);
    term.press("p");
    term.shows("No player here: install mpv or ffmpeg. s saves it.");
    drop(term);
    // One that is written down and not there is named.
    configure(&dying, "[media]\naudio_player = [\"pemutar-tidak-ada\"]\n");
    let mut term = open(dying.loket(&[]));
    term.press("p");
    term.shows("pemutar-tidak-ada: not found");
}
