//! Since when sends have gone without a receipt.

use super::kit::{Kit, account, at};
use loket::domain::Status;

#[test]
fn it_counts_from_the_first_send_after_the_last_receipt() {
    let kit = Kit::new();
    let since = |seconds| kit.store.unacknowledged_since(&kit.account, at(seconds)).unwrap();
    assert_eq!(since(-3600), None, "nothing was sent");
    kit.sent(at(10), "6281", "satu", Some("a"));
    assert_eq!(since(-3600), Some(at(10)));
    kit.receipt(at(12), "a", Status::Delivered);
    assert_eq!(since(-3600), None, "it was acknowledged");
    kit.sent(at(20), "6281", "dua", Some("b"));
    kit.sent(at(30), "6282", "tiga", Some("c"));
    assert_eq!(since(-3600), Some(at(20)));
    assert_eq!(since(25), Some(at(30)), "sends before the given time do not count");
    // A later receipt proves the connection: only the one before it was lost.
    kit.receipt(at(32), "c", Status::Sent);
    assert_eq!(since(-3600), None);
    assert_eq!(kit.store.unacknowledged_since(&account("lain"), at(-3600)).unwrap(), None);
}

#[test]
fn queued_and_failed_messages_do_not_count() {
    let kit = Kit::new();
    kit.send(at(10), "6281", "menunggu");
    let lease = kit.lease(at(11)).unwrap();
    let failure = loket::domain::Failure::new("http_400", "no");
    kit.finish(&lease, loket::store::AttemptOutcome::Refused { failure }, at(12));
    kit.send(at(20), "6281", "lagi");
    assert_eq!(kit.store.unacknowledged_since(&kit.account, at(-3600)).unwrap(), None);
}
