//! URLs as data: joined, taken apart, parameters written and read.
//!
//! Joining and encoding are own code, because `url` would rewrite what a gateway wrote (case, dot segments, escapes)
//! and encode parameters in another way than the gateways document.
//!
//! Invariant: nothing here opens a URL, and nothing but `http` and `https` comes out of [`absolute`].

use url::form_urlencoded;

use super::wire::Request;
use crate::domain::is_web_url;

/// A URL with parameters after it, percent-encoded, in the order given.
pub fn with_parameters(url: &str, parameters: &[(&str, &str)]) -> String {
    let mut whole = url.to_owned();
    for (at, (name, value)) in parameters.iter().enumerate() {
        whole.push(if at == 0 { '?' } else { '&' });
        whole.push_str(&encode(name));
        whole.push('=');
        whole.push_str(&encode(value));
    }
    whole
}

/// The decoded value of a URL's parameter.
pub fn parameter(url: &str, name: &str) -> Option<String> {
    let query = url.split('#').next()?.split_once('?')?.1;
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The path of a request below the path of an API's base URL, beginning with `/`; whichever host it went to.
pub fn path_below<'a>(base_url: &str, request: &'a Request) -> Option<&'a str> {
    let base = path(base_url).trim_end_matches('/');
    request.path().strip_prefix(base).filter(|rest| rest.starts_with('/'))
}

/// Scheme, host and port of a URL.
pub fn origin(url: &str) -> &str {
    let Some((scheme, rest)) = url.split_once("://") else { return url };
    let host = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    url.get(..scheme.len() + 3 + host).unwrap_or(url)
}

/// A link as a gateway wrote it, as an `http` or `https` URL: a relative one is joined with the origin of the
/// gateway's base URL. `None` for every other scheme and for text that is no URL (providers.md section 9, A14).
pub fn absolute(base_url: &str, link: &str) -> Option<String> {
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

fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').and_then(|start| rest.get(start..)).unwrap_or_default()
}

/// Text as one part of a path or one value of a parameter, percent-encoded.
pub fn encode(text: &str) -> String {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.extend([HEX.get(usize::from(byte >> 4)), HEX.get(usize::from(byte & 15))].into_iter().flatten());
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::Method;

    #[test]
    fn parameters_come_back_as_they_went() {
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
    fn a_path_is_found_below_its_base_on_any_host() {
        let request = Request::bare(Method::Get, "http://127.0.0.1:9/chatera/v1/contacts?page=1".to_owned());
        assert_eq!(path_below("http://localhost/chatera/v1", &request), Some("/contacts"));
        assert_eq!(path_below("http://localhost/chatera/v", &request), None);
        assert_eq!(path_below("http://localhost", &request), Some("/chatera/v1/contacts"));
        assert_eq!(origin("https://a.id:8443/x"), "https://a.id:8443");
        assert_eq!(origin("https://a.id"), "https://a.id");
    }
}
