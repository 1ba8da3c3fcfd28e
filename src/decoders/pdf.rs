//! Documents: how many pages a PDF has.
//!
//! Invariant: a scan of bounded length over the bytes; nothing is unpacked, and where the pages are packed or the file is
//! odd, the count is unknown rather than guessed.

/// How many bytes of a document are looked at.
pub(crate) const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// How many objects that may be page trees are looked into.
const MOST_TREES: usize = 200;

/// The most pages that are believed.
const MOST_PAGES: u32 = 100_000;

/// The number of pages of a PDF as its page tree says; `None` where it cannot be told.
pub(crate) fn pages(bytes: &[u8]) -> Option<u32> {
    if !bytes.starts_with(b"%PDF-") {
        return None;
    }
    let most = usize::try_from(MAX_BYTES).unwrap_or(usize::MAX);
    let bytes = bytes.get(..most).unwrap_or(bytes);
    // The root of the page tree has the greatest count; its inner nodes count their own pages only.
    counts_of_page_trees(bytes)
        .into_iter()
        .chain(linearized(bytes))
        .max()
        .filter(|pages| (1..=MOST_PAGES).contains(pages))
}

/// The counts of all objects of the type `Pages`.
fn counts_of_page_trees(bytes: &[u8]) -> Vec<u32> {
    let is_tree = |at: &usize| {
        let kind = bytes.get(at + 5..).map(trim);
        let rest = kind.and_then(|kind| kind.strip_prefix(b"/Pages"));
        rest.is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_alphanumeric))
    };
    let trees = places(bytes, b"/Type").filter(is_tree).take(MOST_TREES);
    trees.filter_map(|at| number_after(dictionary_around(bytes, at)?, b"/Count")).collect()
}

/// The number of pages that stands at the beginning of a document made for reading over a network.
fn linearized(bytes: &[u8]) -> Option<u32> {
    let head = bytes.get(..1024).unwrap_or(bytes);
    let at = places(head, b"/Linearized").next()?;
    let dictionary = dictionary_around(head, at)?;
    number_after(dictionary, b"/N")
}

/// The bytes of the object in which a place lies.
fn dictionary_around(bytes: &[u8], at: usize) -> Option<&[u8]> {
    /// How far away the ends of an object are looked for: a page tree of thousands of kids is long.
    const REACH: usize = 128 * 1024;
    let begin = bytes.get(at.saturating_sub(REACH)..at)?;
    let start = at - begin.windows(4).rev().position(|w| w == b" obj").map_or(begin.len(), |back| back + 3);
    let after = bytes.get(at..bytes.len().min(at + REACH))?;
    let end = at + after.windows(6).position(|w| w == b"endobj").unwrap_or(after.len());
    bytes.get(start..end)
}

/// The number behind a name in a dictionary.
fn number_after(dictionary: &[u8], name: &[u8]) -> Option<u32> {
    let found = places(dictionary, name).find_map(|at| {
        let value = dictionary.get(at + name.len()..)?;
        // Another name may begin the same.
        let value = value.first().filter(|byte| !byte.is_ascii_alphanumeric()).and(Some(trim(value)))?;
        let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
        std::str::from_utf8(value.get(..digits)?).ok()?.parse().ok()
    })?;
    Some(found)
}

fn places<'a>(bytes: &'a [u8], name: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    bytes.windows(name.len()).enumerate().filter(move |(_, window)| *window == name).map(|(at, _)| at)
}

fn trim(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii_start()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_counted_where_the_file_says_them() {
        let plain =
            b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 7>>endobj";
        assert_eq!(pages(plain), Some(7));
        let spaced = b"%PDF-1.4\n2 0 obj\n<< /Count 12\n/Kids [ 3 0 R ] /Type /Pages >>\nendobj 4 0 obj <</Type /Pages /Count 5>> endobj";
        assert_eq!(pages(spaced), Some(12));
        let fast = b"%PDF-1.5\n9 0 obj <</Linearized 1/L 900/O 11/E 400/N 3/T 800>> endobj";
        assert_eq!(pages(fast), Some(3));
    }

    #[test]
    fn what_cannot_be_told_is_not_guessed() {
        for bytes in [
            &b""[..],
            b"%PDF-",
            b"no document /Type/Pages/Count 4",
            b"%PDF-1.5 1 0 obj <</Type/ObjStm/N 5>> endobj",
            b"%PDF-1.5 1 0 obj <</Type/Pages/Count -3>> endobj",
            b"%PDF-1.5 1 0 obj <</Type/Pages/Count 99999999999>> endobj",
            b"%PDF-1.5 1 0 obj <</Type/PagesX/Count 3>> endobj",
            b"%PDF-1.5 /Type",
            b"%PDF-1.5 /Type/Pages /Count",
        ] {
            assert_eq!(pages(bytes), None, "{:?}", String::from_utf8_lossy(bytes));
        }
    }
}
