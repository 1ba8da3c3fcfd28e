//! A journey through OpenSSH to this machine, as in a shop whose agents log in from other places.
//!
//! It is skipped, and says why, where no server of the test's own can be started and reached.

use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;

use crate::installation::Installation;
use crate::simulators::Simulators;
use crate::term::{PAUSE, Term, USUAL, skip};

const LIMIT: Duration = Duration::from_secs(60);

/// An OpenSSH server on loopback with keys of its own, ended when it is dropped.
struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Server {
    /// Starts a server that lets the test's own key in, and waits until it listens; else why it does not.
    fn start(installation: &Installation) -> Result<Self, String> {
        let sshd = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].into_iter().find(|path| Path::new(path).is_file());
        let sshd = sshd.ok_or("there is no sshd")?;
        let path = |name: &str| installation.path(name).display().to_string();
        for key in ["host_key", "own_key"] {
            let arguments = ["-q", "-t", "ed25519", "-N", "", "-f", &path(key)];
            let made = Command::new("ssh-keygen").args(arguments).status().map_err(|error| error.to_string())?;
            made.success().then_some(()).ok_or("ssh-keygen failed")?;
        }
        let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).unwrap().port();
        let settings = format!(
            "ListenAddress 127.0.0.1\nPort {port}\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\n\
             PidFile none\nPasswordAuthentication no\n",
            path("host_key"),
            path("own_key.pub"),
        );
        std::fs::write(installation.path("sshd_config"), settings).unwrap();
        let mut command = Command::new(sshd);
        command.args(["-D", "-e", "-f", &path("sshd_config")]).stdin(Stdio::null()).stderr(Stdio::piped());
        let child = command.spawn().map_err(|error| error.to_string())?;
        let mut server = Server { child, port };
        let limit = Instant::now() + LIMIT;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if server.child.try_wait().unwrap().is_some() || Instant::now() > limit {
                let mut said = String::new();
                let error = server.child.stderr.take().map(|mut error| error.read_to_string(&mut said));
                return Err(format!("sshd does not listen: {said} {error:?}"));
            }
            std::thread::sleep(Duration::from_millis(15));
        }
        Ok(server)
    }

    /// The client's arguments before the remote command.
    fn client(&self, installation: &Installation) -> Vec<String> {
        let user = Command::new("id").arg("-un").output().unwrap().stdout;
        let user = String::from_utf8(user).unwrap();
        let port = self.port.to_string();
        let files = [("IdentityFile", "own_key"), ("UserKnownHostsFile", "known")]
            .map(|(option, file)| format!("-o{option}={}", installation.path(file).display()));
        let fixed =
            ["-F", "/dev/null", "-oBatchMode=yes", "-oIdentitiesOnly=yes", "-oStrictHostKeyChecking=accept-new"];
        let target = ["-p".to_owned(), port, format!("{}@127.0.0.1", user.trim())];
        fixed.into_iter().map(str::to_owned).chain(files).chain(target).collect()
    }

    /// Why nobody can log in, if so.
    fn refusal(&self, installation: &Installation) -> Option<String> {
        let tried = Command::new("ssh").args(self.client(installation)).arg("true").output();
        match tried {
            Ok(output) if output.status.success() => None,
            Ok(output) => Some(String::from_utf8_lossy(&output.stderr).into_owned()),
            Err(error) => Some(error.to_string()),
        }
    }

    /// The inbox at the other end of the connection.
    fn inbox(&self, installation: &Installation) -> Term {
        let at = |name: &str| installation.path(name).display().to_string();
        let remote = format!(
            "env HOME='{}' LANG=C.UTF-8 LOKET_LOCALE=en LOKET_CONFIG='{}' LOKET_DATA_DIR='{}' '{}' --listen 127.0.0.1:0",
            at(""),
            at("config.toml"),
            at("data"),
            env!("CARGO_BIN_EXE_loket"),
        );
        let mut command = CommandBuilder::new("ssh");
        command.arg("-tt");
        command.args(self.client(installation));
        command.arg(remote);
        command.env("TERM", "xterm-256color");
        Term::open(command, USUAL)
    }
}

#[test]
fn esc_resizing_and_a_broken_connection_lose_nothing_over_ssh() {
    let simulators = Simulators::open();
    let installation = simulators.installation();
    let server = match Server::start(&installation) {
        Ok(server) => server,
        Err(reason) => return skip(&reason),
    };
    if let Some(reason) = server.refusal(&installation) {
        return skip(&reason);
    }
    let serve = installation.serve();
    simulators.connect(&serve);
    simulators.customer_writes("chatera", "628123456780", "Budi", "Halo kak, apakah masih ada?");
    let mut term = server.inbox(&installation);
    term.shows("Budi");
    term.resolves_and_undoes_by_letters();
    // Enter at once after a letter would be the end of something typed.
    std::thread::sleep(PAUSE);
    term.press("\r");
    term.shows("Enter send");
    term.resize((40, 12));
    // The list gives way to the conversation.
    term.hides("longest first");
    term.shows("apakah masih");
    term.resize((120, 40));
    term.shows("longest first");
    term.press("Setengah jadi");
    term.shows("Setengah jadi");
    term.kill();
    let limit = Instant::now() + LIMIT;
    while !installation.screens().is_empty() {
        assert!(Instant::now() < limit, "the screen does not end with its connection");
        std::thread::sleep(Duration::from_millis(15));
    }
    let mut again = server.inbox(&installation);
    again.shows("✎");
    again.press("\r");
    again.shows("› Setengah jadi");
    again.press("\x11");
    again.ended();
}
