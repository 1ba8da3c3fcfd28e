//! Links by which a gateway fetches the file of a message from our listener.
//!
//! Invariant: a gateway is given no link that Loket itself could not fetch a moment before, through the public address.

use std::time::Duration;

use reqwest::header;
use url::Url;

use super::http::{Http, chain};
use crate::domain::{Failure, MessageId, OutgoingFile};
use crate::engine::accounts::token::new_token;
use crate::engine::client::Client;
use crate::engine::clock;
use crate::engine::media::OWN_FETCH;
use crate::store::NewMediaLink;

/// How long our own listener may take to answer through the public address.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Opens a link to the file of a message and fetches it once as the gateway will; the error says what is in the way.
pub(super) async fn open(client: Option<&Client>, message: MessageId, file: &OutgoingFile) -> Result<String, Failure> {
    let client = client.ok_or_else(|| Failure::new("link_no_listener", ""))?;
    let address = client.media_address().map_err(|missing| Failure::new(missing, ""))?;
    let token = new_token().map_err(|error| Failure::new("link_unreachable", error))?;
    let (name, mime) = (file.name.clone(), file.mime.clone());
    let link = NewMediaLink { token, message, name, mime };
    let opened = client.store().open_media_link(link, clock::now()).await;
    let token = opened.map_err(|error| Failure::new("file_missing", error.to_string()))?;
    let url = url(&address, &token, &file.name)
        .ok_or_else(|| Failure::new("link_unreachable", format!("{address} is no address of the web")))?;
    // A simulation has no listener.
    if !clock::is_virtual() {
        check(client.http(), &url, file).await?;
    }
    Ok(url.into())
}

/// The link to a file; `None` where the public address is none.
fn url(address: &str, token: &str, name: &str) -> Option<Url> {
    let mut url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.path_segments_mut().ok()?.pop_if_empty().extend(["media", token, name]);
    Some(url)
}

/// Fetches a link and compares what is said of the file with what it is. The rest of the file is left unread.
async fn check(http: &Http, url: &Url, file: &OutgoingFile) -> Result<(), Failure> {
    let client = http.client(url).map_err(|error| Failure::new("link_unreachable", error))?;
    let asked = client.get(url.clone()).header(OWN_FETCH, "1").timeout(TIMEOUT).send().await;
    let mut answer = asked.map_err(|error| Failure::new("link_unreachable", chain(&error)))?;
    let said = |name: header::HeaderName| {
        answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    let (status, mime, length) = (answer.status(), said(header::CONTENT_TYPE), said(header::CONTENT_LENGTH));
    if status.as_u16() != 200 {
        return Err(Failure::new("link_answer", format!("HTTP {}", status.as_u16())));
    }
    if mime != file.mime {
        return Err(Failure::new("link_answer", format!("{mime}, not {}", file.mime)));
    }
    if length != file.size.to_string() {
        let length = if length.is_empty() { "no length".to_owned() } else { length };
        return Err(Failure::new("link_length", format!("{length}, not {}", file.size)));
    }
    match answer.chunk().await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(Failure::new("link_length", "the answer is empty")),
        Err(error) => Err(Failure::new("link_unreachable", chain(&error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_has_the_public_address_before_it_and_the_name_encoded() {
        let link = |address| url(address, "ab12", "Daftar harga #1.pdf").map(String::from);
        for (address, expected) in [
            ("https://inbox.example.com", "https://inbox.example.com/media/ab12/Daftar%20harga%20%231.pdf"),
            ("https://example.com/loket/", "https://example.com/loket/media/ab12/Daftar%20harga%20%231.pdf"),
        ] {
            assert_eq!(link(address).as_deref(), Some(expected));
        }
        assert_eq!((link("ftp://example.com"), link("nowhere")), (None, None));
    }
}
