//! Reads and writes contact lists as CSV.
//!
//! Columns: providers.md 2.4 and the contract (`phone`, `name`, `email`, `tags`; any other is a custom field). Nothing
//! here does IO or guesses a value.
use serde_json::{Map, Number, Value};

use crate::domain::phone::Country;
use crate::domain::{Contact, Failure, phone};

/// The failure code for a cell that is no phone number; the gateway's documents have the same one.
pub(crate) const INVALID_PHONE: &str = "VALIDATION_INVALID_PHONE";
/// A row with more cells than the header has names.
pub(crate) const TOO_MANY_CELLS: &str = "CSV_TOO_MANY_CELLS";
/// Larger integers lose their last digits in programs that hold every number as a double.
const EXACT_MAX: i64 = (1 << 53) - 1;
/// A cell that begins with one of these is run as a formula by spreadsheet programs.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A data row as it was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Row {
    /// A contact, its number normalised.
    Contact(Box<Contact>),
    /// It has no phone number.
    Empty,
    /// It cannot be a contact.
    Invalid(Failure),
}

/// The file cannot be read as a contact list: what is wrong and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CsvError {
    #[error("is not UTF-8 text; save it as \"CSV UTF-8\"")]
    NotText,
    /// No header, or one without a `phone` column.
    #[error("has no column \"phone\" in its first line (there is: {0})")]
    NoPhone(String),
    /// Two columns have the same name.
    #[error("has two columns \"{0}\"; rename or remove one")]
    Duplicate(String),
    /// Cells under no name.
    #[error("row {row} has text in column {column}, which has no name in the first line; name or empty that column")]
    Nameless {
        /// The data row, from 1.
        row: u64,
        /// The column, from 1.
        column: usize,
    },
    /// Not CSV: the reason.
    #[error("is no CSV: {0}")]
    Csv(String),
}

enum Column {
    Phone,
    Name,
    Email,
    Tags,
    Custom(String),
    Nameless,
}

/// Reads a contact list. `home` is how local numbers are read. The rows are the data rows in order.
pub(crate) fn read(bytes: &[u8], home: Country) -> Result<Vec<Row>, CsvError> {
    let text = std::str::from_utf8(bytes).map_err(|_| CsvError::NotText)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (delimiter, text) = delimiter(text);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let invalid = |error: csv::Error| CsvError::Csv(error.to_string());
    let columns = columns(reader.headers().map_err(invalid)?)?;
    let mut rows = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(invalid)?;
        rows.push(row(&columns, &record, index as u64 + 1, home)?);
    }
    Ok(rows)
}

/// `;` or tab where the header has more of them than commas; a first line `sep=;` says it outright.
fn delimiter(text: &str) -> (u8, &str) {
    if let Some(rest) = text.strip_prefix("sep=")
        && let Some((sign, rest)) = rest.split_once('\n')
        && let [sign @ (b';' | b',' | b'\t')] = *sign.trim_end_matches('\r').as_bytes()
    {
        return (sign, rest);
    }
    let mut quoted = false;
    let mut counts = [(0_usize, b','), (0, b';'), (0, b'\t')];
    for byte in text.trim_start().bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(_, sign)| *sign == byte).for_each(|(count, _)| *count += 1),
        }
    }
    let most = counts.iter().max_by_key(|(count, sign)| (*count, *sign == b','));
    (most.map_or(b',', |(_, sign)| *sign), text)
}

fn columns(header: &csv::StringRecord) -> Result<Vec<Column>, CsvError> {
    let mut seen: Vec<String> = Vec::new();
    let mut columns = Vec::new();
    for name in header.iter().map(str::trim) {
        let folded = name.to_lowercase();
        if !name.is_empty() && seen.contains(&folded) {
            return Err(CsvError::Duplicate(name.to_owned()));
        }
        columns.push(match folded.as_str() {
            "" => Column::Nameless,
            "phone" => Column::Phone,
            "name" => Column::Name,
            "email" => Column::Email,
            "tags" => Column::Tags,
            _ => Column::Custom(name.to_owned()),
        });
        seen.push(folded);
    }
    if columns.iter().any(|column| matches!(column, Column::Phone)) {
        Ok(columns)
    } else {
        let names: Vec<_> = header.iter().map(str::trim).filter(|name| !name.is_empty()).collect();
        Err(CsvError::NoPhone(if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }))
    }
}

