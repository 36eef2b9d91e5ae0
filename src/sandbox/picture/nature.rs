//! Landscapes: hills, mountains, sea, forest, and a cat that looks at the moon.

use std::f32::consts::{PI, TAU};

use rand::{RngExt, rngs::StdRng};
use tiny_skia::PathBuilder;

use super::{
    canvas::{Canvas, Ink, Rgb, line, mix},
    palette::Palette,
};

pub(super) fn sky(canvas: &mut Canvas, rng: &mut StdRng, palette: &Palette, horizon: f32) {
    let [zenith, middle, low] = palette.sky;
    let turn = horizon * 0.55;
    canvas.band(0.0, turn + 1.0, Ink::Down(0.0, (zenith, 1.0), turn, (middle, 1.0)));
    canvas.band(turn, canvas.h, Ink::Down(turn, (middle, 1.0), horizon, (low, 1.0)));
    if palette.night {
        stars(canvas, rng, horizon * 0.85, 110);
    } else if rng.random_bool(0.7) {
        clouds(canvas, rng, palette, horizon);
    }
}

pub(super) fn stars(canvas: &mut Canvas, rng: &mut StdRng, bottom: f32, count: usize) {
    for _ in 0..count {
        let (x, y) = (rng.random_range(0.0..canvas.w), rng.random_range(0.0..bottom));
        let size = canvas.u * rng.random_range(0.08_f32..0.26);
        let alpha = rng.random_range(0.3..0.95) * (1.0 - 0.7 * y / bottom);
        canvas.disc(x, y, size, Ink::Flat([255, 252, 240], alpha));
        if size > canvas.u * 0.23 {
            canvas.glow(x, y, size * 7.0, [210, 225, 255], 0.35);
        }
    }
}

fn clouds(canvas: &mut Canvas, rng: &mut StdRng, palette: &Palette, horizon: f32) {
    for _ in 0..rng.random_range(3..7) {
        let (x, y) = (rng.random_range(0.0..canvas.w), rng.random_range(0.08..0.7) * horizon);
        let long = canvas.u * rng.random_range(9.0..22.0);
        let tint = mix(palette.light, palette.sky[2], 0.3);
        for part in 0..5 {
            let shift = (part as f32 - 2.0) * long * 0.34;
            let tall = long * (0.10 - 0.02 * (part as f32 - 2.0).abs());
            let drop = rng.random_range(-0.03..0.03) * long;
            canvas.oval(x + shift, y + drop, long * 0.42, tall, Ink::Flat(tint, 0.16));
        }
    }
}

/// The sun, or at night the moon with its seas.
pub(super) fn light(canvas: &mut Canvas, palette: &Palette, x: f32, y: f32, radius: f32) {
    let tint = palette.light;
    canvas.glow(x, y, radius * 6.5, mix(tint, palette.sky[2], 0.5), 0.65);
    canvas.glow(x, y, radius * 2.4, tint, 0.7);
    let low = mix(tint, palette.sky[2], 0.35);
    canvas.disc(x, y, radius, Ink::Down(y - radius, (tint, 1.0), y + radius, (low, 1.0)));
    if palette.night {
        for (dx, dy, size) in
            [(-0.3, -0.25, 0.24), (0.25, 0.1, 0.3), (-0.15, 0.4, 0.17), (0.4, -0.4, 0.12)]
        {
            let shade = Ink::Flat(mix(tint, palette.sky[1], 0.5), 0.3);
            canvas.disc(x + dx * radius, y + dy * radius, size * radius, shade);
        }
    }
}

