//! Scenes that are built, or only shapes: city, space, flower, bokeh, tiles, ribbons.

use std::f32::consts::TAU;

use rand::{RngExt, rngs::StdRng};
use tiny_skia::{BlendMode, PathBuilder, Rect, Transform};

use super::{
    canvas::{Canvas, Ink, Rgb, mix},
    nature::{light, sky, stars},
    palette::Palette,
};

fn accent(rng: &mut StdRng, palette: &Palette) -> Rgb {
    let index = rng.random_range(0..palette.accents.len());
    palette.accents.get(index).copied().unwrap_or(palette.light)
}

pub(super) fn city(canvas: &mut Canvas, rng: &mut StdRng, palette: &Palette) {
    let horizon = canvas.h * 0.84;
    sky(canvas, rng, palette, horizon);
    let x = canvas.w * rng.random_range(0.2..0.8);
    light(canvas, palette, x, canvas.h * rng.random_range(0.24..0.5), canvas.u * 8.0);
    for layer in 0..3 {
        let depth = layer as f32 / 2.0;
        let tint = mix(mix(palette.far, palette.sky[2], 0.3), palette.near, depth);
        let mut left = -canvas.u * rng.random_range(0.0..8.0);
        while left < canvas.w {
            let wide = canvas.u * rng.random_range(6.0..13.0) * (0.8 + 0.5 * depth);
            let tall = canvas.h * rng.random_range(0.16..0.46) * (1.08 - 0.45 * depth);
            tower(canvas, rng, palette, (left, horizon - tall, wide), tint, depth);
            left += wide + canvas.u * rng.random_range(0.0..1.6);
        }
        let mist = palette.sky[2];
        if layer < 2 {
            let fog = Ink::Down(horizon * 0.7, (mist, 0.0), horizon, (mist, 0.42));
            canvas.band(horizon * 0.7, canvas.h, fog);
        }
    }
    let water = Ink::Down(horizon, (palette.near, 1.0), canvas.h, (palette.sky[1], 1.0));
    canvas.band(horizon, canvas.h, water);
    for _ in 0..150 {
        let depth = rng.random_range(0.0_f32..1.0);
        let (x, y) =
            (rng.random_range(0.0..canvas.w), horizon + (canvas.h - horizon) * depth + canvas.u);
        let tint = if rng.random_bool(0.5) { palette.light } else { accent(rng, palette) };
        let long = canvas.u * rng.random_range(0.8..4.0);
        canvas.oval(x, y, long, canvas.u * 0.16, Ink::Flat(tint, 0.32 * (1.0 - 0.6 * depth)));
    }
}

fn tower(
    canvas: &mut Canvas,
    rng: &mut StdRng,
    palette: &Palette,
    (x, y, wide): (f32, f32, f32),
    tint: Rgb,
    depth: f32,
) {
    let foot = canvas.h * 0.84;
    canvas.rect(x, y, wide, foot - y, Ink::Flat(tint, 1.0));
    match rng.random_range(0..5) {
        0 => canvas.rect(x + wide * 0.2, y - wide * 0.35, wide * 0.6, wide, Ink::Flat(tint, 1.0)),
        1 => canvas.polygon(
            &[(x, y + 1.0), (x + wide / 2.0, y - wide * 0.6), (x + wide, y + 1.0)],
            Ink::Flat(tint, 1.0),
        ),
        2 => {
            let thin = canvas.u * 0.35;
            canvas.rect(x + wide / 2.0, y - wide * 0.8, thin, wide, Ink::Flat(tint, 1.0));
            canvas.disc(x + wide / 2.0, y - wide * 0.8, thin, Ink::Flat([255, 90, 80], 0.9));
        }
        _ => {}
    }
    let cell = canvas.u * (1.5 + 0.6 * depth);
    let lit = if palette.night { 0.5 } else { 0.26 } * (0.35 + 0.65 * f64::from(depth));
    let mut row = y + cell;
    while row < foot - cell {
        let mut column = x + cell * 0.7;
        while column < x + wide - cell * 0.9 {
            if rng.random_bool(lit) {
                let glow = mix(palette.light, palette.accents[0], rng.random_range(0.0..1.0));
                let alpha = rng.random_range(0.45..0.95);
                canvas.rect(column, row, cell * 0.48, cell * 0.62, Ink::Flat(glow, alpha));
            }
            column += cell;
        }
        row += cell * 1.25;
    }
}

