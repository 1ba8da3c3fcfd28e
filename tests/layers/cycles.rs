//! No two files import each other, also inside a module: what both need belongs below them.
use super::source::{Source, file_of, named_paths, sources};
use std::collections::{BTreeMap, BTreeSet};

/// Pairs that may import each other, with the reason.
const ALLOWED: &[(&str, &str)] = &[
    // The model holds the stack of overlays as a closed enum, and every overlay acts on the model.
    ("tui/app/state.rs", "tui/overlays/mod.rs"),
];

/// Pairs of files that import each other.
fn pairs(sources: &[Source]) -> Vec<String> {
    let files: BTreeMap<Vec<String>, &str> =
        sources.iter().map(|source| (source.module.clone(), source.name.as_str())).collect();
    let mut edges: BTreeSet<(&str, &str)> = BTreeSet::new();
    for source in sources {
        for path in named_paths(source) {
            if let Some(target) = file_of(&path, &files).filter(|target| *target != source.name) {
                edges.insert((&source.name, target));
            }
        }
    }
    let both = edges
        .iter()
        .filter(|(from, to)| from < to && edges.contains(&(*to, *from)) && !ALLOWED.contains(&(*from, *to)));
    both.map(|(from, to)| format!("{from} <-> {to}")).collect()
}

#[test]
fn no_two_files_import_each_other() {
    let pairs = pairs(&sources());
    assert!(pairs.is_empty(), "files that import each other:\n{}", pairs.join("\n"));
}

#[test]
fn a_pair_that_imports_each_other_is_found() {
    let source = |name: &str, code: &str| Source {
        name: format!("{name}.rs"),
        module: name.split('/').map(str::to_owned).collect(),
        text: String::new(),
        code: code.to_owned(),
    };
    let knot = [
        source("a/b", "use super::c::{D, E};"),
        source("a/c", "use std::fmt;\nfn f() { crate::a::b::g() }"),
        source("a/d", "use super::c::D;\npub use super::b::g;"),
    ];
    assert_eq!(pairs(&knot), ["a/b.rs <-> a/c.rs"]);
}
