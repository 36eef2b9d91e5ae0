//! What a picture is, by its bytes: type, size, sides. Nothing is decoded.

use std::io::Cursor;

use aisha_actors::domain::picture::{Content, ImageType};
use image::{ImageFormat, ImageReader};

/// Where the sides stand in nearly every file; spares a copy of the rest.
const HEAD: usize = 256 << 10;

/// Why the bytes are no picture of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoPicture {
    #[error("it is not a JPEG, PNG or WebP picture")]
    Type,
    #[error("it begins like a picture, but its header cannot be read")]
    Header,
    #[error("it has a side of {0} pixels")]
    Side(u32),
}

/// Describes a picture. `hash` is the SHA-256 of the bytes; neither side may exceed `side_max` pixels.
pub(super) fn read(bytes: &[u8], hash: [u8; 32], side_max: u32) -> Result<Content, NoPicture> {
    let (image_type, format) = match image::guess_format(bytes) {
        Ok(format @ ImageFormat::Jpeg) => (ImageType::Jpeg, format),
        Ok(format @ ImageFormat::Png) => (ImageType::Png, format),
        Ok(format @ ImageFormat::WebP) => (ImageType::Webp, format),
        _ => return Err(NoPicture::Type),
    };
    let head = bytes.get(..HEAD).and_then(|head| sides(head, format));
    let (width, height) = head.or_else(|| sides(bytes, format)).ok_or(NoPicture::Header)?;
    if width == 0 || height == 0 {
        return Err(NoPicture::Header);
    }
    if width.max(height) > side_max {
        return Err(NoPicture::Side(width.max(height)));
    }
    Ok(Content { image_type, size: bytes.len() as u64, hash, width, height })
}

fn sides(bytes: &[u8], format: ImageFormat) -> Option<(u32, u32)> {
    ImageReader::with_format(Cursor::new(bytes), format).into_dimensions().ok()
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, RgbImage};

    use super::*;

    fn drawn(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(RgbImage::new(width, height)).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn check(bytes: &[u8]) -> Result<(ImageType, u32, u32), NoPicture> {
        read(bytes, [7; 32], 64).map(|content| {
            assert_eq!((content.size, content.hash), (bytes.len() as u64, [7; 32]));
            (content.image_type, content.width, content.height)
        })
    }

    #[test]
    fn three_types_are_known_by_their_content() {
        let expected = [
            (ImageFormat::Jpeg, ImageType::Jpeg),
            (ImageFormat::Png, ImageType::Png),
            (ImageFormat::WebP, ImageType::Webp),
        ];
        for (format, image_type) in expected {
            assert_eq!(check(&drawn(48, 64, format)), Ok((image_type, 48, 64)));
            assert_eq!(check(&drawn(65, 8, format)), Err(NoPicture::Side(65)));
            assert_eq!(check(&drawn(8, 65, format)), Err(NoPicture::Side(65)));
        }
    }

    #[test]
    fn anything_else_is_none() {
        for bytes in [
            &b""[..],
            b"<html>",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
            b"BM\x00\x00\x00\x00",
            b"\x00\x00\x00\x20ftypavif",
            b"RIFF\x00\x00\x00\x00WAVE",
            b" \xff\xd8\xff",
        ] {
            assert_eq!(check(bytes), Err(NoPicture::Type), "{bytes:?}");
        }
    }

    #[test]
    fn a_header_that_is_cut_or_lies_is_refused() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let whole = drawn(8, 8, format);
            assert_eq!(check(&whole[..16]), Err(NoPicture::Header), "{format:?}");
        }
        let mut bomb = drawn(8, 8, ImageFormat::Png);
        // A PNG that promises 60 000 columns, with a checksum that fits.
        bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        let sum = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&sum.to_be_bytes());
        assert_eq!(check(&bomb), Err(NoPicture::Side(60_000)));
    }

    #[test]
    fn the_sides_are_found_behind_a_long_preamble() {
        let jpeg = drawn(8, 9, ImageFormat::Jpeg);
        let mut bytes = jpeg[..2].to_vec();
        // Comments of 64 KiB before everything else.
        for _ in 0..6 {
            bytes.extend([0xff, 0xfe, 0xff, 0xff]);
            bytes.extend(vec![b'.'; 0xfffd]);
        }
        bytes.extend(&jpeg[2..]);
        assert!(bytes.len() > HEAD);
        assert_eq!(check(&bytes), Ok((ImageType::Jpeg, 8, 9)));
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1))
            })
        })
    }
}
