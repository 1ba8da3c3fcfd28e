//! Senders that do not wait for their answer: what they sent is seen all the same.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use crate::kit::{Dialect, Home, RunningEngine, Webhook, wait_until, webhook_path};
use crate::{accepting_gateway, base, fast, home_with_account, status};
use serde_json::Value;

/// Sends a webhook and returns the connection, from which nothing was read.
fn send(engine: &RunningEngine, account: &str, event: &Webhook) -> TcpStream {
    let mut head = format!("POST {} HTTP/1.1\r\nHost: loket\r\n", webhook_path(account));
    for (name, value) in &event.headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    write!(head, "Content-Length: {}\r\n\r\n", event.body.len()).unwrap();
    let mut stream = TcpStream::connect(engine.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(50))).unwrap();
    stream.write_all(&[head.as_bytes(), &event.body].concat()).unwrap();
    stream
}

#[test]
fn events_of_senders_that_hang_up_are_all_interpreted() {
    for dialect in [Dialect::Cetar, Dialect::Waviro] {
        let gateway = accepting_gateway(dialect);
        let home = home_with_account(dialect, &gateway);
        let engine = home.serve();
        for n in 0..300 {
            let event = dialect.text_event(&format!("m-{n}"), &format!("62812300{n:04}"), &format!("pesan {n}"));
            drop(send(&engine, "toko", &event));
        }
        home.until_messages("toko", "all messages", |m| m.len() == 300);
    }
}

#[test]
fn a_sender_that_closes_its_half_of_the_connection_is_answered() {
    let gateway = accepting_gateway(Dialect::Cetar);
    let home = home_with_account(Dialect::Cetar, &gateway);
    let engine = home.serve();
    for n in 0..50 {
        let mut stream = send(&engine, "toko", &Dialect::Cetar.text_event(&format!("m-{n}"), "6281230001", "halo"));
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{n}: {answer:?}");
    }
    home.until_messages("toko", "all messages", |m| m.len() == 50);
}

#[test]
fn an_answer_in_the_webhooks_response_is_sent_only_when_the_response_left() {
    let gateway = accepting_gateway(Dialect::Waviro);
    let rule = "[[account.rule]]\nkeyword = \"harga\"\nreply = [ { text = \"Rp 10.000\" } ]\n";
    let home = Home::new(&format!("{}{rule}", fast("toko", Dialect::Waviro, &base(Dialect::Waviro, &gateway.url()))));
    let engine = home.serve();
    let reply_to = |peer: &str| {
        let messages = home.messages("toko");
        let of_peer: Vec<Value> = messages.into_iter().filter(|m| m["peer"] == peer).collect();
        status(&of_peer, "Rp 10.000")
    };
    let answer = engine.post("toko", &Dialect::Waviro.text_event("m-1", "6281230001", "harga"));
    assert!(answer.body.contains("Rp 10.000"), "{answer:?}");
    wait_until("the answer to be sent", || (reply_to("6281230001") == "sent").then_some(()));
    drop(send(&engine, "toko", &Dialect::Waviro.text_event("m-2", "6281230002", "harga")));
    wait_until("the answer to be unsure", || (reply_to("6281230002") == "unsure").then_some(()));
}
