//! Runs a tunnel program, restarts it when it ends, and reports the URL that it prints.
//!
//! Invariant: nothing here changes a setting or an account: events are reported, and the caller acts on them. The
//! program and all that it has started end when the tunnel is dropped.

use super::command::{TunnelCommand, TunnelError, TunnelProcess};
use crate::config;
use crate::engine::process_group::ProcessGroup;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Longer lines are cut off: no URL is as long.
const LINE_MAX: usize = 16 * 1024;
/// Events and lines that may wait for their reader.
const QUEUE: usize = 16;
/// How much of a program's last line is reported, in characters.
const LAST_LINE_MAX: usize = 300;
/// How long output is read after a program's end (something that it started may hold its output open).
const DRAIN_TIMEOUT: Duration = Duration::from_millis(500);

/// What happened to a tunnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TunnelEvent {
    /// The listener is reachable at this URL, which has no slash at the end. Also when the same URL came back.
    Up(String),
    /// The listener is reachable at another URL than before, which must be pasted again.
    Changed(String),
    /// It is not reachable, and why, with the program's last line (foreign text). The program is restarted.
    Down(String),
}

/// A running tunnel program. Dropping it ends the program.
#[derive(Debug)]
pub(crate) struct Tunnel {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

#[derive(Debug, Clone, Copy)]
struct Timing {
    /// Before the first restart; it doubles each time.
    restart_pause: Duration,
    restart_pause_max: Duration,
    /// How long a program may run before that it has printed no URL is reported.
    url_timeout: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Timing {
            restart_pause: Duration::from_secs(1),
            restart_pause_max: Duration::from_secs(60),
            url_timeout: Duration::from_secs(45),
        }
    }
}

impl Tunnel {
    /// Starts the program for a listener that is bound at `listener`. Must be called within a runtime.
    pub(crate) fn open(
        setting: &config::Tunnel,
        listener: SocketAddr,
        process: TunnelProcess,
    ) -> Result<(Self, mpsc::Receiver<TunnelEvent>), TunnelError> {
        Ok(Self::start(TunnelCommand::new(setting, listener, process)?, Timing::default()))
    }

    fn start(command: TunnelCommand, timing: Timing) -> (Self, mpsc::Receiver<TunnelEvent>) {
        let (events, receiver) = mpsc::channel(QUEUE);
        let (stop, stopped) = watch::channel(false);
        let runner =
            Runner { command, timing, events, url: None, reported: None, up_since: None, last_line: String::new() };
        (Tunnel { stop, task: tokio::spawn(runner.run(stopped)) }, receiver)
    }

