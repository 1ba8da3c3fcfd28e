//! A gateway as a stranger on loopback: keeps every request that it sees and answers as the test says.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

use serde_json::Value;

use crate::kit::until;

/// A request that a gateway saw.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// When its last byte had come.
    pub(crate) at: Instant,
    /// The method.
    pub(crate) method: String,
    /// The path with its query.
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body as text.
    pub(crate) body: String,
}

impl Seen {
    /// A header's value; fails when it came more than once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let first = found.next();
        assert_eq!(found.next(), None, "{name} came twice");
        first
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }
}

/// A gate that holds answers back until it is opened.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    /// Lets everything through from now on.
    pub(crate) fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    fn pass(&self) {
        let mut open = self.0.0.lock().unwrap();
        while !*open {
            open = self.0.1.wait(open).unwrap();
        }
    }
}

/// What a gateway does with a request.
pub(crate) enum Answer {
    /// Answers with status, further headers and body.
    Say(u16, Vec<(String, String)>, String),
    /// Waits for the gate, then does the other.
    After(Gate, Box<Answer>),
    /// Closes the connection without a word.
    HangUp,
    /// Promises a longer body than it sends, then closes.
    BreakOff(u16),
}

impl Answer {
    /// A JSON answer.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Answer::Say(status, vec![("Content-Type".to_owned(), "application/json".to_owned())], body.to_string())
    }
}

type Manner = dyn Fn(&Seen) -> Answer + Send + Sync;

/// A running gateway.
pub(crate) struct Gateway {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    closed: Arc<AtomicBool>,
}

impl Gateway {
    /// Starts on a free port.
    pub(crate) fn start(manner: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        Self::start_on(TcpListener::bind("127.0.0.1:0").unwrap(), manner)
    }

    /// Starts on an address that nobody answers at so far.
    pub(crate) fn start_at(address: SocketAddr, manner: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        Self::start_on(until("the port to be free", || TcpListener::bind(address).ok()), manner)
    }

    fn start_on(listener: TcpListener, manner: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        let address = listener.local_addr().unwrap();
        let (seen, closed) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let manner: Arc<Manner> = Arc::new(manner);
        let (kept, shut) = (Arc::clone(&seen), Arc::clone(&closed));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if shut.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let (manner, seen, shut) = (Arc::clone(&manner), Arc::clone(&kept), Arc::clone(&shut));
                std::thread::spawn(move || talk(&stream, &*manner, &seen, &shut));
            }
        });
        Gateway { address, seen, closed }
    }

    /// An address at which nobody answers.
    pub(crate) fn nobody() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
    }

    /// `http://ADDRESS`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Waits until there are at least so many requests and gives them all.
    #[track_caller]
    pub(crate) fn wait_for(&self, count: usize) -> Vec<Seen> {
        until(&format!("{count} requests at the gateway"), || Some(self.seen()).filter(|seen| seen.len() >= count))
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        drop(TcpStream::connect(self.address));
    }
}

/// Serves one connection, request after request.
fn talk(stream: &TcpStream, manner: &Manner, seen: &Mutex<Vec<Seen>>, closed: &AtomicBool) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        if closed.load(Ordering::SeqCst) {
            break;
        }
        seen.lock().unwrap().push(request.clone());
        if !give(stream, manner(&request)) {
            break;
        }
    }
    drop(stream.shutdown(Shutdown::Both));
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Seen> {
    let mut line = || {
        let mut text = String::new();
        let read = reader.read_line(&mut text).ok()?;
        (read > 0).then(|| text.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let header = line()?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':')?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(n, _)| n == "content-length").map_or("0", |(_, v)| v.as_str()).parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Seen { at: Instant::now(), method, path, headers, body: String::from_utf8(body).unwrap() })
}

/// Whether the connection goes on.
fn give(mut stream: &TcpStream, answer: Answer) -> bool {
    match answer {
        Answer::Say(status, headers, body) => {
            let mut head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n", body.len());
            for (name, value) in headers {
                write!(head, "{name}: {value}\r\n").unwrap();
            }
            stream.write_all(format!("{head}\r\n{body}").as_bytes()).is_ok()
        }
        Answer::After(gate, then) => {
            gate.pass();
            give(stream, *then)
        }
        Answer::HangUp => false,
        Answer::BreakOff(status) => {
            let head = format!("HTTP/1.1 {status} X\r\nContent-Length: 1000\r\n\r\n{{\"succ");
            drop(stream.write_all(head.as_bytes()));
            false
        }
    }
}
