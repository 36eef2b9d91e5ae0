//! `[[models]]`: from what is written to the catalogue that the core sells from.

use std::{collections::BTreeMap, time::Duration};

use aisha_actors::domain::{
    catalogue::{Catalogue, Choice, Model, Resolution, Status},
    id::ModelId,
    ledger::Credits,
};
use serde::{Deserialize, Serialize};

use super::{Buckets, Error};

/// A day: nobody waits longer, and the provider keeps nothing that long.
const DEADLINE_SECONDS_MAX: u64 = 86_400;

/// One `[[models]]` entry. An empty value means that the model has no such parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawModel {
    pub id: String,
    pub title: String,
    pub endpoint: String,
    #[serde(default = "active")]
    pub status: String,
    #[serde(default)]
    pub successor: String,
    pub price: u32,
    #[serde(default = "generated")]
    pub bucket: String,
    #[serde(default = "five_minutes")]
    pub deadline_seconds: u64,
    #[serde(default = "one")]
    pub prompt_min: usize,
    #[serde(default = "two_thousand")]
    pub prompt_max: usize,
    #[serde(default = "one_picture")]
    pub count_max: u8,
    #[serde(default)]
    pub seed: bool,
    #[serde(default)]
    pub output_format: String,
    #[serde(default = "aspect_ratio")]
    pub ratio_parameter: String,
    pub ratios: Vec<String>,
    /// What the provider calls a ratio, where that is another word.
    #[serde(default)]
    pub ratio_values: BTreeMap<String, String>,
    #[serde(default)]
    pub resolutions: Vec<RawResolution>,
    #[serde(default)]
    pub fixed: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawResolution {
    pub name: String,
    pub price: u32,
}

fn active() -> String {
    "active".to_owned()
}
fn generated() -> String {
    "generated".to_owned()
}
fn aspect_ratio() -> String {
    "aspect_ratio".to_owned()
}
const fn five_minutes() -> u64 {
    300
}
const fn one() -> usize {
    1
}
const fn two_thousand() -> usize {
    2_000
}
const fn one_picture() -> u8 {
    1
}

/// What is sold when no file says otherwise.
pub(super) fn default_models() -> Vec<RawModel> {
    let model = |id: &str, title: &str, endpoint: &str, price: u32| RawModel {
        id: id.to_owned(),
        title: title.to_owned(),
        endpoint: endpoint.to_owned(),
        status: active(),
        successor: String::new(),
        price,
        bucket: generated(),
        deadline_seconds: five_minutes(),
        prompt_min: 3,
        prompt_max: two_thousand(),
        count_max: 4,
        seed: true,
        output_format: "jpeg".to_owned(),
        ratio_parameter: aspect_ratio(),
        ratios: Vec::new(),
        ratio_values: BTreeMap::new(),
        resolutions: Vec::new(),
        fixed: BTreeMap::new(),
    };
    let words = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    let prices = |list: &[(&str, u32)]| {
        let priced =
            |(name, price): &(&str, u32)| RawResolution { name: (*name).to_owned(), price: *price };
        list.iter().map(priced).collect()
    };
    vec![
        RawModel {
            successor: "nano-banana-2".to_owned(),
            bucket: "imagen4".to_owned(),
            ratios: words(&["1:1", "16:9", "9:16", "4:3", "3:4"]),
            resolutions: prices(&[("1K", 5), ("2K", 8)]),
            ..model("imagen4", "Imagen 4", "fal-ai/imagen4/preview", 5)
        },
        RawModel {
            ratios: words(&[
                "1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "5:4", "4:5", "21:9", "4:1",
                "1:4", "8:1", "1:8",
            ]),
            // FAL's own proportions: 2K costs 1.5 times, 4K twice a picture of 1K.
            resolutions: prices(&[("1K", 10), ("0.5K", 8), ("2K", 15), ("4K", 20)]),
            ..model("nano-banana-2", "Nano Banana 2", "fal-ai/nano-banana-2", 10)
        },
        RawModel {
            ratio_parameter: "image_size".to_owned(),
            ratios: words(&["1:1", "4:3", "3:4", "16:9", "9:16"]),
            ratio_values: [
                ("1:1", "square_hd"),
                ("4:3", "landscape_4_3"),
                ("3:4", "portrait_4_3"),
                ("16:9", "landscape_16_9"),
                ("9:16", "portrait_16_9"),
            ]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
            ..model("flux-dev", "FLUX.1 [dev]", "fal-ai/flux/dev", 3)
        },
    ]
}

