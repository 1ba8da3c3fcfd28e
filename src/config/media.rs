//! The settings of customers' files: whether and from where they are fetched.

use std::str::FromStr;
use std::time::Duration;

/// How customers' files are fetched and opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaSettings {
    /// They are fetched when they come; otherwise only when somebody asks.
    pub fetch: bool,
    /// The largest file that is fetched, in megabytes of a million bytes.
    pub max_mb: u32,
    /// How long a server may be silent.
    pub timeout: Duration,
    /// Private addresses that may be fetched from.
    pub allow_private: Vec<HostPort>,
    /// The program that plays voice notes, with arguments; the file is appended. `None`: the first one found.
    pub audio_player: Option<Vec<String>>,
}

impl Default for MediaSettings {
    fn default() -> Self {
        MediaSettings {
            fetch: true,
            max_mb: 64,
            timeout: Duration::from_secs(30),
            allow_private: Vec::new(),
            audio_player: None,
        }
    }
}

impl MediaSettings {
    /// The largest file that is fetched, in bytes.
    pub(crate) fn max_bytes(&self) -> u64 {
        u64::from(self.max_mb) * 1_000_000
    }
}

/// A host, by name or address, and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPort {
    /// In lower case; an IPv6 address without brackets.
    pub host: String,
    pub port: u16,
}

/// The text is no host and port.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be hosts with their ports, such as [\"192.168.1.20:3000\"]")]
pub struct InvalidHostPort;

impl FromStr for HostPort {
    type Err = InvalidHostPort;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, port) = text.trim().rsplit_once(':').ok_or(InvalidHostPort)?;
        let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_host = |host: &str| !host.is_empty() && !host.contains([' ', '/', '@', ':', '[', ']']);
        let host = match bracketed {
            Some(address) => address.parse::<std::net::Ipv6Addr>().map_err(|_| InvalidHostPort)?.to_string(),
            None if is_host(host) => host.to_ascii_lowercase(),
            None => return Err(InvalidHostPort),
        };
        match port.parse() {
            Ok(port @ 1..) => Ok(HostPort { host, port }),
            _ => Err(InvalidHostPort),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_read_with_its_port() {
        for (text, host, port) in [
            ("192.168.1.20:3000", "192.168.1.20", 3000),
            ("WAHA:3000", "waha", 3000),
            ("[fd00:0::1]:8080", "fd00::1", 8080),
        ] {
            assert_eq!(text.parse(), Ok(HostPort { host: host.to_owned(), port }));
        }
        for text in ["", "waha", "waha:", "waha:0", ":3000", "http://waha:3000", "fd00::1:80", "[x]:80", "a@b:80"] {
            assert_eq!(text.parse::<HostPort>(), Err(InvalidHostPort), "{text}");
        }
    }
}
