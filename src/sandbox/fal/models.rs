//! The endpoints that the stand-in knows, and what each of them takes.

use serde_json::{Map, Value, json};

use super::super::picture::Format;

const PROMPT_CHARS_MAX: usize = 50_000;

/// What a field takes.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    Choice(&'static [&'static str]),
    Whole(i64, i64),
    Number(f64, f64),
    Flag,
    ImageSize,
}

type Field = (&'static str, Kind);

/// An endpoint.
#[derive(Debug)]
pub(super) struct Model {
    endpoint: &'static str,
    fields: &'static [&'static [Field]],
    /// The result's fields beside `images`.
    pub(super) output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    /// `description`, as the models of the Gemini family.
    Described,
    /// `seed`, `timings`, `has_nsfw_concepts`, `prompt`, as FLUX.
    Seeded,
}

/// A valid input.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) prompt: String,
    pub(super) count: u32,
    pub(super) seed: Option<u64>,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) format: Format,
    /// Whether pictures are to come inside the result.
    pub(super) inline: bool,
    /// What each picture costs, in the units that the result's header says.
    pub(super) units: f64,
}

const COMMON: &[Field] = &[
    ("prompt", Kind::Text),
    ("num_images", Kind::Whole(1, 4)),
    ("seed", Kind::Whole(0, i64::MAX)),
    ("sync_mode", Kind::Flag),
];
const GEMINI: &[Field] = &[
    ("output_format", Kind::Choice(&["jpeg", "png", "webp"])),
    ("safety_tolerance", Kind::Choice(&["1", "2", "3", "4", "5", "6"])),
];
const IMAGEN: &[Field] = &[("aspect_ratio", Kind::Choice(&["1:1", "16:9", "9:16", "4:3", "3:4"]))];
const IMAGEN_RESOLUTION: &[Field] = &[("resolution", Kind::Choice(&["1K", "2K"]))];
const NANO_BANANA: &[Field] = &[
    (
        "aspect_ratio",
        Kind::Choice(&[
            "auto", "21:9", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16", "4:1",
            "1:4", "8:1", "1:8",
        ]),
    ),
    ("resolution", Kind::Choice(&["0.5K", "1K", "2K", "4K"])),
    ("thinking_level", Kind::Choice(&["minimal", "high"])),
    ("limit_generations", Kind::Flag),
    ("enable_web_search", Kind::Flag),
    ("system_prompt", Kind::Text),
];
const FLUX: &[Field] = &[
    ("image_size", Kind::ImageSize),
    ("guidance_scale", Kind::Number(1.0, 20.0)),
    ("enable_safety_checker", Kind::Flag),
    ("output_format", Kind::Choice(&["jpeg", "png"])),
    ("acceleration", Kind::Choice(&["none", "regular", "high"])),
];
const FLUX_STEPS: &[Field] = &[("num_inference_steps", Kind::Whole(1, 50))];
const SCHNELL_STEPS: &[Field] = &[("num_inference_steps", Kind::Whole(1, 12))];

static MODELS: [Model; 8] = [
    Model {
        endpoint: "fal-ai/imagen4/preview",
        fields: &[COMMON, GEMINI, IMAGEN, IMAGEN_RESOLUTION],
        output: Output::Described,
    },
    Model {
        endpoint: "fal-ai/imagen4/preview/fast",
        fields: &[COMMON, GEMINI, IMAGEN],
        output: Output::Described,
    },
    Model {
        endpoint: "fal-ai/imagen4/preview/ultra",
        fields: &[COMMON, GEMINI, IMAGEN, IMAGEN_RESOLUTION],
        output: Output::Described,
    },
    Model {
        endpoint: "fal-ai/nano-banana-2",
        fields: &[COMMON, GEMINI, NANO_BANANA],
        output: Output::Described,
    },
    Model {
        endpoint: "fal-ai/flux/dev",
        fields: &[COMMON, FLUX, FLUX_STEPS],
        output: Output::Seeded,
    },
    Model {
        endpoint: "fal-ai/flux/schnell",
        fields: &[COMMON, FLUX, SCHNELL_STEPS],
        output: Output::Seeded,
    },
    // The two kinds of ids with three parts.
    Model {
        endpoint: "workflows/sandbox/imagine",
        fields: &[COMMON, GEMINI, IMAGEN],
        output: Output::Described,
    },
    Model {
        endpoint: "comfy/sandbox/imagine",
        fields: &[COMMON, GEMINI, IMAGEN],
        output: Output::Described,
    },
];

