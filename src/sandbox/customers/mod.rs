//! Simulated customers: personas as data, the dialogue of each, and the scenario of all of them together.

pub(super) mod dialogue;
pub(super) mod intents;
pub(super) mod persona;
pub(super) mod scenario;
