//! Benchmarks of the real binary, measured from outside: start, keys, webhooks, idling, memory.
//!
//! `cargo bench` prints one line per measurement, with its goal. Nothing fails here: machines are noisy, so people
//! judge the results.

#![expect(clippy::print_stdout, reason = "the results are for people to read")]

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use hmac::{Hmac, KeyInit, Mac};
use loket::domain::WindowRule;
use loket::domain::{AccountName, Channel, Inbound, Timestamp};
use loket::domain::{InboundMessage, Peer};
use loket::store::{NewEvent, Store};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const SECRET: &str = "bench-webhook-secret";
const TOKEN: &str = "bench-token-0123456789";
const MESSAGES: i64 = 100_000;
const CONVERSATIONS: i64 = 2_000;
const CONNECTIONS: usize = 64;
/// Webhooks after which the memory of the engine is measured.
const WEBHOOKS: usize = 80_000;
const SYNCHRONISED_END: &[u8] = b"\x1b[?2026l";

fn main() -> Result<()> {
    // `cargo test --benches` asks for a list or a quick run; there are no tests here.
    if std::env::args().any(|a| a == "--list" || a == "--test") {
        return Ok(());
    }
    let home = tempfile::tempdir()?;
    let setup = Setup::new(home.path())?;
    println!("{:<46} {:>14}   goal", "measurement", "result");
    webhooks(&setup)?;
    setup.fill()?;
    screen(&setup)?;
    Ok(())
}

fn print_result(name: &str, result: &str, goal: &str) {
    println!("{name:<46} {result:>14}   {goal}");
}

/// The files that the measured processes use.
struct Setup {
    config: PathBuf,
    /// A data directory that starts empty.
    empty: PathBuf,
    /// A data directory with many messages.
    full: PathBuf,
}

impl Setup {
    fn new(home: &Path) -> Result<Self> {
        let config = home.join("config.toml");
        let text = format!(
            "locale = \"id\"\nagent = \"Sari\"\n[listener]\nbind = \"127.0.0.1:0\"\n[[account]]\nname = \"toko\"\n\
             provider = \"cloudchat\"\nbase_url = \"http://127.0.0.1:9\"\napi_key = \"sk_live_bench\"\n\
             webhook_secret = \"{SECRET}\"\nwebhook_token = \"{TOKEN}\"\n"
        );
        std::fs::write(&config, text)?;
        Ok(Setup { config, empty: home.join("webhooks"), full: home.join("full") })
    }

