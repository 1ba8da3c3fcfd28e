//! An account that its gateway reported as logged out is not any more once a send shows that it is not.
use crate::kit::{Dialect, Home, events, wait_until};
use crate::{accepting_gateway, home_with_account};
use serde_json::{Value, json};

fn account(home: &Home) -> Value {
    home.json(&["account", "list"]).remove(0)
}

#[test]
fn an_accepted_send_clears_logged_out_and_a_warning_stays() {
    let gateway = accepting_gateway(Dialect::CetarMeta);
    let home = home_with_account(Dialect::CetarMeta, &gateway);
    let engine = home.serve();
    let mut warning = events::meta(&json!({"event": "FLAGGED", "current_limit": "TIER_250"}));
    warning["entry"][0]["changes"][0]["field"] = json!("phone_number_quality_update");
    let error = events::meta(&json!({"errors": [{"code": 0, "title": "AuthException"}]}));
    for body in [&warning, &error] {
        assert_eq!(engine.post("toko", &Dialect::CetarMeta.signed(body)).status, 200);
    }
    wait_until("the state", || (account(&home)["state"] == "logged_out").then_some(()));
    home.run(&["send", "--account", "toko", "--to", "6281230001", "--text", "Halo"]).expect_status(0);
    wait_until("the state to be cleared", || (account(&home)["state"] == "unknown").then_some(()));
    assert_eq!(account(&home)["notice"]["code"], "quality_low", "what WhatsApp says of quality is another matter");
}
