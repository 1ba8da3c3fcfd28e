//! How long a voice note is and how loud it is where: Opus in Ogg (RFC 7845), as messengers send it.
//!
//! Invariant: the work is bounded by the bytes and by a number of packets that are decoded, whatever the file says of itself;
//! a file on which the decoder stumbles has a length without loudness.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use opus_decoder::OpusDecoder;

use super::ogg::Packets;

/// The largest file that is looked at: hours of speech.
pub(crate) const MOST_BYTES: usize = 32 << 20;
/// The highest bar of a waveform.
pub(crate) const HIGHEST: u8 = 7;
/// Packets that are decoded of a file, which is a minute of speech. Of a longer one a part is heard for each bar.
const MOST_DECODED: u64 = 3000;
/// The rate at which Opus counts, in samples per second.
const RATE: u32 = 48_000;
/// A mean amplitude below which all is silence, so that noise is not drawn as speech.
const SILENCE: u64 = 60;

/// What is known of a voice note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Voice {
    pub duration: Duration,
    /// How loud it is from beginning to end, each from 0 to 7. Empty where it could not be decoded.
    pub bars: Vec<u8>,
}

/// Why nothing is known of a voice note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VoiceError {
    /// It is of another format.
    OtherFormat,
    /// It is larger than what is looked at.
    TooLarge,
    /// It says that it is Opus, and holds no sound.
    Damaged,
}

/// Reads a voice note, with as many bars as wanted.
pub(crate) fn read(bytes: &[u8], bars: usize) -> Result<Voice, VoiceError> {
    if bytes.len() > MOST_BYTES {
        return Err(VoiceError::TooLarge);
    }
    let facts = facts(bytes)?;
    // The decoder is young, and what it reads was written by anybody.
    let decoded = catch_unwind(AssertUnwindSafe(|| loudness(bytes, &facts, bars)));
    let bars = decoded.ok().flatten().map(|loud| heights(&loud)).unwrap_or_default();
    let samples = facts.samples.saturating_sub(u64::from(facts.skip));
    Ok(Voice { duration: Duration::from_millis(samples.saturating_mul(1000) / u64::from(RATE)), bars })
}

/// What the headers and the lengths of the packets say.
struct Facts {
    channels: u8,
    /// Samples at the beginning that are not played.
    skip: u16,
    /// Packets after the two headers.
    packets: u64,
    /// Samples in each channel, with those that are not played.
    samples: u64,
}

fn facts(bytes: &[u8]) -> Result<Facts, VoiceError> {
    let mut packets = Packets::of(bytes).ok_or(VoiceError::OtherFormat)?;
    let head = packets.next_packet().ok_or(VoiceError::Damaged)?;
    if !head.starts_with(b"OpusHead") {
        return Err(VoiceError::OtherFormat);
    }
    let (Some(&channels), Some(skip)) = (head.get(9), head.get(10..12)) else { return Err(VoiceError::Damaged) };
    let skip = skip.try_into().map(u16::from_le_bytes).unwrap_or_default();
    // The comment.
    packets.next_packet().ok_or(VoiceError::Damaged)?;
    let (mut count, mut samples) = (0, 0_u64);
    while let Some(packet) = packets.next_packet() {
        count += 1;
        samples = samples.saturating_add(u64::from(samples_of(&packet)));
    }
    if count == 0 {
        return Err(VoiceError::Damaged);
    }
    // The last page may cut samples off, never add any.
    let samples = if packets.position > u64::from(skip) { samples.min(packets.position) } else { samples };
    Ok(Facts { channels, skip, packets: count, samples })
}

/// The samples that a packet stands for in each channel, by its first two bytes (RFC 6716, 3.1).
fn samples_of(packet: &[u8]) -> u32 {
    let Some(&first) = packet.first() else { return 0 };
    let frame = match first >> 3 {
        config @ 0..=11 => [480, 960, 1920, 2880].get(usize::from(config % 4)).copied(),
        config @ 12..=15 => [480, 960].get(usize::from(config % 2)).copied(),
        config => [120, 240, 480, 960].get(usize::from(config % 4)).copied(),
    };
    let frames = match first & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => packet.get(1).map_or(0, |count| u32::from(count & 63)),
    };
    // 120 ms is the most that a packet may hold.
    (frame.unwrap_or_default() * frames).min(5760)
}

