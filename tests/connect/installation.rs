//! An installation for the real binary, and the simulated gateways in another process.
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use crate::until;

/// A configuration and a data directory of their own.
pub(crate) struct Installation {
    dir: tempfile::TempDir,
    /// A variable of the environment besides the usual ones.
    pub(crate) further: Option<(&'static str, &'static str)>,
}

/// What a command printed.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Installation {
    /// An installation with this configuration.
    pub(crate) fn new(config: &str) -> Self {
        let installation = Installation { dir: tempfile::tempdir().unwrap(), further: None };
        std::fs::write(installation.config(), config).unwrap();
        installation
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().to_owned()
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.dir.path().join("config.toml")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The environment of every program that runs here.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        [
            ("HOME", text(self.path())),
            ("PATH", "/usr/bin:/bin".to_owned()),
            ("TERM", "xterm-256color".to_owned()),
            ("LANG", "en_US.UTF-8".to_owned()),
            ("LOKET_CONFIG", text(self.config())),
            ("LOKET_DATA_DIR", text(self.data())),
        ]
        .into_iter()
        .chain(self.further.map(|(name, value)| (name, value.to_owned())))
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    /// The program with arguments, and an environment that holds nothing of the outside.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_loket"));
        command.args(args).env_clear().envs(self.environment()).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end, with something on its standard input.
    pub(crate) fn run(&self, args: &[&str], input: &str) -> Ran {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that reads nothing may have ended already.
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        let out = child.wait_with_output().unwrap();
        Ran {
            status: out.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&out.stdout).into_owned(),
            err: String::from_utf8_lossy(&out.stderr).into_owned(),
        }
    }
}

/// A program that runs until it is dropped.
pub(crate) struct Running {
    child: Child,
    out: Arc<Mutex<String>>,
    err: Arc<Mutex<String>>,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (Arc::new(Mutex::new(String::new())), Arc::new(Mutex::new(String::new())));
        collect(child.stdout.take().unwrap(), &out);
        collect(child.stderr.take().unwrap(), &err);
        Running { child, out, err }
    }

    pub(crate) fn out(&self) -> String {
        self.out.lock().unwrap().clone()
    }

    pub(crate) fn err(&self) -> String {
        self.err.lock().unwrap().clone()
    }

    /// Sends SIGTERM, waits for the end, and returns everything that it printed.
    pub(crate) fn end(mut self) -> String {
        let id = rustix::process::Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        until("the program to end", || self.child.try_wait().unwrap());
        format!("{}{}", self.out(), self.err())
    }
}

impl Drop for Running {
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

/// The simulated gateways, without customers.
pub(crate) struct Gateways {
    running: Running,
    pub(crate) address: SocketAddr,
}

impl Gateways {
    pub(crate) fn start() -> Self {
        let installation = Installation::new("");
        let running = Running::start(installation.command(&["sandbox", "--quiet", "--listen", "127.0.0.1:0"]));
        let address = until("the gateways' configuration", || {
            assert!(!running.err().contains("error"), "{}", running.err());
            let out = running.out();
            let (_, rest) = out.split_once("base_url = \"http://")?;
            rest.split_once('/')?.0.parse().ok()
        });
        Gateways { running, address }
    }

    /// The base URL of an account there.
    pub(crate) fn base(&self, rest: &str) -> String {
        format!("http://{}/{rest}", self.address)
    }

    /// Tells a gateway where its events go, as a person pastes it in the dashboard.
    pub(crate) fn paste(&self, account: &str, url: &str) {
        assert_eq!(ask(self.address, "PUT", &format!("/sandbox/{account}/webhook"), url).0, 200, "{url}");
    }

    /// A customer writes.
    pub(crate) fn customer_writes(&self, account: &str, from: &str, text: &str) {
        let body = serde_json::json!({"from": from, "name": "Budi", "text": text}).to_string();
        assert_eq!(ask(self.address, "POST", &format!("/sandbox/{account}/say"), &body).0, 200);
    }

    /// What reached customers.
    pub(crate) fn sent(&self, account: &str) -> String {
        ask(self.address, "GET", &format!("/sandbox/{account}/sent"), "").1
    }

    pub(crate) fn end(self) -> String {
        self.running.end()
    }
}

/// Asks with a plain HTTP request; status and body.
pub(crate) fn ask(address: SocketAddr, method: &str, path: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).unwrap();
    let text = String::from_utf8_lossy(&raw).into_owned();
    let status = text.split(' ').nth(1).unwrap().parse().unwrap();
    (status, text.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned()))
}