    /// Ends the program and waits for it.
    pub(crate) async fn stop(mut self) {
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

struct Runner {
    command: TunnelCommand,
    timing: Timing,
    events: mpsc::Sender<TunnelEvent>,
    url: Option<String>,
    /// The newest event; none is reported twice in a row.
    reported: Option<TunnelEvent>,
    /// Since when this run of the program has a URL.
    up_since: Option<Instant>,
    /// The last line that this run of the program printed.
    last_line: String,
}

impl Runner {
    async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        let mut pause = self.timing.restart_pause;
        loop {
            tokio::select! {
                () = self.run_once() => {}
                _ = stopped.wait_for(|stop| *stop) => return,
            }
            // The pause of a program that soon ends again keeps growing.
            if self.up_since.is_some_and(|since| since.elapsed() > self.timing.restart_pause_max) {
                pause = self.timing.restart_pause;
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stopped.wait_for(|stop| *stop) => return,
                () = self.events.closed() => return,
            }
            pause = (pause * 2).min(self.timing.restart_pause_max);
        }
    }

    /// Runs the program until it ends.
    async fn run_once(&mut self) {
        self.up_since = None;
        self.last_line.clear();
        let program = self.command.program.clone();
        let mut child = match self.command.spawn() {
            Ok(child) => child,
            Err(error) => {
                let reason = match error.kind() {
                    std::io::ErrorKind::NotFound => format!("{program} is not installed, or not in PATH"),
                    _ => format!("{program} cannot be started: {error}"),
                };
                return self.report(TunnelEvent::Down(reason)).await;
            }
        };
        let group = ProcessGroup::of(&child);
        // Waiting for a child closes its input, which would tell the guard that this process has ended.
        let _input = child.stdin.take();
        let (sender, mut lines) = mpsc::channel(QUEUE);
        if let Some(output) = child.stdout.take() {
            tokio::spawn(read_lines(output, sender.clone()));
        }
        if let Some(output) = child.stderr.take() {
            tokio::spawn(read_lines(output, sender));
        }
        let ended = async {
            drop(child.wait().await);
            tokio::time::sleep(DRAIN_TIMEOUT).await;
        };
        tokio::select! {
            () = self.read(&mut lines) => {}
            () = ended => {}
        }
        let status = child.wait().await.map_or_else(|error| error.to_string(), |status| status.to_string());
        // What it has started goes on no longer than itself.
        drop(group);
        let last_line: String = self.last_line.chars().take(LAST_LINE_MAX).collect();
        let last_line = if last_line.is_empty() { last_line } else { format!(": {last_line}") };
        self.report(TunnelEvent::Down(format!("{program} ended ({status}){last_line}"))).await;
    }

    /// Reads what the program prints until it prints no more.
    async fn read(&mut self, lines: &mut mpsc::Receiver<String>) {
        let timeout = tokio::time::sleep(self.timing.url_timeout);
        tokio::pin!(timeout);
        let mut waiting = true;
        loop {
            let line = tokio::select! {
                line = lines.recv() => line,
                () = &mut timeout, if waiting => {
                    waiting = false;
                    let program = &self.command.program;
                    self.report(TunnelEvent::Down(format!("{program} runs, but has printed no URL yet"))).await;
                    continue;
                }
            };
            let Some(line) = line else { return };
            if let Some(url) = self.command.url(&line) {
                waiting = false;
                self.up_since.get_or_insert_with(Instant::now);
                self.report_url(url).await;
            }
            if !line.trim().is_empty() {
                line.trim().clone_into(&mut self.last_line);
            }
        }
    }

    async fn report_url(&mut self, url: String) {
        let event = match self.url.replace(url.clone()) {
            Some(before) if before != url => TunnelEvent::Changed(url),
            // The same URL again while it is up is no event.
            Some(_) if matches!(self.reported, Some(TunnelEvent::Up(_) | TunnelEvent::Changed(_))) => return,
            _ => TunnelEvent::Up(url),
        };
        self.report(event).await;
    }

    async fn report(&mut self, event: TunnelEvent) {
        if self.reported.as_ref() != Some(&event) {
            self.reported = Some(event.clone());
            // Without a receiver the tunnel is about to be dropped.
            drop(self.events.send(event).await);
        }
    }
}

/// Reads to the end, so that the program never waits for us; lines that are too long are cut off.
async fn read_lines(mut output: impl AsyncRead + Unpin, lines: mpsc::Sender<String>) {
    let mut line = Vec::new();
    let mut chunk = [0_u8; 4096];
    while let Ok(read @ 1..) = output.read(&mut chunk).await {
        for byte in chunk.iter().take(read) {
            if *byte != b'\n' && line.len() < LINE_MAX {
                line.push(*byte);
            }
            if *byte == b'\n' && lines.send(take_text(&mut line)).await.is_err() {
                return;
            }
        }
    }
    if !line.is_empty() {
        drop(lines.send(take_text(&mut line)).await);
    }
}

fn take_text(line: &mut Vec<u8>) -> String {
    String::from_utf8_lossy(&std::mem::take(line)).into_owned()
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    fn tunnel_command(setting: &config::Tunnel) -> TunnelCommand {
        TunnelCommand::new(setting, "0.0.0.0:8484".parse().unwrap(), TunnelProcess::default()).unwrap()
    }

    const TIMING: Timing = Timing {
        restart_pause: Duration::from_millis(1),
        restart_pause_max: Duration::from_millis(4),
        url_timeout: Duration::from_secs(60),
    };

    /// A tunnel whose program runs `script` with the directory `$1`.
    fn start(script: &str, timing: Timing) -> (Tunnel, mpsc::Receiver<TunnelEvent>, tempfile::TempDir) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().to_str().unwrap().to_owned();
        let command = vec!["sh".into(), "-c".into(), script.to_owned(), "tunnel".into(), path];
        let setting = config::Tunnel::Custom { command, url: r"https://[a-z0-9]+\.example".into() };
        let (tunnel, events) = Tunnel::start(tunnel_command(&setting), timing);
        (tunnel, events, dir)
    }

    async fn next(events: &mut mpsc::Receiver<TunnelEvent>) -> TunnelEvent {
        tokio::time::timeout(Duration::from_secs(20), events.recv()).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn the_url_is_reported_and_the_program_ends_with_the_tunnel() {
        let script = "echo starting; echo $$ > \"$1/pid\"; echo 'at https://satu.example' >&2; exec sleep 600";
        let (tunnel, mut events, dir) = start(script, TIMING);
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
    async fn a_program_that_ends_is_restarted_and_a_new_url_is_reported_as_changed() {
        let script = "n=$(cat \"$1/n\" 2>/dev/null || echo 0); echo $((n+1)) > \"$1/n\"; \
                      case $n in 0|1) echo https://a.example; echo 'lost the edge' >&2; exit 3;; \
                      *) echo https://b.example; echo https://b.example; exec sleep 600;; esac";
        let (tunnel, mut events, _dir) = start(script, TIMING);
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
    async fn a_program_that_prints_no_url_or_is_not_installed_is_reported_once() {
        let silent = Timing { url_timeout: Duration::from_millis(10), ..TIMING };
        let (tunnel, mut events, _dir) = start("echo hello; exec sleep 600", silent);
        let TunnelEvent::Down(why) = next(&mut events).await else { panic!("it is not up") };
        assert!(why.contains("no URL"), "{why}");
        drop(tunnel);

        let setting = config::Tunnel::Custom { command: vec!["no-such-tunnel".into()], url: "x".into() };
        let (tunnel, mut events) = Tunnel::start(tunnel_command(&setting), TIMING);
        assert_eq!(
            next(&mut events).await,
            TunnelEvent::Down("no-such-tunnel is not installed, or not in PATH".into())
        );
        drop(tunnel);
        assert_eq!(events.recv().await, None);
    }
}
