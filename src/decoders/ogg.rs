//! The packets of an Ogg stream, read page by page (RFC 3533).
//!
//! Invariant: no byte is looked at twice, and nothing is held but the packet that is being put together.

use std::borrow::Cow;

/// A page's header without its table of lengths, in bytes.
const HEADER: usize = 27;
/// The longest packet that is put together; longer ones are left out. No codec of voice notes has one.
const LONGEST_PACKET: usize = 1 << 16;

/// A page of a stream.
struct Page<'a> {
    /// Its first packet began on an earlier page.
    continues: bool,
    /// The position after its last whole packet, in the codec's unit; `None` where none ends on it.
    position: Option<u64>,
    serial: u32,
    lengths: &'a [u8],
    body: &'a [u8],
    rest: &'a [u8],
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

/// The page at the beginning of the bytes; one that is cut is as long as what is there of it.
fn page(bytes: &[u8]) -> Option<Page<'_>> {
    if !bytes.starts_with(b"OggS\0") {
        return None;
    }
    let flags = *bytes.get(5)?;
    let position = u64::from_le_bytes(number(bytes, 6)?);
    let serial = u32::from_le_bytes(number(bytes, 14)?);
    let count = usize::from(*bytes.get(26)?);
    let lengths = bytes.get(HEADER..HEADER + count)?;
    let after = bytes.get(HEADER + count..)?;
    let size: usize = lengths.iter().copied().map(usize::from).sum();
    let (body, rest) = after.split_at(size.min(after.len()));
    let position = Some(position).filter(|position| *position != u64::MAX);
    Some(Page { continues: flags & 1 != 0, position, serial, lengths, body, rest })
}

/// The packets of the stream that the first page belongs to, with the position that the last page gives.
pub(super) struct Packets<'a> {
    rest: &'a [u8],
    serial: u32,
    lengths: &'a [u8],
    body: &'a [u8],
    /// The beginning of a packet that goes on on the next page.
    begun: Vec<u8>,
    /// What is left of the packet that the page begins with belongs to one that was left out.
    skips: bool,
    /// The latest position of a page, in the codec's unit.
    pub(super) position: u64,
}

impl<'a> Packets<'a> {
    /// `None` where the bytes are no Ogg stream.
    pub(super) fn of(bytes: &'a [u8]) -> Option<Self> {
        let first = page(bytes)?;
        Some(Packets {
            rest: bytes,
            serial: first.serial,
            lengths: &[],
            body: &[],
            begun: Vec::new(),
            skips: false,
            position: 0,
        })
    }

    /// Goes to the stream's next page. Bytes between pages end the stream, as a cut does.
    fn turn(&mut self) -> Option<()> {
        loop {
            let page = page(self.rest)?;
            self.rest = page.rest;
            if page.serial != self.serial {
                continue;
            }
            if !page.continues {
                self.begun.clear();
                self.skips = false;
            } else if self.begun.is_empty() {
                self.skips = true;
            }
            self.position = page.position.unwrap_or(self.position).max(self.position);
            (self.lengths, self.body) = (page.lengths, page.body);
            return Some(());
        }
    }

    /// The next part of a packet on this page, and whether the packet ends with it.
    fn part(&mut self) -> (&'a [u8], bool) {
        let count = self.lengths.iter().position(|length| *length < 255).map_or(self.lengths.len(), |last| last + 1);
        let (lengths, later) = self.lengths.split_at(count);
        let size: usize = lengths.iter().copied().map(usize::from).sum();
        let (part, body) = self.body.split_at(size.min(self.body.len()));
        (self.lengths, self.body) = (later, body);
        (part, lengths.last().is_some_and(|length| *length < 255))
    }

    /// The next whole packet; `None` at the end.
    pub(super) fn next_packet(&mut self) -> Option<Cow<'a, [u8]>> {
        loop {
            while self.lengths.is_empty() {
                self.turn()?;
            }
            let (part, ends) = self.part();
            if self.begun.len() + part.len() > LONGEST_PACKET {
                self.skips = true;
            }
            if self.skips {
                self.begun.clear();
                self.skips = !ends;
            } else if !ends {
                self.begun.extend_from_slice(part);
            } else if self.begun.is_empty() {
                return Some(Cow::Borrowed(part));
            } else {
                let mut whole = std::mem::take(&mut self.begun);
                whole.extend_from_slice(part);
                return Some(Cow::Owned(whole));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page with these lengths and as many bytes, which count up from `first`.
    fn page_of(flags: u8, position: u64, serial: u32, lengths: &[u8], first: u8) -> Vec<u8> {
        let mut bytes = b"OggS\0".to_vec();
        bytes.push(flags);
        bytes.extend(position.to_le_bytes());
        bytes.extend(serial.to_le_bytes());
        bytes.extend([0; 8]);
        bytes.push(u8::try_from(lengths.len()).unwrap());
        bytes.extend(lengths);
        let size: usize = lengths.iter().copied().map(usize::from).sum();
        bytes.extend((0..size).map(|i| first.wrapping_add(u8::try_from(i % 256).unwrap())));
        bytes
    }

    fn lengths(bytes: &[u8]) -> (Vec<usize>, u64) {
        let mut packets = Packets::of(bytes).unwrap();
        let mut found = Vec::new();
        while let Some(packet) = packets.next_packet() {
            found.push(packet.len());
        }
        (found, packets.position)
    }

    #[test]
    fn packets_are_put_together_over_pages_and_other_streams_are_left_out() {
        let bytes = [
            page_of(2, 0, 7, &[3, 0, 4], 0),
            page_of(0, 100, 7, &[10, 255], 0),
            page_of(0, 5000, 8, &[9], 0),
            page_of(1, 200, 7, &[255, 1, 2], 0),
            page_of(4, u64::MAX, 7, &[6], 0),
        ]
        .concat();
        assert_eq!(lengths(&bytes), (vec![3, 0, 4, 10, 511, 2, 6], 200));
        // The page in the middle is lost: neither half of the packet is one.
        let broken =
            [page_of(2, 0, 7, &[3, 255], 0), page_of(0, 9, 7, &[5], 0), page_of(1, 12, 7, &[8, 2], 0)].concat();
        assert_eq!(lengths(&broken), (vec![3, 5, 2], 12));
    }

    #[test]
    fn what_is_cut_or_endless_ends() {
        let whole = page_of(2, 960, 1, &[200, 100], 1);
        for length in 0..whole.len() {
            if let Some(mut packets) = Packets::of(&whole[..length]) {
                let mut count = 0;
                while packets.next_packet().is_some() {
                    count += 1;
                }
                assert!(count <= 2);
            }
        }
        assert!(Packets::of(b"RIFF").is_none());
        let endless: Vec<u8> = (0..400).flat_map(|_| page_of(1, 1, 1, &[255; 255], 0)).collect();
        assert_eq!(lengths(&endless).0, Vec::<usize>::new());
        let empty: Vec<u8> = (0..1000).flat_map(|_| page_of(0, 1, 1, &[], 0)).collect();
        assert_eq!(lengths(&empty).0, Vec::<usize>::new());
    }
}