fn row(columns: &[Column], record: &csv::StringRecord, number: u64, home: Country) -> Result<Row, CsvError> {
    let mut contact = empty_contact();
    let mut phone = "";
    for (index, cell) in record.iter().enumerate() {
        let cell = unguarded(cell.trim());
        if cell.is_empty() {
            continue;
        }
        match columns.get(index) {
            None => {
                let message =
                    format!("{} cells, but {} column names; quote cells with a comma", index + 1, columns.len());
                return Ok(Row::Invalid(Failure::new(TOO_MANY_CELLS, message)));
            }
            Some(Column::Nameless) => return Err(CsvError::Nameless { row: number, column: index + 1 }),
            Some(Column::Phone) => phone = cell,
            Some(Column::Name) => contact.name = Some(cell.to_owned()),
            Some(Column::Email) => contact.email = Some(cell.to_owned()),
            Some(Column::Tags) => contact.tags = tags(cell),
            Some(Column::Custom(name)) => drop(contact.custom_fields.insert(name.clone(), typed(cell))),
        }
    }
    if phone.is_empty() {
        return Ok(Row::Empty);
    }
    Ok(match phone::normalise(plain_number(phone), home) {
        Some(number) => Row::Contact(Box::new(Contact { phone: Some(number), ..contact })),
        None => Row::Invalid(Failure::new(INVALID_PHONE, no_number(phone))),
    })
}

fn empty_contact() -> Contact {
    Contact {
        account: None,
        remote_id: None,
        phone: None,
        name: None,
        email: None,
        tags: Vec::new(),
        custom_fields: Map::new(),
    }
}

fn tags(cell: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in cell.split(';').map(str::trim).filter(|tag| !tag.is_empty()) {
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

/// How spreadsheets write a number that is meant as text: `="0812…"`, `'0812…`, `62812….0`.
fn plain_number(cell: &str) -> &str {
    let text = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(cell);
    let text = text.strip_prefix('\'').unwrap_or(text);
    match text.strip_suffix(".0") {
        Some(whole) if !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit()) => whole,
        _ => text,
    }
}

fn no_number(cell: &str) -> String {
    let shortened = cell.contains(['E', 'e']) && cell.replace(',', ".").parse::<f64>().is_ok();
    if shortened {
        return format!("{cell}: the spreadsheet shortened the number; format the column as text and export again");
    }
    format!("{cell}: no phone number; write it like 0812-3456-7890 or +62 812…")
}

/// A cell's or flag's value with its type: a number only when writing it gives the same text again (so that codes
/// such as `007` or `+62` stay text), `true` and `false`, else text.
pub(crate) fn typed(text: &str) -> Value {
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        return Value::Bool(text.eq_ignore_ascii_case("true"));
    }
    if let Ok(whole) = text.parse::<i64>()
        && whole.to_string() == text
    {
        return if whole.abs() <= EXACT_MAX { Value::from(whole) } else { Value::from(text) };
    }
    let fraction = text.parse::<f64>().ok().filter(|n| n.to_string() == text && text.contains('.'));
    fraction.and_then(Number::from_f64).map_or_else(|| Value::from(text), Value::Number)
}

/// Writes contacts as a CSV file that [`read`] reads again.
pub(crate) struct CsvWriter {
    custom: Vec<String>,
}

impl CsvWriter {
    /// A file with a column for every custom field of these contacts.
    pub(crate) fn new(contacts: &[Contact]) -> Self {
        let mut custom: Vec<String> = Vec::new();
        for name in contacts.iter().flat_map(|contact| contact.custom_fields.keys()) {
            if !custom.contains(name) {
                custom.push(name.clone());
            }
        }
        CsvWriter { custom }
    }

    /// The header, without a line break at its end.
    pub(crate) fn header(&self) -> String {
        let own = ["phone", "name", "email", "tags"];
        let custom = self.custom.iter().map(|name| {
            // A field that is called like a column would be read back as that column.
            if own.contains(&name.trim().to_lowercase().as_str()) { format!("custom.{name}") } else { guarded(name) }
        });
        record(own.iter().map(|name| (*name).to_owned()).chain(custom))
    }

    /// A contact's line, without a line break at its end.
    pub(crate) fn line(&self, contact: &Contact) -> String {
        let text = |value: &Option<String>| value.as_deref().map(guarded).unwrap_or_default();
        let tags = guarded(&contact.tags.join(";"));
        let own = [text(&contact.phone), text(&contact.name), text(&contact.email), tags];
        let custom = self.custom.iter().map(|name| match contact.custom_fields.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => guarded(text),
            Some(other) => other.to_string(),
        });
        record(own.into_iter().chain(custom))
    }
}

/// Cells as a line of CSV, without a line break at its end.
pub(crate) fn record(cells: impl Iterator<Item = String>) -> String {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record(cells);
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned()
}

