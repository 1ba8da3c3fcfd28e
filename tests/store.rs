//! The store, as its callers see it: every test opens its own directory; none looks at the clock.

#[cfg(test)]
mod store {
    mod conversations;
    mod delivery;
    mod durability;
    mod incoming;
    mod kit;
    mod outbox;
    mod reading;
    mod silence;
}
