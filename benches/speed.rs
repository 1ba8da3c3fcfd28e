//! How fast the real binary is, measured from outside: start, keys, webhooks, idleness, memory.
//!
//! `cargo bench` prints a line a figure with the goal beside it. Nothing fails here: machines are noisy, and a
//! figure is for people to judge.

#![expect(clippy::print_stdout, reason = "figures are for people to read")]

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use hmac::{Hmac, KeyInit, Mac};
use loket::domain::inbound::{InboundMessage, Peer};
use loket::domain::window::WindowRule;
use loket::domain::{AccountName, Channel, Inbound, Timestamp};
use loket::store::{NewEvent, Store};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const SECRET: &str = "bench-webhook-secret";
const TOKEN: &str = "bench-token-0123456789";
const MESSAGES: i64 = 100_000;
const CONVERSATIONS: i64 = 2_000;
const CONNECTIONS: usize = 64;
const SYNCHRONISED_END: &[u8] = b"\x1b[?2026l";

fn main() -> Result<()> {
    // `cargo test --benches` asks for a list or a quick run; there is nothing to list.
    if std::env::args().any(|a| a == "--list" || a == "--test") {
        return Ok(());
    }
    let home = tempfile::tempdir()?;
    let place = Place::make(home.path())?;
    println!("{:<46} {:>14}   goal", "figure", "measured");
    webhooks(&place)?;
    place.fill()?;
    screen(&place)?;
    Ok(())
}

fn figure(name: &str, measured: &str, goal: &str) {
    println!("{name:<46} {measured:>14}   {goal}");
}

struct Place {
    config: PathBuf,
    data: PathBuf,
    full: PathBuf,
}

impl Place {
    fn make(home: &Path) -> Result<Self> {
        let config = home.join("config.toml");
        let text = format!(
            "locale = \"id\"\nagent = \"Sari\"\n[listener]\nbind = \"127.0.0.1:0\"\n[[account]]\nname = \"toko\"\n\
             provider = \"cloudchat\"\nbase_url = \"http://127.0.0.1:9\"\napi_key = \"sk_live_bench\"\n\
             webhook_secret = \"{SECRET}\"\nwebhook_token = \"{TOKEN}\"\n"
        );
        std::fs::write(&config, text)?;
        Ok(Place { config, data: home.join("webhooks"), full: home.join("full") })
    }

    /// A store of 100,000 messages in 2,000 conversations, made by the front door of the store.
    fn fill(&self) -> Result<()> {
        let store = Store::open(&self.full)?;
        let account = AccountName::new("toko").context("a good name")?;
        let start = 1_760_000_000_000_i64;
        store.ensure_account(&account, "cloudchat", TOKEN).wait()?;
        let mut pending = Vec::new();
        for batch in 0..MESSAGES / 500 {
            let now = Timestamp(start + batch * 500 * 1000);
            let event = NewEvent {
                account: account.clone(),
                key: format!("bench-{batch}"),
                within: None,
                ack: false,
                received_at: now,
                headers: Vec::new(),
                body: b"{}".to_vec(),
            };
            let id = store.append_event(event).wait()?.id;
            let claims = (0..500).map(|n| message(start, batch * 500 + n)).collect();
            pending.push(store.apply_event(id, &account, Channel::WhatsApp, WindowRule::None, claims));
        }
        for applied in pending {
            applied.wait()?;
        }
        Ok(())
    }

    fn command(&self, data: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_loket"));
        command.arg("--config").arg(&self.config).arg("--data-dir").arg(data);
        command
    }
}

fn message(start: i64, n: i64) -> Inbound {
    let person = n % CONVERSATIONS;
    Inbound::Message(Box::new(InboundMessage {
        name: Some(format!("Pelanggan {person}")),
        at: Some(Timestamp(start + n * 1000)),
        ..InboundMessage::text(
            Peer::person(format!("62812{person:08}")),
            format!("Kak, pesanan nomor {n} sudah dikirim belum ya? Terima kasih 🙏"),
        )
    }))
}

