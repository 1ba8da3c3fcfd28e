//! Runs the program that makes the listener reachable from outside, and reads the public URL from what it prints.
//!
//! Invariant: nothing here knows a gateway or changes a setting: what happened is told, and the caller decides. The
//! program is run without a shell, and ends when the tunnel is dropped.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use regex_lite::Regex;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::config;

/// Longer lines are no line with a URL.
const LINE_MAX: usize = 16 * 1024;
/// Events that wait to be heard.
const EVENTS: usize = 16;
/// The longest a program's last words are repeated, in characters.
const WORDS_MAX: usize = 300;
/// How long is listened to what a program left behind after its end (something it started may hold its output open).
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What happened to a tunnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TunnelEvent {
    /// The listener is reachable here; without a slash at the end. Also when the same URL came back.
    Up(String),
    /// The listener is reachable here, which is another URL than before: it must be pasted again.
    Changed(String),
    /// It is not reachable; it is tried again by itself. Why, with the program's own words (foreign text).
    Down(String),
}

/// A tunnel cannot be started as it is set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TunnelError {
    /// The pattern of the URL.
    #[error("[listener] tunnel: the url pattern cannot be read: {0}")]
    Pattern(String),
    /// The command is empty.
    #[error("[listener] tunnel: the command is empty")]
    NoProgram,
}

/// The newest URL of the tunnel of a data directory's engine.
pub(crate) fn last_url(data_dir: &Path) -> Option<String> {
    let url = std::fs::read_to_string(url_file(data_dir)).ok()?;
    (!url.trim().is_empty()).then(|| url.trim().to_owned())
}

/// Stores the newest URL, so that a change over a restart is noticed too.
pub(crate) fn store_url(data_dir: &Path, url: &str) -> std::io::Result<()> {
    std::fs::write(url_file(data_dir), url)
}

fn url_file(data_dir: &Path) -> PathBuf {
    data_dir.join("tunnel.url")
}

/// A tunnel program under watch. Dropping it ends the program.
#[derive(Debug)]
pub struct Tunnel {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Tunnel {
    /// Starts the program for a listener that is bound at `listening`, and tells what happens to it. Must be called
    /// within a runtime. In a custom command `{port}` and `{address}` stand for the listener's.
    pub fn start(
        setting: &config::Tunnel,
        listening: SocketAddr,
    ) -> Result<(Self, mpsc::Receiver<TunnelEvent>), TunnelError> {
        Ok(Self::watch(Plan::of(setting, listening)?, Patience::default()))
    }

    fn watch(plan: Plan, patience: Patience) -> (Self, mpsc::Receiver<TunnelEvent>) {
        let (events, heard) = mpsc::channel(EVENTS);
        let (stop, stopped) = watch::channel(false);
        let watcher = Watcher { plan, patience, events, known: None, told: None, up_since: None, last: String::new() };
        (Tunnel { stop, task: tokio::spawn(watcher.run(stopped)) }, heard)
    }

    /// Ends the program and the watch over it.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        // A task that panicked or was aborted has ended too.
        drop((&mut self.task).await);
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Whether a tunnel can be started as it is set; the program that it needs.
pub fn check(setting: &config::Tunnel, listening: SocketAddr) -> Result<String, TunnelError> {
    Plan::of(setting, listening).map(|plan| plan.program)
}

/// What is run, and how its URL is found.
#[derive(Debug, Clone)]
struct Plan {
    program: String,
    arguments: Vec<String>,
    pattern: Regex,
    not: &'static str,
}

impl Plan {
    fn of(setting: &config::Tunnel, listening: SocketAddr) -> Result<Self, TunnelError> {
        let port = listening.port();
        let host = match listening.ip() {
            ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
            std::net::IpAddr::V4(ip) => ip.to_string(),
            std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        };
        let address = format!("{host}:{port}");
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let (command, pattern, not) = match setting {
            config::Tunnel::Cloudflared => (
                words(&["cloudflared", "tunnel", "--no-autoupdate", "--url", &format!("http://{address}")]),
                r"https://[-a-z0-9]+\.trycloudflare\.com",
                // Where the program asks for a tunnel; it stands in its errors.
                "https://api.trycloudflare.com",
            ),
            config::Tunnel::Ngrok => (
                words(&["ngrok", "http", "--log", "stdout", "--log-format", "logfmt", &address]),
                r#"\burl=(https://[^\s"]+)"#,
                "",
            ),
            config::Tunnel::Custom { command, url } => {
                let filled = |word: &String| word.replace("{port}", &port.to_string()).replace("{address}", &address);
                (command.iter().map(filled).collect(), url.as_str(), "")
            }
        };
        let pattern = Regex::new(pattern).map_err(|error| TunnelError::Pattern(error.to_string()))?;
        let mut command = command.into_iter();
        let program = command.next().filter(|word| !word.is_empty()).ok_or(TunnelError::NoProgram)?;
        Ok(Plan { program, arguments: command.collect(), pattern, not })
    }

