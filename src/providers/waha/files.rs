//! The files of messages, which a WAHA server keeps for a while.
//!
//! Source: waha.devlike.pro/docs/how-to/receive-messages#files: `GET /api/files/…` with the key. The links bear the name by
//! which the server knows itself, `WHATSAPP_API_HOSTNAME`, which is `localhost` unless it is set (waha#1652).

use crate::domain::Media;
use crate::providers::common::url::api_endpoint;
use crate::providers::types::{Method, Profile, Request};

/// The part of a link that says that the file is one of the server's own.
const FILES: &str = "/api/files/";

/// The request for a file. One of the server's own is asked for where the account says that the server is.
pub(super) fn request(profile: &Profile, media: &Media) -> Option<Request> {
    let link = media.url.as_deref()?;
    let path = link.split(['?', '#']).next().unwrap_or(link);
    let own = path.contains(FILES).then(|| link.split_once(FILES)).flatten();
    let url = own.map_or_else(|| link.to_owned(), |(_, rest)| api_endpoint(profile, &format!("files/{rest}")));
    Some(Request::bare(Method::Get, url).secret_header("X-Api-Key", &profile.api_key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::waha::tests::profile;

    #[test]
    fn the_servers_own_files_are_asked_for_where_the_account_says() {
        for (link, expected) in [
            ("http://localhost:3000/api/files/toko/a.jpg", "https://waha.example.com/api/files/toko/a.jpg"),
            ("https://waha.example.com/api/files/a.jpg?x=1", "https://waha.example.com/api/files/a.jpg?x=1"),
            ("https://s3.example.com/bucket/a.jpg?p=/api/files/", "https://s3.example.com/bucket/a.jpg?p=/api/files/"),
        ] {
            let media = Media { url: Some(link.to_owned()), ..Media::default() };
            let request = request(&profile(), &media).unwrap();
            assert_eq!(
                (request.url.as_str(), request.header("x-api-key")),
                (expected, Some(profile().api_key.expose()))
            );
        }
        assert_eq!(request(&profile(), &Media::default()), None);
    }
}
