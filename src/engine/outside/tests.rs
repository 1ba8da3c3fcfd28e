//! Hostile addresses, whatever they are written as, and servers that answer badly.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

use super::guard::Answer;
use super::resolver::Lookup;
use super::{FetchError, Limits, Outside, Permitted, Resume};
use crate::config::HostPort;
use crate::domain::{MediaFault, Secret};
use crate::engine::outbound::http::Http;
use crate::providers::{Method, Request};

const LIMITS: Limits = Limits { max_bytes: 1_000_000, timeout: Duration::from_millis(400) };

/// Names of the test's own; each look-up takes the next answer, the last one stays.
#[derive(Default)]
struct Names(Mutex<HashMap<String, Vec<IpAddr>>>, AtomicUsize);

impl Names {
    fn of(names: &[(&str, &[&str])]) -> Arc<Self> {
        let parse = |ips: &[&str]| ips.iter().map(|ip| ip.parse().unwrap()).collect();
        Arc::new(Names(
            Mutex::new(names.iter().map(|(name, ips)| ((*name).to_owned(), parse(ips))).collect()),
            AtomicUsize::new(0),
        ))
    }
}

impl Lookup for Names {
    fn lookup(&self, host: String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> {
        self.1.fetch_add(1, Ordering::SeqCst);
        let found = self.0.lock().unwrap().get(&host).cloned();
        Box::pin(async move { found.ok_or_else(|| std::io::Error::other("no such host")) })
    }
}

fn outside(names: &[(&str, &[&str])]) -> Outside {
    Outside::with_lookup(Http::default(), Names::of(names))
}

fn get(url: &str) -> Request {
    Request::bare(Method::Get, url.to_owned()).bearer(&Secret::new("sk_geheim"))
}

/// A server that answers each connection with the next of the texts (the last one again and again), and what it was sent.
async fn server(answers: Vec<String>) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = requests.clone();
    tokio::spawn(async move {
        for index in 0.. {
            let Ok((mut stream, _)) = listener.accept().await else { return };
            let answer = answers.get(index).or(answers.last()).cloned().unwrap_or_default();
            let seen = seen.clone();
            tokio::spawn(async move {
                let (mut request, mut some) = (Vec::new(), [0_u8; 4096]);
                while !request.ends_with(b"\r\n\r\n") {
                    match stream.read(&mut some).await {
                        Ok(0) | Err(_) => return,
                        Ok(length) => request.extend_from_slice(&some[..length]),
                    }
                }
                seen.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
                for piece in answer.split("<pause>") {
                    drop(stream.write_all(piece.as_bytes()).await);
                    if answer.contains("<pause>") {
                        tokio::time::sleep(Duration::from_secs(5)).await;
                    }
                }
            });
        }
    });
    (address, requests)
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn redirect(to: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

fn gateway(address: SocketAddr) -> Permitted {
    Permitted { gateway: Url::parse(&format!("http://{address}/api/v1")).ok(), private: Vec::new() }
}

fn private(address: SocketAddr) -> Permitted {
    Permitted { gateway: None, private: vec![address.to_string().parse::<HostPort>().unwrap()] }
}

async fn read(mut answer: Answer) -> Result<String, FetchError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend(chunk);
    }
    Ok(String::from_utf8(body).unwrap())
}

async fn fetch(outside: &Outside, url: &str, permitted: &Permitted) -> Result<String, MediaFault> {
    let read = async { read(outside.open(&get(url), permitted, LIMITS, None).await?).await };
    read.await.map_err(|failed: FetchError| failed.error.fault)
}