/// The heights of a ridge, left to right: smooth when `rough` is 0, jagged at 1.
fn ridge(rng: &mut StdRng, base: f32, height: f32, rough: f32) -> Vec<f32> {
    const POINTS: usize = 129;
    let mut heights = vec![0.0_f32; POINTS];
    let (p1, p2, p3) =
        (rng.random_range(0.0..TAU), rng.random_range(0.0..TAU), rng.random_range(0.0..TAU));
    let bend = rng.random_range(0.7..1.5);
    for (index, value) in heights.iter_mut().enumerate() {
        let x = index as f32 / (POINTS - 1) as f32 * TAU;
        let smooth =
            (x * bend + p1).sin() * 0.5 + (x * 2.3 + p2).sin() * 0.28 + (x * 4.1 + p3).sin() * 0.12;
        let t = index as f32 / (POINTS - 1) as f32;
        let peaks = 0.62 * fold(t * 1.7 * bend + p1)
            + 0.27 * fold(t * 4.3 + p2)
            + 0.09 * fold(t * 11.0 + p3)
            + 0.03 * fold(t * 29.0 + p1)
            - 0.35;
        *value = base - height * (smooth * (1.0 - rough) + peaks * rough);
    }
    heights
}

/// A wave of straight slopes between 0 and 1.
fn fold(x: f32) -> f32 {
    1.0 - (x.rem_euclid(1.0) * 2.0 - 1.0).abs()
}

fn outline(canvas: &Canvas, heights: &[f32]) -> Vec<(f32, f32)> {
    let step = canvas.w / (heights.len().saturating_sub(1).max(1)) as f32;
    let mut points = vec![(-2.0, canvas.h + 2.0)];
    points.extend(heights.iter().enumerate().map(|(index, y)| (index as f32 * step, *y)));
    points.push((canvas.w + 2.0, canvas.h + 2.0));
    points
}

fn ground(canvas: &mut Canvas, heights: &[f32], tint: Rgb, foot: Rgb) {
    let top = heights.iter().copied().fold(f32::INFINITY, f32::min);
    let points = outline(canvas, heights);
    let bottom = top + (canvas.h - top) * 0.8;
    canvas.polygon(&points, Ink::Down(top, (tint, 1.0), bottom, (foot, 1.0)));
}

pub(super) fn hills(canvas: &mut Canvas, rng: &mut StdRng, palette: &Palette) {
    let horizon = canvas.h * rng.random_range(0.55..0.66);
    sky(canvas, rng, palette, horizon);
    let x = canvas.w * rng.random_range(0.2..0.8);
    let y = horizon - canvas.h * rng.random_range(0.08..0.3);
    light(canvas, palette, x, y, canvas.u * rng.random_range(5.5..9.0));
    let layers = 6;
    for layer in 0..layers {
        let depth = layer as f32 / (layers - 1) as f32;
        let base = horizon + (canvas.h * 1.02 - horizon) * depth.powf(1.25) * 0.86;
        let heights = ridge(rng, base, canvas.h * (0.045 + 0.05 * depth), 0.0);
        let tint = mix(mix(palette.far, palette.sky[2], 0.35), palette.near, depth);
        let foot = mix(tint, palette.sky[2], 0.42 * (1.0 - depth));
        ground(canvas, &heights, tint, foot);
    }
    if !palette.night {
        birds(canvas, rng, horizon, palette.near);
    }
}

fn birds(canvas: &mut Canvas, rng: &mut StdRng, horizon: f32, tint: Rgb) {
    let (cx, cy) = (canvas.w * rng.random_range(0.2..0.8), horizon * rng.random_range(0.25..0.6));
    for _ in 0..rng.random_range(3..8) {
        let x = cx + canvas.u * rng.random_range(-14.0..14.0);
        let y = cy + canvas.u * rng.random_range(-7.0..7.0);
        let wing = canvas.u * rng.random_range(0.9..1.8);
        let mut path = PathBuilder::new();
        path.move_to(x - wing, y - wing * 0.3);
        path.quad_to(x - wing * 0.4, y - wing * 0.6, x, y);
        path.quad_to(x + wing * 0.4, y - wing * 0.6, x + wing, y - wing * 0.3);
        canvas.stroke(path.finish(), canvas.u * 0.22, Ink::Flat(tint, 0.75));
    }
}

