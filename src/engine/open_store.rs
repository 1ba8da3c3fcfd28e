//! Opening the store of a data directory, whose database may be of an older version.

use std::path::Path;
use std::time::Duration;

use super::lock::{EngineLock, LockError};
use crate::store::{Store, StoreError};

/// Between two attempts to take the lock while another process upgrades or sends.
const POLL: Duration = Duration::from_millis(20);
/// How often an engine must be seen beside an old database: it may just have upgraded it, or have died.
const SEEN_MAX: usize = 5;

/// Opens the store. A database of an older version is brought up to date first, under the engine's lock: an older
/// engine must not go on writing to it. Blocks.
pub(super) fn open_store(data_dir: &Path) -> Result<Store, StoreError> {
    let mut seen = 0;
    loop {
        match Store::open(data_dir) {
            Err(StoreError::Outdated { .. }) => {}
            opened => return opened,
        }
        match EngineLock::acquire_for_command(data_dir) {
            Ok(Some(_lock)) => Store::upgrade(data_dir)?,
            Err(LockError::Held { pid }) if seen >= SEEN_MAX => return Err(StoreError::OutdatedInUse { pid }),
            Err(LockError::Unusable { path, source }) => {
                return Err(StoreError::Unusable { path, reason: source.to_string() });
            }
            held => {
                seen += usize::from(held.is_err());
                std::thread::sleep(POLL);
            }
        }
    }
}