/// Text that a spreadsheet program would run as a formula gets the apostrophe that makes it text.
pub(crate) fn guarded(text: &str) -> String {
    if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(FORMULA) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::phone::INDONESIA;
    use proptest::prelude::*;
    use serde_json::json;

    fn rows(text: &str) -> Vec<Row> {
        read(text.as_bytes(), INDONESIA).unwrap()
    }

    fn contact(row: &Row) -> &Contact {
        match row {
            Row::Contact(contact) => contact,
            other => panic!("{other:?} is no contact"),
        }
    }

    #[test]
    fn a_crm_export_becomes_contacts() {
        let text = "\u{feff}Phone,NAME,email,Tags,Perusahaan,lifetime_value,aktif,kode\r\n\
                    0812-3456-789,\"Budi\nSantoso\",b@example.com,vip; lama ;vip,PT ABC,12500000,TRUE,007\r\n\
                    ,Tanpa Nomor,,,,,,\r\n\
                    abc,Salah,,,,,,\r\n";
        let rows = rows(text);
        let budi = contact(&rows[0]);
        assert_eq!(budi.phone.as_deref(), Some("628123456789"));
        assert_eq!(budi.name.as_deref(), Some("Budi\nSantoso"));
        assert_eq!(budi.tags, ["vip", "lama"]);
        assert_eq!(
            Value::Object(budi.custom_fields.clone()),
            json!({"Perusahaan": "PT ABC", "lifetime_value": 12_500_000, "aktif": true, "kode": "007"})
        );
        assert_eq!(rows[1], Row::Empty);
        assert!(matches!(&rows[2], Row::Invalid(f) if f.code == INVALID_PHONE && f.message.starts_with("abc")));
    }

    #[test]
    fn the_delimiter_is_what_the_header_has_most() {
        for text in [
            "phone;name;tags\n0812345678;\"Sari, Ibu\";\"a;b\"\n",
            "phone,name,tags\n0812345678,\"Sari, Ibu\",a;b\n",
            "phone\tname\ttags\n0812345678\tSari, Ibu\ta;b\n",
            "sep=;\nphone;name;tags\n0812345678;Sari, Ibu;\"a;b\"\n",
        ] {
            let rows = rows(text);
            let sari = contact(&rows[0]);
            assert_eq!((sari.name.as_deref(), sari.tags.len()), (Some("Sari, Ibu"), 2), "{text}");
        }
        assert_eq!(rows("phone\n0812345678\n").len(), 1);
    }

    #[test]
    fn only_canonical_numbers_keep_their_type() {
        for (text, value) in [
            ("12", json!(12)),
            ("-3", json!(-3)),
            ("0", json!(0)),
            ("1.5", json!(1.5)),
            ("false", json!(false)),
            ("9007199254740991", json!(9_007_199_254_740_991_i64)),
        ] {
            assert_eq!(typed(text), value, "{text}");
        }
        for text in ["007", "+62", "1.50", "1e5", "-0", "NaN", "inf", "9007199254740993", "1,5", ".5", "2026-04-15"] {
            assert_eq!(typed(text), json!(text));
        }
    }

    #[test]
    fn numbers_that_a_spreadsheet_has_dressed_up_are_undressed() {
        for cell in ["'08123456789", "\"=\"\"08123456789\"\"\"", "628123456789.0", "8123456789"] {
            let text = format!("phone\n{cell}\n");
            assert_eq!(contact(&rows(&text)[0]).phone.as_deref(), Some("628123456789"), "{cell}");
        }
        let rows = rows("phone\n6.28E+12\n");
        assert!(matches!(&rows[0], Row::Invalid(f) if f.message.contains("format the column as text")));
    }

    #[test]
    fn a_sheet_that_cannot_be_read_says_why() {
        let error = |text: &[u8]| read(text, INDONESIA).unwrap_err().to_string();
        assert!(error(b"nama,hp\n").contains("nama, hp"));
        assert!(error(b"").contains("nothing"));
        assert!(error(b"phone,Phone\n").contains("two columns"));
        assert!(error(b"phone,\n0812345678,x\n").contains("row 1 has text in column 2"));
        assert!(error(b"phone\n\xff\n").contains("UTF-8"));
        let rows = rows("phone,name\n0812345678,Sari, Ibu\n");
        assert!(matches!(&rows[0], Row::Invalid(f) if f.code == TOO_MANY_CELLS));
    }

    #[test]
    fn formulas_are_defused_and_read_back() {
        let contacts =
            [Contact { name: Some("=HYPERLINK(\"x\")".into()), phone: Some("6281".into()), ..empty_contact() }];
        let writer = CsvWriter::new(&contacts);
        assert_eq!(writer.line(&contacts[0]), "6281,\"'=HYPERLINK(\"\"x\"\")\",,");
        assert_eq!(unguarded("'=HYPERLINK(\"x\")"), "=HYPERLINK(\"x\")");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(name in "[^\\s\\p{Cc}][^\\p{Cc}]{0,10}[^\\s\\p{Cc}]", tag in "[a-z]{1,5}", n in -1000_i64..1000) {
            prop_assume!(!name.starts_with('\''));
            let mut contact = Contact { phone: Some("628123456789".into()), name: Some(name), tags: vec![tag], ..empty_contact() };
            contact.custom_fields.insert("poin".into(), json!(n));
            let contacts = [contact];
            let writer = CsvWriter::new(&contacts);
            let text = format!("{}\n{}\n", writer.header(), writer.line(&contacts[0]));
            prop_assert_eq!(&rows(&text)[0], &Row::Contact(Box::new(contacts[0].clone())));
        }
    }
}
