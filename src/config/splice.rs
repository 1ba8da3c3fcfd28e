//! Splices lines into a configuration text. Every byte outside the named ranges stays what it is.

use std::ops::Range;

use toml_edit::{Item, Table};

/// A text being edited, by byte ranges of the text as it was. One edit at most; a second would see moved ranges.
pub(super) struct Text {
    /// A byte order mark, kept.
    mark: &'static str,
    toml: String,
    newline: &'static str,
}

impl Text {
    /// Takes a file's text.
    pub(super) fn new(text: &str) -> Self {
        let (mark, toml) = text.strip_prefix('\u{feff}').map_or(("", text), |toml| ("\u{feff}", toml));
        let newline = if toml.contains("\r\n") { "\r\n" } else { "\n" };
        Text { mark, toml: toml.to_owned(), newline }
    }

    /// The text that ranges refer to: without the byte order mark.
    pub(super) fn toml(&self) -> &str {
        &self.toml
    }

    /// The whole file.
    pub(super) fn finish(self) -> String {
        format!("{}{}", self.mark, self.toml)
    }

    /// Puts `new` in the place of a range.
    pub(super) fn replace(&mut self, range: Range<usize>, new: &str) {
        if self.toml.get(range.clone()).is_some() {
            self.toml.replace_range(range, new);
        }
    }

    /// A new line after the one that holds `offset`, indented alike.
    pub(super) fn insert_line_after(&mut self, offset: usize, line: &str) {
        let start = self.line_start(offset);
        let indent: String =
            self.toml.get(start..).unwrap_or_default().chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
        let end = self.line_end(offset);
        let newline = self.newline;
        let ends_open = !self.toml.get(..end).unwrap_or_default().ends_with('\n');
        let new =
            if ends_open { format!("{newline}{indent}{line}{newline}") } else { format!("{indent}{line}{newline}") };
        self.replace(end..end, &new);
    }

    /// A new line above everything but the comment that heads the file.
    pub(super) fn insert_line_at_top(&mut self, line: &str) {
        let head: usize = self.toml.split_inclusive('\n').take_while(|line| line.starts_with('#')).map(str::len).sum();
        let rest = self.toml.get(head..).unwrap_or_default();
        // A comment with no empty line under it belongs to what follows it.
        let heads_file = head > 0 && (rest.is_empty() || rest.starts_with(['\r', '\n']));
        let at = if heads_file { head } else { 0 };
        let newline = self.newline;
        let open = heads_file && !self.toml.get(..at).unwrap_or_default().ends_with('\n');
        let before = if open { newline } else { "" };
        let after = if heads_file || self.toml.is_empty() { "" } else { newline };
        self.replace(at..at, &format!("{before}{line}{newline}{after}"));
    }

    /// A block of lines at the end, an empty line above it.
    pub(super) fn append_block(&mut self, block: &str) {
        let newline = self.newline;
        if !self.toml.is_empty() {
            if !self.toml.ends_with('\n') {
                self.toml.push_str(newline);
            }
            let is_blank = |line: &str| line.trim().is_empty();
            if !self.toml.lines().next_back().is_none_or(is_blank) {
                self.toml.push_str(newline);
            }
        }
        for line in block.lines() {
            self.toml.push_str(line);
            self.toml.push_str(newline);
        }
    }

    /// Removes the lines that a range touches.
    pub(super) fn remove_lines(&mut self, range: Range<usize>) {
        let lines = self.line_start(range.start)..self.line_end(range.end);
        self.replace(lines, "");
    }

    /// Removes the lines that a range touches, the comment directly above them, comments directly below that an empty
    /// line ends, and one empty line.
    pub(super) fn remove_block(&mut self, range: Range<usize>) {
        let start = self.comment_above(self.line_start(range.start));
        let mut end = self.comment_below(self.line_end(range.end));
        if self.line_at(end).is_some_and(is_blank) {
            end = self.line_end(end);
        }
        self.replace(start..end, "");
        if start == self.toml.len() {
            // It was the last: the empty line that stood above it goes instead.
            let trimmed = self.toml.trim_end_matches(['\r', '\n', ' ', '\t']).len();
            let keep = if trimmed == 0 { 0 } else { self.line_end(trimmed) };
            self.toml.truncate(keep);
        }
    }

    /// Where the comment begins that stands directly above a line; a comment that heads the file is not taken.
    fn comment_above(&self, line_start: usize) -> usize {
        let mut start = line_start;
        while start > 0 {
            let above = self.line_start(start - 1);
            if !self.line_at(above).is_some_and(is_comment) {
                return start;
            }
            start = above;
        }
        line_start
    }

    /// Where the comment ends that stands directly below; one without an empty line below it belongs to the next.
    fn comment_below(&self, line_end: usize) -> usize {
        let mut end = line_end;
        while self.line_at(end).is_some_and(is_comment) {
            end = self.line_end(end);
        }
        if self.line_at(end).is_none_or(is_blank) { end } else { line_end }
    }

    /// The line that begins at an offset; `None` at the end of the text.
    fn line_at(&self, start: usize) -> Option<&str> {
        self.toml.get(start..).filter(|rest| !rest.is_empty())?.lines().next()
    }

    fn line_start(&self, offset: usize) -> usize {
        let before = self.toml.get(..offset).unwrap_or_default();
        before.rfind('\n').map_or(0, |at| at + 1)
    }

    fn line_end(&self, offset: usize) -> usize {
        let after = self.toml.get(offset..).unwrap_or_default();
        after.find('\n').map_or(self.toml.len(), |at| offset + at + 1)
    }
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// Where the values end that stand directly under a table's header (dotted keys too, tables under it not).
pub(super) fn leaves_end(table: &Table) -> Option<usize> {
    let ends = table.iter().filter_map(|(_, item)| match item {
        Item::Value(value) => value.span().map(|span| span.end),
        Item::Table(below) if below.is_dotted() => leaves_end(below),
        _ => None,
    });
    ends.max()
}

/// From a table's header to its last value, tables under it included.
pub(super) fn range_of_table(table: &Table) -> Option<Range<usize>> {
    let header = table.span()?;
    Some(header.start..end_of(table).max(header.end))
}

fn end_of(table: &Table) -> usize {
    let ends = table.iter().map(|(_, item)| {
        let own = item.span().map_or(0, |span| span.end);
        let below = match item {
            Item::Table(below) => end_of(below),
            Item::ArrayOfTables(list) => {
                list.iter().map(|below| end_of(below).max(below.span().map_or(0, |span| span.end))).max().unwrap_or(0)
            }
            Item::Value(_) | Item::None => 0,
        };
        own.max(below)
    });
    ends.max().unwrap_or(0)
}