/// The catalogue that the entries make, with the names that the buckets have here.
///
/// # Errors
/// [`Error::Value`] with the entry and the key.
pub(super) fn catalogue(entries: &[RawModel], buckets: &Buckets) -> Result<Catalogue, Error> {
    let models = entries.iter().enumerate().map(|(index, entry)| model(index, entry, buckets));
    let models = models.collect::<Result<Vec<_>, _>>()?;
    Catalogue::new(models).map_err(|error| Error::value("models", error))
}

fn model(index: usize, entry: &RawModel, buckets: &Buckets) -> Result<Model, Error> {
    let wrong = |key: &str, what: &str| Error::value(format!("models[{index}].{key}"), what);
    let id = ModelId::parse(&entry.id).map_err(|error| wrong("id", &error.to_string()))?;
    let status = match entry.status.as_str() {
        "active" => Status::Active,
        "degraded" => Status::Degraded,
        "retired" => Status::Retired,
        _ => return Err(wrong("status", "it is one of active, degraded, retired")),
    };
    if !(1..=64).contains(&entry.title.chars().count()) {
        return Err(wrong("title", "it has 1 to 64 characters"));
    }
    if !is_endpoint(&entry.endpoint) {
        return Err(wrong("endpoint", "it looks like owner/app or owner/app/path"));
    }
    let bucket = match entry.bucket.as_str() {
        "imagen4" => &buckets.imagen4,
        "generated" => &buckets.generated,
        _ => return Err(wrong("bucket", "it is imagen4 or generated")),
    };
    if !(1..=DEADLINE_SECONDS_MAX).contains(&entry.deadline_seconds) {
        return Err(wrong("deadline_seconds", "it is 1 to 86400"));
    }
    if !matches!(entry.output_format.as_str(), "" | "jpeg" | "png" | "webp") {
        return Err(wrong("output_format", "it is jpeg, png, webp or empty"));
    }
    if !is_word(&entry.ratio_parameter) {
        return Err(wrong("ratio_parameter", "it is the provider's name of the parameter"));
    }
    if entry.ratio_values.keys().any(|name| !entry.ratios.contains(name)) {
        return Err(wrong("ratio_values", "every name stands in ratios too"));
    }
    if entry.fixed.keys().any(|name| !is_word(name)) {
        return Err(wrong("fixed", "every name is a provider's parameter"));
    }
    if repeats(&entry.ratios) {
        return Err(wrong("ratios", "a ratio stands twice"));
    }
    if repeats(&entry.resolutions.iter().map(|resolution| &resolution.name).collect::<Vec<_>>()) {
        return Err(wrong("resolutions", "a resolution stands twice"));
    }
    let successor = Some(&entry.successor).filter(|id| !id.is_empty());
    let successor = successor.map(|id| ModelId::parse(id)).transpose();
    Ok(Model {
        id,
        title: entry.title.clone(),
        endpoint: entry.endpoint.clone(),
        status,
        successor: successor.map_err(|error| wrong("successor", &error.to_string()))?,
        ratio_parameter: entry.ratio_parameter.clone(),
        ratios: entry.ratios.iter().map(|name| choice(name, &entry.ratio_values)).collect(),
        count_max: entry.count_max,
        resolutions: entry.resolutions.iter().map(resolution).collect(),
        seed: entry.seed,
        output_format: Some(entry.output_format.clone()).filter(|format| !format.is_empty()),
        fixed: entry.fixed.clone(),
        prompt_min: entry.prompt_min,
        prompt_max: entry.prompt_max,
        price: Credits(i64::from(entry.price)),
        bucket: bucket.clone(),
        deadline: Duration::from_secs(entry.deadline_seconds),
    })
}

fn choice(name: &str, values: &BTreeMap<String, String>) -> Choice {
    let value = values.get(name).map_or(name, String::as_str);
    Choice { name: name.to_owned(), value: value.to_owned() }
}

