//! The screen in a real terminal: drawn, typed into, ended, and the terminal given back.
//!
//! Each test starts this very binary in a pseudo-terminal, where [`child`] runs the screen on a client of the engine.
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use loket::config::{Environment, Overrides, Paths, Settings};
use loket::domain::{ConversationFilter, ConversationRange, MessageRange};
use loket::engine::{Client, Line, LineCounts};
use loket::tui::{Options, Theme, runtime};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use serde_json::json;

/// The longest that anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(20);

/// Not a test of its own: what runs inside the pseudo-terminal.
#[test]
#[ignore = "started by the other tests"]
fn child() {
    let directory = tempfile::tempdir().unwrap();
    let client = client(directory.path());
    let options = Options {
        theme: Theme::default(),
        zone: TimeZone::UTC,
        agent: "Sari".to_owned(),
        config_path: String::new(),
        shown: None,
    };
    let running = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    running
        .block_on(async {
            if std::env::var_os("LOKET_TEST_PANIC").is_some() {
                let screen = runtime::run(client.clone(), options);
                tokio::pin!(screen);
                tokio::select! {
                    ended = &mut screen => return ended,
                    () = tokio::time::sleep(Duration::from_millis(200)) => panic!("on purpose"),
                }
            }
            Box::pin(runtime::run(client.clone(), options)).await
        })
        .unwrap();
    let conversations = client.conversations(&ConversationFilter::default(), ConversationRange::Top, 10).unwrap();
    let drafts = conversations.iter().map(|conversation| client.open_draft(conversation.id).unwrap());
    println!("drafts: {:?}", drafts.filter(|draft| !draft.is_empty()).collect::<Vec<_>>());
    let messages = client.messages(conversations[0].id, MessageRange::Newest, 10).unwrap();
    println!("messages: {:?}", messages.iter().map(|m| m.text.clone()).collect::<Vec<_>>());
}

/// A client on a store with one conversation, in which everything is read and answered. No engine runs: nothing is
/// sent.
fn client(directory: &Path) -> Client {
    let config = "locale = \"id\"\nagent = \"Sari\"\n[[account]]\nname = \"toko\"\nprovider = \"waviro\"\napi_key = \"k\"\n\
                  base_url = \"http://127.0.0.1:9\"\nwebhook_secret = \"s\"\n";
    let (config_file, environment) = (directory.join("config.toml"), Environment::of([]));
    let settings = Settings::from_text(config, &config_file, &Overrides::default(), &environment).unwrap();
    let paths = Paths { config_file, data_dir: directory.join("data"), config_named: false };
    let client = Client::open(Arc::new(settings), paths, environment).unwrap();
    client.load_accounts().unwrap();
    let mut import = client.import(LineCounts::default());
    for (n, direction, status, text) in [(1, "in", "received", "Halo, ada orang?"), (2, "out", "read", "Ada, Kak.")] {
        let line = json!({
            "id": n.to_string(), "conversation": "1", "account": "toko", "channel": "whatsapp",
            "peer": "6281200000001", "direction": direction, "author": {"kind": "agent", "name": "Sari"},
            "kind": "text", "text": text, "status": status, "at": format!("2026-08-22T03:0{n}:00Z"),
            "about": {
                "name": "Budi", "group": false, "state": "open", "labels": [], "aliases": [], "window": "none",
            },
        });
        import.add(Line::parse(&line.to_string()).unwrap()).unwrap();
    }
    import.finish().unwrap();
    client
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

struct Pty {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    parser: vt100::Parser,
    raw: Vec<u8>,
    master: Box<dyn MasterPty + Send>,
}

impl Pty {
    fn start(environment: &[(&str, &str)]) -> Self {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        command.args(["--exact", "terminal::child", "--ignored", "--nocapture"]);
        command.env("TERM", "xterm-256color");
        command.env("RUST_BACKTRACE", "0");
        command.env_remove("VISUAL");
        command.env_remove("EDITOR");
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count) = reader.read(&mut buffer) {
                if count == 0 || sender.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Pty {
            child,
            keys,
            output,
            parser: vt100::Parser::new(cells(24), cells(80), 0),
            raw: Vec::new(),
            master: pair.master,
        }
    }

    fn until(&mut self, what: &str, condition: impl Fn(&Pty) -> bool) {
        let end = Instant::now() + LIMIT;
        while !condition(self) {
            let left = end.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => {
                    self.parser.process(&bytes);
                    self.raw.extend(bytes);
                }
                Err(error) => panic!("no {what} in\n{}\n{error}", self.parser.screen().contents()),
            }
        }
    }

    fn until_text(&mut self, text: &str) {
        self.until(text, |pty| pty.parser.screen().contents().contains(text));
    }

    fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Reads to the end, and says what stands on the ordinary screen.
    fn ends(&mut self) -> String {
        self.child.wait().unwrap();
        let end = Instant::now() + LIMIT;
        while let Ok(bytes) = self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
            self.parser.process(&bytes);
            self.raw.extend(bytes);
        }
        let screen = self.parser.screen();
        assert!(!screen.alternate_screen(), "still on the other screen");
        assert!(!screen.bracketed_paste(), "paste still bracketed");
        assert!(!screen.hide_cursor(), "cursor still hidden");
        let focus_off = self.raw.windows(8).any(|w| w == b"\x1b[?1004l");
        assert!(focus_off, "focus still reported");
        screen.contents()
    }
}

