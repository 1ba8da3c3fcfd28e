//! Accounts: tokens and states.

use super::kit::{Kit, account, at};
use loket::domain::SessionState;
use loket::store::StoreError;

#[test]
fn an_account_keeps_its_token_and_its_state() {
    let kit = Kit::new();
    let again = kit.store.ensure_account(&kit.account, "cetar", "new").wait().unwrap();
    assert_eq!((again.token.as_str(), again.provider.as_str()), ("token", "cetar"));
    kit.store.set_token(&kit.account, "rotated").wait().unwrap();
    assert_eq!(kit.store.account(&kit.account).unwrap().unwrap().token, "rotated");
    assert_eq!(kit.store.set_token(&account("none"), "x").wait(), Err(StoreError::NotFound));
    let seq = kit.store.last_seq().unwrap();
    let record =
        |state, detail: &str, now| kit.store.record_account_state(&kit.account, state, detail, now).wait().unwrap();
    record(SessionState::Unreachable, "refused", at(5));
    record(SessionState::Unreachable, "refused", at(6));
    record(SessionState::Unreachable, "timeout", at(7));
    let health = kit.store.accounts().unwrap().remove(0).health;
    assert_eq!((health.since, health.detail.as_str()), (Some(at(5)), "timeout"));
    assert_eq!(kit.store.changes_since(seq, 10).unwrap().len(), 2);
}
