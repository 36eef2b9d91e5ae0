//! The models for sale. A model is data: everything about it comes from `config.toml`.

use std::{collections::BTreeMap, time::Duration};

use super::{id::ModelId, ledger::Credits};

/// Whether a model is for sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Active,
    /// For sale, with a word of warning.
    Degraded,
    /// Not for sale; its pictures stay.
    Retired,
}

/// A choice for one parameter: what people see and what the provider is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// At most 8 bytes; travels in callback data.
    pub name: String,
    pub value: String,
}

/// A resolution, with its own price where it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// At most 8 bytes; travels in callback data.
    pub name: String,
    /// Credits per picture.
    pub price: Credits,
}

/// One entry of the catalogue. A parameter that is `None` or empty does not exist for this model: it
/// is neither shown nor sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    pub id: ModelId,
    pub title: String,
    /// The endpoint id at the provider, such as `fal-ai/imagen4/preview`.
    pub endpoint: String,
    pub status: Status,
    /// Offered in its place once it is retired.
    pub successor: Option<ModelId>,
    /// The provider's name of the parameter that takes the ratio.
    pub ratio_parameter: String,
    /// Not empty; the first is the default.
    pub ratios: Vec<Choice>,
    /// Pictures per generation: 1 to this.
    pub count_max: u8,
    /// The first is the default.
    pub resolutions: Vec<Resolution>,
    /// Whether the provider takes a seed.
    pub seed: bool,
    /// Sent as `output_format` when set (`jpeg`).
    pub output_format: Option<String>,
    /// Further parameters that are always sent, in the provider's spelling. Numbers and booleans are
    /// sent as such; one that must be a string stands in double quotes: `"4"`.
    pub fixed: BTreeMap<String, String>,
    /// In characters.
    pub prompt_min: usize,
    /// In characters.
    pub prompt_max: usize,
    /// Credits per picture where the resolution has no price of its own.
    pub price: Credits,
    /// The kind of bucket its pictures go to: `imagen4` or `generated`.
    pub bucket: String,
    /// From the hold to the end: what has no result by then is expired and released.
    pub deadline: Duration,
}

impl Model {
    /// Credits for one picture at this resolution.
    pub fn price(&self, resolution: Option<&str>) -> Credits {
        let own = resolution.and_then(|name| self.resolutions.iter().find(|r| r.name == name));
        own.map_or(self.price, |resolution| resolution.price)
    }

    /// The ratio of that name, or the model's default.
    pub fn ratio(&self, name: Option<&str>) -> Option<&Choice> {
        name.and_then(|name| self.ratios.iter().find(|ratio| ratio.name == name))
            .or_else(|| self.ratios.first())
    }

    /// The resolution of that name, or the model's default, or none where it has no such parameter.
    pub fn resolution(&self, name: Option<&str>) -> Option<&Resolution> {
        name.and_then(|name| self.resolutions.iter().find(|r| r.name == name))
            .or_else(|| self.resolutions.first())
    }
}

/// All models, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogue {
    models: Vec<Model>,
}

/// Why a list of models is no catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("model `{0}` stands twice")]
    Repeated(ModelId),
    #[error("model `{0}`: the successor is not in the catalogue")]
    UnknownSuccessor(ModelId),
    #[error("model `{0}`: it needs at least one ratio")]
    NoRatio(ModelId),
    #[error("model `{0}`: names of ratios and resolutions have 1 to 8 bytes")]
    LongName(ModelId),
    #[error("model `{0}`: count_max is 1 to 4")]
    Count(ModelId),
    #[error("model `{0}`: a price is at least 1 credit")]
    Price(ModelId),
    #[error(
        "model `{0}`: prompt_min is at least 1 and at most prompt_max, prompt_max at most 4000"
    )]
    Prompt(ModelId),
    #[error("no model is active")]
    NothingForSale,
}

impl Catalogue {
    /// Checks the models against each other.
    pub fn new(models: Vec<Model>) -> Result<Self, Error> {
        for (index, model) in models.iter().enumerate() {
            let id = || model.id.clone();
            if models.iter().skip(index + 1).any(|other| other.id == model.id) {
                return Err(Error::Repeated(id()));
            }
            let successor = model.successor.as_ref();
            if successor.is_some_and(|id| *id == model.id || !models.iter().any(|m| m.id == *id)) {
                return Err(Error::UnknownSuccessor(id()));
            }
            if model.ratios.is_empty() {
                return Err(Error::NoRatio(id()));
            }
            let names = model.ratios.iter().map(|r| &r.name);
            if names.chain(model.resolutions.iter().map(|r| &r.name)).any(|name| !short(name)) {
                return Err(Error::LongName(id()));
            }
            if !(1..=4).contains(&model.count_max) {
                return Err(Error::Count(id()));
            }
            if model.price.0 < 1 || model.resolutions.iter().any(|r| r.price.0 < 1) {
                return Err(Error::Price(id()));
            }
            if model.prompt_min < 1
                || model.prompt_min > model.prompt_max
                || model.prompt_max > 4000
            {
                return Err(Error::Prompt(id()));
            }
        }
        if !models.iter().any(|model| model.status != Status::Retired) {
            return Err(Error::NothingForSale);
        }
        Ok(Self { models })
    }

    pub fn all(&self) -> &[Model] {
        &self.models
    }

    pub fn get(&self, id: &ModelId) -> Option<&Model> {
        self.models.iter().find(|model| model.id == *id)
    }

    /// What is offered, in order.
    pub fn for_sale(&self) -> impl Iterator<Item = &Model> {
        self.models.iter().filter(|model| model.status != Status::Retired)
    }

    /// The model to offer for `id`: itself while it is for sale, else the nearest successor that is,
    /// else the first model for sale.
    pub fn offer(&self, id: &ModelId) -> Option<&Model> {
        let mut model = self.get(id);
        for _ in 0..self.models.len() {
            match model {
                Some(found) if found.status != Status::Retired => return Some(found),
                Some(found) => model = found.successor.as_ref().and_then(|next| self.get(next)),
                None => break,
            }
        }
        self.for_sale().next()
    }

    /// Sells a model that is retired; others stay as they are.
    pub fn put_on_sale(&mut self, id: &ModelId) {
        let retired = |model: &&mut Model| model.id == *id && model.status == Status::Retired;
        if let Some(model) = self.models.iter_mut().find(retired) {
            model.status = Status::Active;
        }
    }

    /// Takes a model off sale.
    pub fn retire(&mut self, id: &ModelId) {
        if let Some(model) = self.models.iter_mut().find(|model| model.id == *id) {
            model.status = Status::Retired;
        }
    }
}

fn short(name: &str) -> bool {
    (1..=8).contains(&name.len())
}