fn resolution(raw: &RawResolution) -> Resolution {
    Resolution { name: raw.name.clone(), price: Credits(i64::from(raw.price)) }
}

fn repeats<T: PartialEq>(list: &[T]) -> bool {
    list.iter().enumerate().any(|(index, one)| list.iter().skip(index + 1).any(|two| two == one))
}

fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// It becomes a path at the provider: nothing that could lead elsewhere.
fn is_endpoint(text: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    text.len() <= 128 && text.split('/').count() >= 2 && text.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue(entries: &[RawModel]) -> Result<Catalogue, Error> {
        let buckets = Buckets {
            imagen4: "my-imagen4".to_owned(),
            generated: "my-generated".to_owned(),
            avatars: "avatars".to_owned(),
            photos: "photos".to_owned(),
        };
        super::catalogue(entries, &buckets)
    }

    #[test]
    fn the_default_models_make_a_catalogue() {
        let catalogue = catalogue(&default_models()).unwrap();
        let buckets: Vec<&str> = catalogue.all().iter().map(|m| m.bucket.as_str()).collect();
        assert_eq!(buckets, ["my-imagen4", "my-generated", "my-generated"]);
        let ids: Vec<&str> = catalogue.all().iter().map(|model| model.id.as_str()).collect();
        assert_eq!(ids, ["imagen4", "nano-banana-2", "flux-dev"]);
        let flux = catalogue.get(&ModelId::parse("flux-dev").unwrap()).unwrap();
        assert_eq!(flux.ratio(Some("16:9")).unwrap().value, "landscape_16_9");
        assert_eq!(flux.price(None), Credits(3));
        let banana = catalogue.get(&ModelId::parse("nano-banana-2").unwrap()).unwrap();
        assert_eq!(banana.resolution(None).unwrap().name, "1K");
        assert_eq!(banana.price(Some("4K")), Credits(20));
    }

    #[test]
    fn an_entry_that_is_wrong_is_named() {
        let wrong = |change: fn(&mut RawModel)| {
            let mut models = default_models();
            change(&mut models[1]);
            catalogue(&models).unwrap_err().to_string()
        };
        for (message, key) in [
            (wrong(|m| m.id = "Nano Banana".into()), "models[1].id"),
            (wrong(|m| m.title = String::new()), "models[1].title"),
            (wrong(|m| m.endpoint = "fal-ai/../admin".into()), "models[1].endpoint"),
            (wrong(|m| m.endpoint = "https://x/y".into()), "models[1].endpoint"),
            (wrong(|m| m.status = "sold".into()), "models[1].status"),
            (wrong(|m| m.successor = "Ä".into()), "models[1].successor"),
            (wrong(|m| m.successor = "nobody".into()), "nano-banana-2"),
            (wrong(|m| m.price = 0), "nano-banana-2"),
            (wrong(|m| m.bucket = "photos".into()), "models[1].bucket"),
            (wrong(|m| m.deadline_seconds = 0), "models[1].deadline_seconds"),
            (wrong(|m| m.prompt_min = 0), "nano-banana-2"),
            (wrong(|m| m.count_max = 5), "nano-banana-2"),
            (wrong(|m| m.output_format = "tiff".into()), "models[1].output_format"),
            (wrong(|m| m.ratio_parameter = "a b".into()), "models[1].ratio_parameter"),
            (wrong(|m| m.ratios = vec![]), "nano-banana-2"),
            (wrong(|m| m.ratios = vec!["1:1".into(), "1:1".into()]), "models[1].ratios"),
            (wrong(|m| m.ratios = vec!["landscape".into()]), "nano-banana-2"),
            (
                wrong(|m| drop(m.ratio_values.insert("7:7".into(), "x".into()))),
                "models[1].ratio_values",
            ),
            (wrong(|m| drop(m.fixed.insert("a b".into(), "x".into()))), "models[1].fixed"),
            (
                wrong(|m| m.resolutions.push(RawResolution { name: "1K".into(), price: 1 })),
                "models[1].resolutions",
            ),
            (wrong(|m| m.id = "imagen4".into()), "imagen4"),
        ] {
            assert!(message.contains(key) && !message.contains('\n'), "{key}: {message}");
        }
    }
}
