//! Accounts take turns: one's flood does not delay another's messages.

use crate::gateway::Gateway;
use crate::kit::{Dialect, Home};
use crate::{accepting_gateway, fast};
use loket::domain::{AccountName, Timestamp};
use loket::store::{NewEvent, Store};

/// Events of the busy account.
const FLOOD: usize = 3000;

#[test]
fn a_flood_of_one_account_does_not_delay_the_other() {
    let gateway: Gateway = accepting_gateway(Dialect::Cetar);
    let [busy, quiet] = ["ramai", "sepi"].map(|name| fast(name, Dialect::Cetar, &gateway.url()));
    let home = Home::new(&format!("{busy}{quiet}"));
    let store = Store::open(&home.data()).unwrap();
    let append = |account: &str, n: usize| {
        let webhook = Dialect::Cetar.text_event(&format!("m-{n}"), "6281230001", "halo");
        let headers = webhook.headers.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
        store.append_event(NewEvent {
            account: AccountName::new(account).unwrap(),
            key: n.to_string(),
            within: None,
            ack: false,
            received_at: Timestamp(1_700_000_000_000),
            headers,
            body: webhook.body,
        })
    };
    // What an engine left when it was killed.
    for n in 0..FLOOD {
        drop(append("ramai", n));
    }
    append("sepi", FLOOD).wait().unwrap();
    drop(store);
    let _engine = home.serve();
    home.until_messages("ramai", "all messages", |m| m.len() == FLOOD);
    let id = |message: &serde_json::Value| message["id"].to_string().trim_matches('"').parse::<u64>().unwrap();
    let of_quiet = home.until_messages("sepi", "its message", |m| m.len() == 1);
    let before = home.messages("ramai").iter().filter(|message| id(message) < id(&of_quiet[0])).count();
    assert!(before < FLOOD / 4, "{before} messages of the busy account were interpreted before it");
}
