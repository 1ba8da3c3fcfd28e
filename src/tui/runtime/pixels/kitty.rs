//! Kitty's graphics protocol: a PNG in pieces, over the cells at the cursor.
//! <https://sw.kovidgoyal.net/kitty/graphics-protocol/>

use std::fmt::Write as _;

/// The number under which the terminal knows the picture.
const ID: u32 = 76;

/// Deletes the picture and its data; the terminal does not answer.
pub(super) const ERASE: &str = "\x1b_Ga=d,d=I,i=76,q=2\x1b\\";

/// The longest piece that terminals must take.
const PIECE: usize = 4096;

/// The sequences that put a picture, in base 64, over so many columns and rows; the cursor stays and nothing is answered.
pub(super) fn encode(data: &str, columns: u16, rows: u16) -> String {
    let mut out = String::with_capacity(data.len() + data.len() / 100 + 200);
    let mut rest = data;
    let mut first = true;
    loop {
        // Base 64 is ASCII: a piece never ends within a letter.
        let (piece, after) = rest.split_at_checked(PIECE).unwrap_or((rest, ""));
        let more = u8::from(!after.is_empty());
        // Writing to a String cannot fail.
        let _ = if first {
            write!(out, "\x1b_Ga=T,f=100,i={ID},p=1,c={columns},r={rows},C=1,q=2,m={more};{piece}\x1b\\")
        } else {
            write!(out, "\x1b_Gm={more},q=2;{piece}\x1b\\")
        };
        if after.is_empty() {
            return out;
        }
        (rest, first) = (after, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_picture_goes_in_pieces_and_a_short_one_in_one() {
        let data = "A".repeat(PIECE * 2 + 8);
        let sent = encode(&data, 20, 10);
        let pieces: Vec<&str> = sent.split("\x1b\\").filter(|piece| !piece.is_empty()).collect();
        assert_eq!(pieces.len(), 3);
        assert!(pieces[0].starts_with("\x1b_Ga=T,f=100,i=76,p=1,c=20,r=10,C=1,q=2,m=1;"));
        assert!(pieces[1].starts_with("\x1b_Gm=1,q=2;") && pieces[2].starts_with("\x1b_Gm=0,q=2;"));
        let joined: String = pieces.iter().map(|piece| piece.split_once(';').unwrap().1).collect();
        assert_eq!(joined, data);
        assert!(encode("AAAA", 1, 1).contains(",m=0;AAAA\x1b\\"));
        assert!(ERASE.contains(&format!("i={ID},")));
    }
}