#[test]
fn a_message_is_written_and_the_terminal_is_given_back() {
    let mut pty = Pty::start(&[]);
    pty.until_text("Budi");
    assert!(pty.parser.screen().alternate_screen() && pty.parser.screen().bracketed_paste());
    // Everything at once, as a script types it.
    pty.types("\rSelamat pagi\rdua");
    pty.until_text("› dua");
    pty.until_text("Selamat pagi");
    pty.types("\x11");
    // No engine runs that would send it.
    pty.until_text("Keluar?");
    pty.types("\r");
    let left = pty.ends();
    assert!(left.contains("\"Selamat pagi\"") && left.contains("drafts: [\"dua\"]"), "{left}");
}

#[test]
fn a_pasted_text_is_one_draft() {
    let mut pty = Pty::start(&[]);
    pty.until_text("Budi");
    pty.types("\r\x1b[200~satu\rdua\x1b[201~");
    pty.until_text("› satu");
    pty.types("\x11");
    let left = pty.ends();
    assert!(left.contains(r#"drafts: ["satu\ndua"]"#), "{left}");
}

#[test]
fn a_signal_ends_the_screen_and_keeps_the_draft() {
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::HUP, rustix::process::Signal::INT] {
        let mut pty = Pty::start(&[]);
        pty.until_text("Budi");
        pty.types("\rbelum");
        pty.until_text("› belum");
        let id = pty.child.process_id().and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?));
        rustix::process::kill_process(id.unwrap(), signal).unwrap();
        let left = pty.ends();
        assert!(left.contains("drafts: [\"belum\"]"), "{left}");
    }
}

#[test]
fn a_panic_gives_the_terminal_back() {
    let mut pty = Pty::start(&[("LOKET_TEST_PANIC", "1")]);
    pty.until_text("Budi");
    let left = pty.ends();
    assert!(left.contains("on purpose"), "{left}");
}

#[test]
fn the_editor_gets_the_terminal_and_its_text_comes_back() {
    let directory = tempfile::tempdir().unwrap();
    let editor = directory.path().join("editor");
    std::fs::write(&editor, "#!/bin/sh\nprintf ' dan lagi' >> \"$1\"\n").unwrap();
    std::fs::set_permissions(&editor, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let mut pty = Pty::start(&[("VISUAL", editor.to_str().unwrap()), ("XDG_RUNTIME_DIR", "/nowhere")]);
    pty.until_text("Budi");
    pty.types("\rsatu\x18\x05");
    pty.until_text("› satu dan lagi");
    pty.types("!");
    pty.until_text("› satu dan lagi!");
    pty.types("\x11");
    assert!(pty.ends().contains("drafts: [\"satu dan lagi!\"]"));
}

#[test]
fn a_new_size_is_drawn_and_sleep_without_a_shell_goes_on() {
    let mut pty = Pty::start(&[]);
    pty.until_text("Budi");
    pty.types("\x1a");
    pty.master.resize(PtySize { rows: 12, cols: 40, pixel_width: 0, pixel_height: 0 }).unwrap();
    pty.parser.screen_mut().set_size(cells(12), cells(40));
    pty.types("\rx");
    pty.until("one pane", |pty| {
        let text = pty.parser.screen().contents();
        text.contains("› x") && text.contains("Halo, ada orang?") && !text.contains('│')
    });
    pty.types("\x11");
    pty.ends();
}

#[test]
fn a_quiet_screen_draws_nothing() {
    let mut pty = Pty::start(&[]);
    pty.until_text("Budi");
    pty.types("\r");
    pty.until_text("Ada, Kak.");
    // What is still under way is over once nothing has come for a while.
    while pty.output.recv_timeout(Duration::from_secs(1)).is_ok() {}
    let more = pty.output.recv_timeout(Duration::from_secs(2));
    assert!(more.is_err(), "drew {more:?}");
    pty.types("\x11");
    pty.ends();
}
