//! An installation for every journey: configuration, data and environment that no other one has.
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::term::{Term, USUAL};
use portable_pty::CommandBuilder;

/// The longest that anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(15);

const LOKET: &str = env!("CARGO_BIN_EXE_loket");

/// A configuration and a data directory of their own.
pub(crate) struct Installation {
    dir: tempfile::TempDir,
}

impl Installation {
    /// An installation with this configuration.
    pub(crate) fn new(config: &str) -> Self {
        let installation = Installation { dir: tempfile::tempdir().unwrap() };
        std::fs::write(installation.path("config.toml"), config).unwrap();
        installation
    }

    /// The path of a file in its directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        vec![
            ("HOME", text(self.path(""))),
            ("PATH", "/usr/bin:/bin".to_owned()),
            ("TERM", "xterm-256color".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("LOKET_CONFIG", text(self.path("config.toml"))),
            ("LOKET_DATA_DIR", text(self.path("data"))),
            ("LOKET_LOCALE", "en".to_owned()),
        ]
    }

    /// The program, for a terminal. It listens on a free port.
    pub(crate) fn loket(&self, args: &[&str]) -> CommandBuilder {
        self.in_terminal(LOKET, &[&["--listen", "127.0.0.1:0"], args].concat())
    }

    /// A shell that does `script`, in which `loket` is the program on a free port.
    pub(crate) fn shell(&self, script: &str) -> CommandBuilder {
        let script = format!("loket() {{ '{LOKET}' --listen 127.0.0.1:0 \"$@\"; }}\n{script}");
        self.in_terminal("/bin/sh", &["-c", &script])
    }

    fn in_terminal(&self, program: &str, args: &[&str]) -> CommandBuilder {
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        command.cwd(self.path(""));
        command
    }

    /// The inbox in a terminal of the usual size.
    pub(crate) fn inbox(&self) -> Term {
        Term::open(self.loket(&[]), USUAL)
    }

    /// A command without a terminal, to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.plain(args).output().unwrap()
    }

    /// The engine that a screen has started, once it takes webhooks: its process and its address.
    pub(crate) fn engine(&self) -> (u32, SocketAddr) {
        self.engine_after(0)
    }

    /// The same, when it is another one than this process.
    pub(crate) fn engine_after(&self, pid: u32) -> (u32, SocketAddr) {
        let limit = Instant::now() + LIMIT;
        loop {
            let status = std::fs::read(self.path("data/engine.json")).ok();
            let status = status.and_then(|text| serde_json::from_slice::<serde_json::Value>(&text).ok());
            if let Some(status) = status.filter(|status| status["pid"] != pid && status["listener"].is_string()) {
                let address = status["listener"].as_str().unwrap().parse().unwrap();
                return (u32::try_from(status["pid"].as_u64().unwrap()).unwrap(), address);
            }
            assert!(Instant::now() < limit, "no engine but {pid}");
            std::thread::sleep(POLL);
        }
    }

    /// Waits until a process has ended.
    #[track_caller]
    pub(crate) fn until_ended(&self, pid: u32) {
        let limit = Instant::now() + LIMIT;
        while is_running(pid) {
            assert!(Instant::now() < limit, "{pid} does not end: {}", self.log());
            std::thread::sleep(POLL);
        }
    }

    /// The log in the data directory.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.path("data/loket.log")).unwrap_or_default()
    }

    /// The processes of the open screens.
    pub(crate) fn screens(&self) -> Vec<u32> {
        let names = std::fs::read_dir(self.path("data/screens")).into_iter().flatten().flatten();
        names.filter_map(|entry| entry.file_name().to_str()?.split_once('-')?.0.parse().ok()).collect()
    }

    /// Starts a command without a terminal.
    pub(crate) fn start(&self, args: &[&str]) -> Child {
        self.plain(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    fn plain(&self, args: &[&str]) -> Command {
        let mut command = Command::new(LOKET);
        command.args(args).env_clear().envs(self.environment()).stdin(Stdio::null());
        command
    }

    /// Starts the engine without a screen and waits for its line.
    pub(crate) fn serve(&self) -> Serve {
        let mut command = self.plain(&["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").expect(&line).parse().unwrap();
        Serve { child, address }
    }
}

/// Whether a process runs; one that has ended and is not waited for yet does not.
pub(crate) fn is_running(pid: u32) -> bool {
    let out = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output().unwrap();
    let state = String::from_utf8(out.stdout).unwrap();
    !state.trim().is_empty() && !state.trim().starts_with('Z')
}

/// A running engine, killed when it is dropped.
pub(crate) struct Serve {
    child: Child,
    /// Where it takes webhooks.
    pub(crate) address: SocketAddr,
}

impl Serve {
    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