pub(super) fn mountains(canvas: &mut Canvas, rng: &mut StdRng, palette: &Palette) {
    let horizon = canvas.h * rng.random_range(0.6..0.7);
    sky(canvas, rng, palette, horizon);
    let x = canvas.w * rng.random_range(0.15..0.85);
    light(canvas, palette, x, horizon * rng.random_range(0.3..0.6), canvas.u * 6.0);
    for layer in 0..4 {
        let depth = layer as f32 / 3.0;
        let base = horizon + (canvas.h - horizon) * depth * 0.75;
        let height = canvas.u * (58.0 - 30.0 * depth);
        let heights = ridge(rng, base, height, 1.0 - 0.35 * depth);
        let tint = mix(mix(palette.far, palette.sky[1], 0.25), palette.near, depth * 0.95);
        ground(canvas, &heights, tint, mix(tint, palette.sky[2], 0.5 * (1.0 - depth)));
        if layer == 0 {
            snow(canvas, &heights, height, palette);
        }
    }
}

/// Snow on what stands out, with a ragged lower edge.
fn snow(canvas: &mut Canvas, heights: &[f32], height: f32, palette: &Palette) {
    let top = heights.iter().copied().fold(f32::INFINITY, f32::min);
    let limit = top + height * 0.34;
    let step = canvas.w / (heights.len().saturating_sub(1).max(1)) as f32;
    let tint = mix([255, 255, 255], palette.sky[1], 0.12);
    let mut run: Vec<(f32, f32)> = Vec::new();
    for (index, y) in heights.iter().copied().chain([f32::INFINITY]).enumerate() {
        if y < limit {
            run.push((index as f32 * step, y));
            continue;
        }
        let lower: Vec<_> = run
            .iter()
            .rev()
            .enumerate()
            .map(|(tooth, (x, y))| {
                let ragged = if tooth % 2 == 0 { 0.3 } else { 0.62 };
                (*x, y + (limit - y) * ragged)
            })
            .collect();
        let mut cap = std::mem::take(&mut run);
        cap.extend(lower);
        if cap.len() > 4 {
            canvas.polygon(&cap, Ink::Down(top, (tint, 0.95), limit, (tint, 0.35)));
        }
    }
}

pub(super) fn sea(canvas: &mut Canvas, rng: &mut StdRng, palette: &Palette) {
    let horizon = canvas.h * rng.random_range(0.5..0.62);
    sky(canvas, rng, palette, horizon);
    let x = canvas.w * rng.random_range(0.3..0.7);
    let radius = canvas.u * rng.random_range(7.0..11.0);
    light(canvas, palette, x, horizon - radius * rng.random_range(-0.1..1.6), radius);
    let surface = mix(palette.sky[2], palette.far, 0.45);
    canvas.band(
        horizon,
        canvas.h,
        Ink::Down(horizon, (surface, 1.0), canvas.h, (mix(palette.near, palette.far, 0.12), 1.0)),
    );
    for _ in 0..260 {
        let depth = rng.random_range(0.0_f32..1.0);
        let y = horizon + (canvas.h - horizon) * depth * depth + canvas.u * 0.3;
        let spread = radius * (0.5 + 2.6 * depth);
        let shift = rng.random_range(-1.0_f32..1.0);
        let long = canvas.u * (0.5 + 5.0 * depth) * rng.random_range(0.4..1.0);
        let ink = Ink::Flat(palette.light, (0.5 - 0.3 * depth) * (1.0 - shift.abs() * 0.7));
        let thick = canvas.u * (0.1 + 0.42 * depth);
        canvas.oval(x + shift * spread, y, long, thick, ink);
    }
    for layer in 0..4 {
        let depth = (layer as f32 + 1.0) / 4.0;
        let base = horizon + (canvas.h - horizon) * (0.35 + 0.6 * depth);
        let heights = ridge(rng, base, canvas.h * 0.018 * (1.0 + depth), 0.0);
        let tint = mix(surface, palette.near, 0.3 + 0.6 * depth);
        let points = outline(canvas, &heights);
        canvas.polygon(&points, Ink::Down(base, (tint, 0.55), canvas.h, (palette.near, 0.7)));
    }
    if rng.random_bool(0.75) {
        let away = if x > canvas.w / 2.0 { 0.24 } else { 0.76 };
        let size = canvas.u * rng.random_range(7.0..12.0);
        boat(canvas, canvas.w * away, horizon + canvas.h * 0.05, size, palette);
    }
}

