//! URLs in foreign text and in settings: which are usable, and which host they lead to.
//!
//! Invariants: only `http` and `https` are accepted, and nothing is resolved or fetched. URLs are passed on as written,
//! never in the normal form of the parser: people must recognise them, and gateways compare bytes.
use url::{ParseError, Url};

/// The longest URL that is shown as a link, in bytes.
const MAX_BYTES: usize = 8192;

/// Whether a text is an `http` or `https` URL with a host and without white space or control characters.
pub(crate) fn is_web_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    // The URL standard would drop these instead of refusing them.
    let has_ignored =
        rest.starts_with(['/', '\\', '@']) || text.contains(|c: char| c.is_whitespace() || c.is_control());
    // A host that IDNA refuses, such as the `https://…` of the documentation, fails later, when it is resolved.
    is_web && !has_ignored && matches!(Url::parse(text), Ok(_) | Err(ParseError::IdnaError))
}

/// Whether a URL from foreign text may be shown as a link and opened: a web URL of bearable length without quotes,
/// angle brackets or backslashes, which could be read as more than a URL.
pub(crate) fn is_safe(text: &str) -> bool {
    text.len() <= MAX_BYTES
        && !text.contains(['"', '<', '>', '\\', '`'])
        && host(text).is_some_and(|host| !host.starts_with('.'))
}

/// The host of a web URL with its port, as written; what precedes an `@` is not the host.
pub(crate) fn host(url: &str) -> Option<&str> {
    // Cut out of the text, because the parsed host is in Punycode, which nobody can read.
    let (_, rest) = url.split_once("://").filter(|_| is_web_url(url))?;
    rest.split(['/', '?', '#']).next()?.rsplit('@').next()
}

/// The host of a web URL as the network knows it, where that is not how it is written: letters beyond ASCII in
/// Punycode, and numbers in the usual form.
pub(crate) fn disguised_host(url: &str) -> Option<String> {
    let written = host(url)?;
    let known = match Url::parse(url) {
        Ok(parsed) => {
            let port = parsed.port().map_or_else(String::new, |port| format!(":{port}"));
            format!("{}{port}", parsed.host_str()?)
        }
        // A host that IDNA refuses leads nowhere; its letters are shown by their numbers.
        Err(_) => written.escape_default().to_string(),
    };
    (!written.is_ascii() || !known.contains(&written.to_ascii_lowercase()) && !written.contains(&known))
        .then_some(known)
}

/// The URLs in running text, in order, without the punctuation of the sentence around them.
pub(crate) fn find(text: &str) -> Vec<&str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '`'))
        .filter_map(|word| {
            let start = ["https://", "http://"].iter().filter_map(|scheme| word.find(scheme)).min()?;
            let link = word.get(start..)?.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '~']);
            let unopened = |open, close| !link.contains(open) && link.ends_with(close);
            let link = if unopened('(', ')') || unopened('[', ']') { link.get(..link.len() - 1)? } else { link };
            is_safe(link).then_some(link)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_and_https_with_a_host_pass() {
        for good in [
            "https://toko.id",
            "HTTP://a.b:80/c?d#e",
            "http://[::1]:8080/x",
            "https://toko.id/é",
            "https://toko.id/a|b[c]%zz^{d}",
            "https://user:key@toko.id",
            "http://localhost:8484",
            "http://a_b.example",
            "https://…",
        ] {
            assert!(is_safe(good), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://",
            "https:///x",
            "https:x",
            "https:x://y",
            "https://@x",
            "https://:80",
            "https://?x",
            "https://.../x",
            "http://a b",
            "http://a\u{1b}]0;x\u{7}",
            "http://a\"b",
            "ftp://a",
            "",
        ] {
            assert!(!is_safe(bad), "{bad:?}");
        }
    }

    #[test]
    fn the_host_follows_the_at_sign() {
        assert_eq!(host("https://bank.example@evil.example/login"), Some("evil.example"));
        assert_eq!(host("https://toko.id:8443?x"), Some("toko.id:8443"));
        assert_eq!(host("https://Tokó.id:443/x"), Some("Tokó.id:443"));
    }

    #[test]
    fn a_host_that_is_not_what_it_seems_is_named_as_the_network_knows_it() {
        assert_eq!(disguised_host("https://аррӏе.com/x").as_deref(), Some("xn--80ak6aa92e.com"));
        assert_eq!(disguised_host("https://Tokó.id:8443/x").as_deref(), Some("xn--tok-ina.id:8443"));
        assert_eq!(disguised_host("http://0x7f.1/").as_deref(), Some("127.0.0.1"));
        for plain in ["https://Apple.com/x", "https://toko.id:443", "http://localhost:8484", "http://[::1]:80/"] {
            assert_eq!(disguised_host(plain), None, "{plain}");
        }
    }

    #[test]
    fn urls_are_found_in_a_sentence() {
        assert_eq!(
            find("Lihat https://a.id/x, (http://b.id/y) dan *https://c.id*!"),
            ["https://a.id/x", "http://b.id/y", "https://c.id"]
        );
        assert_eq!(find("https://id.wikipedia.org/wiki/Loket_(film)"), ["https://id.wikipedia.org/wiki/Loket_(film)"]);
    }
}
