//! Sentences in several languages: what the bot and the dashboard share of Fluent.

use aisha_actors::domain::text::Language;
use fluent_bundle::{FluentResource, FluentValue, concurrent::FluentBundle, types::FluentNumber};

/// The sentences of one language. What is wrong in them is logged and left out.
pub(crate) fn bundle(language: Language, source: &str) -> FluentBundle<FluentResource> {
    // Both codes are well formed, and a test formats plurals in each.
    let identifier = language.code().parse::<unic_langid::LanguageIdentifier>().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
    // The marks would show as boxes in some clients; direction overrides are cleaned away instead.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match language {
        Language::En => english_number,
        Language::Ru => russian_number,
    }));
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(rest, errors)| {
        tracing::error!(language = language.code(), ?errors, "sentences cannot be read");
        rest
    });
    if let Err(errors) = bundle.add_resource(resource) {
        tracing::error!(language = language.code(), ?errors, "sentences stand twice");
    }
    bundle
}

fn english_number<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    grouped(value, ",", 4)
}

/// Russian leaves numbers of four digits whole.
fn russian_number<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    grouped(value, "\u{A0}", 5)
}

fn grouped(value: &FluentValue<'_>, separator: &str, digits_min: usize) -> Option<String> {
    let FluentValue::Number(FluentNumber { value, .. }) = value else { return None };
    let digits = format!("{:.0}", value.abs());
    let mut shown = String::from(if *value < 0.0 { "−" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && digits.len() >= digits_min && (digits.len() - at) % 3 == 0 {
            shown.push_str(separator);
        }
        shown.push(digit);
    }
    Some(shown)
}
