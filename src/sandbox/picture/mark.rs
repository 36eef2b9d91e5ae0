//! The word "sandbox" in a corner, so that nobody takes a stand-in's picture for a model's.

use tiny_skia::{Path, PathBuilder, Rect};

use super::canvas::{Canvas, Ink};

/// How far the pen moves on after a letter, in units of the x-height.
const ADVANCE: f32 = 1.12;
const WORD: &str = "sandbox";

/// Draws the mark into the lower right corner.
pub(super) fn stamp(canvas: &mut Canvas) {
    // The x-height: legible on a phone, small beside the picture.
    let size = (canvas.u * 2.3).max(8.0);
    let letters = WORD.len() as f32;
    let width = letters * ADVANCE * size - 0.12 * size;
    let (pad_x, pad_y) = (size * 1.0, size * 0.75);
    let (box_w, box_h) = (width + pad_x * 2.0, size * 1.55 + pad_y * 2.0);
    let (left, top) = (canvas.w - box_w - size, canvas.h - box_h - size);
    canvas.fill(pill(left, top, box_w, box_h), Ink::Flat([8, 8, 18], 0.46));
    let base = top + pad_y + size * 1.5;
    for (place, letter) in WORD.chars().enumerate() {
        let x = left + pad_x + place as f32 * ADVANCE * size;
        canvas.stroke(glyph(letter, x, base, size), size * 0.15, Ink::Flat([255, 255, 255], 0.92));
    }
}

/// A letter of the width 0.88 and the height 1 (stems 1.5) that stands on the line `base`.
fn glyph(letter: char, x: f32, base: f32, size: f32) -> Option<Path> {
    let at = |dx: f32, dy: f32| (x + dx * size, base - dy * size);
    let mut path = PathBuilder::new();
    let mut stem = |dx: f32, from: f32, to: f32| {
        let ((x0, y0), (x1, y1)) = (at(dx, from), at(dx, to));
        path.move_to(x0, y0);
        path.line_to(x1, y1);
    };
    match letter {
        'a' => stem(0.84, 0.0, 1.0),
        'd' => stem(0.84, 0.0, 1.5),
        'b' => stem(0.04, 0.0, 1.5),
        'n' => stem(0.06, 0.0, 1.0),
        _ => {}
    }
    match letter {
        'a' | 'b' | 'd' | 'o' => {
            let (left, top) = at(0.04, 1.0);
            path.push_oval(Rect::from_xywh(left, top, size * 0.8, size)?);
        }
        'n' => {
            let points = [at(0.06, 0.5), at(0.06, 1.16), at(0.8, 1.16), at(0.8, 0.5), at(0.8, 0.0)];
            let [(ax, ay), (bx, by), (cx, cy), (dx, dy), (ex, ey)] = points;
            path.move_to(ax, ay);
            path.cubic_to(bx, by, cx, cy, dx, dy);
            path.line_to(ex, ey);
        }
        's' => {
            let (x0, y0) = at(0.76, 0.86);
            path.move_to(x0, y0);
            for [from, to, end] in [
                [at(0.62, 1.04), at(0.12, 1.08), at(0.12, 0.76)],
                [at(0.12, 0.44), at(0.8, 0.58), at(0.8, 0.25)],
                [at(0.8, -0.1), at(0.2, -0.06), at(0.06, 0.16)],
            ] {
                path.cubic_to(from.0, from.1, to.0, to.1, end.0, end.1);
            }
        }
        'x' => {
            for (from, to) in [(at(0.08, 1.0), at(0.8, 0.0)), (at(0.8, 1.0), at(0.08, 0.0))] {
                path.move_to(from.0, from.1);
                path.line_to(to.0, to.1);
            }
        }
        _ => {}
    }
    path.finish()
}

fn pill(x: f32, y: f32, w: f32, h: f32) -> Option<Path> {
    let r = h / 2.0;
    let mut path = PathBuilder::new();
    path.push_circle(x + r, y + r, r);
    path.push_circle(x + w - r, y + r, r);
    path.push_rect(Rect::from_xywh(x + r, y, w - h, h)?);
    path.finish()
}
