//! A fake gateway on loopback that records every request and responds as the test says.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

use serde_json::Value;

use crate::kit::wait_until;

/// A request that a gateway received.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// When its last byte arrived.
    pub(crate) at: Instant,
    pub(crate) method: String,
    /// With its query.
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
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

/// Holds responses back until it is opened.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
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

/// How a gateway responds to a request.
pub(crate) enum Answer {
    /// With this status, further headers and body.
    Respond(u16, Vec<(String, String)>, String),
    /// Waits for the gate first.
    After(Gate, Box<Answer>),
    /// Closes the connection without a response.
    Close,
    /// Closes the connection after a part of the body.
    BreakOff(u16),
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Answer::Respond(status, vec![("Content-Type".to_owned(), "application/json".to_owned())], body.to_string())
    }
}

type Handler = dyn Fn(&Request) -> Answer + Send + Sync;

/// A running fake gateway.
pub(crate) struct Gateway {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
    closed: Arc<AtomicBool>,
}

impl Gateway {
    /// Starts on a free port.
    pub(crate) fn start(handler: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        Self::start_on(TcpListener::bind("127.0.0.1:0").unwrap(), handler)
    }

    /// Starts on an address of [`Gateway::closed_address`].
    pub(crate) fn start_at(address: SocketAddr, handler: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        Self::start_on(wait_until("the port to be free", || TcpListener::bind(address).ok()), handler)
    }

    fn start_on(listener: TcpListener, handler: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let address = listener.local_addr().unwrap();
        let (seen, closed) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let handler: Arc<Handler> = Arc::new(handler);
        let (kept, shut) = (Arc::clone(&seen), Arc::clone(&closed));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if shut.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let (handler, seen, shut) = (Arc::clone(&handler), Arc::clone(&kept), Arc::clone(&shut));
                std::thread::spawn(move || serve_connection(&stream, &*handler, &seen, &shut));
            }
        });
        Gateway { address, seen, closed }
    }

    /// An address on which nothing listens.
    pub(crate) fn closed_address() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
    }

    /// `http://ADDRESS`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// Waits for at least `count` requests and returns all.
    #[track_caller]
    pub(crate) fn wait_for_requests(&self, count: usize) -> Vec<Request> {
        wait_until(&format!("{count} requests at the gateway"), || {
            Some(self.requests()).filter(|seen| seen.len() >= count)
        })
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        drop(TcpStream::connect(self.address));
    }
}

/// Serves the requests of one connection.
fn serve_connection(stream: &TcpStream, handler: &Handler, seen: &Mutex<Vec<Request>>, closed: &AtomicBool) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        if closed.load(Ordering::SeqCst) {
            break;
        }
        seen.lock().unwrap().push(request.clone());
        if !respond(stream, handler(&request)) {
            break;
        }
    }
    drop(stream.shutdown(Shutdown::Both));
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Request> {
    let mut line = || {
        let mut text = String::new();
        let read = reader.read_line(&mut text).ok()?;
        (read > 0).then(|| text.trim_end().to_owned())
    };
    let first = line()?;
    let mut parts = first.split(' ');
    let (method, path) = (parts.next()?.to_owned(), parts.next()?.to_owned());
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
    Some(Request { at: Instant::now(), method, path, headers, body: String::from_utf8(body).unwrap() })
}

/// Whether the connection stays open.
fn respond(mut stream: &TcpStream, answer: Answer) -> bool {
    match answer {
        Answer::Respond(status, headers, body) => {
            let mut head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n", body.len());
            for (name, value) in headers {
                write!(head, "{name}: {value}\r\n").unwrap();
            }
            stream.write_all(format!("{head}\r\n{body}").as_bytes()).is_ok()
        }
        Answer::After(gate, then) => {
            gate.pass();
            respond(stream, *then)
        }
        Answer::Close => false,
        Answer::BreakOff(status) => {
            let head = format!("HTTP/1.1 {status} X\r\nContent-Length: 1000\r\n\r\n{{\"succ");
            drop(stream.write_all(head.as_bytes()));
            false
        }
    }
}
