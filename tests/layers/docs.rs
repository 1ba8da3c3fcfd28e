//! Documentation comments: every item that other files use has one, and none is so short that it says nothing.
use super::source::{Source, sources};

/// Words at the beginning of a line that make it an item which needs a comment. Fields, variants, constants and
/// implementations are left out: a name that says all needs no comment.
const ITEMS: &[&str] = &["fn", "async fn", "const fn", "struct", "enum", "trait", "type"];

/// Items without a documentation comment, by file and line.
fn undocumented(source: &Source) -> Vec<String> {
    let lines: Vec<&str> =
        source.text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default().lines().collect();
    let mut found = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let item = line.trim_start();
        let shared = item.strip_prefix("pub(crate) ").or_else(|| item.strip_prefix("pub "));
        // In a macro the comment comes with each use.
        let in_macro = item.contains('$');
        if in_macro || !shared.is_some_and(|rest| ITEMS.iter().any(|word| rest.starts_with(&format!("{word} ")))) {
            continue;
        }
        let mut above = lines[..number].iter().rev().map(|line| line.trim_start());
        let comment = above.find(|line| !line.starts_with("#[") && !line.ends_with(")]"));
        if !comment.is_some_and(|line| line.starts_with("///")) {
            found.push(format!("{}:{}: {item}", source.name, number + 1));
        }
    }
    found
}

/// Documentation comments of three words or fewer.
fn short(source: &Source) -> Vec<String> {
    let lines: Vec<&str> = source.text.lines().map(str::trim_start).collect();
    let comment = |n: usize| lines.get(n).and_then(|line| line.strip_prefix("///"));
    let mut found = Vec::new();
    for (number, _) in lines.iter().enumerate() {
        let alone = number == 0 || comment(number - 1).is_none();
        if let (true, Some(text), None) = (alone, comment(number), comment(number + 1))
            && text.split_whitespace().count() <= 3
        {
            found.push(format!("{}:{}:{text}", source.name, number + 1));
        }
    }
    found
}

#[test]
fn every_shared_item_is_documented() {
    let found: Vec<_> = sources().iter().flat_map(undocumented).collect();
    assert!(found.is_empty(), "items without a documentation comment:\n{}", found.join("\n"));
}

#[test]
fn no_documentation_comment_says_next_to_nothing() {
    let found: Vec<_> = sources().iter().flat_map(short).collect();
    assert!(found.is_empty(), "comments of three words or fewer say more or go:\n{}", found.join("\n"));
}
