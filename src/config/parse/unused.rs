//! Sections that are checked and not in force: a configuration that is shared with another version can be loaded.

use super::TOP_KEYS;
use super::section::Section;
use crate::config::error::{ConfigError, Warning};

pub(super) const STORE_KEYS: [&str; 2] = ["url", "schema"];

/// Checks `[store]`; warns of it if it is there.
pub(super) fn check(root: &Section<'_>) -> Result<Vec<Warning>, ConfigError> {
    let mut warnings = Vec::new();
    if let Some(section) = root.section("store", "written [store], with its settings under it")? {
        section.allow(&STORE_KEYS, &[(&TOP_KEYS, "above [store], at the top of the file")])?;
        section.text("schema")?;
        warnings.push(Warning::NotInForce { section: "store" });
    }
    Ok(warnings)
}
