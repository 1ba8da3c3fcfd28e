//! Faults: repeatable by their seed, and with a correct count of the messages that reached a customer.

use crate::kit::{Account, Receiver, json_body, options, say, sent};
use loket::sandbox::{Sandbox, SandboxOptions};
use serde_json::json;

/// The statuses of forty sends, and the texts that reached the customer.
async fn send_forty(seed: u64) -> (Vec<u16>, Vec<String>) {
    let sandbox = Sandbox::start(SandboxOptions { chaos: Some(seed), ..options() }).await.unwrap();
    let account = Account::of(&sandbox, "waviro");
    let mut statuses = Vec::new();
    for n in 0..40 {
        let body = json!({"nohp": "628123400088", "pesan": format!("pesan {n}")});
        statuses.push(account.post("/api/sendwa", ("secretkey", account.definition.api_key), &body).await.0);
    }
    let reached = sent(&sandbox, "waviro").await;
    assert!(reached.iter().all(|m| m["count"] == 1));
    let texts = reached.iter().map(|m| m["text"].as_str().unwrap().to_owned()).collect();
    sandbox.stop().await;
    (statuses, texts)
}

#[tokio::test]
async fn equal_seeds_have_equal_faults() {
    let (first, second, other) = tokio::join!(send_forty(11), send_forty(11), send_forty(12));
    assert_eq!(first, second);
    assert_ne!(first, other);
    let (statuses, reached) = first;
    assert!(statuses.contains(&200) && statuses.contains(&429), "{statuses:?}");
    assert!(statuses.iter().any(|s| *s >= 500), "{statuses:?}");
    for (n, status) in statuses.iter().enumerate() {
        let arrived = reached.contains(&format!("pesan {n}"));
        match status {
            200 => assert!(arrived, "pesan {n} was accepted and is lost"),
            429 => assert!(!arrived, "pesan {n} was refused and sent"),
            // Processed or not: the sender cannot know.
            _ => assert!(*status >= 500),
        }
    }
}

#[tokio::test]
async fn with_faults_all_events_arrive_some_twice_and_out_of_order() {
    let mut receiver = Receiver::start().await;
    let options = SandboxOptions { chaos: Some(5), receiver: Some(receiver.url()), ..options() };
    let sandbox = Sandbox::start(options).await.unwrap();
    let total = 60_usize;
    for n in 0..total {
        say(&sandbox, "waviro", "628123400088", &format!("pesan{n:02}")).await;
    }
    let (mut order, mut all) = (Vec::new(), std::collections::BTreeSet::new());
    while all.len() < total {
        let text = json_body(&receiver.next().await.webhook)["keyword"].as_str().unwrap().to_owned();
        all.insert(text.clone());
        order.push(text);
    }
    assert!(order.len() > total, "no event arrived twice");
    let mut sorted = order.clone();
    sorted.sort();
    assert_ne!(order, sorted, "no event was out of order");
}
