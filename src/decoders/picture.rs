//! Pictures: PNG, JPEG, WebP and the first frame of a GIF, as their bytes say and not as they are named.
//!
//! Invariant: size and memory are checked against the limits before a pixel is decoded, so a small file that unpacks to
//! a huge picture costs nothing.

use std::io::Cursor;

use image::error::ImageError;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, Pixel};

/// The most pixels of a picture that is decoded: what large cameras make.
pub(crate) const MAX_PIXELS: u64 = 50_000_000;

/// The most bytes of a picture's file.
pub(crate) const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// The most memory that a decoder may take, in bytes: four for each pixel.
const MAX_ALLOCATED: u64 = MAX_PIXELS * 4;

/// Why a picture cannot be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureFault {
    /// It has more pixels, or takes more memory, than a decoder may use.
    TooManyPixels { width: u32, height: u32 },
    /// Its file is larger than a decoder may read.
    TooManyBytes,
    /// A type for which there is no decoder.
    UnknownType,
    /// The bytes are damaged or cut off.
    Broken,
}

/// A decoded picture in its full size.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    /// As it is stored; `orientation` says how it is looked at.
    image: DynamicImage,
    orientation: Orientation,
}

/// A small picture of so many pixels, row by row from the top; each is red, green, blue and opacity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    pub width: u16,
    pub height: u16,
    pub rgba: Vec<[u8; 4]>,
}

/// A part of a picture, in pixels of the picture as it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Picture {
    /// Decodes a picture within the limits.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Picture, PictureFault> {
        if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_BYTES) {
            return Err(PictureFault::TooManyBytes);
        }
        let mut reader =
            ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| PictureFault::Broken)?;
        let mut limits = Limits::no_limits();
        limits.max_alloc = Some(MAX_ALLOCATED);
        reader.limits(limits);
        let mut decoder = reader.into_decoder().map_err(|error| fault(&error, (0, 0)))?;
        let (width, height) = decoder.dimensions();
        let size = decoder.total_bytes();
        if u64::from(width) * u64::from(height) > MAX_PIXELS || size > MAX_ALLOCATED {
            return Err(PictureFault::TooManyPixels { width, height });
        }
        // A picture whose notes cannot be read is shown as it is stored.
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let image = DynamicImage::from_decoder(decoder).map_err(|error| fault(&error, (width, height)))?;
        if image.width() == 0 || image.height() == 0 {
            return Err(PictureFault::Broken);
        }
        Ok(Picture { image, orientation })
    }

    /// Width and height as it is looked at, in pixels.
    pub(crate) fn size(&self) -> (u32, u32) {
        let (width, height) = (self.image.width(), self.image.height());
        if self.is_turned() { (height, width) } else { (width, height) }
    }

    /// The whole picture made small enough for a width and a height; one that is smaller stays as it is.
    pub(crate) fn fit(&self, width: u16, height: u16) -> Pixels {
        let (own_width, own_height) = self.size();
        let (width, height) = fitted((own_width, own_height), (width, height));
        self.part(Part { x: 0, y: 0, width: own_width, height: own_height }, width, height)
    }

    /// A part of the picture in exactly this many pixels.
    pub(crate) fn part(&self, part: Part, width: u16, height: u16) -> Pixels {
        let (width, height) = (width.max(1), height.max(1));
        let stored = self.stored(self.within(part));
        let is_whole = stored.width == self.image.width() && stored.height == self.image.height();
        let (w, h) = if self.is_turned() { (height, width) } else { (width, height) };
        let scale = |image: &DynamicImage| {
            let (w, h) = (u32::from(w), u32::from(h));
            if w > image.width() || h > image.height() {
                image.resize_exact(w, h, image::imageops::FilterType::Nearest)
            } else {
                image.thumbnail_exact(w, h)
            }
        };
        let mut small = if is_whole {
            scale(&self.image)
        } else {
            scale(&self.image.crop_imm(stored.x, stored.y, stored.width, stored.height))
        };
        small.apply_orientation(self.orientation);
        let rgba = small.into_rgba8().pixels().map(|pixel| pixel.to_rgba().0).collect();
        Pixels { width, height, rgba }
    }

    /// Makes a picture that is larger than this on a side small enough, so that it takes less memory while it is kept.
    pub(crate) fn shrink(&mut self, most: u32) {
        if self.image.width().max(self.image.height()) > most {
            self.image = self.image.thumbnail(most, most);
        }
        if !matches!(self.image, DynamicImage::ImageRgb8(_) | DynamicImage::ImageRgba8(_)) {
            let has_alpha = self.image.color().has_alpha();
            let image = std::mem::take(&mut self.image);
            self.image = if has_alpha { image.into_rgba8().into() } else { image.into_rgb8().into() };
        }
    }

    fn is_turned(&self) -> bool {
        use Orientation as O;
        matches!(self.orientation, O::Rotate90 | O::Rotate270 | O::Rotate90FlipH | O::Rotate270FlipH)
    }

    /// The part that lies in the picture, at least one pixel.
    fn within(&self, part: Part) -> Part {
        let (width, height) = self.size();
        let (x, y) = (part.x.min(width - 1), part.y.min(height - 1));
        Part { x, y, width: part.width.clamp(1, width - x), height: part.height.clamp(1, height - y) }
    }

    /// Where a part lies in the picture as it is stored.
    fn stored(&self, part: Part) -> Part {
        use Orientation as O;
        let (width, height) = self.size();
        let Part { x, y, width: w, height: h } = part;
        let (from_right, from_bottom) = (width - x - w, height - y - h);
        let at = |x, y| Part { x, y, width: w, height: h };
        let turned = |x, y| Part { x, y, width: h, height: w };
        match self.orientation {
            O::NoTransforms => at(x, y),
            O::FlipHorizontal => at(from_right, y),
            O::FlipVertical => at(x, from_bottom),
            O::Rotate180 => at(from_right, from_bottom),
            O::Rotate90 => turned(y, from_right),
            O::Rotate270 => turned(from_bottom, x),
            O::Rotate90FlipH => turned(y, x),
            O::Rotate270FlipH => turned(from_bottom, from_right),
        }
    }
}

