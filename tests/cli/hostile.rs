//! Strangers' text in every field that a command prints: neither stream gets what steers a terminal or hides text.

use crate::fake_gateway::{self, Request, fake_gateway};
use crate::home::{Home, Output};
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A clipboard command, C1 controls, backspace, a line that is overwritten, bidirectional controls, characters that
/// nobody sees, and signs at both ends by which it is found in what is printed.
const HOSTILE: &str = "«\u{1b}]52;c;cHduZWQ=\u{7}\u{9b}31m\u{9d}0;x\u{9c}\u{8}\u{7f}\r\u{85}\u{202e}\u{2066}\u{200f}\u{200b}\u{e0041}\u{3164}\u{2800}\u{feff}\u{1b}c»";

/// Whether a character has no business on a stream; `json` must escape more, for it may lose nothing.
fn is_wrong(c: char, json: bool) -> bool {
    let control = c.is_control() && c != '\n' && (json || c != '\t');
    control
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{3164}' | '\u{115f}' | '\u{e0000}'..='\u{e0fff}')
        || (json && matches!(c, '\u{200c}' | '\u{200d}' | '\u{2800}' | '\u{fe00}'..='\u{fe0f}'))
}

#[track_caller]
fn harmless(args: &[&str], output: &Output) {
    let json = args.contains(&"--json");
    for (stream, text, json) in [("standard output", &output.out, json), ("standard error", &output.err, false)] {
        let wrong: Vec<_> = text.chars().filter(|c| is_wrong(*c, json)).collect();
        assert!(wrong.is_empty(), "{args:?} wrote {wrong:?} on {stream}: {text:?}");
    }
}

/// A gateway whose every text is hostile; `failing`: it refuses everything, in hostile words.
fn answer(request: &Request, failing: bool) -> Response {
    if failing {
        let body = json!({"success": false, "message": HOSTILE, "error": {"code": HOSTILE, "message": HOSTILE}});
        return fake_gateway::json(422, &body);
    }
    let path = request.target.split('?').next().unwrap_or_default();
    let contact = json!({"id": HOSTILE, "phone": format!("+628123456789{HOSTILE}"), "name": HOSTILE,
        "first_name": HOSTILE, "email": HOSTILE, "tags": [HOSTILE], "custom_fields": {HOSTILE: HOSTILE}});
    let body = match path {
        "/v1/contacts" => json!({"success": true, "data": [contact], "meta": {"has_more": false, "total": 1}}),
        "/v1/whatsapp/templates" => json!({"success": true, "meta": {"has_more": false}, "data": [{"name": HOSTILE,
            "language": HOSTILE, "status": HOSTILE, "components": [{"type": "BODY", "text": HOSTILE}]}]}),
        "/api/groups" => json!({"success": true, "message": [
            {"groupid": format!("120363{HOSTILE}@g.us"), "groupname": HOSTILE, "grouplastchat": 1}]}),
        "/api/getqr/" => json!({"success": true, "message": {"isAuthenticated": true, "number": HOSTILE,
            "name": HOSTILE, "qrcode": ""}}),
        "/api/checknumber" => json!({"success": true, "message": HOSTILE}),
        _ => json!({"success": true, "message": HOSTILE, "data": {"id": HOSTILE, "message": HOSTILE}}),
    };
    fake_gateway::json(200, &body)
}

/// A line of an export with a hostile text in every field that is free.
fn exported(id: u32, direction: &str) -> String {
    let (author, status) = if direction == "in" { ("contact", "received") } else { ("agent", "failed") };
    let line = json!({
        "id": id.to_string(), "conversation": "7", "account": "toko", "channel": "telegram", "peer": HOSTILE,
        "direction": direction, "author": {"kind": author, "name": HOSTILE}, "kind": "image", "text": HOSTILE,
        "media": {"url": HOSTILE, "mime": HOSTILE, "name": HOSTILE, "size": 1, "remote_id": HOSTILE},
        "payload": {HOSTILE: HOSTILE}, "remote_id": format!("{HOSTILE}{id}"), "status": status,
        "error": {"code": HOSTILE, "message": HOSTILE}, "at": "2026-01-04T08:49:07Z",
        "about": {"name": HOSTILE, "group": false, "state": "open", "labels": [HOSTILE], "aliases": [HOSTILE],
                  "window": "none"},
    });
    line.to_string() + "\n"
}