pub(super) fn space(canvas: &mut Canvas, rng: &mut StdRng, palette: &Palette) {
    let dark = mix(palette.near, [4, 4, 16], 0.7);
    let deep = mix(palette.sky[0], dark, 0.5);
    canvas.band(0.0, canvas.h, Ink::Down(0.0, (dark, 1.0), canvas.h, (deep, 1.0)));
    for _ in 0..7 {
        let (x, y) = (rng.random_range(0.0..canvas.w), rng.random_range(0.0..canvas.h));
        let tint = accent(rng, palette);
        canvas.glow(x, y, canvas.u * rng.random_range(25.0..60.0), tint, 0.3);
    }
    stars(canvas, rng, canvas.h * 1.6, 340);
    let x = canvas.w * rng.random_range(0.38..0.62);
    let y = canvas.h * rng.random_range(0.4..0.58);
    let radius = canvas.u * rng.random_range(17.0..23.0);
    let tint = accent(rng, palette);
    canvas.glow(x, y, radius * 2.0, tint, 0.4);
    let tilt = rng.random_range(-28.0..28.0);
    ring(canvas, (x, y), radius, tilt, mix(palette.light, tint, 0.35), false);
    planet(canvas, rng, (x, y), radius, tilt, tint, palette);
    ring(canvas, (x, y), radius, tilt, mix(palette.light, tint, 0.35), true);
    let (mx, my) = (x - radius * 2.1, y - radius * 1.25);
    let small = radius * 0.2;
    let shade = mix(palette.light, dark, 0.7);
    let moon = Ink::Down(my - small, (palette.light, 1.0), my + small, (shade, 1.0));
    canvas.disc(mx, my, small, moon);
}

fn planet(
    canvas: &mut Canvas,
    rng: &mut StdRng,
    (x, y): (f32, f32),
    radius: f32,
    tilt: f32,
    tint: Rgb,
    palette: &Palette,
) {
    let dark = mix(tint, [6, 5, 20], 0.72);
    let bright = mix(tint, palette.light, 0.3);
    canvas.disc(x, y, radius, Ink::Down(y - radius, (bright, 1.0), y + radius, (dark, 1.0)));
    let turn = Transform::from_rotate_at(tilt, x, y);
    for _ in 0..7 {
        let dy = rng.random_range(-0.85_f32..0.85);
        let half = (1.0 - dy * dy).sqrt() * radius * 0.985;
        let thick = radius * rng.random_range(0.03..0.1);
        let band = Rect::from_xywh(x - half, y + dy * radius - thick / 2.0, half * 2.0, thick);
        let ink = Ink::Flat(accent(rng, palette), 0.22);
        canvas.fill_with(band.and_then(PathBuilder::from_oval), ink, BlendMode::SourceOver, turn);
    }
    canvas.glow(x - radius * 0.4, y - radius * 0.45, radius * 0.75, palette.light, 0.42);
}

/// Half a ring: behind the planet, or in front of it.
fn ring(canvas: &mut Canvas, (x, y): (f32, f32), radius: f32, tilt: f32, tint: Rgb, front: bool) {
    let (sin, cos) = tilt.to_radians().sin_cos();
    for (far, alpha) in [(1.5, 0.75), (1.68, 0.5), (1.86, 0.65)] {
        let start = if front { 0.0 } else { TAU / 2.0 };
        let points: Vec<_> = (0..=60)
            .map(|step| {
                let angle = start + step as f32 / 60.0 * TAU / 2.0;
                let (dx, dy) = (angle.cos() * far * radius, angle.sin() * far * radius * 0.24);
                (x + dx * cos - dy * sin, y + dx * sin + dy * cos)
            })
            .collect();
        let path = super::canvas::line(&points, false);
        canvas.stroke(path, radius * 0.07, Ink::Flat(tint, alpha));
    }
}

pub(super) fn flower(canvas: &mut Canvas, rng: &mut StdRng, palette: &Palette) {
    let (low, high) = (mix(palette.near, palette.sky[1], 0.35), palette.sky[0]);
    canvas.band(0.0, canvas.h, Ink::Down(0.0, (high, 1.0), canvas.h, (low, 1.0)));
    for _ in 0..16 {
        let (x, y) = (rng.random_range(0.0..canvas.w), rng.random_range(0.0..canvas.h));
        let tint = accent(rng, palette);
        canvas.glow(x, y, canvas.u * rng.random_range(8.0..26.0), tint, 0.22);
    }
    let blooms = rng.random_range(4..8);
    for _ in 0..blooms {
        let at = (rng.random_range(0.0..canvas.w), rng.random_range(0.0..canvas.h));
        let size = canvas.u * rng.random_range(8.0..15.0);
        bloom(canvas, rng, palette, at, size);
    }
    let centre = (canvas.w * rng.random_range(0.44..0.56), canvas.h * rng.random_range(0.44..0.56));
    canvas.glow(centre.0, centre.1, canvas.u * 55.0, palette.light, 0.3);
    bloom(canvas, rng, palette, centre, canvas.u * 34.0);
}

