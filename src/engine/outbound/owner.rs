//! The names under which this process holds leases.

use crate::engine::clock;
use crate::store::LeaseOwner;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The name of this process as an owner of leases; random, for pids are used again.
pub(crate) static PROCESS: LazyLock<String> = LazyLock::new(|| {
    let mut bytes = [0_u8; 12];
    match getrandom::fill(&mut bytes) {
        Ok(()) => hex::encode(bytes),
        // Unique enough beside the engine's lock.
        Err(_) => format!("{}-{}", std::process::id(), clock::now().0),
    }
});

/// An owner that nobody else is.
pub(crate) fn new_owner() -> LeaseOwner {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    LeaseOwner::new(PROCESS.clone(), COUNT.fetch_add(1, Ordering::Relaxed))
}
