//! Reads the source tree: its files, their code without comments and tests, and the paths that the code names.
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A source file of the library.
pub(crate) struct Source {
    /// Relative to `src`, with `/` between the parts.
    pub name: String,
    /// The module path without `crate`: `["store", "outbox", "lease"]`.
    pub module: Vec<String>,
    /// The whole text.
    pub text: String,
    /// Without comments and without the tests at its end, which may import anything.
    pub code: String,
}

/// Every file of the library and of the binary, in the order of their names.
pub(crate) fn sources() -> Vec<Source> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&src, &mut paths);
    paths.sort();
    paths.iter().map(|path| read(path, &src)).collect()
}

fn collect(dir: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

fn read(path: &Path, src: &Path) -> Source {
    let inside = path.strip_prefix(src).unwrap();
    let name = inside.to_str().unwrap().replace('\\', "/");
    let mut module: Vec<String> =
        inside.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
        module.pop();
    }
    let text = fs::read_to_string(path).unwrap().replace("\r\n", "\n");
    let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let code = code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    Source { name, module, text, code }
}

/// What a file names of other files: imports, and paths that begin with `crate`, `super` or `self` in its code.
/// Every path is absolute, without `crate`. Lines that only re-export (`pub use`) are left out.
pub(crate) fn named_paths(source: &Source) -> BTreeSet<Vec<String>> {
    let mut paths = BTreeSet::new();
    let mut rest = String::new();
    for statement in source.code.split_inclusive(';') {
        let start = statement.rfind("\nuse ").or_else(|| statement.starts_with("use ").then_some(0));
        let exported =
            ["\npub use ", "\npub(crate) use ", "\npub(super) use "].iter().any(|word| statement.contains(word));
        match start {
            Some(at) => {
                rest.push_str(&statement[..at]);
                let tree = statement[at..].trim().trim_start_matches("use ").trim_end_matches(';');
                expand(tree, &[], &mut |path| paths.extend(absolute(&path, &source.module)));
            }
            None if exported => {}
            None => rest.push_str(statement),
        }
    }
    for root in ["crate::", "super::", "self::"] {
        for (at, _) in rest.match_indices(root) {
            if rest[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let path: String =
                rest[at..].chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':').collect();
            paths.extend(absolute(&parts(&path), &source.module));
        }
    }
    paths
}

fn parts(path: &str) -> Vec<String> {
    path.split("::").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Takes a `use` tree apart: `a::{b, c::d as e}` becomes `a::b` and `a::c::d`.
fn expand(tree: &str, prefix: &[String], found: &mut impl FnMut(Vec<String>)) {
    let tree = tree.trim();
    if let Some((head, group)) = tree.split_once('{') {
        let prefix: Vec<String> = prefix.iter().cloned().chain(parts(head)).collect();
        let group = group.trim_end().strip_suffix('}').unwrap_or(group);
        let mut depth = 0;
        let mut start = 0;
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    expand(&group[start..at], &prefix, found);
                    start = at + 1;
                }
                _ => {}
            }
        }
        expand(&group[start..], &prefix, found);
    } else if !tree.is_empty() {
        let path = tree.split(" as ").next().unwrap_or_default();
        found(prefix.iter().cloned().chain(parts(path)).collect());
    }
}

/// A path of the crate without `crate`; `None` for paths of other crates.
fn absolute(path: &[String], module: &[String]) -> Option<Vec<String>> {
    let mut base = match path.first().map(String::as_str) {
        Some("crate") => Vec::new(),
        Some("super" | "self") => module.to_vec(),
        _ => return None,
    };
    for part in path {
        match part.as_str() {
            "crate" | "self" => {}
            "super" => drop(base.pop()),
            other => base.push(other.to_owned()),
        }
    }
    Some(base)
}

/// The file that a path leads to: the deepest module that has one. A name that a `mod.rs` only re-exports leads to the
/// `mod.rs`.
pub(crate) fn file_of<'a>(path: &[String], files: &BTreeMap<Vec<String>, &'a str>) -> Option<&'a str> {
    (0..=path.len()).rev().find_map(|len| files.get(&path[..len]).copied())
}
