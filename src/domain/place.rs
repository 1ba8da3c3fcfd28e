//! A place as people paste it: coordinates in any usual notation, or a link of a map.
//!
//! Invariant: decimal coordinates keep their digits; only degrees with minutes and seconds are computed.

/// Latitude and longitude in degrees, as decimal text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Coordinates {
    /// Degrees north, from -90 to 90.
    pub latitude: String,
    /// Degrees east, from -180 to 180.
    pub longitude: String,
}

/// Why a text is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlaceError {
    /// A shortened link of a map, which tells its place only over the network.
    ShortLink,
    /// A link in which no coordinates stand.
    LinkWithoutPlace,
    /// Neither a link nor two coordinates.
    Unreadable,
    /// Two numbers, but no place on earth: latitude beyond 90 degrees or longitude beyond 180.
    OutOfRange,
}

/// Hosts whose links are only names for longer ones.
const SHORT_HOSTS: &[&str] = &["maps.app.goo.gl", "goo.gl", "g.co", "share.google"];
/// Parameters in which maps write a place, best first.
const PARAMETERS: &[&str] = &["q", "query", "ll", "daddr", "destination", "center", "sll"];

/// Reads a place: `-6.2,106.8`, `-6,2 106,8`, `6°12'S 106°49'E`, a `geo:` URI, or a link of a map.
pub(crate) fn parse_place(text: &str) -> Result<Coordinates, PlaceError> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    if let Some(rest) = lower.strip_prefix("geo:") {
        return geo_uri(rest);
    }
    // People paste what an app shares: some words, then the link.
    let link = text.split_whitespace().find(|word| {
        let word = word.to_ascii_lowercase();
        word.starts_with("https://")
            || word.starts_with("http://")
            || word.starts_with("maps.")
            || word.starts_with("www.")
    });
    match link {
        Some(link) => map_link(link),
        None => coordinates(text),
    }
}

fn geo_uri(rest: &str) -> Result<Coordinates, PlaceError> {
    let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let place = place.split(';').next().unwrap_or_default();
    let named = parameter(parameters, "q").and_then(|q| coordinates(q.split('(').next().unwrap_or_default()).ok());
    // `geo:0,0?q=…` is how Android shares a pin.
    named.map_or_else(|| coordinates(place), Ok)
}

fn map_link(link: &str) -> Result<Coordinates, PlaceError> {
    let plain = percent_decoded(link);
    let rest = plain.split_once("://").map_or(plain.as_str(), |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    // The pin of a place, which may lie apart from the middle of the map.
    if let Some(pin) = after_both(rest, "!3d", "!4d") {
        return checked(pin);
    }
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    for name in PARAMETERS {
        if let Some(found) = parameter(query, name).and_then(|value| coordinates(&value.replace('+', " ")).ok()) {
            return Ok(found);
        }
    }
    if let (Some(latitude), Some(longitude)) = (parameter(query, "mlat"), parameter(query, "mlon")) {
        return checked((latitude.to_owned(), longitude.to_owned()));
    }
    let path = rest.split('?').next().unwrap_or_default();
    for part in path.split(['/', '#']).rev() {
        let part = part.strip_prefix('@').unwrap_or(part);
        // `-6.2,106.8,17z` of Google and `map=15/-6.2/106.8` of OpenStreetMap.
        let mut numbers = part.split(',');
        if let (Some(latitude), Some(longitude)) = (numbers.next(), numbers.next())
            && latitude.contains('.')
            && let Ok(found) = coordinates(&format!("{latitude},{longitude}"))
        {
            return Ok(found);
        }
    }
    if let Some((_, map)) = rest.split_once("map=") {
        let mut parts = map.split(['/', '&']).skip(1);
        if let (Some(latitude), Some(longitude)) = (parts.next(), parts.next()) {
            return checked((latitude.to_owned(), longitude.to_owned()));
        }
    }
    Err(if SHORT_HOSTS.contains(&host.as_str()) { PlaceError::ShortLink } else { PlaceError::LinkWithoutPlace })
}

/// The numbers that follow two marks of a Google link.
fn after_both(text: &str, first: &str, second: &str) -> Option<(String, String)> {
    let number = |mark: &str| {
        let (_, rest) = text.rsplit_once(mark)?;
        let end = rest.find(|c: char| !is_number_part(c)).unwrap_or(rest.len());
        rest.get(..end).filter(|number| !number.is_empty()).map(str::to_owned)
    };
    Some((number(first)?, number(second)?))
}

fn parameter<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    let query = query.split('#').next().unwrap_or_default();
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let decoded = match (first, tail) {
            (b'%', [high, low, ..]) => {
                std::str::from_utf8(&[*high, *low]).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok())
            }
            _ => None,
        };
        bytes.push(decoded.unwrap_or(*first));
        rest = if decoded.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn coordinates(text: &str) -> Result<Coordinates, PlaceError> {
    let text = text.trim().trim_start_matches("loc:").trim_matches(['(', ')', '[', ']', '.', ';', ' ']);
    if text.chars().any(|c| matches!(c, '°' | '\'' | '"' | '′' | '″' | '’' | '”' | 'º')) || has_compass(text)
    {
        return degrees(text);
    }
    checked(two_numbers(text).ok_or(PlaceError::Unreadable)?)
}

