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
            c if is_separator(c) => {}
            _ => return None,
        }
    }
    let number = if international {
        without_doubled_trunk(&digits, home)
    } else if let Some(rest) = digits.strip_prefix("00") {
        rest.to_owned()
    } else if let Some(rest) = local_part(&digits, home) {
        format!("{}{rest}", home.dial)
    } else if home.bare_mobile.is_some_and(|first| digits.starts_with(first)) && (9..=13).contains(&digits.len()) {
        format!("{}{digits}", home.dial)
    } else {
        digits
    };
    let plausible = (8..=15).contains(&number.len()) && !number.starts_with('0');
    plausible.then_some(number)
}

/// A phone number or a part of one, as a person types it to find somebody: `0812-34`, `+62 812 34`, `1234`.
///
/// Invariant: whatever form the number has that is searched for, and whatever form it was typed in, both are compared
/// as digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberPattern {
    /// The digits as they were typed, in any part of a number.
    digits: String,
    /// How the number begins with its country code, where the typed form says that it begins there.
    beginning: Option<String>,
    /// It was typed with `+` and its country code, so the digits stand at the beginning only.
    international: bool,
    home: Country,
}

/// The fewest digits in a text that may be a number.
const FEWEST_DIGITS: usize = 6;

impl NumberPattern {
    /// Reads a number or a part of one. `None` when `text` has other characters than those of numbers, or no digit.
    pub fn parse(text: &str, home: Country) -> Option<Self> {
        let text = text.trim();
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let is_number = |c: char| c.is_ascii_digit() || c == '+' || is_separator(c);
        if digits.is_empty() || !text.chars().all(is_number) || text.rfind('+').is_some_and(|at| at > 0) {
            return None;
        }
        let international = text.starts_with('+');
        let abroad = if international { Some(digits.as_str()) } else { digits.strip_prefix("00") };
        let beginning = match abroad {
            Some(number) => Some(without_doubled_trunk(number, home)),
            None => local_part(&digits, home).map(|rest| format!("{}{rest}", home.dial)),
        };
        Some(NumberPattern { digits, beginning, international, home })
    }

    /// Whether a text is or has a number that fits: one that begins so, or, unless it was typed with `+`, one that
    /// contains the digits.
    pub fn matches(&self, text: &str) -> bool {
        numbers_in(text).any(|number| {
            let full = local_part(&number, self.home).map(|rest| format!("{}{rest}", self.home.dial));
            let full = full.as_ref().unwrap_or(&number);
            let contains = || number.contains(&self.digits) || full.contains(&self.digits);
            let begins = |beginning: &String| full.starts_with(beginning.as_str());
            self.beginning.as_ref().is_some_and(begins) || (!self.international && contains())
        })
    }

    /// How the number begins, and the digits that it contains: either is enough. For queries over many numbers.
    pub(crate) fn parts(&self) -> (Option<&str>, Option<&str>) {
        (self.beginning.as_deref(), (!self.international).then_some(self.digits.as_str()))
    }

    /// The ways in which texts write the number: digits, with white space between groups.
    pub(crate) fn spellings(&self) -> Vec<String> {
        let full = self.beginning.as_deref().unwrap_or(&self.digits);
        let mut all = vec![full.to_owned()];
        if let Some(rest) = full.strip_prefix(self.home.dial).filter(|rest| !rest.is_empty()) {
            let local = format!("{}{rest}", self.home.trunk);
            all.extend([grouped(&local, &[4, 4]), format!("{} {}", self.home.dial, grouped(rest, &[3, 4])), local]);
        }
        all
    }
}

/// A number as people of the home country write it: `0812-2000-0390`; one of another country as `+60 123-4567-89`.
/// `digits` are those of [`normalise`].
pub(crate) fn display(digits: &str, home: Country) -> String {
    let sizes: &[usize] = if home.dial == "1" { &[3, 3] } else { &[4, 4] };
    if let Some(rest) = digits.strip_prefix(home.dial).filter(|rest| rest.len() >= 7) {
        let is_mobile = home.bare_mobile.is_none_or(|first| rest.starts_with(first));
        let trunk = if home.dial == "1" { "" } else { home.trunk };
        let local = format!("{trunk}{rest}");
        return if is_mobile { grouped(&local, sizes).replace(' ', "-") } else { local };
    }
    let foreign = COUNTRIES.iter().filter_map(|country| Some((country.dial, digits.strip_prefix(country.dial)?)));
    match foreign.max_by_key(|(dial, _)| dial.len()).filter(|(dial, _)| *dial != home.dial) {
        Some((dial, rest)) => format!("+{dial} {}", grouped(rest, &[3, 4]).replace(' ', "-")),
        None => format!("+{digits}"),
    }
}