fn bloom(canvas: &mut Canvas, rng: &mut StdRng, palette: &Palette, (x, y): (f32, f32), size: f32) {
    let petals = rng.random_range(7..12);
    let (outer, inner) = (accent(rng, palette), accent(rng, palette));
    let spin = rng.random_range(0.0..360.0);
    for ring in 0..4 {
        let long = size * (1.0 - 0.21 * ring as f32);
        let tint = mix(outer, mix(inner, palette.light, 0.35), ring as f32 / 3.0);
        let edge = mix(tint, palette.near, 0.28);
        for petal in 0..petals {
            let angle = spin + 360.0 * (petal as f32 + 0.5 * (ring % 2) as f32) / petals as f32;
            let mut path = PathBuilder::new();
            path.move_to(x, y);
            path.cubic_to(x - long * 0.42, y - long * 0.4, x - long * 0.24, y - long, x, y - long);
            path.cubic_to(x + long * 0.24, y - long, x + long * 0.42, y - long * 0.4, x, y);
            let ink = Ink::Down(y - long, (tint, 0.94), y, (edge, 0.97));
            let turn = Transform::from_rotate_at(angle, x, y);
            canvas.fill_with(path.finish(), ink, BlendMode::SourceOver, turn);
        }
    }
    let heart = mix(palette.accents[0], palette.light, 0.3);
    canvas.disc(x, y, size * 0.17, Ink::Flat(mix(heart, palette.near, 0.35), 1.0));
    canvas.disc(x, y, size * 0.14, Ink::Flat(heart, 1.0));
    for dot in 0..14 {
        let (sin, cos) = (dot as f32 * 2.4).sin_cos();
        let far = size * 0.03 * (dot as f32).sqrt();
        let ink = Ink::Flat(mix(heart, palette.near, 0.6), 0.8);
        canvas.disc(x + cos * far, y + sin * far, size * 0.012, ink);
    }
}

pub(super) fn bokeh(canvas: &mut Canvas, rng: &mut StdRng, palette: &Palette) {
    let (top, low) = (mix(palette.sky[0], palette.near, 0.5), mix(palette.near, [0, 0, 0], 0.35));
    canvas.band(0.0, canvas.h, Ink::Down(0.0, (top, 1.0), canvas.h, (low, 1.0)));
    for _ in 0..6 {
        let (x, y) = (rng.random_range(0.0..canvas.w), rng.random_range(0.0..canvas.h));
        let tint = accent(rng, palette);
        canvas.glow(x, y, canvas.u * rng.random_range(35.0..70.0), tint, 0.4);
    }
    for _ in 0..58 {
        let x = rng.random_range(0.0..canvas.w);
        let y = canvas.h * rng.random_range(0.0_f32..1.0).powf(0.7);
        let radius = canvas.u * rng.random_range(1.5_f32..9.5);
        let tint = mix(accent(rng, palette), palette.light, rng.random_range(0.0..0.5));
        let path = PathBuilder::from_circle(x, y, radius);
        let alpha = rng.random_range(0.07..0.3);
        let turn = Transform::identity();
        canvas.fill_with(path.clone(), Ink::Flat(tint, alpha), BlendMode::Screen, turn);
        canvas.stroke(path, canvas.u * 0.22, Ink::Flat(tint, alpha * 1.3));
    }
    for _ in 0..40 {
        let (x, y) = (rng.random_range(0.0..canvas.w), rng.random_range(0.0..canvas.h));
        canvas.glow(x, y, canvas.u * rng.random_range(0.6..2.0), palette.light, 0.9);
    }
}

pub(super) fn tiles(canvas: &mut Canvas, rng: &mut StdRng, palette: &Palette) {
    let across = rng.random_range(4..7);
    let cell = canvas.w.min(canvas.h) / across as f32;
    let paper = mix(palette.light, [250, 244, 232], 0.6);
    canvas.band(0.0, canvas.h, Ink::Flat(paper, 1.0));
    let (columns, rows) = ((canvas.w / cell).ceil() as i32, (canvas.h / cell).ceil() as i32);
    let (left, top) =
        ((canvas.w - columns as f32 * cell) / 2.0, (canvas.h - rows as f32 * cell) / 2.0);
    for row in 0..rows {
        for column in 0..columns {
            let (x, y) = (left + column as f32 * cell, top + row as f32 * cell);
            tile(canvas, rng, palette, (x, y), cell);
        }
    }
}

