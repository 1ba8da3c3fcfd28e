//! Opening an address that somebody outside has named, and reading from it within limits.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::{StatusCode, header};
use tokio::time::Instant;
use url::{Host, Url};

use super::address::is_public;
use super::resolver::{Lookup, PrivateHost, PublicResolver, SystemLookup};
use crate::config::HostPort;
use crate::domain::{MediaError, MediaFault};
use crate::engine::outbound::http::{self, Http};
use crate::providers::Request;

/// Redirects that are followed.
const REDIRECTS: usize = 5;
/// How many times as long as the server may be silent the whole may take.
const WHOLE: u32 = 10;

/// What may be connected to beside the public network.
#[derive(Debug, Clone, Default)]
pub(crate) struct Permitted {
    /// The address of the account's own gateway, to which alone its key goes.
    pub gateway: Option<Url>,
    pub private: Vec<HostPort>,
}

/// How much and how long is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The largest body, in bytes.
    pub max_bytes: u64,
    /// How long the server may be silent; the whole may take ten times as long.
    pub timeout: Duration,
}

/// Where an earlier attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resume {
    /// Bytes that are there.
    pub from: u64,
    /// What the server called the version that they are of.
    pub validator: String,
}

/// Why an address could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FetchError {
    pub error: MediaError,
    /// The status with which the server refused.
    pub status: Option<u16>,
}

impl From<MediaError> for FetchError {
    fn from(error: MediaError) -> Self {
        FetchError { error, status: None }
    }
}

impl From<MediaFault> for FetchError {
    fn from(fault: MediaFault) -> Self {
        MediaError::new(fault).into()
    }
}

/// Connections to addresses that somebody outside names. Cheap to clone; nothing is prepared before the first one.
#[derive(Clone)]
pub(crate) struct Outside {
    /// To gateways, as requests to them go.
    http: Http,
    /// To the public network.
    public: Arc<OnceLock<Result<reqwest::Client, String>>>,
    lookup: Arc<dyn Lookup>,
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outside")
    }
}

impl Outside {
    /// Connections by the system's names; those to gateways are shared with `http`.
    pub(crate) fn new(http: Http) -> Self {
        Self::with_lookup(http, Arc::new(SystemLookup))
    }

    pub(super) fn with_lookup(http: Http, lookup: Arc<dyn Lookup>) -> Self {
        Outside { http, public: Arc::default(), lookup }
    }

    /// Opens the address of a request and follows redirects. `resume` goes on where an earlier attempt ended, if the
    /// server still has that version.
    pub(crate) async fn open(
        &self,
        request: &Request,
        permitted: &Permitted,
        limits: Limits,
        resume: Option<&Resume>,
    ) -> Result<Answer, FetchError> {
        let deadline = Instant::now() + limits.timeout * WHOLE;
        let mut url = Url::parse(&request.url).map_err(|_| MediaFault::BadLink)?;
        for _ in 0..=REDIRECTS {
            let response = self.send(&url, request, permitted, limits, resume).await?;
            let location = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
            match (response.status().as_u16(), location) {
                (301 | 302 | 303 | 307 | 308, Some(location)) => {
                    url = url.join(location).map_err(|_| MediaFault::BadLink)?;
                }
                _ => return Answer::of(response, limits, deadline, resume),
            }
        }
        Err(MediaFault::Redirects.into())
    }

    async fn send(
        &self,
        url: &Url,
        request: &Request,
        permitted: &Permitted,
        limits: Limits,
        resume: Option<&Resume>,
    ) -> Result<reqwest::Response, FetchError> {
        let client = self.client_for(url, permitted)?;
        // The whole is limited by the one who reads it.
        let mut outgoing = client.get(url.clone()).timeout(limits.timeout * (WHOLE + 1));
        if permitted.is_gateway(url) {
            for (name, secret) in &request.secret_headers {
                let value = header::HeaderValue::from_str(secret.expose());
                let mut value = value.map_err(|_| MediaFault::Forbidden)?;
                value.set_sensitive(true);
                outgoing = outgoing.header(*name, value);
            }
        }
        if let Some(resume) = resume {
            outgoing = outgoing.header(header::RANGE, format!("bytes={}-", resume.from));
            outgoing = outgoing.header(header::IF_RANGE, &resume.validator);
        }
        match tokio::time::timeout(limits.timeout, outgoing.send()).await {
            Err(_) => Err(MediaFault::Timeout.into()),
            Ok(Err(error)) => Err(classify(&error)),
            Ok(Ok(response)) => Ok(response),
        }
    }

    /// The client for an address, if it may be connected to.
    fn client_for(&self, url: &Url, permitted: &Permitted) -> Result<reqwest::Client, FetchError> {
        let is_web = matches!(url.scheme(), "http" | "https");
        if !is_web || !url.username().is_empty() || url.password().is_some() {
            return Err(MediaFault::BadLink.into());
        }
        let unavailable = |error: String| FetchError::from(MediaError::with(MediaFault::Unreachable, error));
        if permitted.has(url) {
            return self.http.client(url).map_err(unavailable);
        }
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) => None,
            None => return Err(MediaFault::BadLink.into()),
        };
        if literal.is_some_and(|address| !is_public(address)) {
            return Err(private(url));
        }
        let client = self.public.get_or_init(|| http::public_client(PublicResolver(self.lookup.clone())));
        client.clone().map_err(unavailable)
    }
}