    /// The URL in a line: the pattern's first group, or all that fits it.
    fn url(&self, line: &str) -> Option<String> {
        self.pattern.captures_iter(line).find_map(|found| {
            let url = found.get(1).or_else(|| found.get(0))?.as_str().trim_end_matches('/');
            let is_web = url.starts_with("https://") || url.starts_with("http://");
            (is_web && url != self.not && !url.chars().any(char::is_whitespace)).then(|| url.to_owned())
        })
    }

    fn spawn(&self) -> std::io::Result<Child> {
        Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
    }
}

/// How long things may take.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// Before the first restart; it doubles each time.
    pause: Duration,
    /// The longest pause.
    pause_max: Duration,
    /// Until a program that printed no URL is worth a word.
    silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { pause: Duration::from_secs(1), pause_max: Duration::from_secs(60), silence: Duration::from_secs(45) }
    }
}

struct Watcher {
    plan: Plan,
    patience: Patience,
    events: mpsc::Sender<TunnelEvent>,
    /// The newest URL.
    known: Option<String>,
    /// What was told last; nothing is told twice.
    told: Option<TunnelEvent>,
    /// Since when this run of the program has a URL.
    up_since: Option<Instant>,
    /// What this run of the program printed last.
    last: String,
}

impl Watcher {
    async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        let mut pause = self.patience.pause;
        loop {
            tokio::select! {
                () = self.once() => {}
                _ = stopped.wait_for(|stop| *stop) => return,
            }
            // One that falls over soon after it stood is not started every second.
            if self.up_since.is_some_and(|since| since.elapsed() > self.patience.pause_max) {
                pause = self.patience.pause;
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stopped.wait_for(|stop| *stop) => return,
                () = self.events.closed() => return,
            }
            pause = (pause * 2).min(self.patience.pause_max);
        }
    }

    /// Runs the program until it ends.
    async fn once(&mut self) {
        self.up_since = None;
        self.last.clear();
        let program = self.plan.program.clone();
        let mut child = match self.plan.spawn() {
            Ok(child) => child,
            Err(error) => {
                let words = match error.kind() {
                    std::io::ErrorKind::NotFound => format!("{program} is not installed, or not in PATH"),
                    _ => format!("{program} cannot be started: {error}"),
                };
                return self.tell(TunnelEvent::Down(words)).await;
            }
        };
        let (said, mut lines) = mpsc::channel(EVENTS);
        if let Some(output) = child.stdout.take() {
            tokio::spawn(read_lines(output, said.clone()));
        }
        if let Some(output) = child.stderr.take() {
            tokio::spawn(read_lines(output, said));
        }
        let ended = async {
            drop(child.wait().await);
            tokio::time::sleep(LAST_WORDS).await;
        };
        tokio::select! {
            () = self.listen(&mut lines) => {}
            () = ended => {}
        }
        let how = child.wait().await.map_or_else(|error| error.to_string(), |status| status.to_string());
        let words: String = self.last.chars().take(WORDS_MAX).collect();
        let words = if words.is_empty() { words } else { format!(": {words}") };
        self.tell(TunnelEvent::Down(format!("{program} ended ({how}){words}"))).await;
    }

    /// Reads what the program prints until it prints no more.
    async fn listen(&mut self, lines: &mut mpsc::Receiver<String>) {
        let silence = tokio::time::sleep(self.patience.silence);
        tokio::pin!(silence);
        let mut waiting = true;
        loop {
            let line = tokio::select! {
                line = lines.recv() => line,
                () = &mut silence, if waiting => {
                    waiting = false;
                    let program = &self.plan.program;
                    self.tell(TunnelEvent::Down(format!("{program} runs, but has printed no URL yet"))).await;
                    continue;
                }
            };
            let Some(line) = line else { return };
            if let Some(url) = self.plan.url(&line) {
                waiting = false;
                self.up_since.get_or_insert_with(Instant::now);
                self.up(url).await;
            }
            if !line.trim().is_empty() {
                line.trim().clone_into(&mut self.last);
            }
        }
    }

    async fn up(&mut self, url: String) {
        let event = match self.known.replace(url.clone()) {
            Some(before) if before != url => TunnelEvent::Changed(url),
            // The same URL again while it is up is no news.
            Some(_) if matches!(self.told, Some(TunnelEvent::Up(_) | TunnelEvent::Changed(_))) => return,
            _ => TunnelEvent::Up(url),
        };
        self.tell(event).await;
    }

    async fn tell(&mut self, event: TunnelEvent) {
        if self.told.as_ref() != Some(&event) {
            self.told = Some(event.clone());
            // Nobody listens any more: the tunnel is about to be dropped.
            drop(self.events.send(event).await);
        }
    }
}

