//! Phone numbers and the other ids by which gateways identify customers and groups.
//!
//! Source of the forms: providers.md section 9, A12 and A13.

/// What an id refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerForm {
    /// A phone number: digits with the country code, without `+`.
    Phone(String),
    Group(String),
    /// Any other id (a LID, a business-scoped id, a Telegram id); sent unchanged, never as a phone number.
    Opaque(String),
}

/// How local phone numbers are written in a country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166: two letters in upper case.
    pub code: &'static str,
    /// The dialling code, without `+`.
    pub(crate) dial: &'static str,
    /// The prefix of a local number in place of the dialling code; may be empty.
    pub(crate) trunk: &'static str,
    /// The first digit of mobile numbers, where they are commonly written without the trunk prefix.
    pub(crate) bare_mobile: Option<char>,
}

/// The default: `0812…` and `812…` mean `62812…`.
pub const INDONESIA: Country = Country { code: "ID", dial: "62", trunk: "0", bare_mobile: Some('8') };

const COUNTRIES: &[Country] = &[
    INDONESIA,
    Country { code: "MY", dial: "60", trunk: "0", bare_mobile: None },
    Country { code: "SG", dial: "65", trunk: "", bare_mobile: None },
    Country { code: "AU", dial: "61", trunk: "0", bare_mobile: None },
    Country { code: "TH", dial: "66", trunk: "0", bare_mobile: None },
    Country { code: "PH", dial: "63", trunk: "0", bare_mobile: None },
    Country { code: "VN", dial: "84", trunk: "0", bare_mobile: None },
    Country { code: "IN", dial: "91", trunk: "0", bare_mobile: None },
    Country { code: "TL", dial: "670", trunk: "", bare_mobile: None },
    Country { code: "GB", dial: "44", trunk: "0", bare_mobile: None },
    Country { code: "NL", dial: "31", trunk: "0", bare_mobile: None },
    Country { code: "DE", dial: "49", trunk: "0", bare_mobile: None },
    Country { code: "US", dial: "1", trunk: "1", bare_mobile: None },
];

/// The country of a two-letter code, in upper or lower case.
pub fn country(code: &str) -> Option<Country> {
    COUNTRIES.iter().copied().find(|c| c.code.eq_ignore_ascii_case(code))
}

/// The two-letter codes that [`country`] knows.
pub(crate) fn country_codes() -> impl Iterator<Item = &'static str> {
    COUNTRIES.iter().map(|c| c.code)
}

/// Parses a phone number in any usual form (spaces, dashes, dots, brackets, `+`, `00`, a WhatsApp suffix) into its
/// digits with the country code. `None` unless it is a phone number of 8 to 15 digits.
pub fn normalise(text: &str, home: Country) -> Option<String> {
    let text = text.trim();
    let text = ["@c.us", "@s.whatsapp.net"].iter().find_map(|suffix| text.strip_suffix(suffix)).unwrap_or(text);
    let international = text.starts_with('+');
    let mut digits = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() => {}
            ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' | '\u{2010}'..='\u{2015}' => {}
            _ => return None,
        }
    }
    let number = if international {
        // Some people write both forms at once: "+62 (0)812…".
        match digits.strip_prefix(home.dial).and_then(|rest| rest.strip_prefix('0')) {
            Some(rest) if !home.trunk.is_empty() => format!("{}{rest}", home.dial),
            _ => digits,
        }
    } else if let Some(rest) = digits.strip_prefix("00") {
        rest.to_owned()
    } else if let Some(rest) = (!home.trunk.is_empty())
        .then(|| digits.strip_prefix(home.trunk))
        .flatten()
        .filter(|_| home.trunk == "0" || digits.len() == 11)
    {
        format!("{}{rest}", home.dial)
    } else if home.bare_mobile.is_some_and(|first| digits.starts_with(first)) && (9..=13).contains(&digits.len()) {
        format!("{}{digits}", home.dial)
    } else {
        digits
    };
    let plausible = (8..=15).contains(&number.len()) && !number.starts_with('0');
    plausible.then_some(number)
}

/// What an id in a gateway's event refers to, on a channel with phone numbers.
pub fn peer_form(text: &str) -> PeerForm {
    let text = text.trim();
    if let Some(group) = text.strip_suffix("@g.us") {
        return PeerForm::Group(group.to_owned());
    }
    if looks_like_group(text) {
        return PeerForm::Group(text.to_owned());
    }
    // Gateways send international numbers; a local number in an event can only be one of the gateway's home country.
    normalise(text, INDONESIA).map_or_else(|| PeerForm::Opaque(text.to_owned()), PeerForm::Phone)
}

/// Whether a text is a WhatsApp group id: `1203…` with at least 17 digits, or the older form `number-time`.
pub(crate) fn looks_like_group(text: &str) -> bool {
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if digits(text) {
        return text.len() >= 17 && text.starts_with("1203");
    }
    text.split_once('-')
        .is_some_and(|(number, time)| digits(number) && digits(time) && number.len() >= 10 && time.len() == 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_forms_are_normalised_to_international_digits() {
        for text in [
            "0812-3456-789",
            "+62 812 3456 789",
            "62812 3456789",
            "8123456789",
            "0062 812 3456 789",
            "(0812) 3456.789",
            "628123456789@c.us",
            "628123456789@s.whatsapp.net",
            "+62 (0)812 3456 789",
        ] {
            assert_eq!(normalise(text, INDONESIA).as_deref(), Some("628123456789"), "{text}");
        }
        for text in ["", "abc", "0812abc", "123", "ID.abc123", "12345678901234567890", "8877@lid"] {
            assert_eq!(normalise(text, INDONESIA), None, "{text}");
        }
    }

    #[test]
    fn local_numbers_are_those_of_the_home_country() {
        let nl = country("nl").unwrap();
        assert_eq!(normalise("06-12345678", nl).as_deref(), Some("31612345678"));
        assert_eq!(normalise("+6281234567", nl).as_deref(), Some("6281234567"));
    }

    #[test]
    fn group_and_opaque_ids_are_never_phone_numbers() {
        assert_eq!(peer_form("120363041234567890@g.us"), PeerForm::Group("120363041234567890".into()));
        assert_eq!(peer_form("120363041234567890"), PeerForm::Group("120363041234567890".into()));
        assert_eq!(peer_form("6281234567890-1520000000"), PeerForm::Group("6281234567890-1520000000".into()));
        assert_eq!(peer_form("8877665544@lid"), PeerForm::Opaque("8877665544@lid".into()));
        assert_eq!(peer_form("ID.abc"), PeerForm::Opaque("ID.abc".into()));
        assert_eq!(peer_form("+6281234567890"), PeerForm::Phone("6281234567890".into()));
    }
}