/// A home whose configuration, store and files hold hostile texts wherever they can.
async fn home(failing: &Arc<AtomicBool>) -> Home {
    let refuses = failing.clone();
    let url = fake_gateway(move |request| answer(&request, refuses.load(Ordering::SeqCst))).await;
    let quoted = Value::from(HOSTILE).to_string().replace('\u{7f}', "\\u007f");
    let home = Home::with(&format!(
        "agent = \"«\u{202e}\u{200b}»\"\n[listener]\npublic_url = \"https://x.example\"\n\
         [[account]]\nname = \"toko\"\nprovider = \"chatera\"\nbase_url = \"{url}/v1\"\napi_key = \"k\"\n\
         session = \"«\u{202e}\u{200b}»\"\n\
         [[account]]\nname = \"wa\"\nprovider = \"waviro\"\nbase_url = \"{url}\"\napi_key = \"k\"\n\
         [[account]]\nname = {quoted}\nprovider = {quoted}\napi_key = \"k\"\n\
         [[account]]\nname = \"rusak\"\nprovider = {quoted}\nmode = {quoted}\napi_key = {{ file = {quoted} }}\n"
    ));
    let lines = exported(1, "in") + &exported(2, "out");
    let file = home.file("in.jsonl", &lines);
    home.loket(&["import", &file]).await.expect(0);
    home
}

/// Every command, with arguments that are hostile where a script may pass on what a stranger wrote.
fn commands() -> Vec<Vec<&'static str>> {
    let words = "account list|account url toko|account url wa --path|account show toko|account show rusak|\
        account show @|account check toko|account check wa|account check rusak|account url @|account rotate-token @|\
        account rotate-token wa|account remove @|account add @ --provider chatera --api-key env:X|\
        account add baru --provider @ --api-key env:X|account add baru --provider chatera --api-key @|\
        account add baru --provider chatera --api-key env:@|account add baru --provider chatera --api-key file:@|\
        account add baru --provider waviro --base-url @ --api-key env:HOME|login toko|login wa|login @|login wa --png @/x|\
        conversations|conversations --account @|conversations --state @|messages --account toko|\
        messages --account toko --peer @|messages --account @|messages --conversation @|search @|search image|\
        contacts list --account toko|contacts list --account wa|contacts list --account toko --search @|\
        contacts sync --account toko|contacts export --account toko|contacts create --account toko --phone @|\
        contacts create --account toko --phone 0812-3456-789 --name @ --tag @ --field @=@ --email @|\
        contacts create --account toko --phone 0812-3456-789 --field @|contacts import @ --account toko|\
        groups wa|groups toko|groups @|templates toko|templates wa|check-number wa 0812-3456-789|check-number wa @|\
        send --account toko --to 0812-3456-789 --text @|send --account wa --to 0812-3456-789 --text @|\
        send --account @ --to @ --text @|send --account toko --to @ --text x|send --account toko --to 0812-3456-789 --location @|\
        send --account toko --to 0812-3456-789 --text x --button @|send --account toko --to 0812-3456-789 --text x --list-button @ --row @|\
        send --account toko --to 0812-3456-789 --media-url @|send --account toko --to 0812-3456-789 --kind @|\
        send --account toko --to 0812-3456-789 --template @ --var @|export|import @|doctor|completions @|@|--@|--locale @|\
        --listen @ account list|serve --log-format @|sandbox --chaos @";
    let line = |line: &'static str| line.split(' ').filter(|word| !word.is_empty());
    words.split('|').map(|words| line(words).collect()).collect()
}

#[tokio::test]
async fn no_command_prints_what_steers_a_terminal() {
    let failing = Arc::new(AtomicBool::new(false));
    let home = home(&failing).await;
    let mut seen = 0;
    for refuses in [false, true] {
        failing.store(refuses, Ordering::SeqCst);
        for command in commands() {
            let args: Vec<String> = command.iter().map(|word| word.replace('@', HOSTILE)).collect();
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            for json in [&[][..], &["--json"]] {
                let args = [&args[..], json].concat();
                let output = home.loket(&args).await;
                harmless(&args, &output);
                seen += usize::from(output.out.contains('«') || output.err.contains('«'));
            }
        }
    }
    assert!(seen > 150, "the hostile texts were printed only {seen} times");
}

