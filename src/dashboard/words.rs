//! The dashboard's sentences: `locales/dashboard/*.ftl`, embedded. They are text; maud escapes them.

use aisha_actors::domain::text::Language;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use crate::words::bundle;

/// A language's sentences, as they stand in the repository.
pub(super) const fn source(language: Language) -> &'static str {
    match language {
        Language::En => include_str!("../../locales/dashboard/en.ftl"),
        Language::Ru => include_str!("../../locales/dashboard/ru.ftl"),
    }
}

/// All sentences in all languages.
pub(super) struct Words(Vec<(Language, FluentBundle<FluentResource>)>);

impl Words {
    pub(super) fn new() -> Self {
        let languages = Language::ALL.into_iter();
        Self(languages.map(|language| (language, bundle(language, source(language)))).collect())
    }

    /// The sentence. A key or a value that is missing gives the key in brackets, and a line in the log.
    pub(super) fn say(
        &self,
        language: Language,
        key: &str,
        values: &[(&str, FluentValue<'_>)],
    ) -> String {
        let args: FluentArgs<'_> =
            values.iter().map(|(name, value)| (*name, value.clone())).collect();
        let said = self.0.iter().find(|(known, _)| *known == language).and_then(|(_, bundle)| {
            let pattern = bundle.get_message(key)?.value()?;
            let mut errors = Vec::new();
            let said = bundle.format_pattern(pattern, Some(&args), &mut errors);
            errors.is_empty().then(|| said.into_owned())
        });
        said.unwrap_or_else(|| {
            tracing::error!(
                key,
                language = language.code(),
                "a sentence of the dashboard is missing"
            );
            format!("[{key}]")
        })
    }
}

#[cfg(test)]
mod tests;
