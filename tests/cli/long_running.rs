//! `loket serve` and `loket sandbox`: what they print when they start, and how they end.

use std::process::Stdio;

use crate::fake_gateway::{self, fake_gateway};
use crate::home::{Home, Output, TIMEOUT};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout};
use tokio::sync::mpsc;

/// A program that runs until it gets a signal to end.
pub(crate) struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
    printed: String,
}

impl Running {
    pub(crate) fn start(home: &Home, args: &[&str]) -> Self {
        let mut child = home.command(args).stdin(Stdio::null()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Running { child, out, printed: String::new() }
    }

    /// Reads standard output up to a line that begins so, and returns that line.
    pub(crate) async fn line(&mut self, start: &str) -> String {
        loop {
            let mut line = String::new();
            let read = tokio::time::timeout(TIMEOUT, self.out.read_line(&mut line)).await;
            assert!(read.expect("no such line").unwrap() > 0, "no line {start:?} in {:?}", self.printed);
            self.printed += &line;
            if line.starts_with(start) {
                return line.trim_end().to_owned();
            }
        }
    }

    /// Ends it as a service manager does.
    pub(crate) async fn end(mut self) -> Output {
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.child.id().unwrap()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.out.read_to_string(&mut self.printed).await.unwrap();
        let ended = tokio::time::timeout(TIMEOUT, self.child.wait_with_output()).await.expect("it hangs").unwrap();
        Output {
            status: ended.status.code().unwrap_or(-1),
            out: self.printed,
            err: String::from_utf8(ended.stderr).unwrap(),
        }
    }
}

#[tokio::test]
async fn the_engine_prints_one_line_and_logs_in_the_chosen_format() {
    // An address that cannot be listened on: the option wins over the configuration.
    let home = Home::with("[listener]\nbind = \"192.0.2.1:1\"\n");
    let refused = home.loket(&["serve"]).await.expect(1);
    assert!(refused.err.contains("192.0.2.1:1") && refused.err.contains("--listen"), "{refused:?}");
    for (format, is_json) in [(&["--log-format", "json"][..], true), (&["--log-format", "text"], false), (&[], false)] {
        let mut serve = Running::start(&home, &[&["serve", "--listen", "127.0.0.1:0"], format].concat());
        let line = serve.line("listening on http://127.0.0.1:").await;
        let ended = serve.end().await.expect(0);
        assert_eq!(ended.out, format!("{line}\n"), "the only line on standard output");
        let logged: Vec<_> = ended.err.lines().map(serde_json::from_str::<Value>).collect();
        assert!(!logged.is_empty() && logged.iter().all(|line| line.is_ok() == is_json), "{format:?}: {ended:?}");
        assert!(ended.err.contains("SIGTERM"), "{ended:?}");
    }
}

#[tokio::test]
async fn an_engine_for_screens_reports_on_standard_output_and_ends_without_a_screen() {
    let home = Home::with("");
    let args = ["serve", "--for-screens", "--listen", "127.0.0.1:0"];
    let started = home.loket_with_input(&args, "[]").await.expect(0);
    assert!(started.out.starts_with("listening on http://127.0.0.1:"), "{started:?}");
    let mut other = Running::start(&home, &["serve", "--listen", "127.0.0.1:0"]);
    other.line("listening on http://127.0.0.1:").await;
    assert_eq!(home.loket(&args).await.expect(0).out, "held\n");
    other.end().await.expect(0);
    let refused = home.loket(&["serve", "--for-screens", "--listen", "192.0.2.1:1"]).await.expect(1);
    assert!(refused.out.starts_with("failed {\"listen\":{\"address\":\"192.0.2.1:1\""), "{refused:?}");
}

/// Starts simulated gateways and returns the configuration that they print, for a home to try.
pub(crate) async fn sandbox(args: &[&str]) -> (Running, Home) {
    let mut sandbox = Running::start(&Home::empty(), &[&["sandbox", "--listen", "127.0.0.1:0"], args].concat());
    sandbox.line("name = \"waha\"").await;
    sandbox.line("channel = ").await;
    let home = Home::with(&sandbox.printed);
    (sandbox, home)
}

#[tokio::test]
async fn the_configuration_of_the_sandbox_can_be_used_as_it_is() {
    let (sandbox, home) = sandbox(&["--quiet", "--receiver", "http://127.0.0.1:9999"]).await;
    let url = home.loket(&["account", "url", "chatera"]).await.expect(0).out;
    assert!(url.starts_with("http://127.0.0.1:9999/webhooks/chatera/"), "{url}");
    for account in ["chatera", "cetar", "cetar-meta", "waviro", "cloudchat", "waha"] {
        let args = ["send", "--account", account, "--to", "0812-3456-789", "--template", "halo"];
        let (kind, text) = ("--text", "Halo");
        let args = if account == "chatera" || account == "cetar-meta" {
            &args[..]
        } else {
            &[&args[..5], &[kind, text]].concat()
        };
        let sent = home.loket(args).await.expect(0);
        assert!(sent.out.contains("sent"), "{account}: {sent:?}");
    }
    let groups = home.loket(&["groups", "waviro"]).await.expect(0);
    assert!(!groups.out.is_empty());
    sandbox.end().await.expect(0);
}

#[tokio::test]
async fn the_customers_of_the_sandbox_write_to_the_receiver() {
    let (seen, mut events) = mpsc::unbounded_channel();
    let receiver = fake_gateway(move |request| {
        // The test may have ended.
        drop(seen.send(request.target));
        fake_gateway::json(200, &serde_json::json!({"success": true}))
    })
    .await;
    let (sandbox, _home) = sandbox(&["--receiver", &receiver]).await;
    let first = tokio::time::timeout(TIMEOUT, events.recv()).await.expect("no customer writes").unwrap();
    assert!(first.starts_with("/webhooks/"), "{first}");
    sandbox.end().await.expect(0);
}

/// The exit statuses of three questions to a sandbox with these options.
async fn ask_three_times(options: &[&str]) -> Vec<i32> {
    let (sandbox, home) = sandbox(options).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(home.loket(&["check-number", "waviro", "0812-3456-789"]).await.status);
    }
    sandbox.end().await.expect(0);
    statuses
}

#[tokio::test]
async fn a_seed_gives_the_sandbox_the_same_bad_day_again() {
    // The third request of this seed is answered with 500.
    let options = ["--quiet", "--chaos", "5"];
    assert_eq!(tokio::join!(ask_three_times(&options), ask_three_times(&options)), (vec![0, 0, 1], vec![0, 0, 1]));
}