    /// Fills a store with 100,000 messages in 2,000 conversations.
    fn fill(&self) -> Result<()> {
        let store = Store::open(&self.full)?;
        let account = AccountName::new("toko").context("the name is valid")?;
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
            let reports = (0..500).map(|n| message(start, batch * 500 + n)).collect();
            pending.push(store.apply_event(id, &account, Channel::WhatsApp, WindowRule::None, reports));
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
    let customer = n % CONVERSATIONS;
    Inbound::Message(Box::new(InboundMessage {
        name: Some(format!("Pelanggan {customer}")),
        at: Some(Timestamp(start + n * 1000)),
        ..InboundMessage::text(
            Peer::person(format!("62812{customer:08}")),
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
    fn start(setup: &Setup, data: &Path) -> Result<Self> {
        let mut child = setup.command(data).arg("serve").stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut output = [0_u8; 64];
        let length = child.stdout.as_mut().context("its output is piped")?.read(&mut output)?;
        let line = String::from_utf8_lossy(&output[..length]).into_owned();
        let address = line.trim().rsplit("http://").next().context("it prints its address")?.parse()?;
        Ok(Serve { child, address })
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn webhooks(setup: &Setup) -> Result<()> {
    let serve = Serve::start(setup, &setup.empty)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let mut posted = 0;
    let (count, elapsed, mut times) = runtime.block_on(post(serve.address, posted, Duration::from_secs(5)))?;
    #[expect(clippy::cast_precision_loss, reason = "a count of a few thousands")]
    let rate = count as f64 / elapsed.as_secs_f64();
    print_result("signed webhooks made durable, 64 connections", &format!("{rate:.0}/s"), ">= 2000/s on two cores");
    times.sort_unstable();
    print_result("  response time (p99)", &format!("{:.1} ms", percentile(&times, 99)), "");
    posted += count;
    while posted < WEBHOOKS {
        let (count, ..) = runtime.block_on(post(serve.address, posted, Duration::from_secs(5)))?;
        posted += count;
    }
    // What is interpreted and indexed after the answers is done by then.
    std::thread::sleep(Duration::from_secs(20));
    print_memory(&format!("resident memory after {posted} webhooks"), resident_megabytes(serve.child.id()), "<= 50 MB");
    Ok(())
}

/// Posts webhooks for `duration`, with event ids of this `round`. Returns how many, the time that it took, and each response time.
async fn post(address: SocketAddr, round: usize, duration: Duration) -> Result<(usize, Duration, Vec<Duration>)> {
    let start = Instant::now();
    let mut posters = tokio::task::JoinSet::new();
    for connection in 0..CONNECTIONS {
        posters.spawn(async move {
            let mut stream = tokio::net::TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let mut times = Vec::new();
            let mut response = vec![0_u8; 4096];
            while start.elapsed() < duration {
                let request = signed_request(round, connection, times.len());
                let sent = Instant::now();
                stream.write_all(&request).await?;
                let length = stream.read(&mut response).await?;
                if !response[..length].starts_with(b"HTTP/1.1 200") {
                    bail!("refused: {}", String::from_utf8_lossy(&response[..length]));
                }
                times.push(sent.elapsed());
            }
            Ok(times)
        });
    }
    let mut all = Vec::new();
    while let Some(times) = posters.join_next().await {
        all.extend(times??);
    }
    Ok((all.len(), start.elapsed(), all))
}

fn signed_request(round: usize, connection: usize, serial: usize) -> Vec<u8> {
    let body = format!(
        r#"{{"event":"message.received","id":"evt_{round}_{connection}_{serial}","timestamp":1760000000,"channel":"whatsapp","session_id":"s","data":{{"from":"6281{connection:03}{:06}","pushName":"Pembeli","text":"Halo, pesanan {serial}","media":null}}}}"#,
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

/// The program's screen in a pseudo-terminal.
struct Screen {
    input: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    terminal: vt100::Parser,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Screen {
    fn open(setup: &Setup, columns: u16, rows: u16) -> Result<Self> {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_loket"));
        command.arg("--config");
        command.arg(&setup.config);
        command.arg("--data-dir");
        command.arg(&setup.full);
        command.env("TERM", "xterm-256color");
        let child = pair.slave.spawn_command(command)?;
        let mut reader = pair.master.try_clone_reader()?;
        let input = pair.master.take_writer()?;
        let (send, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0_u8; 65_536];
            while let Ok(length) = reader.read(&mut buffer) {
                if length == 0 || send.send(buffer[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        Ok(Screen { input, output, terminal: parser(rows, columns)?, child, _master: pair.master })
    }

    /// Reads until a frame has ended and the screen shows `text`.
    fn wait_for(&mut self, text: &str) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut tail = Vec::new();
        while Instant::now() < deadline {
            let Ok(bytes) = self.output.recv_timeout(Duration::from_secs(20)) else { break };
            self.terminal.process(&bytes);
            tail.extend_from_slice(&bytes);
            let ended = tail.windows(SYNCHRONISED_END.len()).any(|w| w == SYNCHRONISED_END);
            if ended && self.terminal.screen().contents().contains(text) {
                return Ok(());
            }
        }
        bail!("the screen never showed {text:?}:\n{}", self.terminal.screen().contents())
    }

    /// How many bytes the program writes within `duration`.
    fn count_bytes(&mut self, duration: Duration) -> usize {
        let deadline = Instant::now() + duration;
        let mut count = 0;
        loop {
            match self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(bytes) => {
                    self.terminal.process(&bytes);
                    count += bytes.len();
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return count,
            }
        }
    }

    /// Presses a key; returns the time until the end of the frame that it causes.
    fn press(&mut self, key: &[u8]) -> Result<Duration> {
        let pressed = Instant::now();
        self.input.write_all(key)?;
        self.input.flush()?;
        let mut tail = Vec::new();
        loop {
            let bytes = self.output.recv_timeout(Duration::from_secs(5)).context("a key drew nothing")?;
            self.terminal.process(&bytes);
            tail.extend_from_slice(&bytes);
            if tail.windows(SYNCHRONISED_END.len()).any(|w| w == SYNCHRONISED_END) {
                return Ok(pressed.elapsed());
            }
        }
    }

    fn resident_megabytes(&self) -> Option<f64> {
        resident_megabytes(self.child.process_id()?)
    }

    fn quit(mut self) -> Result<()> {
        self.input.write_all(b"\x11")?;
        self.input.flush()?;
        self.child.wait()?;
        Ok(())
    }
}

/// The resident memory of a process; on Linux only.
fn resident_megabytes(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|l| l.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kilobytes| kilobytes / 1024.0)
}

fn print_memory(name: &str, megabytes: Option<f64>, goal: &str) {
    match megabytes {
        Some(megabytes) => print_result(name, &format!("{megabytes:.1} MB"), goal),
        None => print_result(name, "-", &format!("{goal} (measured on Linux only)")),
    }
}

fn parser(rows: u16, columns: u16) -> Result<vt100::Parser> {
    let size = |n| std::num::NonZero::new(n).context("a terminal has a size");
    Ok(vt100::Parser::new(size(rows)?, size(columns)?, 0))
}

fn screen(setup: &Setup) -> Result<()> {
    let mut starts = Vec::new();
    for _ in 0..9 {
        let start = Instant::now();
        let mut screen = Screen::open(setup, 140, 45)?;
        screen.wait_for("Pelanggan 1999")?;
        starts.push(start.elapsed());
        screen.quit()?;
    }
    starts.sort_unstable();
    print_result(
        "start to the first complete frame, 100,000 messages",
        &format!("{:.1} ms", percentile(&starts, 50)),
        "<= 50 ms",
    );

    let mut screen = Screen::open(setup, 140, 45)?;
    screen.wait_for("Pelanggan 1999")?;
    screen.count_bytes(Duration::from_millis(500));
    screen.press(b"\r")?;
    screen.count_bytes(Duration::from_millis(500));
    let mut keys = Vec::new();
    for n in 0..400_u32 {
        let letter = b"selamat pagi kak "[n as usize % 17];
        keys.push(screen.press(&[letter])?);
        screen.count_bytes(Duration::from_millis(5));
    }
    keys.sort_unstable();
    print_result("key to bytes written, 140x45 (p50)", &format!("{:.2} ms", percentile(&keys, 50)), "");
    print_result("key to bytes written, 140x45 (p99)", &format!("{:.2} ms", percentile(&keys, 99)), "<= 8 ms");
    // A draft is saved shortly after the last key; after that nothing happens any more.
    screen.count_bytes(Duration::from_secs(2));
    print_result("bytes written in ten idle seconds", &screen.count_bytes(Duration::from_secs(10)).to_string(), "0");
    print_memory("resident memory", screen.resident_megabytes(), "<= 50 MB");
    scroll_and_search(&mut screen)?;
    print_memory("  after 400 pages and 10 searches", screen.resident_megabytes(), "<= 50 MB");
    screen.quit()
}

/// Goes through 400 pages of the list, and searches ten times.
fn scroll_and_search(screen: &mut Screen) -> Result<()> {
    for key in [b"\x1b[5~".as_slice(), b"\x1b[6~"] {
        for _ in 0..200 {
            screen.input.write_all(key)?;
            screen.count_bytes(Duration::from_millis(20));
        }
    }
    for word in ["pesanan", "nomor", "sudah", "dikirim", "belum", "terima", "kasih", "nomor 17", "0812", "kak"] {
        screen.input.write_all(b"\x06")?;
        for letter in word.bytes() {
            screen.input.write_all(&[letter])?;
            screen.count_bytes(Duration::from_millis(50));
        }
        screen.input.write_all(b"\x1b")?;
        screen.count_bytes(Duration::from_millis(200));
    }
    Ok(())
}

fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let index = (sorted.len().saturating_sub(1)) * percent / 100;
    sorted.get(index).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}
