//! How much of a picture is seen, and which part of it.
//!
//! Invariant: the part never leaves the picture, and a picture keeps its proportions.

use crate::decoders::picture::{Part, fitted};

/// The steps of enlarging, in percent of the size at which the whole picture fits.
const STEPS: [u32; 9] = [100, 150, 200, 300, 400, 600, 800, 1200, 1600];

/// How far a picture is enlarged, and what of it is in the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zoom {
    /// 100: the whole picture fits.
    pub percent: u32,
    /// The middle of the visible part, in thousandths of width and height.
    pub middle: (u32, u32),
}

impl Default for Zoom {
    fn default() -> Self {
        Zoom { percent: 100, middle: (500, 500) }
    }
}

impl Zoom {
    /// One step larger or smaller.
    pub(crate) fn step(self, larger: bool) -> Self {
        let mut steps = STEPS.into_iter();
        let next =
            if larger { steps.find(|step| *step > self.percent) } else { steps.rfind(|step| *step < self.percent) };
        Zoom { percent: next.unwrap_or(self.percent), ..self }
    }

    /// Moves the visible part by a quarter of itself to the right and downwards; negative: to the left and upwards.
    pub(crate) fn moved(self, picture: (u32, u32), room: (u16, u16), (right, down): (i32, i32)) -> Self {
        let (part, _) = self.part(picture, room);
        let middle = |start: u32, length: u32, whole: u32, by: i32| {
            let quarter = i64::from((length / 4).max(1));
            let middle = i64::from(start + length / 2) + quarter * i64::from(by);
            let (least, most) = (i64::from(length / 2), i64::from(whole - length.div_ceil(2)));
            let inside = u64::try_from(middle.clamp(least, most.max(least))).unwrap_or_default();
            u32::try_from(inside * 1000 / u64::from(whole.max(1))).unwrap_or(500)
        };
        let x = middle(part.x, part.width, picture.0.max(1), right);
        let y = middle(part.y, part.height, picture.1.max(1), down);
        Zoom { middle: (x, y), ..self }
    }

    /// The visible part of a picture, and the pixels that it takes of a room of so many.
    pub(crate) fn part(self, picture: (u32, u32), room: (u16, u16)) -> (Part, (u16, u16)) {
        let (width, height) = (picture.0.max(1), picture.1.max(1));
        let (fit_width, fit_height) = fitted((width, height), room);
        let (x, across, shown_width) = self.side(width, fit_width, room.0, self.middle.0);
        let (y, down, shown_height) = self.side(height, fit_height, room.1, self.middle.1);
        (Part { x, y, width: across, height: down }, (shown_width, shown_height))
    }

    /// Start and length of the visible part on one side of a picture, and the pixels that it takes.
    fn side(self, whole: u32, fit: u16, room: u16, middle: u32) -> (u32, u32, u16) {
        let enlarged = (u64::from(fit) * u64::from(self.percent) / 100).max(1);
        let shown = enlarged.min(u64::from(room.max(1)));
        let length = (u64::from(whole) * shown / enlarged).clamp(1, u64::from(whole));
        let start = (u64::from(middle) * u64::from(whole) / 1000).saturating_sub(length / 2);
        let start = start.min(u64::from(whole) - length);
        let narrow = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        (narrow(start), narrow(length), u16::try_from(shown).unwrap_or(u16::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICTURE: (u32, u32) = (4000, 3000);
    const ROOM: (u16, u16) = (80, 44);

    #[test]
    fn the_whole_picture_is_seen_until_it_is_enlarged() {
        let (part, shown) = Zoom::default().part(PICTURE, ROOM);
        assert_eq!((part, shown), (Part { x: 0, y: 0, width: 4000, height: 3000 }, (59, 44)));
        let twice = Zoom::default().step(true).step(true);
        let (part, shown) = twice.part(PICTURE, ROOM);
        assert_eq!((twice.percent, shown), (200, (80, 44)));
        assert_eq!((part.width, part.height), (2711, 1500));
        assert_eq!((part.x, part.y), (645, 750), "the middle stays in the middle");
        assert_eq!(twice.step(false).step(false).step(false), Zoom::default());
        let most = (0..20).fold(Zoom::default(), |zoom, _| zoom.step(true));
        assert_eq!(most.percent, 1600);
    }

    #[test]
    fn the_part_moves_to_the_edges_and_no_further() {
        let zoom = Zoom::default().step(true).step(true);
        let far = |by: (i32, i32)| (0..30).fold(zoom, |zoom, _| zoom.moved(PICTURE, ROOM, by)).part(PICTURE, ROOM).0;
        let (first, last) = (far((-1, -1)), far((1, 1)));
        assert!(first.x <= 4 && first.y <= 4, "{first:?}");
        assert!(last.x + last.width >= 3990 && last.y + last.height >= 2990, "{last:?}");
        let zoom = zoom.step(true);
        let back = zoom.moved(PICTURE, ROOM, (1, 0)).moved(PICTURE, ROOM, (-1, 0));
        assert!(back.middle.0.abs_diff(500) <= 1, "{back:?}");
        // The whole picture cannot be moved.
        assert_eq!(Zoom::default().moved(PICTURE, ROOM, (1, 1)), Zoom::default());
    }

    #[test]
    fn odd_sizes_are_borne() {
        for picture in [(0, 0), (1, 1), (1, 100_000), (100_000, 1), (u32::MAX, u32::MAX)] {
            for room in [(0, 0), (1, 1), (u16::MAX, 1)] {
                for zoom in [Zoom::default(), Zoom { percent: 1600, middle: (1000, 0) }] {
                    let (part, shown) = zoom.moved(picture, room, (1, -1)).part(picture, room);
                    assert!(part.width >= 1 && part.height >= 1 && shown.0 >= 1 && shown.1 >= 1);
                    assert!(part.x + part.width <= picture.0.max(1) && part.y + part.height <= picture.1.max(1));
                }
            }
        }
    }
}
