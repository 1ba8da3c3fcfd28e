//! The row of a voice note: how long it is, how loud where, and how far it was played.
//!
//! Invariant: it is one row, whatever is known of the note.

use std::time::Duration;

use super::context::Context;
use super::row::ContentRow;
use crate::text;
use crate::tui::previews::playback::Progress;
use crate::tui::theme::styles::Meaning;

/// The most cells that a waveform takes.
const WIDEST: usize = 32;
/// Cells for everything else in the row.
const BESIDE: usize = 22;

/// The row, with facts of the file at its end as far as there is room. `known`: length and loudness from 0 to 255.
pub(super) fn voice_row(
    cx: &Context<'_>,
    known: (Duration, &[u8]),
    progress: Option<Progress>,
    facts: &[String],
    width: u16,
) -> ContentRow {
    let (duration, waveform) = known;
    let glyphs = cx.theme.glyphs;
    let media = cx.theme.style(Meaning::MessageMedia);
    let total = duration.as_secs().max(u64::from(!duration.is_zero()));
    let mut row = ContentRow::of(if progress.is_some() { glyphs.stop } else { glyphs.play }, media);
    let time = match progress {
        Some(progress) => format!(" {}/{} ", clock(progress.seconds.min(total)), clock(total)),
        None => format!(" {} ", clock(total)),
    };
    row.push(&time, media);
    let room = usize::from(width).saturating_sub(BESIDE).min(WIDEST);
    let bars = narrowed(waveform, room);
    let heard = match (progress, total) {
        (Some(progress), 1..) => {
            let count = u64::try_from(bars.len()).unwrap_or_default();
            usize::try_from(progress.seconds.min(total) * count / total).unwrap_or(bars.len())
        }
        _ => 0,
    };
    for (index, bar) in bars.iter().enumerate() {
        let level = usize::from(*bar) * glyphs.bars.len() / 256;
        let sign = glyphs.bars.get(level).copied().unwrap_or(" ");
        row.push(sign, if index < heard { cx.theme.style(Meaning::Accent) } else { media });
    }
    let mut facts: Vec<String> = facts.to_vec();
    if let Some(progress) = progress.filter(|progress| progress.speed != 100) {
        facts.insert(0, format!("{}.{}x", progress.speed / 100, progress.speed % 100 / 10));
    }
    for fact in facts.iter().filter(|fact| !fact.trim().is_empty()) {
        let piece = [" ", glyphs.dot, " ", fact].concat();
        if row.cells + text::cells(&piece) <= usize::from(width) {
            row.push(&piece, media);
        }
    }
    row
}

fn clock(seconds: u64) -> String {
    if seconds >= 3600 {
        return format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// A waveform in at most so many bars: each the highest of those that it stands for.
fn narrowed(waveform: &[u8], room: usize) -> Vec<u8> {
    if waveform.len() <= room || room == 0 {
        return waveform.iter().copied().take(room).collect();
    }
    let part = |n: usize| {
        let of = waveform.get(n * waveform.len() / room..(n + 1) * waveform.len() / room).unwrap_or_default();
        of.iter().copied().max().unwrap_or_default()
    };
    (0..room).map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_clocks() {
        assert_eq!([0, 14, 61, 3599, 3661].map(clock), ["0:00", "0:14", "1:01", "59:59", "1:01:01"]);
    }

    #[test]
    fn a_waveform_is_narrowed_to_its_highest_parts() {
        assert_eq!(narrowed(&[1, 9, 3, 4, 5, 6], 3), [9, 4, 6]);
        assert_eq!(narrowed(&[1, 2], 5), [1, 2]);
        assert_eq!(narrowed(&[1, 2], 0), [0; 0]);
        assert_eq!(narrowed(&[7; 32], 31).len(), 31);
    }
}
