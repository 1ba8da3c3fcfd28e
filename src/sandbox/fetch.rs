//! Fetching the files of messages by their links, as the gateways do before they pass a message on.
//!
//! Invariant: only addresses of this machine are asked; other links are taken as they are, for the sandbox reaches nothing
//! outside.

use std::time::Duration;

use reqwest::{Client, Url, header};
use serde_json::{Value, json};

use crate::domain::outgoing::MediaLink;
use crate::domain::{Content, Failure};
use sha2::{Digest as _, Sha256};

/// How long a file may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The largest file, in bytes.
const MAX: usize = 100 << 20;

/// A file as the gateway got it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FetchedFile {
    sha256: String,
    size: usize,
    mime: String,
}

impl FetchedFile {
    /// For the log of messages.
    pub(crate) fn to_json(&self) -> Value {
        json!({"sha256": self.sha256, "size": self.size, "mime": self.mime})
    }
}

/// Fetches the file that a message links to; `None` where it links to none of this machine. The error is what the gateway
/// reports of the message.
pub(crate) async fn fetch(client: &Client, content: &Content) -> Option<Result<FetchedFile, Failure>> {
    let url = link(content).and_then(|link| Url::parse(&link.url).ok()).filter(is_local)?;
    let fetched = tokio::time::timeout(TIMEOUT, download(client, url)).await;
    let fetched = fetched.unwrap_or_else(|_| Err("it took too long".to_owned()));
    // Meta's code for a link that it cannot use (providers.md 6.5).
    Some(fetched.map_err(|reason| Failure::new("131053", format!("Media upload error: {reason}"))))
}

fn link(content: &Content) -> Option<&MediaLink> {
    match content {
        Content::Media { link, .. } => Some(link),
        Content::Buttons { media, .. } => media.as_ref(),
        Content::Template(template) => template.header.as_ref(),
        _ => None,
    }
}

fn is_local(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Asks for the head, then for the file, and compares both.
async fn download(client: &Client, url: Url) -> Result<FetchedFile, String> {
    let head = client.head(url.clone()).send().await.map_err(|error| error.to_string())?;
    let mut answer = client.get(url).send().await.map_err(|error| error.to_string())?;
    let said = |answer: &reqwest::Response, name: header::HeaderName| {
        let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    for answer in [&head, &answer] {
        if answer.status() != 200 {
            return Err(format!("HTTP {}", answer.status().as_u16()));
        }
    }
    let (mime, length) = (said(&answer, header::CONTENT_TYPE), said(&answer, header::CONTENT_LENGTH));
    if said(&head, header::CONTENT_TYPE) != mime || said(&head, header::CONTENT_LENGTH) != length {
        return Err("the head says something else than the file".to_owned());
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| error.to_string())? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX {
            return Err("it is too large".to_owned());
        }
    }
    if length != bytes.len().to_string() {
        return Err(format!("{} bytes, not {length}", bytes.len()));
    }
    Ok(FetchedFile { sha256: hex::encode(Sha256::digest(&bytes)), size: bytes.len(), mime })
}
