//! Reads JSON as gateways really write it: what can be read is read, and what could not is reported.
//!
//! Standard JSON is read by `serde_json`; this reader takes over where that refuses a body. Such bodies are seen from
//! gateways that cut a text in the middle of an emoji (a lone surrogate, which RFC 8259, 8.2 allows), write a byte
//! order mark (8.1), numbers beyond a double (6), or text in another encoding.
//!
//! Invariants: nothing fails and nothing recurses deeper than [`DEPTH_MAX`]. What is below that depth is kept as its
//! text, so that everything read here can be stored and read again.
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::iter::Peekable;
use std::str::CharIndices;

/// How deep objects and arrays are read; less than the 128 levels at which `serde_json` stops.
const DEPTH_MAX: usize = 100;

/// A body with more values is not read: each takes hundreds of bytes once it is, and no event has so many.
const VALUES_MAX: usize = 100_000;

/// The byte order mark of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What a body has that JSON does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Damage {
    /// Values that JSON cannot hold (`NaN`, bytes that are no UTF-8); its structure is whole.
    Values,
    /// The structure is broken: cut off, followed by something else, a comma too many. Something may be missing.
    Structure,
}

/// What was read of a body.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    pub(crate) value: Value,
    /// `None`: it is valid JSON, apart from a byte order mark.
    pub(crate) damage: Option<Damage>,
}

/// Reads a body; `None` when it does not even begin like JSON, or has more values than an event can have.
pub(crate) fn read(bytes: &[u8]) -> Option<Reading> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if count_values(bytes) > VALUES_MAX {
        return None;
    }
    if let Ok(value) = serde_json::from_slice(bytes) {
        return Some(Reading { value, damage: None });
    }
    let text = String::from_utf8_lossy(bytes);
    let damage = matches!(text, Cow::Owned(_)).then_some(Damage::Values);
    let mut reader = Reader { text: &text, chars: text.char_indices().peekable(), damage };
    reader.skip_space();
    if !matches!(reader.peek(), Some('{' | '[')) {
        return None;
    }
    let value = reader.value(0);
    reader.skip_space();
    if reader.peek().is_some() {
        reader.note(Damage::Structure);
    }
    Some(Reading { value, damage: reader.damage })
}

/// Reads JSON that came as a text within other JSON; `None` when it does not even begin like JSON.
pub(crate) fn read_text(text: &str) -> Option<Value> {
    read(text.as_bytes()).map(|reading| reading.value)
}

/// How many values a body may have, about: what separates them outside of texts, as deep as they are read.
fn count_values(bytes: &[u8]) -> usize {
    let (mut count, mut depth, mut in_text, mut escaped) = (0, 0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => {
                depth += 1;
                count += usize::from(depth <= DEPTH_MAX);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => count += usize::from(depth <= DEPTH_MAX),
            _ => {}
        }
    }
    count
}

struct Reader<'a> {
    text: &'a str,
    chars: Peekable<CharIndices<'a>>,
    damage: Option<Damage>,
}

impl<'a> Reader<'a> {
    fn peek(&mut self) -> Option<char> {
        self.chars.peek().map(|(_, c)| *c)
    }

    fn next(&mut self) -> Option<char> {
        self.chars.next().map(|(_, c)| c)
    }

    /// The offset of the next character.
    fn offset(&mut self) -> usize {
        self.chars.peek().map_or(self.text.len(), |(at, _)| *at)
    }

    fn note(&mut self, damage: Damage) {
        self.damage = self.damage.max(Some(damage));
    }

    fn skip_space(&mut self) {
        while self.chars.next_if(|(_, c)| c.is_whitespace()).is_some() {}
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let start = self.offset();
        while self.chars.next_if(|(_, c)| fits(*c)).is_some() {}
        let end = self.offset();
        self.text.get(start..end).unwrap_or_default()
    }

    /// Reads one value; null in the place of what is none. Consumes at least one character unless the text is over or
    /// the character closes or separates what is around it.
    fn value(&mut self, depth: usize) -> Value {
        self.skip_space();
        match self.peek() {
            Some('{' | '[') if depth >= DEPTH_MAX => Value::String(self.nested_text().to_owned()),
            Some('{') => self.object(depth),
            Some('[') => self.array(depth),
            Some('"') => Value::String(self.string()),
            Some(c) if c.is_ascii_digit() || matches!(c, '-' | '+' | '.') => self.number(),
            Some(c) if c.is_alphabetic() => self.word(),
            Some('}' | ']' | ',' | ':') | None => {
                self.note(Damage::Structure);
                Value::Null
            }
            Some(_) => {
                self.next();
                self.note(Damage::Structure);
                Value::Null
            }
        }
    }

