//! The text of a template: how many places it has, and how it reads with them filled.

/// The most places that a template may have; a higher number in its text is text.
const PLACES_MAX: usize = 20;

/// The highest `{{n}}` of a template's text.
pub(crate) fn place_count(body: &str) -> usize {
    places(body).map(|(_, n, _)| n).max().unwrap_or(0)
}

/// A template's text with its places filled; a place without a value stays. What is filled in is not read for places
/// again.
pub(crate) fn fill_places(body: &str, values: &[String]) -> String {
    let mut out = String::with_capacity(body.len() + 16);
    let mut from = 0;
    for (start, n, end) in places(body) {
        let value = values.get(n - 1).filter(|value| !value.is_empty());
        let place = body.get(start..end).unwrap_or_default();
        out.push_str(body.get(from..start).unwrap_or_default());
        out.push_str(value.map_or(place, String::as_str));
        from = end;
    }
    out.push_str(body.get(from..).unwrap_or_default());
    out
}

/// Each place: where it begins, its number, where it ends.
fn places(body: &str) -> impl Iterator<Item = (usize, usize, usize)> {
    body.match_indices("{{").filter_map(move |(start, _)| {
        let inside = body.get(start + 2..)?;
        let length = inside.find("}}")?;
        let n = inside.get(..length)?.trim().parse().ok()?;
        (1..=PLACES_MAX).contains(&n).then_some((start, n, start + 2 + length + 2))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_and_filled_once() {
        let body = "Halo {{1}}, pesanan {{ 2 }} siap. {{1}} {{name}} {{99}} {{";
        assert_eq!(place_count(body), 2);
        let values = ["Budi".to_owned(), "{{1}}".to_owned()];
        assert_eq!(fill_places(body, &values), "Halo Budi, pesanan {{1}} siap. Budi {{name}} {{99}} {{");
        assert_eq!(fill_places("{{1}} {{2}}", &["a".to_owned()]), "a {{2}}");
    }
}
