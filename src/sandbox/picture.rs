//! The pictures that the FAL stand-in makes: drawn from the prompt, the seed and the number of the
//! picture, the same for the same input, and marked "sandbox".
//!
//! Words of the prompt choose the motif and the colours (`cat`, `sea`, `night`, also in Russian); a
//! prompt without such a word gets one by its hash.

mod canvas;
mod mark;
mod nature;
mod ornament;
mod palette;

use std::io::Cursor;

use image::{
    DynamicImage, ExtendedColorType, ImageEncoder, RgbaImage,
    codecs::{jpeg::JpegEncoder, webp::WebPEncoder},
};
use rand::{SeedableRng, rngs::StdRng};
use sha2::{Digest, Sha256};

use self::{
    canvas::Canvas,
    palette::{DAY, DUSK, NIGHT, Palette},
};

/// The longest side that is drawn, in pixels.
pub const SIDE_MAX: u32 = 2048;

const JPEG_QUALITY: u8 = 88;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("a picture of {width} x {height} pixels cannot be drawn")]
    Size { width: u32, height: u32 },
    #[error("the picture cannot be encoded: {0}")]
    Encoding(#[from] image::ImageError),
}

/// The type of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Jpeg,
    Png,
    Webp,
}

impl Format {
    /// By its name in a model's `output_format`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "jpeg" => Some(Self::Jpeg),
            "png" => Some(Self::Png),
            "webp" => Some(Self::Webp),
            _ => None,
        }
    }

    /// The ending of a file's name, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }
}

/// What to draw. The same sketch gives the same bytes.
#[derive(Debug, Clone)]
pub struct Sketch {
    pub prompt: String,
    pub seed: u64,
    /// Which picture of a request, from 0.
    pub index: u32,
    /// In pixels, at most [`SIDE_MAX`].
    pub width: u32,
    pub height: u32,
}

type Scene = fn(&mut Canvas, &mut StdRng, &Palette);

/// Motifs by words of the prompt; a word counts when one of its beginnings stands here.
const MOTIFS: &[(Scene, &[&str])] = &[
    (nature::cat, &["cat", "kitten", "kitty", "кот", "кош", "котен", "котён"]),
    (ornament::city, &["city", "town", "street", "skyline", "cyber", "neon", "город", "улиц"]),
    (ornament::space, &["space", "planet", "galaxy", "cosm", "saturn", "космос", "планет"]),
    (ornament::flower, &["flower", "rose", "bloom", "garden", "цвет", "роза", "сад"]),
    (nature::mountains, &["mountain", "peak", "alps", "snow", "гора", "горы", "снег"]),
    (nature::forest, &["forest", "tree", "pine", "wood", "лес", "дерев", "сосн"]),
    (nature::sea, &["sea", "ocean", "beach", "boat", "ship", "wave", "lake", "море", "океан"]),
    (nature::hills, &["hill", "field", "meadow", "landscape", "холм", "поле"]),
    (ornament::tiles, &["geometric", "pattern", "bauhaus", "logo", "узор"]),
    (ornament::bokeh, &["bokeh", "light", "party", "огн", "свет"]),
    (ornament::ribbons, &["abstract", "silk", "flow", "абстракт"]),
];

const NIGHT_WORDS: &[&str] =
    &["night", "midnight", "moon", "star", "dark", "neon", "ночь", "ночн", "лун", "звезд", "звёзд"];
const DUSK_WORDS: &[&str] =
    &["sunset", "sunrise", "dusk", "dawn", "evening", "закат", "рассвет", "вечер"];

/// Draws and encodes a picture. Takes tens of milliseconds: call it off the event loop.
///
/// # Errors
/// [`Error::Size`] for an empty or too large picture, [`Error::Encoding`] if the encoder refuses it.
pub fn draw(sketch: &Sketch, format: Format) -> Result<Vec<u8>, Error> {
    let Sketch { width, height, .. } = *sketch;
    let size = Error::Size { width, height };
    if width.max(height) > SIDE_MAX {
        return Err(size);
    }
    let Some(mut canvas) = Canvas::new(width, height) else { return Err(size) };
    let (scene, palette) = choose(&sketch.prompt);
    let mut rng = StdRng::seed_from_u64(number(&[
        sketch.prompt.as_bytes(),
        &sketch.seed.to_be_bytes(),
        &sketch.index.to_be_bytes(),
    ]));
    scene(&mut canvas, &mut rng, palette);
    canvas.vignette();
    mark::stamp(&mut canvas);
    let Some(pixels) = RgbaImage::from_raw(width, height, canvas.map.take_demultiplied()) else {
        return Err(size);
    };
    encode(DynamicImage::ImageRgba8(pixels).to_rgb8().into(), format)
}

fn encode(picture: DynamicImage, format: Format) -> Result<Vec<u8>, Error> {
    let mut bytes = Cursor::new(Vec::new());
    let (width, height) = (picture.width(), picture.height());
    match format {
        Format::Jpeg => JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).write_image(
            picture.as_bytes(),
            width,
            height,
            ExtendedColorType::Rgb8,
        )?,
        Format::Png => picture.write_to(&mut bytes, image::ImageFormat::Png)?,
        Format::Webp => WebPEncoder::new_lossless(&mut bytes).write_image(
            picture.as_bytes(),
            width,
            height,
            ExtendedColorType::Rgb8,
        )?,
    }
    Ok(bytes.into_inner())
}

/// Motif and palette; both depend on the prompt alone, so that the pictures of one request are kin.
fn choose(prompt: &str) -> (Scene, &'static Palette) {
    let lower = prompt.to_lowercase();
    let words: Vec<_> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    let says =
        |stems: &[&str]| words.iter().any(|word| stems.iter().any(|stem| begins(word, stem)));
    let hash = number(&[prompt.as_bytes()]);
    let scene = MOTIFS
        .iter()
        .find(|(_, stems)| says(stems))
        .or_else(|| MOTIFS.get(hash as usize % MOTIFS.len()))
        .map_or(nature::hills as Scene, |(scene, _)| *scene);
    let pick = |set: &'static [Palette]| set.get((hash >> 32) as usize % set.len());
    let palette = if says(NIGHT_WORDS) {
        pick(&NIGHT)
    } else if says(DUSK_WORDS) {
        pick(&DUSK)
    } else {
        // Dusk becomes most motifs; night is for those who ask, and now and then.
        pick(match (hash >> 16) % 8 {
            0 => &NIGHT,
            1..=4 => &DUSK,
            _ => &DAY,
        })
    };
    let [fallback, ..] = &DAY;
    (scene, palette.unwrap_or(fallback))
}

/// Whether the word is the stem with a short ending: "cats" is about cats, "catalogue" is not.
fn begins(word: &str, stem: &str) -> bool {
    word.strip_prefix(stem).is_some_and(|ending| ending.chars().count() <= 3)
}

fn number(parts: &[&[u8]]) -> u64 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests;
