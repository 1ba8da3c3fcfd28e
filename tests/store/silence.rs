//! Since when sends have gone without an acknowledgement.

use loket::domain::Status;

use super::kit::{Kit, account, at};

#[test]
fn the_first_send_after_the_last_receipt_counts() {
    let kit = Kit::new();
    let since = |seconds| kit.store.silent_since(&kit.account, at(seconds)).unwrap();
    assert_eq!(since(-3600), None, "nothing was sent");
    kit.sent(at(10), "6281", "satu", Some("a"));
    assert_eq!(since(-3600), Some(at(10)));
    kit.receipt(at(12), "a", Status::Delivered);
    assert_eq!(since(-3600), None, "it was acknowledged");
    kit.sent(at(20), "6281", "dua", Some("b"));
    kit.sent(at(30), "6282", "tiga", Some("c"));
    assert_eq!(since(-3600), Some(at(20)));
    assert_eq!(since(25), Some(at(30)), "what is older than asked for does not count");
    // A later acknowledgement proves the way: the one before it was lost, not the connection.
    kit.receipt(at(32), "c", Status::Sent);
    assert_eq!(since(-3600), None);
    assert_eq!(kit.store.silent_since(&account("lain"), at(-3600)).unwrap(), None);
}

#[test]
fn what_waits_or_failed_was_not_accepted() {
    let kit = Kit::new();
    kit.send(at(10), "6281", "menunggu");
    let claim = kit.claim(at(11)).unwrap();
    let failure = loket::domain::Failure::new("http_400", "no");
    kit.settle(&claim, loket::store::AttemptOutcome::Refused { failure }, at(12));
    kit.send(at(20), "6281", "lagi");
    assert_eq!(kit.store.silent_since(&kit.account, at(-3600)).unwrap(), None);
}
