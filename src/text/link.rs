//! Web addresses in foreign text: which may be opened, and whose they are.
//!
//! Invariant: nothing but http and https passes; nothing here is looked up or fetched.

/// The longest address that is taken for one, in bytes.
const LONGEST: usize = 8192;

/// Whether this is an `http` or `https` address with a host, and nothing in it that could be read as more than an
/// address: no white space, control, quote, angle bracket or backslash.
pub fn is_web(text: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '\\' | '`');
    text.len() <= LONGEST && !text.contains(odd) && host(text).is_some()
}

/// The host of a web address, with the port; what stands before an `@` is not it. `None` when there is none.
pub fn host(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let name = host.split(':').next().filter(|name| !name.is_empty())?;
    (!name.starts_with('.')).then_some(host)
}

/// The web addresses in running text, in order, without the punctuation that ends a sentence around them.
pub fn find(text: &str) -> Vec<&str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '`'))
        .filter_map(|word| {
            let start = ["https://", "http://"].iter().filter_map(|scheme| word.find(scheme)).min()?;
            let link = word.get(start..)?.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '~']);
            let unopened = |open, close| !link.contains(open) && link.ends_with(close);
            let link = if unopened('(', ')') || unopened('[', ']') { link.get(..link.len() - 1)? } else { link };
            is_web(link).then_some(link)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Clean;

    #[test]
    fn only_web_addresses_pass() {
        for good in ["https://toko.id", "HTTP://a.b:80/c?d#e", "http://[::1]:8080/x", "https://toko.id/é"] {
            assert!(is_web(good), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://",
            "https:///x",
            "http://a b",
            "http://a\u{1b}]0;x\u{7}",
            "http://a\"b",
            "ftp://a",
            "",
        ] {
            assert!(!is_web(bad), "{bad:?}");
        }
        assert_eq!(Clean::url("https://a/\u{202e}x"), None);
        assert_eq!(Clean::url(" https://a/x ").map(Clean::into_string), Some("https://a/x".to_owned()));
    }

    #[test]
    fn the_host_is_behind_the_at_sign() {
        assert_eq!(host("https://bank.example@evil.example/login"), Some("evil.example"));
        assert_eq!(host("https://toko.id:8443?x"), Some("toko.id:8443"));
    }

    #[test]
    fn addresses_are_found_in_a_sentence() {
        assert_eq!(
            find("Lihat https://a.id/x, (http://b.id/y) dan *https://c.id*!"),
            ["https://a.id/x", "http://b.id/y", "https://c.id"]
        );
        assert_eq!(find("https://id.wikipedia.org/wiki/Loket_(film)"), ["https://id.wikipedia.org/wiki/Loket_(film)"]);
    }
}
