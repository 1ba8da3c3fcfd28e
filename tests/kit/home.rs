//! The real binary with a home directory, a configuration and a data directory of its own.
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use super::{Response, Webhook, request, wait_until, webhook_path};
use serde_json::Value;

/// A temporary home directory.
pub(crate) struct Home {
    dir: tempfile::TempDir,
}

/// A command that output.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Output {
    /// Standard output as JSON Lines; fails when there is anything else.
    pub(crate) fn json(&self) -> Vec<Value> {
        self.out.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l:?}"))).collect()
    }

    /// Fails unless it ended with this status.
    #[track_caller]
    pub(crate) fn expect_status(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

impl Home {
    /// A home with this configuration.
    pub(crate) fn new(config: &str) -> Self {
        let home = Home { dir: tempfile::tempdir().unwrap() };
        home.configure(config);
        home
    }

    pub(crate) fn configure(&self, config: &str) {
        std::fs::write(self.config(), config).unwrap();
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.dir.path().join("config.toml")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The program with arguments and a bare environment.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        self.cleaned(Command::new(env!("CARGO_BIN_EXE_loket")), args)
    }

    /// The program started by a shell after other commands of the shell.
    pub(crate) fn shell(&self, before: &str, args: &[&str]) -> Command {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &format!("{before}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_loket")]);
        self.cleaned(shell, args)
    }

    fn cleaned(&self, mut command: Command, args: &[&str]) -> Command {
        command.args(args).env_clear().stdin(Stdio::null());
        command.env("HOME", self.dir.path()).env("PATH", "/usr/bin:/bin");
        command.env("LOKET_CONFIG", self.config()).env("LOKET_DATA_DIR", self.data());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        let out = self.command(args).output().unwrap();
        Output {
            status: out.status.code().unwrap_or_else(|| -out.status.signal().unwrap_or_default()),
            out: String::from_utf8(out.stdout).unwrap(),
            err: String::from_utf8(out.stderr).unwrap(),
        }
    }

    /// Runs a command that must end with 0 and print JSON Lines.
    #[track_caller]
    pub(crate) fn json(&self, args: &[&str]) -> Vec<Value> {
        self.run(&[&["--json"], args].concat()).expect_status(0).json()
    }

    /// Every message of an account, oldest first.
    #[track_caller]
    pub(crate) fn messages(&self, account: &str) -> Vec<Value> {
        self.json(&["messages", "--account", account, "--limit", "100000"])
    }

    /// Waits until the messages of an account are as they should be.
    #[track_caller]
    pub(crate) fn until_messages(&self, account: &str, what: &str, fit: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        wait_until(what, || Some(self.messages(account)).filter(|m| fit(m)))
    }

    /// Starts the engine on a free port.
    #[track_caller]
    pub(crate) fn serve(&self) -> RunningEngine {
        RunningEngine::start(self.command(&["serve", "--listen", "127.0.0.1:0"]))
    }
}

/// A running engine; killed when dropped.
pub(crate) struct RunningEngine {
    child: Child,
    pub(crate) address: SocketAddr,
    out: Arc<Mutex<String>>,
    err: Arc<Mutex<String>>,
}

impl RunningEngine {
    /// Starts `loket serve` and waits for the line that names its address.
    #[track_caller]
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (Arc::new(Mutex::new(String::new())), Arc::new(Mutex::new(String::new())));
        collect(child.stdout.take().unwrap(), &out);
        collect(child.stderr.take().unwrap(), &err);
        let line = wait_until("the engine's line", || {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "ended with {ended:?}: {}", err.lock().unwrap());
            out.lock().unwrap().lines().next().map(str::to_owned)
        });
        let address = line.strip_prefix("listening on http://").unwrap_or_else(|| panic!("{line:?}")).parse().unwrap();
        RunningEngine { child, address, out, err }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its standard output so far.
    pub(crate) fn out(&self) -> String {
        self.out.lock().unwrap().clone()
    }

    /// Its log so far.
    pub(crate) fn log(&self) -> String {
        self.err.lock().unwrap().clone()
    }

    /// Posts an event to an account's URL.
    #[track_caller]
    pub(crate) fn post(&self, account: &str, event: &Webhook) -> Response {
        request(self.address, "POST", &webhook_path(account), &event.headers, &event.body).unwrap()
    }

    /// Sends a GET request.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Response {
        request(self.address, "GET", path, &[], &[]).unwrap()
    }

    /// Kills it.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let done = Command::new("/bin/sh").args(["-c", &format!("kill -{name} {}", self.pid())]).status().unwrap();
        assert!(done.success());
    }

    /// Ends it by a signal and waits for its end.
    #[track_caller]
    pub(crate) fn end(mut self) -> ExitStatus {
        self.signal("TERM");
        wait_until("the engine to end", || self.child.try_wait().unwrap())
    }
}

impl Drop for RunningEngine {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn collect(from: impl std::io::Read + Send + 'static, into: &Arc<Mutex<String>>) {
    let into = Arc::clone(into);
    std::thread::spawn(move || {
        let mut reader = BufReader::new(from);
        let mut line = Vec::new();
        while reader.by_ref().read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
            into.lock().unwrap().push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    });
}
