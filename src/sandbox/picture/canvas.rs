//! A canvas with the few strokes that the scenes need.

use tiny_skia::{
    BlendMode, Color, FillRule, GradientStop, LineCap, LineJoin, LinearGradient, Paint, Path,
    PathBuilder, Pixmap, Point, RadialGradient, Rect, Shader, SpreadMode, Stroke, Transform,
};

/// Red, green, blue.
pub(super) type Rgb = [u8; 3];

/// `a` at 0.0, `b` at 1.0.
pub(super) fn mix(a: Rgb, b: Rgb, share: f32) -> Rgb {
    let share = share.clamp(0.0, 1.0);
    let [ar, ag, ab] = a.map(f32::from);
    let [br, bg, bb] = b.map(f32::from);
    let blend = |a: f32, b: f32| (a + (b - a) * share).round() as u8;
    [blend(ar, br), blend(ag, bg), blend(ab, bb)]
}

fn color(rgb: Rgb, alpha: f32) -> Color {
    let [r, g, b] = rgb;
    Color::from_rgba8(r, g, b, (alpha.clamp(0.0, 1.0) * 255.0).round() as u8)
}

/// A way to fill a shape.
#[derive(Clone, Copy)]
pub(super) enum Ink {
    Flat(Rgb, f32),
    /// From `y0` down to `y1`; each end a colour and its opacity.
    Down(f32, (Rgb, f32), f32, (Rgb, f32)),
    /// Light that fades from the centre `(x, y)` to nothing at the radius.
    Glow(f32, f32, f32, Rgb, f32),
}

impl Ink {
    fn paint(self) -> Paint<'static> {
        let shader = match self {
            Self::Flat(rgb, alpha) => Some(Shader::SolidColor(color(rgb, alpha))),
            Self::Down(y0, (top, top_alpha), y1, (bottom, bottom_alpha)) => LinearGradient::new(
                Point::from_xy(0.0, y0),
                Point::from_xy(0.0, y1),
                vec![
                    GradientStop::new(0.0, color(top, top_alpha)),
                    GradientStop::new(1.0, color(bottom, bottom_alpha)),
                ],
                SpreadMode::Pad,
                Transform::identity(),
            ),
            Self::Glow(x, y, radius, rgb, alpha) => RadialGradient::new(
                Point::from_xy(x, y),
                0.0,
                Point::from_xy(x, y),
                radius,
                vec![
                    GradientStop::new(0.0, color(rgb, alpha)),
                    GradientStop::new(0.35, color(rgb, alpha * 0.42)),
                    GradientStop::new(1.0, color(rgb, 0.0)),
                ],
                SpreadMode::Pad,
                Transform::identity(),
            ),
        };
        Paint { shader: shader.unwrap_or(Shader::SolidColor(Color::BLACK)), ..Paint::default() }
    }
}

pub(super) struct Canvas {
    pub(super) map: Pixmap,
    pub(super) w: f32,
    pub(super) h: f32,
    /// A hundredth of the short side: the measure for things that keep their size.
    pub(super) u: f32,
}

impl Canvas {
    /// A black canvas; `None` for sides that no picture can have.
    pub(super) fn new(width: u32, height: u32) -> Option<Self> {
        let map = Pixmap::new(width, height)?;
        let (w, h) = (width as f32, height as f32);
        Some(Self { map, w, h, u: w.min(h) / 100.0 })
    }

    pub(super) fn fill(&mut self, path: Option<Path>, ink: Ink) {
        self.fill_with(path, ink, BlendMode::SourceOver, Transform::identity());
    }

    pub(super) fn fill_with(
        &mut self,
        path: Option<Path>,
        ink: Ink,
        blend_mode: BlendMode,
        transform: Transform,
    ) {
        let Some(path) = path else { return };
        let paint = Paint { blend_mode, ..ink.paint() };
        self.map.fill_path(&path, &paint, FillRule::Winding, transform, None);
    }

    /// A line with round ends.
    pub(super) fn stroke(&mut self, path: Option<Path>, width: f32, ink: Ink) {
        let Some(path) = path else { return };
        let stroke = Stroke {
            width,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        self.map.stroke_path(&path, &ink.paint(), &stroke, Transform::identity(), None);
    }

    /// Fills a band of the whole width.
    pub(super) fn band(&mut self, top: f32, bottom: f32, ink: Ink) {
        self.rect(0.0, top, self.w, bottom - top, ink);
    }

    pub(super) fn rect(&mut self, x: f32, y: f32, w: f32, h: f32, ink: Ink) {
        self.fill(Rect::from_xywh(x, y, w, h).map(PathBuilder::from_rect), ink);
    }

    pub(super) fn disc(&mut self, x: f32, y: f32, radius: f32, ink: Ink) {
        self.fill(PathBuilder::from_circle(x, y, radius), ink);
    }

    pub(super) fn oval(&mut self, x: f32, y: f32, rx: f32, ry: f32, ink: Ink) {
        let rect = Rect::from_xywh(x - rx, y - ry, rx * 2.0, ry * 2.0);
        self.fill(rect.and_then(PathBuilder::from_oval), ink);
    }

    /// Adds light around a point.
    pub(super) fn glow(&mut self, x: f32, y: f32, radius: f32, rgb: Rgb, alpha: f32) {
        let square = Rect::from_xywh(x - radius, y - radius, radius * 2.0, radius * 2.0);
        let ink = Ink::Glow(x, y, radius, rgb, alpha);
        let path = square.map(PathBuilder::from_rect);
        self.fill_with(path, ink, BlendMode::Screen, Transform::identity());
    }

    pub(super) fn polygon(&mut self, points: &[(f32, f32)], ink: Ink) {
        self.fill(line(points, true), ink);
    }

    /// Darkens the corners a little.
    pub(super) fn vignette(&mut self) {
        let (x, y) = (self.w / 2.0, self.h / 2.0);
        let radius = x.hypot(y);
        let shader = RadialGradient::new(
            Point::from_xy(x, y),
            0.0,
            Point::from_xy(x, y),
            radius,
            vec![
                GradientStop::new(0.55, color([0, 0, 0], 0.0)),
                GradientStop::new(1.0, color([6, 4, 16], 0.34)),
            ],
            SpreadMode::Pad,
            Transform::identity(),
        );
        let (Some(shader), Some(rect)) = (shader, Rect::from_xywh(0.0, 0.0, self.w, self.h)) else {
            return;
        };
        let paint = Paint { shader, ..Paint::default() };
        self.map.fill_rect(rect, &paint, Transform::identity(), None);
    }
}

/// A path through the points.
pub(super) fn line(points: &[(f32, f32)], closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    let (&(x, y), rest) = points.split_first()?;
    path.move_to(x, y);
    for &(x, y) in rest {
        path.line_to(x, y);
    }
    if closed {
        path.close();
    }
    path.finish()
}