#[tokio::test]
async fn no_link_leads_into_the_own_network() {
    let (address, requests) = server(vec![ok("rahasia")]).await;
    let port = address.port();
    let names: &[(&str, &[&str])] = &[
        ("evil.example", &["127.0.0.1"]),
        ("metadata.example", &["169.254.169.254"]),
        ("mapped.example", &["::ffff:127.0.0.1"]),
        ("nat64.example", &["64:ff9b::7f00:1"]),
        ("localhost", &["127.0.0.1", "::1"]),
        ("localhost.", &["127.0.0.1"]),
    ];
    let outside = outside(names);
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "0",
        "0.0.0.0",
        "localhost",
        "localhost.",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[fe80::1]",
        "[fd00::1]",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "evil.example",
        "metadata.example",
        "mapped.example",
        "nat64.example",
        "１２７.0.0.1",
        "127。0。0。1",
    ] {
        let result = fetch(&outside, &format!("http://{host}:{port}/x"), &Permitted::default()).await;
        assert_eq!(result, Err(MediaFault::PrivateAddress), "{host}");
    }
    for url in ["file:///etc/passwd", "ftp://8.8.8.8/x", "gopher://8.8.8.8/", "http://a:b@8.8.8.8/", "http://", "x"] {
        assert_eq!(fetch(&outside, url, &Permitted::default()).await, Err(MediaFault::BadLink), "{url}");
    }
    assert!(requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_gateway_and_permitted_addresses_may_be_private_with_that_port_only() {
    let (address, requests) = server(vec![ok("foto")]).await;
    let (other, _) = server(vec![ok("lain")]).await;
    let outside = outside(&[]);
    for permitted in [gateway(address), private(address)] {
        assert_eq!(fetch(&outside, &format!("http://{address}/x"), &permitted).await.as_deref(), Ok("foto"));
        let refused = fetch(&outside, &format!("http://{other}/x"), &permitted).await;
        assert_eq!(refused, Err(MediaFault::PrivateAddress));
    }
    let requests = requests.lock().unwrap();
    assert!(requests[0].contains("sk_geheim") && !requests[1].contains("sk_geheim"), "{requests:?}");
}

#[tokio::test]
async fn a_redirect_is_checked_and_loses_the_key_on_another_host() {
    let (target, seen) = server(vec![ok("foto")]).await;
    let (first, _) = server(vec![redirect(&format!("http://{target}/y"))]).await;
    let outside = outside(&[("evil.example", &["127.0.0.1"])]);
    let url = format!("http://{first}/x");
    assert_eq!(fetch(&outside, &url, &gateway(first)).await, Err(MediaFault::PrivateAddress));
    assert!(seen.lock().unwrap().is_empty());
    let both = Permitted { gateway: gateway(first).gateway, private: private(target).private };
    assert_eq!(fetch(&outside, &url, &both).await.as_deref(), Ok("foto"));
    assert!(!seen.lock().unwrap()[0].contains("sk_geheim"));
    for to in ["file:///etc/passwd", "http://evil.example/", "http://169.254.169.254/latest", "//127.0.0.1:1/"] {
        let (first, _) = server(vec![redirect(to)]).await;
        let refused = fetch(&outside, &format!("http://{first}/x"), &gateway(first)).await.unwrap_err();
        assert!(matches!(refused, MediaFault::PrivateAddress | MediaFault::BadLink), "{to} {refused:?}");
    }
    let (turning, turns) = server(vec![redirect("/x")]).await;
    assert_eq!(fetch(&outside, &format!("http://{turning}/x"), &gateway(turning)).await, Err(MediaFault::Redirects));
    assert_eq!(turns.lock().unwrap().len(), 6);
}

#[tokio::test]
async fn the_address_that_is_checked_is_the_one_that_is_connected_to() {
    // One look-up decides: there is no second one that could say something else.
    let names = Names::of(&[("rebind.example", &["127.0.0.1", "192.0.2.1"])]);
    let outside = Outside::with_lookup(Http::default(), names.clone());
    let (address, requests) = server(vec![ok("rahasia")]).await;
    let url = format!("http://rebind.example:{}/x", address.port());
    assert_eq!(fetch(&outside, &url, &Permitted::default()).await, Err(MediaFault::PrivateAddress));
    assert_eq!(names.1.load(Ordering::SeqCst), 1);
    assert!(requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_server_that_answers_badly_is_given_up() {
    let outside = outside(&[]);
    let status = |line: &str| format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let long = "x".repeat(1_000_001);
    for (answer, expected) in [
        (status("404 Not Found"), MediaFault::Gone),
        (status("410 Gone"), MediaFault::Gone),
        (status("403 Forbidden"), MediaFault::Forbidden),
        (status("500 Oops"), MediaFault::Status),
        (status("204 No Content"), MediaFault::Status),
        (status("206 Partial Content"), MediaFault::Incomplete),
        (ok("abc").replace("Length: 3", "Length: 30"), MediaFault::Incomplete),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab".to_owned(), MediaFault::Incomplete),
        (ok(&long), MediaFault::TooBig),
        (format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{long}"), MediaFault::TooBig),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab<pause>cd".to_owned(), MediaFault::Timeout),
        ("<pause>".to_owned(), MediaFault::Timeout),
        ("nonsense\r\n\r\n".to_owned(), MediaFault::Unreachable),
    ] {
        let (address, _) = server(vec![answer.clone()]).await;
        let result = fetch(&outside, &format!("http://{address}/x"), &gateway(address)).await;
        assert_eq!(result, Err(expected), "{}", answer.get(..40).unwrap_or(&answer));
    }
}

#[tokio::test]
async fn a_part_is_gone_on_with_and_another_version_is_not_mixed_in() {
    let outside = outside(&[]);
    let rest =
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 3-5/6\r\nContent-Length: 3\r\nConnection: close\r\n\r\n";
    let other = rest.replace("bytes 3-", "bytes 0-");
    let (address, requests) = server(vec![format!("{rest}def"), ok("ABCDEF"), format!("{other}abc"), ok("x")]).await;
    let (url, permitted) = (format!("http://{address}/x"), gateway(address));
    let resume = Resume { from: 3, validator: "\"v1\"".to_owned() };
    let request = get(&url);
    let open = || outside.open(&request, &permitted, LIMITS, Some(&resume));
    let answer = open().await.unwrap();
    assert_eq!((answer.from, read(answer).await.as_deref()), (3, Ok("def")));
    let answer = open().await.unwrap();
    assert_eq!((answer.from, read(answer).await.as_deref()), (0, Ok("ABCDEF")));
    assert_eq!(open().await.unwrap_err().error.fault, MediaFault::Incomplete);
    let first = requests.lock().unwrap()[0].to_ascii_lowercase();
    assert!(first.contains("range: bytes=3-") && first.contains("if-range: \"v1\""), "{first}");
}