fn has_compass(text: &str) -> bool {
    text.chars().any(|c| "NSEWLUTB".contains(c.to_ascii_uppercase())) && text.chars().any(|c| c.is_ascii_digit())
}

/// Two decimal numbers with a comma or a point as decimal sign, and something between them.
fn two_numbers(text: &str) -> Option<(String, String)> {
    if !text.chars().all(|c| is_number_part(c) || c == ',' || c == ';' || c == '−' || c.is_whitespace()) {
        return None;
    }
    let text = text.replace('−', "-");
    let apart = |sign: char| -> Option<Vec<String>> {
        let parts: Vec<String> = text.split(sign).map(|part| part.trim().to_owned()).collect();
        (parts.len() == 2).then_some(parts)
    };
    let spaced = || -> Option<Vec<String>> {
        let parts: Vec<String> = text
            .split_whitespace()
            .map(|part| part.trim_matches(',').to_owned())
            .filter(|part| !part.is_empty())
            .collect();
        (parts.len() == 2).then_some(parts)
    };
    // With points as decimal signs a comma separates; `-6,2,106,8` has three, the middle one of which does.
    let commas: Vec<&str> = text.split(',').map(str::trim).collect();
    let parts = match commas.as_slice() {
        [first, second] if text.contains('.') || text.split_whitespace().count() <= 1 || text.contains(", ") => {
            vec![(*first).to_owned(), (*second).to_owned()]
        }
        [a, b, c, d] if !text.contains('.') => vec![format!("{a}.{b}"), format!("{c}.{d}")],
        _ => apart(';').or_else(spaced)?,
    };
    let [first, second] = <[String; 2]>::try_from(parts).ok()?;
    Some((first.replace(',', "."), second.replace(',', ".")))
}

fn is_number_part(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '-' | '+' | '.')
}

/// Degrees with minutes, seconds and compass points: `6°12'00.0"S 106°49'00"E`, `6.2 S, 106.8 E`, `6.2° LS 106.8° BT`.
fn degrees(text: &str) -> Result<Coordinates, PlaceError> {
    let mut halves: Vec<(Vec<f64>, String, bool)> = vec![(Vec::new(), String::new(), false)];
    let mut number = String::new();
    let upper = text.replace("\u{2212}", "-").to_uppercase();
    for c in upper.chars().chain(std::iter::once(' ')) {
        let Some(half) = halves.last_mut() else { break };
        if is_number_part(c) || (c == ',' && !number.is_empty() && half.1.is_empty()) {
            if !half.1.is_empty() {
                halves.push((Vec::new(), String::new(), false));
            }
            number.push(if c == ',' { '.' } else { c });
            continue;
        }
        if !number.is_empty() {
            half.2 |= number.starts_with('-');
            let parsed: f64 = number.trim_end_matches('.').parse().map_err(|_| PlaceError::Unreadable)?;
            half.0.push(parsed.abs());
            number.clear();
        }
        match c {
            'N' | 'S' | 'E' | 'W' | 'L' | 'U' | 'B' | 'T' => half.1.push(c),
            '°' | 'º' | '\'' | '"' | '′' | '″' | '’' | '”' | ',' | ';' => {}
            c if c.is_whitespace() => {}
            _ => return Err(PlaceError::Unreadable),
        }
    }
    if halves.len() == 1 {
        halves = split_without_compass(halves.pop().ok_or(PlaceError::Unreadable)?, text);
    }
    let [latitude, longitude] = <[_; 2]>::try_from(halves).map_err(|_| PlaceError::Unreadable)?;
    let decimal = |(parts, compass, minus): (Vec<f64>, String, bool)| -> Result<String, PlaceError> {
        // Indonesian: LS south, LU north, BT east, BB west.
        let negative = match compass.as_str() {
            "" => minus,
            "N" | "LU" | "U" | "E" | "BT" | "T" => false,
            "S" | "LS" | "W" | "BB" | "B" => true,
            _ => return Err(PlaceError::Unreadable),
        };
        let value = match parts.as_slice() {
            [degrees] => *degrees,
            [degrees, minutes] => degrees + minutes / 60.0,
            [degrees, minutes, seconds] => degrees + minutes / 60.0 + seconds / 3600.0,
            _ => return Err(PlaceError::Unreadable),
        };
        Ok(format!("{:.6}", if negative { -value } else { value }))
    };
    checked((decimal(latitude)?, decimal(longitude)?))
}

/// `-6°12' 106°49'`: the second degree sign begins the second half.
fn split_without_compass(half: (Vec<f64>, String, bool), text: &str) -> Vec<(Vec<f64>, String, bool)> {
    let (parts, compass, minus) = half;
    let middle = parts.len() / 2;
    if parts.len() % 2 == 1 || parts.is_empty() || !compass.is_empty() {
        return vec![(parts, compass, minus)];
    }
    let east_minus = text.trim_start().trim_start_matches('-').contains('-');
    let (north, east) = parts.split_at(middle);
    let north_minus = text.trim_start().starts_with('-');
    vec![(north.to_vec(), String::new(), north_minus), (east.to_vec(), String::new(), east_minus)]
}