/// The mean amplitude of the loudest packet of each bar; `None` where nothing could be decoded.
fn loudness(bytes: &[u8], facts: &Facts, bars: usize) -> Option<Vec<u64>> {
    let channels = facts.channels.clamp(1, 2);
    let bars_wide = u64::try_from(bars).ok().filter(|bars| *bars > 0)?;
    let mut decoder = OpusDecoder::new(RATE, usize::from(channels)).ok()?;
    let mut sound = vec![0_i16; OpusDecoder::MAX_FRAME_SIZE_48K * usize::from(channels)];
    let mut packets = Packets::of(bytes)?;
    packets.next_packet()?;
    packets.next_packet()?;
    let run = (MOST_DECODED / bars_wide).max(1);
    let mut loud = vec![0; bars];
    let (mut place, mut heard_packets, mut known) = (0_u64, 0, false);
    let mut last = (usize::MAX, 0);
    while let Some(packet) = packets.next_packet() {
        let bar = usize::try_from(place * bars_wide / facts.packets).unwrap_or(usize::MAX);
        place += 1;
        last = if last.0 == bar { (bar, last.1 + 1) } else { (bar, 0) };
        if (facts.packets > MOST_DECODED && last.1 >= run) || packet.is_empty() || heard_packets >= MOST_DECODED {
            continue;
        }
        heard_packets += 1;
        let Ok(samples) = decoder.decode(&packet, &mut sound, false) else { continue };
        let heard = sound.get(..samples * usize::from(channels)).unwrap_or_default();
        if let Some(loud) = loud.get_mut(bar).filter(|_| !heard.is_empty()) {
            known = true;
            *loud = mean(heard).max(*loud);
        }
    }
    known.then_some(loud)
}

fn mean(sound: &[i16]) -> u64 {
    let sum: u64 = sound.iter().map(|sample| u64::from(sample.unsigned_abs())).sum();
    sum / u64::try_from(sound.len()).unwrap_or(1).max(1)
}

/// Heights in relation to the loudest. Ears hear the root of an amplitude rather than the amplitude.
fn heights(loud: &[u64]) -> Vec<u8> {
    let loudest = loud.iter().copied().max().unwrap_or_default().max(SILENCE);
    let highest = u64::from(HIGHEST);
    loud.iter()
        .map(|loud| u8::try_from((loud * highest * highest / loudest).isqrt()).unwrap_or(HIGHEST).min(HIGHEST))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/sandbox/catatan.ogg"));

    #[test]
    fn a_voice_note_has_its_length_and_its_loudness() {
        let voice = read(NOTE, 24).unwrap();
        assert_eq!(voice.duration.as_millis(), 8_530);
        assert_eq!(voice.bars.len(), 24);
        assert!(voice.bars.iter().all(|bar| *bar <= HIGHEST));
        assert!(voice.bars.contains(&HIGHEST) && voice.bars.iter().any(|bar| *bar < 4), "{:?}", voice.bars);
        // Fewer bars say the same in less.
        assert_eq!(read(NOTE, 1).unwrap().bars, [HIGHEST]);
        assert_eq!(read(NOTE, 0).unwrap().bars, [0; 0]);
    }

    #[test]
    fn silence_is_flat() {
        assert_eq!(heights(&[0, 0, 3]), [0, 0, 1]);
        assert_eq!(heights(&[0, 100, 1600]), [0, 1, 7]);
    }

    #[test]
    fn what_is_none_is_said_to_be_none() {
        assert_eq!(read(b"", 8), Err(VoiceError::OtherFormat));
        assert_eq!(read(b"ID3\x04 an mp3", 8), Err(VoiceError::OtherFormat));
        let other = [&NOTE[..28], b"\x01vorbis and more....", &NOTE[47..]].concat();
        assert_eq!(read(&other, 8), Err(VoiceError::OtherFormat));
        // Both headers, and no sound.
        assert_eq!(read(&NOTE[..60], 8), Err(VoiceError::Damaged));
        assert_eq!(read(&vec![0; MOST_BYTES + 1], 8), Err(VoiceError::TooLarge));
    }

    #[test]
    fn a_file_that_is_cut_is_as_long_as_what_is_there() {
        let whole = read(NOTE, 8).unwrap().duration;
        let half = read(&NOTE[..NOTE.len() / 2], 8).unwrap().duration;
        assert!(half < whole && half > Duration::from_secs(2), "{half:?}");
    }

    #[test]
    fn a_length_that_cannot_be_is_not_believed() {
        let mut file = NOTE.to_vec();
        let last = file.windows(4).rposition(|bytes| bytes == b"OggS").unwrap();
        file[last + 6..last + 14].copy_from_slice(&(u64::MAX - 1).to_le_bytes());
        let believed = read(&file, 8).unwrap().duration;
        assert!(believed < Duration::from_secs(11), "{believed:?}");
    }

    #[test]
    fn a_long_file_is_heard_in_parts() {
        // The pages of sound once more and more, as a file of an hour has them.
        let sound = NOTE.windows(4).enumerate().filter(|(_, bytes)| *bytes == b"OggS").nth(2).unwrap().0;
        let mut file = NOTE[..sound].to_vec();
        for _ in 0..30 {
            file.extend_from_slice(&NOTE[sound..]);
        }
        let voice = read(&file, 16).unwrap();
        assert_eq!(voice.bars.len(), 16);
        assert!(voice.bars.iter().all(|bar| *bar > 0), "{:?}", voice.bars);
    }
}
