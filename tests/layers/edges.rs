//! Layers: a module uses the layers under it, never one above or beside it.
//!
//! The table is that of `src/lib.rs`. An edge that is not here fails the test with the file that has it.

use super::source::{Source, named_paths, sources};
use std::collections::BTreeSet;

/// A module, and the modules that it may use. `tui/runtime` stands apart from `tui`.
const LAYERS: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("files", &[]),
    ("decoders", &[]),
    ("domain", &["text"]),
    ("config", &["domain", "files"]),
    ("store", &["domain", "files"]),
    ("providers", &["domain"]),
    ("engine", &["config", "decoders", "domain", "files", "providers", "store"]),
    ("listener", &["engine"]),
    ("sandbox", &["domain", "providers"]),
    // The locale and the capabilities are data of lower layers; the engine is the runtime's alone.
    ("tui", &["config", "decoders", "domain", "text"]),
    ("tui/runtime", &["config", "decoders", "domain", "engine", "files", "store", "text", "tui"]),
    // Commands reach the store and the gateways by `engine::Client` only.
    ("cli", &["config", "domain", "engine", "files", "text", "tui"]),
];

/// Modules at the top, which may use everything.
const TOP: &[&str] = &["app", "fuzzing", "main", "lib"];

/// Crates that only these modules may name.
const PRIVILEGES: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("axum", &["listener", "sandbox"]),
    ("reqwest", &["engine", "sandbox"]),
    ("ratatui", &["tui", "tui/runtime"]),
    ("image", &["decoders"]),
    ("crossterm", &["cli", "tui", "tui/runtime"]),
    ("anyhow", &["tui/runtime"]),
];

/// The row of the table that a file belongs to.
fn layer(source: &Source) -> String {
    match source.module.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["tui", "runtime", ..] => "tui/runtime".to_owned(),
        [first, ..] => first.to_owned(),
        [] => "lib".to_owned(),
    }
}

/// The top-level modules that a file names.
fn used(source: &Source) -> BTreeSet<String> {
    named_paths(source).into_iter().filter_map(|path| path.into_iter().next()).collect()
}

#[test]
fn no_module_uses_what_is_above_or_beside_it() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for source in sources() {
        let from = layer(&source);
        seen.insert(from.clone());
        if TOP.contains(&from.as_str()) {
            continue;
        }
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == from) else {
            wrong.push(format!("{}: the module `{from}` has no layer", source.name));
            continue;
        };
        for to in used(&source) {
            let own = from.split('/').next() == Some(to.as_str());
            if !own && !allowed.contains(&to.as_str()) {
                wrong.push(format!("{}: {from} -> {to}", source.name));
            }
        }
        for (name, holders) in PRIVILEGES {
            if source.code.contains(&format!("{name}::")) && !holders.contains(&from.as_str()) {
                wrong.push(format!("{}: {from} names the crate {name}", source.name));
            }
        }
    }
    assert!(wrong.is_empty(), "edges that are not in the table:\n{}", wrong.join("\n"));
    for (name, _) in LAYERS {
        assert!(seen.contains(*name), "the table has a layer `{name}` that is not built");
    }
}

#[test]
fn the_screen_reaches_the_engine_only_through_its_runtime() {
    let impure: Vec<_> = sources()
        .into_iter()
        .filter(|source| layer(source) == "tui")
        .filter(|source| {
            ["crate::engine", "crate::store", "tokio::", "std::fs", "std::net", "SystemTime"]
                .iter()
                .any(|name| source.code.contains(name))
        })
        .map(|source| source.name)
        .collect();
    assert!(impure.is_empty(), "outside tui/runtime nothing does IO: {impure:?}");
}

#[test]
fn whatever_is_written_is_made_for_its_owner_only() {
    let makes =
        ["fs::write(", "File::create", "OpenOptions", "File::options", "DirBuilder", "create_dir(", "create_dir_all("];
    let elsewhere: Vec<_> = sources()
        .into_iter()
        .filter(|source| layer(source) != "files")
        .filter(|source| makes.iter().any(|name| source.code.contains(name)))
        .map(|source| source.name)
        .collect();
    assert!(elsewhere.is_empty(), "files are made by the module `files` only: {elsewhere:?}");
}

#[test]
fn above_the_providers_nobody_asks_which_gateway_it_is() {
    let above = ["engine", "listener", "tui", "tui/runtime", "store", "config", "cli", "app"];
    let gateways = ["chatera", "cetar", "waviro", "cloudchat", "waha"];
    let named: Vec<_> = sources()
        .into_iter()
        .filter(|source| above.contains(&layer(source).as_str()))
        .filter(|source| {
            let code = source.code.to_lowercase();
            gateways
                .iter()
                .any(|name| code.contains(&format!("\"{name}")) || code.contains(&format!("providers::{name}")))
        })
        .map(|source| source.name)
        .collect();
    assert!(named.is_empty(), "a gateway is named above providers: {named:?}");
}

#[test]
fn the_reader_of_edges_finds_them() {
    let code = "use crate::{store::{A, B}, engine};\nlet x = crate::domain::Message;\nuse other_crate::text;";
    let source =
        Source { name: String::new(), module: vec!["tui".to_owned()], text: String::new(), code: code.to_owned() };
    let expected: BTreeSet<String> = ["domain", "engine", "store"].map(str::to_owned).into();
    assert_eq!(used(&source), expected);
}