/// The coordinates if they are numbers and a place on earth.
fn checked((latitude, longitude): (String, String)) -> Result<Coordinates, PlaceError> {
    let within = |text: &str, limit: f64| match text.parse::<f64>() {
        Ok(degrees) if degrees.is_finite() => Ok(degrees.abs() <= limit),
        _ => Err(PlaceError::Unreadable),
    };
    if within(&latitude, 90.0)? & within(&longitude, 180.0)? {
        Ok(Coordinates { latitude, longitude })
    } else {
        Err(PlaceError::OutOfRange)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn coordinates_are_read_in_every_notation() {
        for (text, latitude, longitude) in [
            ("-6.200000,106.816666", "-6.200000", "106.816666"),
            ("-6.2, 106.8166", "-6.2", "106.8166"),
            ("-6.2 106.8166", "-6.2", "106.8166"),
            ("-6,2 106,8166", "-6.2", "106.8166"),
            ("-6,2, 106,8166", "-6.2", "106.8166"),
            ("-6,2; 106,8166", "-6.2", "106.8166"),
            ("-6,2,106,8166", "-6.2", "106.8166"),
            ("(-6.2, 106.8)", "-6.2", "106.8"),
            ("−6.2, 106.8", "-6.2", "106.8"),
            ("6°12'S 106°49'E", "-6.200000", "106.816667"),
            ("6°12'00.0\"S 106°49'00\"E", "-6.200000", "106.816667"),
            ("6.2° S, 106.8° E", "-6.200000", "106.800000"),
            ("6,2 LS 106,8 BT", "-6.200000", "106.800000"),
            ("-6°12' 106°49'", "-6.200000", "106.816667"),
            ("geo:-6.2,106.8", "-6.2", "106.8"),
            ("geo:0,0?q=-6.2,106.8(Toko)", "-6.2", "106.8"),
            ("https://www.google.com/maps/@-6.2,106.8,17z", "-6.2", "106.8"),
            (
                "https://www.google.com/maps/place/Monas/@-6.1,106.1,17z/data=!3m1!4b1!4m6!3d-6.1753924!4d106.8271528",
                "-6.1753924",
                "106.8271528",
            ),
            ("https://maps.google.com/?q=-6.2,106.8", "-6.2", "106.8"),
            ("https://maps.google.com/maps?q=-6.2%2C106.8&z=17", "-6.2", "106.8"),
            ("https://www.google.com/maps/search/?api=1&query=-6.2%2C106.8", "-6.2", "106.8"),
            ("https://www.google.com/maps/dir//-6.2,106.8", "-6.2", "106.8"),
            ("Lokasi toko: https://maps.google.com/?q=-6.2,106.8", "-6.2", "106.8"),
            ("https://maps.apple.com/?ll=-6.2,106.8&q=Toko", "-6.2", "106.8"),
            ("https://www.openstreetmap.org/?mlat=-6.2&mlon=106.8#map=15/-6.2/106.8", "-6.2", "106.8"),
            ("https://www.openstreetmap.org/#map=15/-6.2/106.8", "-6.2", "106.8"),
        ] {
            let place = Coordinates { latitude: latitude.into(), longitude: longitude.into() };
            assert_eq!(parse_place(text), Ok(place), "{text}");
        }
    }

    #[test]
    fn what_is_no_place_says_what_is_wrong_with_it() {
        for (text, error) in [
            ("https://maps.app.goo.gl/abc123", PlaceError::ShortLink),
            ("https://goo.gl/maps/abc", PlaceError::ShortLink),
            ("https://www.google.com/maps/place/Monas", PlaceError::LinkWithoutPlace),
            ("Jakarta", PlaceError::Unreadable),
            ("", PlaceError::Unreadable),
            ("-6.2", PlaceError::Unreadable),
            ("-96.2, 106.8", PlaceError::OutOfRange),
            ("-6.2, 196.8", PlaceError::OutOfRange),
        ] {
            assert_eq!(parse_place(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn decimal_coordinates_keep_their_digits_whatever_stands_between(
            latitude in "-?[0-8]?[0-9]\\.[0-9]{1,7}", longitude in "-?1[0-7][0-9]\\.[0-9]{1,7}", between in ",|, | |; ",
        ) {
            let found = parse_place(&format!("{latitude}{between}{longitude}"));
            prop_assert_eq!(found, Ok(Coordinates { latitude, longitude }));
        }

        #[test]
        fn no_text_breaks_the_reader(text in "\\PC{0,60}|[-0-9.,°'NSEW%!@/?=a-z: ]{0,60}") {
            if let Ok(place) = parse_place(&text) {
                prop_assert!(place.latitude.parse::<f64>().is_ok_and(|n| n.abs() <= 90.0));
                prop_assert!(place.longitude.parse::<f64>().is_ok_and(|n| n.abs() <= 180.0));
            }
        }
    }
}