#[tokio::test]
async fn a_broken_line_or_header_of_a_file_cannot_steer_the_terminal() {
    let home = home(&Arc::new(AtomicBool::new(true))).await;
    let broken = [
        HOSTILE.to_owned(),
        format!("{{\"{HOSTILE}\": 1}}"),
        json!({HOSTILE: HOSTILE}).to_string(),
        exported(1, "in").replace("telegram", "@").replace('@', "\\u001b]52;c;eA==\\u0007"),
        exported(1, "in").replace("\"in\"", &Value::from(HOSTILE).to_string()),
        exported(1, "in").replace("\"image\"", &Value::from(HOSTILE).to_string()),
    ];
    for line in broken {
        let file = home.file("broken.jsonl", &line);
        let args = ["import", file.as_str()];
        let refused = home.loket(&args).await.expect(2);
        harmless(&args, &refused);
    }
    for text in [
        format!("{HOSTILE},{HOSTILE}\n1,2\n"),
        format!("phone,{HOSTILE},{HOSTILE}\n1,2,3\n"),
        format!("phone,name\n{HOSTILE},{HOSTILE}\n0812-3456-789,{HOSTILE}\n"),
        format!("phone,name\n0812-3456-789,\"{HOSTILE}\n"),
    ] {
        let file = home.file("contacts.csv", &text);
        for json in [&[][..], &["--json"]] {
            let args = [&["contacts", "import", file.as_str(), "--account", "toko"][..], json].concat();
            let output = home.loket(&args).await;
            assert_ne!(output.status, 0, "{output:?}");
            harmless(&args, &output);
        }
    }
}

#[tokio::test]
async fn a_broken_configuration_and_a_tunnels_url_cannot_steer_the_terminal() {
    let home = home(&Arc::new(AtomicBool::new(false))).await;
    std::fs::write(home.path("data/tunnel.url"), format!("https://x.example/{HOSTILE}")).unwrap();
    let config = std::fs::read_to_string(home.config()).unwrap();
    home.configure(&config.replace("public_url = \"https://x.example\"", "tunnel = \"cloudflared\""));
    for args in [["account", "url", "toko"], ["account", "url", "wa"]] {
        harmless(&args, &home.loket(&args).await.expect(0));
    }
    for broken in [
        HOSTILE.to_owned(),
        format!("\"{HOSTILE}\" = 1"),
        format!("x = \"{HOSTILE}"),
        format!("\"{}\" = 1", "\\u001b]52;c;eA==\\u0007\\u202e"),
        "locale = \"\\u001b]52;c;eA==\\u0007\\u202e\"".to_owned(),
        "[[account]]\nname = \"a\"\n\"\\u001b]52;c;eA==\\u0007\\u202e\" = 1\n".to_owned(),
    ] {
        home.configure(&broken);
        for args in [&["conversations"][..], &["account", "list"], &["doctor"], &["doctor", "--json"], &["serve"]] {
            if args != ["serve"] || !broken.starts_with("[[") {
                harmless(args, &home.loket(args).await);
            }
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_log_quotes_nobody_raw() {
    for format in ["text", "json"] {
        let home = Home::with(&format!(
            "[[account]]\nname = {}\nprovider = \"chatera\"\napi_key = \"k\"\n[listener]\ntunnel = {{ command = \
             [\"sh\", \"-c\", \"printf 'berita \\\\033]52;c;eA==\\\\007\\\\302\\\\233\\\\342\\\\200\\\\256 selesai'; exit 3\"], \
             url = \"https://[a-z]+\" }}\n",
            Value::from(HOSTILE).to_string().replace('\u{7f}', "\\u007f"),
        ));
        let args = ["serve", "--listen", "127.0.0.1:0", "--log-format", format];
        let mut command = home.command(&args);
        let mut child = command.spawn().unwrap();
        let mut log = String::new();
        let mut stderr = tokio::io::BufReader::new(child.stderr.take().unwrap());
        while !log.contains("selesai") {
            let read = tokio::io::AsyncBufReadExt::read_line(&mut stderr, &mut log);
            assert!(tokio::time::timeout(crate::home::TIMEOUT, read).await.expect("no log").unwrap() > 0, "{log}");
        }
        let wrong: Vec<_> = log.chars().filter(|c| is_wrong(*c, format == "json")).collect();
        assert!(wrong.is_empty() && log.contains('«'), "{wrong:?}: {log:?}");
    }
}