fn tile(canvas: &mut Canvas, rng: &mut StdRng, palette: &Palette, (x, y): (f32, f32), cell: f32) {
    let paper = mix(palette.light, [250, 244, 232], 0.6);
    let mut tint = || match rng.random_range(0..6) {
        0 => mix(palette.near, palette.sky[0], 0.3),
        1 => paper,
        _ => accent(rng, palette),
    };
    let (ground, first, second) = (tint(), tint(), tint());
    canvas.rect(x, y, cell + 0.5, cell + 0.5, Ink::Flat(ground, 1.0));
    let corner = rng.random_range(0..4);
    let (cx, cy) =
        (x + if corner % 2 == 0 { 0.0 } else { cell }, y + if corner < 2 { 0.0 } else { cell });
    let (mx, my) = (x + cell / 2.0, y + cell / 2.0);
    match rng.random_range(0..6) {
        // Quarter circles about a corner.
        0 | 1 => {
            for (share, ink) in [(1.0, first), (0.66, second), (0.33, ground)] {
                quarter(canvas, (x, y, cell), (cx, cy), cell * share, ink);
            }
        }
        2 => {
            canvas.disc(mx, my, cell * 0.4, Ink::Flat(first, 1.0));
            canvas.disc(mx, my, cell * 0.17, Ink::Flat(second, 1.0));
        }
        3 => {
            let far = (2.0 * mx - cx, 2.0 * my - cy);
            canvas.polygon(&[(cx, cy), (far.0, cy), (cx, far.1)], Ink::Flat(first, 1.0));
        }
        4 => {
            quarter(canvas, (x, y, cell), (cx, cy), cell, first);
            quarter(canvas, (x, y, cell), (2.0 * mx - cx, 2.0 * my - cy), cell * 0.5, second);
        }
        _ => {
            for stripe in 0..3 {
                let dy = cell * (0.1 + 0.3 * stripe as f32);
                canvas.rect(x, y + dy, cell, cell * 0.15, Ink::Flat(first, 1.0));
            }
        }
    }
}

/// The quarter of a disc about a corner of the cell that lies in the cell.
fn quarter(canvas: &mut Canvas, cell: (f32, f32, f32), corner: (f32, f32), radius: f32, tint: Rgb) {
    let (x, y, side) = cell;
    let toward_x = if corner.0 > x + side / 2.0 { -1.0 } else { 1.0 };
    let toward_y = if corner.1 > y + side / 2.0 { -1.0 } else { 1.0 };
    let mut points = vec![corner];
    points.extend((0..=24).map(|step| {
        let (sin, cos) = (step as f32 / 24.0 * TAU / 4.0).sin_cos();
        (corner.0 + toward_x * cos * radius, corner.1 + toward_y * sin * radius)
    }));
    canvas.polygon(&points, Ink::Flat(tint, 1.0));
}

pub(super) fn ribbons(canvas: &mut Canvas, rng: &mut StdRng, palette: &Palette) {
    let [zenith, middle, low] = palette.sky;
    canvas.band(0.0, canvas.h, Ink::Down(0.0, (zenith, 1.0), canvas.h, (middle, 1.0)));
    let x = canvas.w * rng.random_range(0.2..0.8);
    light(canvas, palette, x, canvas.h * rng.random_range(0.18..0.36), canvas.u * 8.0);
    let count = 11;
    let (p1, p2) = (rng.random_range(0.0..TAU), rng.random_range(0.0..TAU));
    let swing = rng.random_range(0.07..0.13);
    for ribbon in 0..count {
        let share = ribbon as f32 / (count - 1) as f32;
        let base = canvas.h * (0.28 + 0.72 * share);
        let mut points: Vec<_> = (0..=96)
            .map(|step| {
                let t = step as f32 / 96.0;
                let drift = share * 2.2;
                let wave = (t * TAU * 0.9 + p1 + drift).sin() * swing
                    + (t * TAU * 2.1 + p2 - drift * 1.6).sin() * swing * 0.4;
                (t * canvas.w, base + wave * canvas.h)
            })
            .collect();
        points.extend([(canvas.w + 2.0, canvas.h + 2.0), (-2.0, canvas.h + 2.0)]);
        let hue = match ribbon % 4 {
            0 => palette.accents[0],
            1 => palette.accents[1],
            2 => palette.accents[2],
            _ => palette.accents[3],
        };
        let tint = mix(mix(hue, low, 0.25 * (1.0 - share)), palette.near, share * 0.55);
        let foot = mix(tint, palette.near, 0.55);
        let bottom = base + canvas.h * 0.22;
        canvas
            .polygon(&points, Ink::Down(base - canvas.h * 0.1, (tint, 0.93), bottom, (foot, 0.96)));
        points.truncate(97);
        let rim = super::canvas::line(&points, false);
        canvas.stroke(rim, canvas.u * 0.2, Ink::Flat(palette.light, 0.28));
    }
}