impl Permitted {
    /// Whether an address may be connected to wherever it leads.
    fn has(&self, url: &Url) -> bool {
        let Some(port) = url.port_or_known_default() else { return false };
        let host = host(url);
        let is_gateway = self
            .gateway
            .as_ref()
            .is_some_and(|own| self::host(own).eq_ignore_ascii_case(host) && own.port_or_known_default() == Some(port));
        is_gateway || self.private.iter().any(|known| known.port == port && known.host.eq_ignore_ascii_case(host))
    }

    /// Whether an address is the gateway's own, by scheme, host and port.
    fn is_gateway(&self, url: &Url) -> bool {
        self.gateway.as_ref().is_some_and(|own| {
            own.scheme() == url.scheme()
                && host(own).eq_ignore_ascii_case(host(url))
                && own.port_or_known_default() == url.port_or_known_default()
        })
    }
}

/// The host of an address, an IPv6 address without brackets.
fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default().trim_matches(['[', ']'])
}

fn private(url: &Url) -> FetchError {
    MediaError::with(MediaFault::PrivateAddress, host(url)).into()
}

/// The body of a file that is being read.
#[derive(Debug)]
pub(crate) struct Answer {
    response: reqwest::Response,
    limits: Limits,
    deadline: Instant,
    /// Bytes of the file that came before, in an earlier attempt.
    pub from: u64,
    /// Bytes of the file so far.
    read: u64,
    /// How long the file is in all, if the server says so.
    total: Option<u64>,
    /// What the server calls this version of the file, if it can go on with it later.
    pub validator: Option<String>,
}

impl Answer {
    fn of(
        response: reqwest::Response,
        limits: Limits,
        deadline: Instant,
        resume: Option<&Resume>,
    ) -> Result<Self, FetchError> {
        let status = response.status();
        let from = match (status, resume) {
            (StatusCode::PARTIAL_CONTENT, Some(resume)) if begins_at(&response, resume.from) => resume.from,
            (StatusCode::OK, _) => 0,
            _ => return Err(refused(status)),
        };
        let length = length(&response);
        if length.is_some_and(|length| length.saturating_add(from) > limits.max_bytes) {
            return Err(too_big(limits));
        }
        let validator = validator(&response);
        let total = length.map(|length| length + from);
        Ok(Answer { response, limits, deadline, from, read: from, total, validator })
    }

    /// The next bytes; `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Vec<u8>>, FetchError> {
        let until = self.deadline.min(Instant::now() + self.limits.timeout);
        let chunk = match tokio::time::timeout_at(until, self.response.chunk()).await {
            Err(_) => return Err(MediaFault::Timeout.into()),
            Ok(Err(error)) if error.is_timeout() => return Err(MediaFault::Timeout.into()),
            Ok(Err(_)) => return Err(MediaFault::Incomplete.into()),
            Ok(Ok(chunk)) => chunk,
        };
        let Some(chunk) = chunk else {
            // A length that the client does not check: of an answer that was closed early.
            let is_whole = self.total.is_none_or(|total| total == self.read);
            return if is_whole { Ok(None) } else { Err(MediaFault::Incomplete.into()) };
        };
        self.read = self.read.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if self.read > self.limits.max_bytes {
            return Err(too_big(self.limits));
        }
        Ok(Some(chunk.to_vec()))
    }
}

fn too_big(limits: Limits) -> FetchError {
    MediaError::with(MediaFault::TooBig, format!("{} MB", limits.max_bytes / 1_000_000)).into()
}

fn text(response: &reqwest::Response, name: header::HeaderName) -> Option<&str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}

fn length(response: &reqwest::Response) -> Option<u64> {
    text(response, header::CONTENT_LENGTH)?.trim().parse().ok()
}

/// Whether a part of a file begins where it was asked for.
fn begins_at(response: &reqwest::Response, from: u64) -> bool {
    let range = text(response, header::CONTENT_RANGE).and_then(|range| range.trim().strip_prefix("bytes "));
    range.and_then(|range| range.split_once('-')).is_some_and(|(first, _)| first.trim().parse() == Ok(from))
}

/// What a later attempt can name this version by: a strong tag, or the time of its last change.
fn validator(response: &reqwest::Response) -> Option<String> {
    let tag = text(response, header::ETAG).filter(|tag| tag.starts_with('"'));
    tag.or_else(|| text(response, header::LAST_MODIFIED)).map(str::to_owned)
}

fn refused(status: StatusCode) -> FetchError {
    let fault = match status.as_u16() {
        404 | 410 => MediaFault::Gone,
        401 | 403 => MediaFault::Forbidden,
        // Another version than the one of which there is a part.
        206 | 412 | 416 => MediaFault::Incomplete,
        _ => MediaFault::Status,
    };
    FetchError { error: MediaError::with(fault, status.as_u16().to_string()), status: Some(status.as_u16()) }
}

fn classify(error: &reqwest::Error) -> FetchError {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.is::<PrivateHost>() {
            return MediaFault::PrivateAddress.into();
        }
        cause = error.source();
    }
    if error.is_timeout() {
        return MediaFault::Timeout.into();
    }
    MediaError::with(MediaFault::Unreachable, http::chain(error)).into()
}