/// The digits in groups of these sizes, the rest as one group.
fn grouped(digits: &str, sizes: &[usize]) -> String {
    let mut groups = Vec::new();
    let mut rest = digits;
    for size in sizes {
        let Some((group, after)) = rest.split_at_checked(*size).filter(|(_, after)| !after.is_empty()) else { break };
        groups.push(group);
        rest = after;
    }
    groups.push(rest);
    groups.join(" ")
}

/// The digits of every run of digits and separators in a text, where they are enough for a number.
fn numbers_in(text: &str) -> impl Iterator<Item = String> {
    let runs = text.split(|c: char| !c.is_ascii_digit() && !is_separator(c));
    let digits = runs.map(|run| run.chars().filter(char::is_ascii_digit).collect::<String>());
    digits.filter(|digits| digits.len() >= FEWEST_DIGITS)
}

/// What follows the trunk prefix of a local number.
fn local_part(digits: &str, home: Country) -> Option<&str> {
    let rest = digits.strip_prefix(home.trunk).filter(|_| !home.trunk.is_empty());
    rest.filter(|_| home.trunk == "0" || digits.len() == 11)
}

/// Some people write both forms at once: "+62 (0)812…".
fn without_doubled_trunk(number: &str, home: Country) -> String {
    match number.strip_prefix(home.dial).and_then(|rest| rest.strip_prefix('0')) {
        Some(rest) if !home.trunk.is_empty() => format!("{}{rest}", home.dial),
        _ => number.to_owned(),
    }
}

/// What people write between the digits of a number.
fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' | '\u{2010}'..='\u{2015}')
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
    fn a_number_is_found_in_any_form_and_by_a_part_of_it() {
        let matches = |typed: &str, number: &str| {
            NumberPattern::parse(typed, INDONESIA).is_some_and(|pattern| pattern.matches(number))
        };
        for number in ["628123400012", "+62 812-3400-012", "0812 3400 012", "Budi (0812-3400-012)"] {
            for typed in [
                "0812",
                "+62 812",
                "62812",
                "0812-3400",
                "08123400012",
                "+628123400012",
                "62 812 3400 012",
                "3400012",
                "340 00",
                "0012",
                "8123400012",
                "00628123",
                "+62 (0)812",
                "+6",
            ] {
                assert!(matches(typed, number), "{typed} in {number}");
            }
            for typed in ["0813", "+62 340", "+812", "0340", "99", "00812"] {
                assert!(!matches(typed, number), "{typed} in {number}");
            }
        }
        assert!(matches("0340", "620340555"), "the digits themselves are there");
        assert!(!matches("5000", "Rp 5.000"), "too short for a number");
        for text in ["", "+", "Budi", "0812x", "1+2"] {
            assert_eq!(NumberPattern::parse(text, INDONESIA), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_shown_as_the_home_country_writes_them() {
        let shown = |digits: &str| display(digits, INDONESIA);
        assert_eq!(shown("6281220000390"), "0812-2000-0390");
        assert_eq!(shown("628122000039"), "0812-2000-039");
        assert_eq!(shown("62215551234"), "0215551234");
        assert_eq!(shown("60123456789"), "+60 123-4567-89");
        assert_eq!(shown("99812345678"), "+99812345678");
        assert_eq!(display("12025550123", country("US").unwrap()), "202-555-0123");
        assert_eq!(display("6591234567", country("SG").unwrap()), "9123-4567");
    }

    #[test]
    fn the_spellings_of_a_number_are_those_that_people_use() {
        let spellings = |typed: &str| NumberPattern::parse(typed, INDONESIA).unwrap().spellings();
        let all = ["628123400012", "0812 3400 012", "62 812 3400 012", "08123400012"];
        assert_eq!(spellings("0812-3400-012"), all);
        assert_eq!(spellings("+62 812 3400 012"), all);
        assert_eq!(spellings("3400012"), ["3400012"]);
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