fn boat(canvas: &mut Canvas, x: f32, y: f32, size: f32, palette: &Palette) {
    let hull = Ink::Flat(palette.near, 1.0);
    let at = |dx: f32, dy: f32| (x + dx * size, y + dy * size);
    canvas.oval(x, y + size * 0.34, size * 0.75, size * 0.05, Ink::Flat(palette.near, 0.3));
    canvas.polygon(&[at(-0.7, 0.05), at(0.75, 0.05), at(0.5, 0.32), at(-0.5, 0.32)], hull);
    canvas.stroke(line(&[at(0.0, 0.05), at(0.0, -1.45)], false), size * 0.05, hull);
    let sail = mix(palette.light, palette.sky[2], 0.2);
    canvas.polygon(&[at(0.06, -1.4), at(0.06, -0.06), at(0.72, -0.06)], Ink::Flat(sail, 0.97));
    let jib = mix(sail, palette.far, 0.3);
    canvas.polygon(&[at(-0.06, -1.2), at(-0.06, -0.06), at(-0.55, -0.06)], Ink::Flat(jib, 0.97));
}

pub(super) fn forest(canvas: &mut Canvas, rng: &mut StdRng, palette: &Palette) {
    let horizon = canvas.h * 0.72;
    sky(canvas, rng, palette, horizon);
    let x = canvas.w * rng.random_range(0.25..0.75);
    light(canvas, palette, x, canvas.h * rng.random_range(0.25..0.42), canvas.u * 8.0);
    for layer in 0..4 {
        let depth = layer as f32 / 3.0;
        let base = canvas.h * (0.6 + 0.34 * depth);
        let heights = ridge(rng, base, canvas.h * 0.04, 0.0);
        let tint = mix(mix(palette.far, palette.sky[2], 0.3), palette.near, depth);
        let tall = canvas.u * (15.0 + 40.0 * depth * depth);
        let gap = tall * (0.3 + 0.28 * depth);
        let mut at = -gap * rng.random_range(0.0..1.0);
        while at < canvas.w + gap {
            let index = (at.clamp(0.0, canvas.w - 1.0) / canvas.w * heights.len() as f32) as usize;
            let foot = heights.get(index).copied().unwrap_or(base) + tall * 0.1;
            pine(canvas, at, foot, tall * rng.random_range(0.65..1.15), tint);
            at += gap * rng.random_range(0.5..1.3);
        }
        ground(canvas, &heights, tint, mix(tint, palette.sky[2], 0.5 * (1.0 - depth)));
        let mist = palette.sky[2];
        let fog = Ink::Down(base - tall * 0.3, (mist, 0.0), base + canvas.h * 0.1, (mist, 0.35));
        if layer < 3 {
            canvas.band(base - tall * 0.3, base + canvas.h * 0.2, fog);
        }
    }
}

fn pine(canvas: &mut Canvas, x: f32, foot: f32, tall: f32, tint: Rgb) {
    let mut points = vec![(x, foot - tall)];
    let mut left = Vec::new();
    for tier in 1..=5 {
        let share = tier as f32 / 5.0;
        let (wide, y) = (tall * 0.25 * share, foot - tall * (1.0 - share * 0.93));
        points.extend([(x + wide, y), (x + wide * 0.52, y - tall * 0.02)]);
        left.extend([(x - wide, y), (x - wide * 0.52, y - tall * 0.02)]);
    }
    points.extend([(x + tall * 0.025, foot), (x - tall * 0.025, foot)]);
    points.extend(left.into_iter().rev());
    canvas.polygon(&points, Ink::Flat(tint, 1.0));
}

