//! Starts Loket.

fn main() {}
