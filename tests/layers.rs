//! Layers: a module uses the layers under it, never one above or beside it.
//!
//! The table is that of `src/lib.rs`. An edge that is not here fails the test with the file that has it.

#![expect(clippy::unwrap_used, clippy::string_slice, reason = "a test may stop at what it did not expect")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A module, and the modules that it may use. `tui/runtime` stands apart from `tui`.
const LAYERS: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("domain", &["text"]),
    ("config", &["domain"]),
    ("store", &["domain"]),
    ("providers", &["domain"]),
    ("engine", &["config", "domain", "providers", "store"]),
    // The listener uses the providers' `Webhook`: the raw bytes as data, no gateway's details.
    ("listener", &["engine", "providers"]),
    ("sandbox", &["domain", "providers"]),
    // The locale and the capabilities are data of lower layers; the engine is the runtime's alone.
    ("tui", &["config", "domain", "text"]),
    ("tui/runtime", &["config", "domain", "engine", "store", "text", "tui"]),
];

/// Modules at the top, which may use everything.
const TOP: &[&str] = &["app", "cli", "main", "lib"];

/// Crates that only these modules may name.
const PRIVILEGES: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("axum", &["listener", "sandbox"]),
    ("reqwest", &["engine", "sandbox"]),
    ("ratatui", &["tui", "tui/runtime"]),
    ("crossterm", &["tui", "tui/runtime"]),
    ("anyhow", &["tui/runtime"]),
];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The code of a file without comments and without its tests, which may use anything.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn module(path: &Path, src: &Path) -> String {
    let inside = path.strip_prefix(src).unwrap().with_extension("");
    let parts: Vec<_> = inside.iter().map(|p| p.to_str().unwrap()).collect();
    match parts[..] {
        ["tui", "runtime", ..] => "tui/runtime".to_owned(),
        [first, ..] => first.to_owned(),
        [] => unreachable!("a file has a name"),
    }
}

/// Every `name` that follows `crate::` in the code, also inside `use crate::{a, b::c}`.
fn used(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (index, _) in code.match_indices("crate::") {
        let before = code[..index].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[index + "crate::".len()..];
        let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut start = true;
            for (at, c) in group.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    c if start && c.is_alphabetic() => {
                        names.insert(word(&group[at..]));
                        start = false;
                    }
                    _ => {}
                }
            }
        } else {
            names.insert(word(rest));
        }
    }
    names
}

#[test]
fn no_module_uses_what_is_above_or_beside_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for path in &files {
        let from = module(path, &src);
        seen.insert(from.clone());
        if TOP.contains(&from.as_str()) {
            continue;
        }
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == from) else {
            wrong.push(format!("{}: the module `{from}` has no layer", path.display()));
            continue;
        };
        let code = code(path);
        for to in used(&code) {
            let own = from.split('/').next() == Some(to.as_str());
            if !own && !allowed.contains(&to.as_str()) {
                wrong.push(format!("{}: {from} -> {to}", path.display()));
            }
        }
        for (name, holders) in PRIVILEGES {
            let names_it = code.contains(&format!("{name}::"));
            if names_it && !holders.contains(&from.as_str()) {
                wrong.push(format!("{}: {from} names the crate {name}", path.display()));
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
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tui");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let impure: Vec<_> = files
        .iter()
        .filter(|path| !path.starts_with(src.join("runtime")))
        .filter(|path| {
            let code = code(path);
            ["crate::engine", "crate::store", "tokio::", "std::fs", "std::net", "SystemTime"]
                .iter()
                .any(|n| code.contains(n))
        })
        .collect();
    assert!(impure.is_empty(), "outside tui/runtime nothing does IO: {impure:?}");
}

#[test]
fn above_the_providers_nobody_asks_which_gateway_it_is() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let named: Vec<_> = files
        .iter()
        .filter(|path| {
            ["engine", "listener", "tui", "store", "config", "cli", "app"]
                .iter()
                .any(|m| path.starts_with(src.join(m)) || path.ends_with(format!("{m}.rs")))
        })
        .filter(|path| {
            let code = code(path).to_lowercase();
            [
                "\"chatera",
                "\"cetar",
                "\"waviro",
                "\"cloudchat",
                "\"waha",
                "providers::chatera",
                "providers::cetar",
                "providers::waviro",
                "providers::cloudchat",
            ]
            .iter()
            .any(|name| code.contains(name))
        })
        .collect();
    assert!(named.is_empty(), "a gateway is named above providers: {named:?}");
}

#[test]
fn the_reader_of_edges_finds_them() {
    let found = used("use crate::{store::{A, B}, engine};\nlet x = crate::domain::Message;\nuse other_crate::text;");
    let expected: BTreeSet<String> = ["domain", "engine", "store"].map(str::to_owned).into();
    assert_eq!(found, expected);
}