pub(super) fn cat(canvas: &mut Canvas, rng: &mut StdRng, palette: &Palette) {
    let horizon = canvas.h * 0.82;
    sky(canvas, rng, palette, horizon);
    let x = canvas.w * rng.random_range(0.36..0.64);
    let size = canvas.u * rng.random_range(26.0..31.0);
    let foot = canvas.h * 0.84;
    light(canvas, palette, x + size * 0.2, foot - size * 1.35, size * 1.02);
    let back = ridge(rng, canvas.h * 0.8, canvas.h * 0.05, 0.0);
    let far = mix(palette.far, palette.near, 0.3);
    ground(canvas, &back, far, mix(far, palette.sky[2], 0.3));
    let heights = ridge(rng, foot + canvas.u, canvas.h * 0.012, 0.0);
    sitting_cat(canvas, x, foot + canvas.u * 2.0, size, palette);
    ground(canvas, &heights, palette.near, palette.near);
    for _ in 0..70 {
        let (gx, tall) = (rng.random_range(0.0..canvas.w), canvas.u * rng.random_range(1.5..4.5));
        let lean = canvas.u * rng.random_range(-1.4..1.4);
        let blade = line(&[(gx, foot + canvas.u * 3.0), (gx + lean, foot - tall * 0.5)], false);
        canvas.stroke(blade, canvas.u * 0.25, Ink::Flat(palette.near, 1.0));
    }
}

fn sitting_cat(canvas: &mut Canvas, x: f32, foot: f32, size: f32, palette: &Palette) {
    let fur = Ink::Flat(mix(palette.near, [8, 6, 14], 0.55), 1.0);
    let at = |dx: f32, dy: f32| (x + dx * size, foot - dy * size);
    let mut tail = PathBuilder::new();
    let [(ax, ay), (bx, by), (cx, cy), (dx, dy)] =
        [at(0.3, 0.1), at(0.95, -0.05), at(0.85, 0.75), at(0.62, 0.62)];
    tail.move_to(ax, ay);
    tail.cubic_to(bx, by, cx, cy, dx, dy);
    canvas.stroke(tail.finish(), size * 0.12, fur);
    let mut body = PathBuilder::new();
    let (mx, my) = at(-0.3, 0.0);
    body.move_to(mx, my);
    for [a, b, c] in [
        [at(-0.36, 0.35), at(-0.25, 0.75), at(-0.2, 1.0)],
        [at(-0.1, 1.2), at(0.12, 1.2), at(0.2, 1.0)],
        [at(0.3, 0.75), at(0.55, 0.45), at(0.4, 0.0)],
    ] {
        body.cubic_to(a.0, a.1, b.0, b.1, c.0, c.1);
    }
    body.close();
    canvas.fill(body.finish(), fur);
    let (hx, hy) = at(0.0, 1.2);
    canvas.oval(hx, hy, size * 0.29, size * 0.24, fur);
    for side in [-1.0, 1.0] {
        canvas.polygon(&[at(side * 0.28, 1.24), at(side * 0.25, 1.62), at(side * 0.05, 1.38)], fur);
        let (ex, ey) = at(side * 0.11, 1.22);
        canvas.oval(ex, ey, size * 0.045, size * 0.055, Ink::Flat(palette.accents[0], 1.0));
        canvas.oval(ex, ey, size * 0.013, size * 0.05, Ink::Flat([10, 8, 16], 1.0));
        for whisker in [-0.05, 0.0, 0.05] {
            let tip = at(side * 0.46, 1.12 + whisker * 2.0);
            let ink = Ink::Flat(palette.light, 0.35);
            canvas.stroke(line(&[at(side * 0.12, 1.12 + whisker), tip], false), size * 0.008, ink);
        }
    }
    let (nx, ny) = at(0.0, 1.12);
    canvas.oval(nx, ny, size * 0.03, size * 0.02, Ink::Flat(palette.accents[1], 1.0));
    let arc = PI * 0.04 * size;
    canvas.oval(x - size * 0.14, foot - size * 0.03, arc, arc * 0.6, fur);
}