/// The largest width and height within `room` that keep the proportions; never larger than the picture itself.
pub(crate) fn fitted((width, height): (u32, u32), room: (u16, u16)) -> (u16, u16) {
    let (width, height) = (u64::from(width.max(1)), u64::from(height.max(1)));
    let (most_width, most_height) = (u64::from(room.0.max(1)), u64::from(room.1.max(1)));
    let (fit_width, fit_height) = if width <= most_width && height <= most_height {
        (width, height)
    } else if width * most_height > height * most_width {
        (most_width, (height * most_width + width / 2) / width)
    } else {
        ((width * most_height + height / 2) / height, most_height)
    };
    let narrow = |n: u64| u16::try_from(n.max(1)).unwrap_or(u16::MAX);
    (narrow(fit_width), narrow(fit_height))
}

fn fault(error: &ImageError, (width, height): (u32, u32)) -> PictureFault {
    match error {
        ImageError::Limits(_) => PictureFault::TooManyPixels { width, height },
        ImageError::Unsupported(_) => PictureFault::UnknownType,
        _ => PictureFault::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, Rgb, RgbImage};

    /// Four quarters: red, green / blue, white.
    fn quarters(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
            (true, true) => Rgb([255, 0, 0]),
            (false, true) => Rgb([0, 255, 0]),
            (true, false) => Rgb([0, 0, 255]),
            (false, false) => Rgb([255, 255, 255]),
        })
    }

    fn encoded(image: &RgbImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// The colours of the four corners, row by row; what JPEG changes a little is rounded.
    fn corners(pixels: &Pixels) -> String {
        let (w, h) = (usize::from(pixels.width), usize::from(pixels.height));
        let name = |at: usize| match pixels.rgba[at].map(|c| c > 128) {
            [true, false, false, true] => 'r',
            [false, true, false, true] => 'g',
            [false, false, true, true] => 'b',
            [true, true, true, true] => 'w',
            _ => '?',
        };
        [0, w - 1, (h - 1) * w, h * w - 1].map(name).iter().collect()
    }

    /// A JPEG whose notes say how it is to be turned.
    fn turned(orientation: u8) -> Vec<u8> {
        let jpeg = encoded(&quarters(32, 16), ImageFormat::Jpeg);
        let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
    }

    #[test]
    fn every_format_becomes_pixels_of_the_wanted_size() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
            let picture = Picture::decode(&encoded(&quarters(64, 32), format)).unwrap();
            assert_eq!(picture.size(), (64, 32), "{format:?}");
            let small = picture.fit(16, 16);
            assert_eq!((small.width, small.height, small.rgba.len()), (16, 8, 128), "{format:?}");
            assert_eq!(corners(&small), "rgbw", "{format:?}");
        }
    }

    #[test]
    fn a_part_and_an_enlarged_one_keep_their_place() {
        let picture = Picture::decode(&encoded(&quarters(64, 32), ImageFormat::Png)).unwrap();
        let part = |x, y, width, height| picture.part(Part { x, y, width, height }, 8, 8);
        assert_eq!(corners(&part(0, 0, 32, 16)), "rrrr");
        assert_eq!(corners(&part(32, 16, 32, 16)), "wwww");
        assert_eq!(corners(&part(30, 14, 4, 4)), "rgbw");
        // What lies outside is moved in.
        assert_eq!(corners(&part(999, 999, 9, 9)), "wwww");
        let small = Picture::decode(&encoded(&quarters(4, 4), ImageFormat::Png)).unwrap().fit(40, 40);
        assert_eq!((small.width, small.height), (4, 4));
    }

    #[test]
    fn a_picture_is_turned_as_its_notes_say() {
        for (orientation, size, expected) in [
            (1, (32, 16), "rgbw"),
            (2, (32, 16), "grwb"),
            (3, (32, 16), "wbgr"),
            (4, (32, 16), "bwrg"),
            (5, (16, 32), "rbgw"),
            (6, (16, 32), "brwg"),
            (7, (16, 32), "wgbr"),
            (8, (16, 32), "gwrb"),
        ] {
            let picture = Picture::decode(&turned(orientation)).unwrap();
            assert_eq!(picture.size(), size, "{orientation}");
            assert_eq!(corners(&picture.fit(8, 8)), expected, "{orientation}");
            let (w, h) = (size.0 / 2, size.1 / 2);
            for ((x, y), colour) in [(0, 0), (w, 0), (0, h), (w, h)].into_iter().zip(expected.chars()) {
                let part = picture.part(Part { x: x + 3, y: y + 3, width: w - 6, height: h - 6 }, 2, 2);
                assert_eq!(corners(&part), colour.to_string().repeat(4), "{orientation}: {x},{y}");
            }
        }
    }

    #[test]
    fn a_bomb_is_refused_before_its_pixels_are_decoded() {
        let mut bomb = Vec::new();
        let mut encoder = png::Encoder::new(&mut bomb, 10_000, 10_000);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        encoder.write_header().unwrap().write_image_data(&vec![0; 12_500_000]).unwrap();
        assert!(bomb.len() < 100_000, "it is small: {}", bomb.len());
        let refused = Picture::decode(&bomb).unwrap_err();
        assert_eq!(refused, PictureFault::TooManyPixels { width: 10_000, height: 10_000 });
        // Two bytes for each colour: as many pixels take twice the memory.
        let mut deep = Vec::new();
        let mut encoder = png::Encoder::new(&mut deep, 7000, 7000);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Sixteen);
        encoder.write_header().unwrap().write_chunk(png::chunk::IDAT, b"\x78\x9c").unwrap();
        assert!(matches!(Picture::decode(&deep), Err(PictureFault::TooManyPixels { .. })));
        let long = vec![0; usize::try_from(MAX_BYTES).unwrap() + 1];
        assert_eq!(Picture::decode(&long).unwrap_err(), PictureFault::TooManyBytes);
    }

    #[test]
    fn what_is_no_picture_is_told_apart_from_a_damaged_one() {
        for bytes in [&b""[..], b"halo", b"%PDF-1.4", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"] {
            assert_eq!(Picture::decode(bytes).unwrap_err(), PictureFault::UnknownType);
        }
        for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
            let whole = encoded(&quarters(64, 64), format);
            assert_eq!(Picture::decode(&whole[..40]).unwrap_err(), PictureFault::Broken, "{format:?}");
        }
    }

    #[test]
    fn what_is_kept_takes_little_memory() {
        let deep = DynamicImage::ImageRgba16(image::ImageBuffer::new(300, 200));
        let mut picture = Picture { image: deep, orientation: Orientation::Rotate90 };
        picture.shrink(100);
        assert_eq!((picture.size(), picture.image.color()), ((67, 100), image::ColorType::Rgba8));
    }

    #[test]
    fn proportions_are_kept_and_nothing_gets_no_size() {
        assert_eq!(fitted((4000, 3000), (24, 16)), (21, 16));
        assert_eq!(fitted((3000, 4000), (24, 16)), (12, 16));
        assert_eq!(fitted((10, 10), (24, 16)), (10, 10));
        assert_eq!(fitted((100_000, 1), (24, 16)), (24, 1));
        assert_eq!(fitted((1, 100_000), (24, 16)), (1, 16));
        assert_eq!(fitted((0, 0), (0, 0)), (1, 1));
    }
}