/// The endpoint by its id.
pub(super) fn find(endpoint: &str) -> Option<&'static Model> {
    MODELS.iter().find(|model| model.endpoint == endpoint)
}

impl Model {
    /// Checks an input, or says everything that is wrong with it as FAL's `detail` list does.
    pub(super) fn read(&self, input: &Value) -> Result<Order, Vec<Value>> {
        let Some(input) = input.as_object() else {
            let msg = "Input should be a valid dictionary";
            return Err(vec![detail("dict_type", &[], msg, input, Value::Null)]);
        };
        let fields = || self.fields.iter().flat_map(|group| group.iter());
        let mut wrong: Vec<Value> = fields()
            .filter_map(|(name, kind)| {
                let value = input.get(*name).filter(|value| !value.is_null());
                match value {
                    Some(value) => kind.complaint(name, value),
                    None if *name == "prompt" => {
                        let whole = Value::Object(input.clone());
                        Some(detail("missing", &[name], "Field required", &whole, Value::Null))
                    }
                    None => None,
                }
            })
            .collect();
        for (name, value) in input {
            if !fields().any(|(known, _)| known == name) {
                let msg = "Extra inputs are not permitted";
                wrong.push(detail("extra_forbidden", &[name], msg, value, Value::Null));
            }
        }
        if wrong.is_empty() { Ok(self.order(input)) } else { Err(wrong) }
    }

    fn order(&self, input: &Map<String, Value>) -> Order {
        let text = |name: &str| input.get(name).and_then(Value::as_str);
        let whole = |name: &str| input.get(name).and_then(Value::as_u64);
        let (default_format, (width, height), units) = match self.output {
            Output::Described => {
                let (long, units) = match text("resolution") {
                    Some("0.5K") => (512, 0.75),
                    // Priced as asked, drawn at what a sandbox needs.
                    Some("2K") => (2048, 1.5),
                    Some("4K") => (2048, 2.0),
                    _ => (1024, 1.0),
                };
                ("png", ratio(text("aspect_ratio").unwrap_or("1:1"), long), units)
            }
            Output::Seeded => {
                let (width, height) = image_size(input.get("image_size"));
                let megapixels = f64::from(width) * f64::from(height) / 1e6;
                ("jpeg", (width, height), megapixels.round().max(1.0))
            }
        };
        let format = text("output_format").unwrap_or(default_format);
        Order {
            prompt: text("prompt").unwrap_or_default().to_owned(),
            count: whole("num_images").and_then(|count| u32::try_from(count).ok()).unwrap_or(1),
            seed: whole("seed"),
            width,
            height,
            format: Format::from_name(format).unwrap_or(Format::Png),
            inline: input.get("sync_mode").and_then(Value::as_bool).unwrap_or(false),
            units,
        }
    }
}

fn ratio(name: &str, long: u32) -> (u32, u32) {
    let sides = name.split_once(':').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    // "auto" leaves it to the model.
    let (w, h): (u32, u32) = sides.unwrap_or((1, 1));
    let short = |few: u32, many: u32| (long * few + many / 2) / many.max(1);
    if w >= h { (long, short(h, w)) } else { (short(w, h), long) }
}

const PRESETS: [(&str, (u32, u32)); 6] = [
    ("square_hd", (1024, 1024)),
    ("square", (512, 512)),
    ("portrait_4_3", (768, 1024)),
    ("portrait_16_9", (576, 1024)),
    ("landscape_4_3", (1024, 768)),
    ("landscape_16_9", (1024, 576)),
];

/// The largest side that FAL takes.
const SIDE_MAX: u64 = 14_142;

fn image_size(value: Option<&Value>) -> (u32, u32) {
    let preset = |name: &str| PRESETS.iter().find(|(known, _)| *known == name).map(|(_, s)| *s);
    match value {
        Some(Value::Object(sides)) => {
            let side = |name: &str| {
                sides.get(name).and_then(Value::as_u64).map_or(512, |side| side.clamp(1, SIDE_MAX))
            };
            let (w, h) = (side("width"), side("height"));
            // Larger ones keep their shape, not their size.
            let max = u64::from(super::super::picture::SIDE_MAX);
            let long = w.max(h).max(max);
            let fit = |side: u64| u32::try_from((side * max / long).max(1)).unwrap_or(1);
            (fit(w), fit(h))
        }
        Some(Value::String(name)) => preset(name).unwrap_or((1024, 768)),
        _ => (1024, 768),
    }
}

