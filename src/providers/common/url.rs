//! URLs as data: joining them, taking them apart, writing and reading their parameters.
//!
//! Joining and encoding are own code, because `url` would rewrite what a gateway wrote (case, dot segments, escapes)
//! and encode parameters in another way than the gateways document.
//!
//! Invariant: nothing here opens a URL, and [`absolute`] returns `http` and `https` URLs only.

use std::fmt::Write as _;

use url::form_urlencoded;

use crate::domain::is_web_url;
use crate::providers::types::{Profile, Request};

/// The URL of an endpoint below `/api` of an account's base URL, which people copy with and without `/api` or a
/// slash at its end.
pub(crate) fn api_endpoint(profile: &Profile, path: &str) -> String {
    let root = profile.base_url.trim_end_matches('/');
    let root = root.strip_suffix("/api").unwrap_or(root).trim_end_matches('/');
    format!("{root}/api/{path}")
}

/// Appends parameters to a URL, percent-encoded, in the given order.
pub(crate) fn with_parameters(url: &str, parameters: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = parameters.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    format!("{url}?{}", pairs.join("&"))
}

/// The decoded value of a URL's parameter.
pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    let query = url.split('#').next()?.split_once('?')?.1;
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The rest of a request's path below the path of an API's base URL, beginning with `/`. The host is not compared.
pub(crate) fn path_below<'a>(base_url: &str, request: &'a Request) -> Option<&'a str> {
    let after_scheme = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    let base = after_scheme.find('/').and_then(|start| after_scheme.get(start..)).unwrap_or_default();
    let base = base.trim_end_matches('/');
    request.path().strip_prefix(base).filter(|rest| rest.starts_with('/'))
}

/// The scheme, host and port of a URL.
pub(crate) fn origin(url: &str) -> &str {
    let Some((scheme, rest)) = url.split_once("://") else { return url };
    let host = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    url.get(..scheme.len() + 3 + host).unwrap_or(url)
}

/// Makes an `http` or `https` URL of a link in an event; a relative link is joined with the origin of the gateway's
/// base URL. `None` for every other scheme and for text that is no URL (providers.md section 9, A14).
pub(crate) fn absolute(base_url: &str, link: &str) -> Option<String> {
    let link = link.trim();
    if link.is_empty() || link.chars().any(char::is_control) {
        return None;
    }
    let link = link.replace(' ', "%20");
    let head = link.split(['/', '?', '#']).next().unwrap_or_default();
    if head.contains(':') {
        return is_web_url(&link).then_some(link);
    }
    let origin = origin(base_url);
    if link.starts_with("//") {
        let (scheme, _) = origin.split_once(':')?;
        return Some(format!("{scheme}:{link}"));
    }
    Some(if link.starts_with('/') { format!("{origin}{link}") } else { format!("{origin}/{link}") })
}

/// Percent-encodes text as one part of a path or one value of a parameter.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::types::Method;

    #[test]
    fn parameters_survive_encoding_and_decoding() {
        let url = with_parameters("https://a.id/v1/contacts", &[("page", "1"), ("search", "Budi & Söhne +1%")]);
        assert_eq!(url, "https://a.id/v1/contacts?page=1&search=Budi%20%26%20S%C3%B6hne%20%2B1%25");
        assert_eq!(parameter(&url, "search").as_deref(), Some("Budi & Söhne +1%"));
        assert_eq!(parameter(&url, "page").as_deref(), Some("1"));
        assert_eq!(parameter(&url, "per_page"), None);
        assert_eq!(parameter("https://a.id/?q=100%&x=%zz+é", "x").as_deref(), Some("%zz é"));
    }

    #[test]
    fn only_web_links_are_kept_and_relative_ones_joined() {
        let base = "https://app.cloudchat.id/api/public/v1";
        for (link, expected) in [
            ("/uploads/a b.jpg", Some("https://app.cloudchat.id/uploads/a%20b.jpg")),
            ("uploads/a.jpg?x=1:2", Some("https://app.cloudchat.id/uploads/a.jpg?x=1:2")),
            ("//cdn.id/a.jpg", Some("https://cdn.id/a.jpg")),
            ("HTTPS://cdn.id/a.jpg", Some("HTTPS://cdn.id/a.jpg")),
            ("http://cdn.id/a.jpg", Some("http://cdn.id/a.jpg")),
            ("https:///a.jpg", None),
            ("https:a.jpg", None),
            ("javascript:alert(1)", None),
            ("data:image/png;base64,AA", None),
            ("file:///etc/passwd", None),
            ("/a\u{1b}[2J", None),
            ("", None),
        ] {
            assert_eq!(absolute(base, link).as_deref(), expected, "{link}");
        }
    }

    #[test]
    fn the_path_below_the_base_is_found_on_any_host() {
        let request = Request::bare(Method::Get, "http://127.0.0.1:9/chatera/v1/contacts?page=1".to_owned());
        assert_eq!(path_below("http://localhost/chatera/v1", &request), Some("/contacts"));
        assert_eq!(path_below("http://localhost/chatera/v", &request), None);
        assert_eq!(path_below("http://localhost", &request), Some("/chatera/v1/contacts"));
        assert_eq!(origin("https://a.id:8443/x"), "https://a.id:8443");
        assert_eq!(origin("https://a.id"), "https://a.id");
    }
}
