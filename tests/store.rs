//! The store as its callers see it. Every test opens its own directory; none reads the clock.

#[cfg(test)]
mod store {
    mod accounts;
    mod contacts;
    mod conversations;
    mod customers;
    mod delivery;
    mod durability;
    mod inbound;
    mod kit;
    mod messages;
    mod outbox;
    mod requests;
    mod rules;
    mod team;
    mod unacknowledged;
    #[cfg(unix)]
    mod upgrade;
}
