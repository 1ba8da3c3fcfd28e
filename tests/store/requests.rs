//! The budget of requests: no minute holds more than is allowed, sends come before queries, all processes share it.

use super::kit::{Kit, at, raw_connection};
use loket::domain::Timestamp;
use loket::store::{Purpose, RequestLimit, Reservation, Store};
use proptest::prelude::*;

const MINUTE: i64 = 60_000;

fn limit(per_minute: u32) -> RequestLimit {
    RequestLimit { per_minute, counts_queries: true }
}

fn reserve(kit: &Kit, per_minute: u32, purpose: Purpose, now: Timestamp) -> Reservation {
    kit.store.reserve_request(&kit.account, limit(per_minute), purpose, now).wait().unwrap()
}

fn granted(reservation: Reservation) -> bool {
    matches!(reservation, Reservation::Granted(_))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Requests that take up to half a second to arrive, with a clock that is set back now and then: the gateway sees no
    /// more than the budget in any minute. At the returned time a request may begin.
    #[test]
    fn gateways_see_no_more_than_the_budget_in_a_minute(
        steps in prop::collection::vec((0_i64..9_000, 0_i64..500, prop::option::weighted(0.1, 0_i64..20_000_000)), 1..60),
        per_minute in 1_u32..8,
    ) {
        let kit = Kit::new();
        let (mut passed, mut clock) = (0_i64, at(100_000).0);
        let mut arrived: Vec<i64> = Vec::new();
        for (gap, way, set_back) in steps {
            passed += gap;
            clock += gap - set_back.unwrap_or_default();
            match reserve(&kit, per_minute, Purpose::Send, Timestamp(clock)) {
                Reservation::Granted(_) => arrived.push(passed + way),
                Reservation::Wait(until) => {
                    prop_assert!(until.0 > clock && until.0 <= clock + 60_500);
                    passed += until.0 - clock;
                    clock = until.0;
                    prop_assert!(granted(reserve(&kit, per_minute, Purpose::Send, until)));
                    arrived.push(passed);
                }
            }
        }
        for start in &arrived {
            let within = arrived.iter().filter(|at| **at >= *start && **at < start + MINUTE).count();
            prop_assert!(within <= per_minute as usize);
        }
    }
}

#[test]
fn sends_come_before_queries() {
    let kit = Kit::new();
    let take = |purpose, n: usize| (0..n).filter(|_| granted(reserve(&kit, 20, purpose, at(0)))).count();
    assert_eq!((take(Purpose::Query, 30), take(Purpose::Send, 30)), (15, 5));
    // While a message waits, queries leave half.
    kit.send(at(100), "628111111111", "halo");
    let take = |purpose, n: usize| (0..n).filter(|_| granted(reserve(&kit, 20, purpose, at(100)))).count();
    assert_eq!((take(Purpose::Query, 30), take(Purpose::Send, 30)), (10, 10));
}

#[test]
fn a_limit_of_sends_does_not_count_queries() {
    let kit = Kit::new();
    let limit = RequestLimit { per_minute: 5, counts_queries: false };
    for _ in 0..10 {
        let query = kit.store.reserve_request(&kit.account, limit, Purpose::Query, at(0)).wait().unwrap();
        assert!(granted(query));
    }
    assert_eq!(kit.store.requests_used(&kit.account, at(0)).unwrap(), 0);
}

#[test]
fn processes_share_the_budget_and_a_request_that_never_left_gives_its_place_back() {
    let kit = Kit::new();
    let other = Store::open(kit.dir.path()).unwrap();
    let Reservation::Granted(first) = reserve(&kit, 2, Purpose::Send, at(0)) else { panic!("nothing was counted yet") };
    let by_other = || other.reserve_request(&kit.account, limit(2), Purpose::Send, at(1)).wait().unwrap();
    assert!(granted(by_other()));
    assert!(!granted(by_other()));
    kit.store.release_request(first).wait().unwrap();
    assert!(granted(by_other()));
    // Old ones are deleted.
    assert!(granted(reserve(&kit, 2, Purpose::Send, at(1000))));
    let rows: i64 =
        raw_connection(kit.dir.path()).query_row("SELECT count(*) FROM requests", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 1);
}

#[test]
fn a_pause_holds_everything_back_and_ends() {
    let kit = Kit::new();
    kit.store.pause_requests(&kit.account, at(7), at(0)).wait().unwrap();
    for purpose in [Purpose::Send, Purpose::Query] {
        assert_eq!(reserve(&kit, 60, purpose, at(0)), Reservation::Wait(at(7)));
    }
    assert!(granted(reserve(&kit, 60, Purpose::Send, at(7))));
    // However long a gateway asks for.
    kit.store.pause_requests(&kit.account, Timestamp(i64::MAX), at(10)).wait().unwrap();
    assert_eq!(reserve(&kit, 60, Purpose::Send, at(10)), Reservation::Wait(at(910)));
    // The clock was set back: a pause that seems to end in hours is over.
    assert!(granted(reserve(&kit, 60, Purpose::Send, at(-25_200))));
}
