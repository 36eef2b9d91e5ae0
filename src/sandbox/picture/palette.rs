//! Colours that go together.

use super::canvas::Rgb;

pub(super) struct Palette {
    /// From the zenith to the horizon.
    pub(super) sky: [Rgb; 3],
    /// Sun, moon, windows.
    pub(super) light: Rgb,
    pub(super) far: Rgb,
    pub(super) near: Rgb,
    pub(super) accents: [Rgb; 4],
    pub(super) night: bool,
}

const fn rgb(hex: u32) -> Rgb {
    let [_, r, g, b] = hex.to_be_bytes();
    [r, g, b]
}

const fn palette(sky: [u32; 3], light: u32, far: u32, near: u32, accents: [u32; 4]) -> Palette {
    let [zenith, middle, horizon] = sky;
    let [a, b, c, d] = accents;
    Palette {
        sky: [rgb(zenith), rgb(middle), rgb(horizon)],
        light: rgb(light),
        far: rgb(far),
        near: rgb(near),
        accents: [rgb(a), rgb(b), rgb(c), rgb(d)],
        night: false,
    }
}

const fn night(mut palette: Palette) -> Palette {
    palette.night = true;
    palette
}

pub(super) static DAY: [Palette; 4] = [
    // Clear noon.
    palette(
        [0x2f7fc4, 0x86c5e6, 0xf1f6df],
        0xfffbe0,
        0x93bccb,
        0x174f4a,
        [0xffcf5c, 0xff8a5b, 0x3fa796, 0x2a6f97],
    ),
    // Lagoon.
    palette(
        [0x0f4c63, 0x3aa6a6, 0xf7e8b8],
        0xfff4cf,
        0x7fbcae,
        0x123c46,
        [0xf7e8b8, 0xee8b5e, 0x3aa6a6, 0xd1495b],
    ),
    // Autumn.
    palette(
        [0x6f93b3, 0xe9b98e, 0xffe9bf],
        0xfff6df,
        0xc99b7c,
        0x56281d,
        [0xe2a13b, 0xc8553d, 0x6b8f71, 0x588b8b],
    ),
    // Mist.
    palette(
        [0xaebfcb, 0xdbe2e3, 0xf8efe1],
        0xffffff,
        0xb5c4c9,
        0x2f4653,
        [0xf2c6a0, 0xd98880, 0x8fb3ab, 0x5d7b93],
    ),
];

pub(super) static DUSK: [Palette; 3] = [
    // Peach.
    palette(
        [0x2b2d6e, 0xd46a8c, 0xffd6a0],
        0xfff1c9,
        0xb4688f,
        0x2a1d48,
        [0xffd29a, 0xf2788f, 0x7a5ab5, 0x3f3c8c],
    ),
    // Ember.
    palette(
        [0x1c1d48, 0x8a3d6f, 0xff9b62],
        0xffe2a6,
        0x84406b,
        0x180f2c,
        [0xffb15c, 0xef5d60, 0x8a3d6f, 0x35477d],
    ),
    // Lavender.
    palette(
        [0x4a4e8f, 0xa88bc9, 0xfbd6d9],
        0xfff5ee,
        0x9182b8,
        0x2c2752,
        [0xfbd6d9, 0xf49ab5, 0x7fb7be, 0x6a5aa8],
    ),
];

pub(super) static NIGHT: [Palette; 3] = [
    // Moonlight.
    night(palette(
        [0x050a20, 0x14234f, 0x3f5f92],
        0xf6f2da,
        0x2c4573,
        0x050817,
        [0xf6d98a, 0x7fa6d9, 0x5667a8, 0x2b3468],
    )),
    // Northern lights.
    night(palette(
        [0x06121f, 0x0e3b4d, 0x4fb79a],
        0xe9fff4,
        0x1c5561,
        0x030c12,
        [0x7fe0b0, 0x4fa3b7, 0xb48ae0, 0x2b5876],
    )),
    // Neon.
    night(palette(
        [0x0c0722, 0x3a1657, 0xd1477f],
        0xffe3f1,
        0x4a1d63,
        0x0a0518,
        [0xff6fae, 0x5ee0e6, 0xffc857, 0x8d5cf6],
    )),
];