    fn object(&mut self, depth: usize) -> Value {
        let mut fields = Map::new();
        self.next();
        // Between two fields there is one comma, and none after the last.
        let mut comma = true;
        loop {
            self.skip_space();
            match self.peek() {
                Some('}') => {
                    self.next();
                    if comma && !fields.is_empty() {
                        self.note(Damage::Structure);
                    }
                    return Value::Object(fields);
                }
                Some(',') if !comma => {
                    self.next();
                    comma = true;
                }
                Some('"') => {
                    if !comma {
                        self.note(Damage::Structure);
                    }
                    let name = self.string();
                    self.skip_space();
                    if self.chars.next_if(|(_, c)| *c == ':').is_none() {
                        self.note(Damage::Structure);
                    }
                    let value = self.value(depth + 1);
                    fields.insert(name, value);
                    comma = false;
                }
                // It was cut off, or this closes an array that is around it.
                None | Some(']') => {
                    self.note(Damage::Structure);
                    return Value::Object(fields);
                }
                Some(_) => {
                    self.next();
                    self.note(Damage::Structure);
                }
            }
        }
    }

    fn array(&mut self, depth: usize) -> Value {
        let mut items = Vec::new();
        self.next();
        let mut comma = true;
        loop {
            self.skip_space();
            match self.peek() {
                Some(']') => {
                    self.next();
                    if comma && !items.is_empty() {
                        self.note(Damage::Structure);
                    }
                    return Value::Array(items);
                }
                Some(',') if !comma => {
                    self.next();
                    comma = true;
                }
                None | Some('}') => {
                    self.note(Damage::Structure);
                    return Value::Array(items);
                }
                Some(',' | ':') => {
                    self.next();
                    self.note(Damage::Structure);
                }
                Some(_) => {
                    if !comma {
                        self.note(Damage::Structure);
                    }
                    items.push(self.value(depth + 1));
                    comma = false;
                }
            }
        }
    }