impl Kind {
    /// What is wrong with the value of a field, if anything.
    fn complaint(self, name: &str, value: &Value) -> Option<Value> {
        let say = |kind: &str, msg: String, ctx| Some(detail(kind, &[name], &msg, value, ctx));
        match self {
            Self::Text => match value.as_str().map(|text| text.chars().count()) {
                None => say("string_type", "Input should be a valid string".into(), Value::Null),
                Some(0) if name == "prompt" => say(
                    "string_too_short",
                    "String should have at least 1 character".into(),
                    json!({ "min_length": 1 }),
                ),
                Some(chars) if chars > PROMPT_CHARS_MAX => say(
                    "string_too_long",
                    format!("String should have at most {PROMPT_CHARS_MAX} characters"),
                    json!({ "max_length": PROMPT_CHARS_MAX }),
                ),
                Some(_) => None,
            },
            Self::Choice(names) => {
                if value.as_str().is_some_and(|text| names.contains(&text)) {
                    return None;
                }
                let expected = expected(names.iter().copied());
                say(
                    "literal_error",
                    format!("Input should be {expected}"),
                    json!({ "expected": expected }),
                )
            }
            Self::Whole(min, max) => match value.as_i64() {
                None => say("int_type", "Input should be a valid integer".into(), Value::Null),
                Some(number) => range(name, value, number as f64, min as f64, max as f64),
            },
            Self::Number(min, max) => match value.as_f64() {
                None => say("float_type", "Input should be a valid number".into(), Value::Null),
                Some(number) => range(name, value, number, min, max),
            },
            Self::Flag if value.is_boolean() => None,
            Self::Flag => say("bool_type", "Input should be a valid boolean".into(), Value::Null),
            Self::ImageSize => size_complaint(name, value),
        }
    }
}

fn range(name: &str, value: &Value, number: f64, min: f64, max: f64) -> Option<Value> {
    if number < min {
        let msg = format!("Input should be greater than or equal to {min}");
        return Some(detail("greater_than_equal", &[name], &msg, value, json!({ "ge": min })));
    }
    if number > max {
        let msg = format!("Input should be less than or equal to {max}");
        return Some(detail("less_than_equal", &[name], &msg, value, json!({ "le": max })));
    }
    None
}

fn size_complaint(name: &str, value: &Value) -> Option<Value> {
    match value {
        Value::Object(sides) => ["width", "height"].iter().find_map(|side| {
            let pixels = sides.get(*side).filter(|pixels| !pixels.is_null())?;
            let fits = pixels.as_u64().is_some_and(|pixels| (1..=SIDE_MAX).contains(&pixels));
            let msg = format!("Input should be a whole number between 1 and {SIDE_MAX}");
            (!fits).then(|| detail("int_type", &[name, side], &msg, pixels, Value::Null))
        }),
        Value::String(text) if PRESETS.iter().any(|(known, _)| known == text) => None,
        _ => {
            let expected = expected(PRESETS.iter().map(|(known, _)| *known));
            let msg = format!("Input should be {expected} or an object with width and height");
            Some(detail("enum", &[name], &msg, value, json!({ "expected": expected })))
        }
    }
}

/// `'a', 'b' or 'c'`.
fn expected(names: impl Iterator<Item = &'static str>) -> String {
    let names: Vec<_> = names.map(|name| format!("'{name}'")).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// An entry of FAL's `detail` list.
pub(super) fn detail(kind: &str, path: &[&str], msg: &str, input: &Value, ctx: Value) -> Value {
    let loc: Vec<_> = std::iter::once("body").chain(path.iter().copied()).collect();
    let url = format!("https://docs.fal.ai/errors#{kind}");
    let mut entry = json!({ "type": kind, "loc": loc, "msg": msg, "input": input, "url": url });
    if let (Some(fields), false) = (entry.as_object_mut(), ctx.is_null()) {
        fields.insert("ctx".to_owned(), ctx);
    }
    entry
}
