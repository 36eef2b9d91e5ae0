//! The body of a submit: the model's own parameters and nothing else.

use aisha_actors::domain::{catalogue::Model, generation::Order};
use serde_json::{Map, Value};

/// Why an order cannot be put in the model's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Error {
    #[error("the model no longer has the ratio that was ordered")]
    UnknownRatio,
    #[error("the model no longer has the resolution that was ordered")]
    UnknownResolution,
}

/// The body. A choice that the model lost since it was ordered is refused, not replaced: the person
/// did not order the replacement.
pub(super) fn body(model: &Model, order: &Order) -> Result<Map<String, Value>, Error> {
    let mut body: Map<String, Value> =
        model.fixed.iter().map(|(name, value)| (name.clone(), fixed(value))).collect();
    let ratio = model.ratios.iter().find(|ratio| ratio.name == order.ratio);
    let ratio = ratio.ok_or(Error::UnknownRatio)?;
    body.insert("prompt".to_owned(), order.prompt.as_str().into());
    if !model.ratio_parameter.is_empty() {
        body.insert(model.ratio_parameter.clone(), ratio.value.as_str().into());
    }
    body.insert("num_images".to_owned(), order.count.into());
    if !model.resolutions.is_empty() {
        let resolution = match order.resolution.as_deref() {
            Some(name) => model.resolutions.iter().find(|resolution| resolution.name == name),
            None => model.resolutions.first(),
        };
        let name = &resolution.ok_or(Error::UnknownResolution)?.name;
        body.insert("resolution".to_owned(), name.as_str().into());
    }
    if model.seed {
        body.insert("seed".to_owned(), order.seed.into());
    }
    if let Some(format) = &model.output_format {
        body.insert("output_format".to_owned(), format.as_str().into());
    }
    Ok(body)
}

/// A fixed value: numbers, booleans and quoted strings as in JSON, anything else a string as it is.
fn fixed(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Bool(_) | Value::Number(_) | Value::String(_))) => value,
        _ => Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::tests::sample, *};

    #[test]
    fn everything_that_the_model_has_is_sent() {
        let (mut model, order) = sample();
        model.fixed = [
            ("enable_safety_checker", "true"),
            ("guidance_scale", "3.5"),
            ("num_inference_steps", "28"),
            ("safety_tolerance", "\"4\""),
            ("acceleration", "none"),
            ("prompt", "not this one"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let expected = json!({
            "prompt": "a cat", "aspect_ratio": "16:9", "num_images": 2, "resolution": "2K",
            "seed": 77, "output_format": "jpeg", "enable_safety_checker": true,
            "guidance_scale": 3.5, "num_inference_steps": 28, "safety_tolerance": "4",
            "acceleration": "none",
        });
        assert_eq!(Value::Object(body(&model, &order).unwrap()), expected);
    }

    #[test]
    fn a_parameter_that_the_model_does_not_have_is_not_sent() {
        let (mut model, order) = sample();
        model.resolutions.clear();
        model.seed = false;
        model.output_format = None;
        model.ratio_parameter = "image_size".to_owned();
        model.ratios[1].value = "landscape_16_9".to_owned();
        let expected =
            json!({ "prompt": "a cat", "image_size": "landscape_16_9", "num_images": 2 });
        assert_eq!(Value::Object(body(&model, &order).unwrap()), expected);
    }

    #[test]
    fn a_choice_that_is_gone_is_not_replaced() {
        let (model, mut order) = sample();
        order.ratio = "7:1".to_owned();
        assert_eq!(body(&model, &order), Err(Error::UnknownRatio));
        let (model, mut order) = sample();
        order.resolution = Some("8K".to_owned());
        assert_eq!(body(&model, &order), Err(Error::UnknownResolution));
    }
}