// ---------------------------------------------------------------- webhooks

struct Serve {
    child: Child,
    address: SocketAddr,
}

impl Serve {
    fn start(place: &Place, data: &Path) -> Result<Self> {
        let mut child = place.command(data).arg("serve").stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut said = [0_u8; 64];
        let length = child.stdout.as_mut().context("its output")?.read(&mut said)?;
        let line = String::from_utf8_lossy(&said[..length]).into_owned();
        let address = line.trim().rsplit("http://").next().context("an address")?.parse()?;
        Ok(Serve { child, address })
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn webhooks(place: &Place) -> Result<()> {
    let serve = Serve::start(place, &place.data)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let (count, span, mut slowest) = runtime.block_on(post(serve.address, Duration::from_secs(5)))?;
    #[expect(clippy::cast_precision_loss, reason = "a count of a few thousands")]
    let rate = count as f64 / span.as_secs_f64();
    figure("signed webhooks made durable, 64 connections", &format!("{rate:.0}/s"), ">= 2000/s on two cores");
    slowest.sort_unstable();
    figure("  of them, answered within (p99)", &format!("{:.1} ms", percentile(&slowest, 99)), "");
    Ok(())
}

async fn post(address: SocketAddr, span: Duration) -> Result<(usize, Duration, Vec<Duration>)> {
    let begun = Instant::now();
    let mut posters = tokio::task::JoinSet::new();
    for connection in 0..CONNECTIONS {
        posters.spawn(async move {
            let mut stream = tokio::net::TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let mut spans = Vec::new();
            let mut answer = vec![0_u8; 4096];
            while begun.elapsed() < span {
                let request = signed(connection, spans.len());
                let sent = Instant::now();
                stream.write_all(&request).await?;
                let length = stream.read(&mut answer).await?;
                if !answer[..length].starts_with(b"HTTP/1.1 200") {
                    bail!("refused: {}", String::from_utf8_lossy(&answer[..length]));
                }
                spans.push(sent.elapsed());
            }
            Ok(spans)
        });
    }
    let mut all = Vec::new();
    while let Some(spans) = posters.join_next().await {
        all.extend(spans??);
    }
    Ok((all.len(), begun.elapsed(), all))
}

fn signed(connection: usize, serial: usize) -> Vec<u8> {
    let body = format!(
        r#"{{"event":"message.received","id":"evt_{connection}_{serial}","timestamp":1760000000,"channel":"whatsapp","session_id":"s","data":{{"from":"6281{connection:03}{:06}","pushName":"Pembeli","text":"Halo, pesanan {serial}","media":null}}}}"#,
        serial % 50
    );
    #[expect(clippy::expect_used, reason = "HMAC accepts every key length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("HMAC accepts every key length");
    mac.update(body.as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    format!(
        "POST /webhooks/toko/{TOKEN} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         x-cloudchat-signature: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

// ---------------------------------------------------------------- the screen

struct Screen {
    input: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    seen: vt100::Parser,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Screen {
    fn open(place: &Place, columns: u16, rows: u16) -> Result<Self> {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_loket"));
        command.arg("--config");
        command.arg(&place.config);
        command.arg("--data-dir");
        command.arg(&place.full);
        command.env("TERM", "xterm-256color");
        let child = pair.slave.spawn_command(command)?;
        let mut reader = pair.master.try_clone_reader()?;
        let input = pair.master.take_writer()?;
        let (send, output) = channel();
        std::thread::spawn(move || {
            let mut some = vec![0_u8; 65_536];
            while let Ok(length) = reader.read(&mut some) {
                if length == 0 || send.send(some[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        Ok(Screen { input, output, seen: parser(rows, columns)?, child, _master: pair.master })
    }

    /// Reads until a frame has ended and the screen shows `text`.
    fn until(&mut self, text: &str) -> Result<()> {
        let limit = Instant::now() + Duration::from_secs(20);
        let mut tail = Vec::new();
        while Instant::now() < limit {
            let Ok(bytes) = self.output.recv_timeout(Duration::from_secs(20)) else { break };
            self.seen.process(&bytes);
            tail.extend_from_slice(&bytes);
            let ended = tail.windows(SYNCHRONISED_END.len()).any(|w| w == SYNCHRONISED_END);
            if ended && self.seen.screen().contents().contains(text) {
                return Ok(());
            }
        }
        bail!("the screen never showed {text:?}:\n{}", self.seen.screen().contents())
    }

    /// Bytes written within a span.
    fn listen(&mut self, span: Duration) -> usize {
        let limit = Instant::now() + span;
        let mut count = 0;
        loop {
            match self.output.recv_timeout(limit.saturating_duration_since(Instant::now())) {
                Ok(bytes) => {
                    self.seen.process(&bytes);
                    count += bytes.len();
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return count,
            }
        }
    }

    /// The span from a key to the end of the frame that it causes.
    fn key(&mut self, key: &[u8]) -> Result<Duration> {
        let pressed = Instant::now();
        self.input.write_all(key)?;
        self.input.flush()?;
        let mut tail = Vec::new();
        loop {
            let bytes = self.output.recv_timeout(Duration::from_secs(5)).context("a key drew nothing")?;
            self.seen.process(&bytes);
            tail.extend_from_slice(&bytes);
            if tail.windows(SYNCHRONISED_END.len()).any(|w| w == SYNCHRONISED_END) {
                return Ok(pressed.elapsed());
            }
        }
    }

    fn resident_megabytes(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.process_id()?)).ok()?;
        let line = status.lines().find(|l| l.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kilobytes| kilobytes / 1024.0)
    }

    fn quit(mut self) -> Result<()> {
        self.input.write_all(b"\x11")?;
        self.input.flush()?;
        self.child.wait()?;
        Ok(())
    }
}

fn parser(rows: u16, columns: u16) -> Result<vt100::Parser> {
    let size = |n| std::num::NonZero::new(n).context("a terminal has a size");
    Ok(vt100::Parser::new(size(rows)?, size(columns)?, 0))
}

fn screen(place: &Place) -> Result<()> {
    let mut starts = Vec::new();
    for _ in 0..9 {
        let begun = Instant::now();
        let mut screen = Screen::open(place, 140, 45)?;
        screen.until("Pelanggan 1999")?;
        starts.push(begun.elapsed());
        screen.quit()?;
    }
    starts.sort_unstable();
    figure(
        "start to the first complete frame, 100,000 messages",
        &format!("{:.1} ms", percentile(&starts, 50)),
        "<= 50 ms",
    );

    let mut screen = Screen::open(place, 140, 45)?;
    screen.until("Pelanggan 1999")?;
    screen.listen(Duration::from_millis(500));
    screen.key(b"\r")?;
    screen.listen(Duration::from_millis(500));
    let mut keys = Vec::new();
    for n in 0..400_u32 {
        let letter = b"selamat pagi kak "[n as usize % 17];
        keys.push(screen.key(&[letter])?);
        screen.listen(Duration::from_millis(5));
    }
    keys.sort_unstable();
    figure("key to bytes written, 140x45 (p50)", &format!("{:.2} ms", percentile(&keys, 50)), "");
    figure("key to bytes written, 140x45 (p99)", &format!("{:.2} ms", percentile(&keys, 99)), "<= 8 ms");
    // A draft is kept shortly after the last key; then nothing happens any more.
    screen.listen(Duration::from_secs(2));
    figure("bytes written in ten idle seconds", &screen.listen(Duration::from_secs(10)).to_string(), "0");
    match screen.resident_megabytes() {
        Some(megabytes) => figure("resident memory", &format!("{megabytes:.1} MB"), "<= 60 MB"),
        None => figure("resident memory", "-", "<= 60 MB (told on Linux only)"),
    }
    screen.quit()
}

fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let place = (sorted.len().saturating_sub(1)) * percent / 100;
    sorted.get(place).map_or(0.0, |span| span.as_secs_f64() * 1000.0)
}