/// Reads to the end, so that the program never waits for us; lines that are too long are cut.
async fn read_lines(mut output: impl AsyncRead + Unpin, lines: mpsc::Sender<String>) {
    let mut line = Vec::new();
    let mut chunk = [0_u8; 4096];
    while let Ok(read @ 1..) = output.read(&mut chunk).await {
        for byte in chunk.iter().take(read) {
            if *byte != b'\n' && line.len() < LINE_MAX {
                line.push(*byte);
            }
            if *byte == b'\n' && lines.send(text(&mut line)).await.is_err() {
                return;
            }
        }
    }
    if !line.is_empty() {
        drop(lines.send(text(&mut line)).await);
    }
}

fn text(line: &mut Vec<u8>) -> String {
    String::from_utf8_lossy(&std::mem::take(line)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listening() -> SocketAddr {
        "0.0.0.0:8484".parse().unwrap()
    }

    fn plan(setting: &config::Tunnel) -> Plan {
        Plan::of(setting, listening()).unwrap()
    }

    #[test]
    fn the_url_is_found_in_what_the_programs_print() {
        let cloudflared = plan(&config::Tunnel::Cloudflared);
        assert_eq!(cloudflared.arguments.last().unwrap(), "http://127.0.0.1:8484");
        let line = "2026-01-04T08:49:07Z INF |  https://four-words-in-a.trycloudflare.com            |";
        assert_eq!(cloudflared.url(line).as_deref(), Some("https://four-words-in-a.trycloudflare.com"));
        let error = "failed to request quick Tunnel: Post \"https://api.trycloudflare.com/tunnel\": EOF";
        assert_eq!(cloudflared.url(error), None);
        assert_eq!(cloudflared.url("INF Thank you: https://developers.cloudflare.com/"), None);

        let ngrok = plan(&config::Tunnel::Ngrok);
        let line = "t=2026-01-04T08:49:07+0000 lvl=info msg=\"started tunnel\" obj=tunnels name=command_line \
                    addr=http://127.0.0.1:8484 url=https://a1b2.ngrok-free.app";
        assert_eq!(ngrok.url(line).as_deref(), Some("https://a1b2.ngrok-free.app"));
        assert_eq!(ngrok.url("msg=\"open update\" url=/api/tunnels addr=http://127.0.0.1:4040"), None);
    }

    #[test]
    fn a_custom_command_knows_the_port_and_its_pattern_is_checked() {
        let custom = |url: &str| config::Tunnel::Custom {
            command: vec!["t".into(), "--to={address}".into(), "{port}".into()],
            url: url.into(),
        };
        let plan = Plan::of(&custom("at (https?://\\S+) now"), "[::1]:9".parse().unwrap()).unwrap();
        assert_eq!(plan.arguments, ["--to=[::1]:9", "9"]);
        assert_eq!(plan.url("at https://x.example/ now").as_deref(), Some("https://x.example"));
        assert!(matches!(Plan::of(&custom("("), listening()), Err(TunnelError::Pattern(_))));
        let empty = config::Tunnel::Custom { command: Vec::new(), url: "x".into() };
        assert_eq!(Plan::of(&empty, listening()).unwrap_err(), TunnelError::NoProgram);
    }

    #[cfg(unix)]
    mod with_a_program {
        use super::*;

        const PATIENCE: Patience = Patience {
            pause: Duration::from_millis(1),
            pause_max: Duration::from_millis(4),
            silence: Duration::from_secs(60),
        };

        /// A stand-in that runs `script` with the directory `$1`.
        fn stand_in(script: &str, patience: Patience) -> (Tunnel, mpsc::Receiver<TunnelEvent>, tempfile::TempDir) {
            let dir = tempfile::tempdir().unwrap();
            let here = dir.path().to_str().unwrap().to_owned();
            let command = vec!["sh".into(), "-c".into(), script.to_owned(), "tunnel".into(), here];
            let setting = config::Tunnel::Custom { command, url: r"https://[a-z0-9]+\.example".into() };
            let (tunnel, events) = Tunnel::watch(plan(&setting), patience);
            (tunnel, events, dir)
        }

        async fn next(events: &mut mpsc::Receiver<TunnelEvent>) -> TunnelEvent {
            tokio::time::timeout(Duration::from_secs(20), events.recv()).await.unwrap().unwrap()
        }

        #[tokio::test]
        async fn the_url_is_told_and_the_program_ends_with_the_tunnel() {
            let script = "echo starting; echo $$ > \"$1/pid\"; echo 'at https://satu.example' >&2; exec sleep 600";
            let (tunnel, mut events, dir) = stand_in(script, PATIENCE);
            assert_eq!(next(&mut events).await, TunnelEvent::Up("https://satu.example".into()));
            let pid: i32 = std::fs::read_to_string(dir.path().join("pid")).unwrap().trim().parse().unwrap();
            let pid = rustix::process::Pid::from_raw(pid).unwrap();
            assert!(rustix::process::test_kill_process(pid).is_ok());
            tunnel.stop().await;
            let gone = async {
                // The runtime reaps what it has killed; until then the process is still known.
                while rustix::process::test_kill_process(pid).is_ok() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(20), gone).await.unwrap();
            assert_eq!(events.recv().await, None);
        }

        #[tokio::test]
        async fn a_program_that_ends_is_started_again_and_a_new_url_is_said_to_be_new() {
            let script = "n=$(cat \"$1/n\" 2>/dev/null || echo 0); echo $((n+1)) > \"$1/n\"; \
                          case $n in 0|1) echo https://a.example; echo 'lost the edge' >&2; exit 3;; \
                          *) echo https://b.example; echo https://b.example; exec sleep 600;; esac";
            let (tunnel, mut events, _dir) = stand_in(script, PATIENCE);
            for _ in 0..2 {
                assert_eq!(next(&mut events).await, TunnelEvent::Up("https://a.example".into()));
                let TunnelEvent::Down(why) = next(&mut events).await else { panic!("it ended") };
                assert!(why.contains('3'), "{why}");
            }
            assert_eq!(next(&mut events).await, TunnelEvent::Changed("https://b.example".into()));
            tunnel.stop().await;
            assert_eq!(events.recv().await, None);
        }

        #[tokio::test]
        async fn a_program_that_prints_no_url_or_is_not_there_is_told_once() {
            let silent = Patience { silence: Duration::from_millis(10), ..PATIENCE };
            let (tunnel, mut events, _dir) = stand_in("echo hello; exec sleep 600", silent);
            let TunnelEvent::Down(why) = next(&mut events).await else { panic!("it is not up") };
            assert!(why.contains("no URL"), "{why}");
            drop(tunnel);

            let setting = config::Tunnel::Custom { command: vec!["no-such-tunnel".into()], url: "x".into() };
            let (tunnel, mut events) = Tunnel::watch(plan(&setting), PATIENCE);
            assert_eq!(
                next(&mut events).await,
                TunnelEvent::Down("no-such-tunnel is not installed, or not in PATH".into())
            );
            drop(tunnel);
            assert_eq!(events.recv().await, None);
        }
    }
}