    /// The text of an object or array up to its end, without reading it.
    fn nested_text(&mut self) -> &'a str {
        let start = self.offset();
        let mut open = 0_usize;
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.string();
                    continue;
                }
                '{' | '[' => open += 1,
                '}' | ']' => open -= 1,
                _ => {}
            }
            self.next();
            if open == 0 {
                break;
            }
        }
        if open > 0 {
            self.note(Damage::Structure);
        }
        let end = self.offset();
        self.text.get(start..end).unwrap_or_default()
    }

    fn string(&mut self) -> String {
        let mut text = String::new();
        self.next();
        loop {
            match self.next() {
                Some('"') => return text,
                Some('\\') => self.escape(&mut text),
                Some(c) => {
                    // A line break that should have been escaped is one all the same.
                    if c < ' ' {
                        self.note(Damage::Values);
                    }
                    text.push(c);
                }
                None => {
                    self.note(Damage::Structure);
                    return text;
                }
            }
        }
    }

    fn escape(&mut self, text: &mut String) {
        let plain = match self.next() {
            Some('u') => return self.unicode_escape(text),
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some(c @ ('"' | '\\' | '/')) => c,
            Some(c) => {
                self.note(Damage::Values);
                c
            }
            // The end is noted by the string that it cuts off.
            None => return,
        };
        text.push(plain);
    }

    /// The rest of `\uXXXX`, with the second half of a pair. Half a pair reads as U+FFFD.
    fn unicode_escape(&mut self, text: &mut String) {
        let Some(unit) = self.hex_unit() else {
            self.note(Damage::Values);
            text.push(char::REPLACEMENT_CHARACTER);
            return;
        };
        if !(0xd800..0xdc00).contains(&unit) {
            text.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
            return;
        }
        let before = self.chars.clone();
        let low = (self.next() == Some('\\') && self.next() == Some('u')).then(|| self.hex_unit()).flatten();
        if let Some(low) = low.filter(|low| (0xdc00..0xe000).contains(low)) {
            let code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        } else {
            self.chars = before;
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }

    /// Four hexadecimal digits; consumes only digits.
    fn hex_unit(&mut self) -> Option<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            let (_, digit) = self.chars.next_if(|(_, c)| c.is_ascii_hexdigit())?;
            unit = unit * 16 + digit.to_digit(16)?;
        }
        Some(unit)
    }

    /// A number; the text of one that is beyond a double or not written as JSON writes numbers.
    fn number(&mut self) -> Value {
        let text = self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.'));
        if let Ok(number) = serde_json::from_str(text) {
            return number;
        }
        if matches!(text, "-Infinity" | "-NaN" | "+Infinity") {
            self.note(Damage::Values);
            return Value::Null;
        }
        if !text.parse::<f64>().is_ok_and(f64::is_infinite) {
            self.note(Damage::Values);
        }
        Value::String(text.to_owned())
    }

    /// `true`, `false`, `null`; null for what other languages write, such as `NaN`.
    fn word(&mut self) -> Value {
        match self.take_while(|c| c.is_alphanumeric() || c == '_') {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            "True" => self.repaired(Value::Bool(true)),
            "False" => self.repaired(Value::Bool(false)),
            "NaN" | "Infinity" | "undefined" | "None" => self.repaired(Value::Null),
            _ => {
                self.note(Damage::Structure);
                Value::Null
            }
        }
    }

    fn repaired(&mut self, value: Value) -> Value {
        self.note(Damage::Values);
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn reading(text: &str) -> (Value, Option<Damage>) {
        let reading = read(text.as_bytes()).unwrap_or_else(|| panic!("{text}"));
        (reading.value, reading.damage)
    }

    #[test]
    fn a_body_of_nothing_but_values_is_not_read() {
        let many = |n: usize| format!("[{}1]", "{},".repeat(n)).into_bytes();
        assert!(read(&many(1000)).is_some());
        assert!(read(&many(VALUES_MAX)).is_none());
        let text = format!("[\"{}\\\"{{\"]", ",{[".repeat(VALUES_MAX));
        assert!(read(text.as_bytes()).is_some(), "what stands in a text is no value");
    }

    #[test]
    fn what_the_grammar_allows_is_no_damage() {
        for (text, value) in [
            ("\u{feff}{\"a\":1}", json!({"a": 1})),
            (r#"{"a":"halo \ud83d"}"#, json!({"a": "halo \u{fffd}"})),
            (r#"{"a":"\ud83d\ude00 \ude00 \ud83d\u0041 \ud83dx"}"#, json!({"a": "😀 \u{fffd} \u{fffd}A \u{fffd}x"})),
            (r#"{"a":1e400,"b":-1e999,"c":2.50}"#, json!({"a": "1e400", "b": "-1e999", "c": 2.5})),
            (r#"[true,false,null,"\u00e9\n\/",1e400]"#, json!([true, false, null, "é\n/", "1e400"])),
        ] {
            assert_eq!(reading(text), (value, None), "{text}");
        }
    }

    #[test]
    fn values_that_json_cannot_hold_are_replaced() {
        for (text, value) in [
            (r#"{"a":NaN,"b":-Infinity,"c":undefined,"d":1}"#, json!({"a": null, "b": null, "c": null, "d": 1})),
            ("{\"a\":\"baris\nbaru\",\"b\":\"\\x\"}", json!({"a": "baris\nbaru", "b": "x"})),
            (r#"{"a":+5,"b":012,"c":"\u12"}"#, json!({"a": "+5", "b": "012", "c": "\u{fffd}"})),
            (r#"{"a":True,"b":None}"#, json!({"a": true, "b": null})),
        ] {
            assert_eq!(reading(text), (value, Some(Damage::Values)), "{text}");
        }
        let latin = read(b"{\"a\":\"caf\xe9\"}").unwrap();
        assert_eq!(latin, Reading { value: json!({"a": "caf\u{fffd}"}), damage: Some(Damage::Values) });
    }

    #[test]
    fn a_broken_structure_gives_what_is_whole() {
        for (text, value) in [
            (r#"{"a":1,"b":{"c":"hal"#, json!({"a": 1, "b": {"c": "hal"}})),
            (r#"{"a":[1,2,],}"#, json!({"a": [1, 2]})),
            (r#"{"a":1}{"b":2}"#, json!({"a": 1})),
            (r#"{"a" 1 "b":,"c":?}"#, json!({"a": 1, "b": null, "c": null})),
            (r#"[{"a":1],2}"#, json!([{"a": 1}])),
            ("{a:1,'b':2}", json!({})),
        ] {
            assert_eq!(reading(text), (value, Some(Damage::Structure)), "{text}");
        }
        for nothing in ["", "halo", "<html>", "keyword=halo", "\"halo"] {
            assert_eq!(read(nothing.as_bytes()), None, "{nothing}");
        }
    }

    #[test]
    fn deep_nesting_is_kept_as_text() {
        for depth in [150, 200_000] {
            let deep = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
            let (value, damage) = reading(&format!("{{\"text\":\"halo\",\"deep\":{deep},\"after\":\"]\"}}"));
            assert_eq!((&value["text"], &value["after"], damage), (&json!("halo"), &json!("]"), None), "{depth}");
            let written = value.to_string();
            assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), value, "{depth}");
            assert!(written.len() >= deep.len(), "{depth}");
        }
        let (_, damage) = reading(&"[".repeat(200_000));
        assert_eq!(damage, Some(Damage::Structure));
    }

    proptest! {
        #[test]
        fn anything_is_read_without_a_panic_and_can_be_read_again(text in "[\\[\\]{},:\"\\\\ud8a1eN.+ -]{0,80}", bytes: Vec<u8>) {
            for bytes in [text.into_bytes(), bytes] {
                if let Some(reading) = read(&bytes) {
                    prop_assert!(serde_json::from_str::<Value>(&reading.value.to_string()).is_ok());
                }
            }
        }
    }
}
