//! Where a person stands in the conversation, in words.

use aisha_actors::domain::{
    conversation::{Conversation, Draft, Screen},
    picture::{Dates, Filters},
};

use crate::cli::report::short;

/// The screen they see.
pub(super) fn screen(screen: &Screen) -> String {
    match screen {
        Screen::Home => "home".to_owned(),
        Screen::Help => "help".to_owned(),
        Screen::Balance => "balance".to_owned(),
        Screen::History { before: 0 } => "history, from the newest".to_owned(),
        Screen::History { before } => format!("history, before entry {before}"),
        Screen::Settings => "settings".to_owned(),
        Screen::Languages => "languages".to_owned(),
        Screen::TimeZones => "time zones".to_owned(),
        Screen::Models => "models".to_owned(),
        Screen::Prompt => "waits for a prompt".to_owned(),
        Screen::Ratios => "ratios".to_owned(),
        Screen::Counts => "how many pictures".to_owned(),
        Screen::Resolutions => "resolutions".to_owned(),
        Screen::Quote => "quote".to_owned(),
        Screen::Progress(id) => format!("progress of {id}"),
        Screen::Gallery(None) => "gallery, the newest picture".to_owned(),
        Screen::Gallery(Some(id)) => format!("gallery, picture {id}"),
        Screen::Filters => "filters".to_owned(),
        Screen::FilterModels => "filter by model".to_owned(),
        Screen::FilterDates => "filter by date".to_owned(),
        Screen::CustomDates => "waits for two dates".to_owned(),
        Screen::Statistics => "statistics".to_owned(),
    }
}

/// What Back leads through, the nearest first; home is always the end.
pub(super) fn way_back(conversation: &Conversation) -> String {
    let below = conversation.stack.iter().rev().skip(1).map(screen);
    let mut way: Vec<String> = below.collect();
    if !conversation.stack.is_empty() {
        way.push("home".to_owned());
    }
    if way.is_empty() { "none: it is home".to_owned() } else { way.join(", then ") }
}

/// What the gallery is narrowed to.
pub(super) fn filters(filters: &Filters) -> String {
    let model = filters.model.as_ref().map(|model| format!("model {model}"));
    let dates = filters.dates.map(|dates| match dates {
        Dates::Today => "today".to_owned(),
        Dates::Yesterday => "yesterday".to_owned(),
        Dates::Week => "the last seven days".to_owned(),
        Dates::Month => "the last month".to_owned(),
        Dates::Custom { from, to } => format!("{from} to {to}"),
    });
    let favourites = filters.favourites.then(|| "favourites".to_owned());
    let all: Vec<String> = [model, dates, favourites].into_iter().flatten().collect();
    if all.is_empty() { "none: all pictures".to_owned() } else { all.join(", ") }
}

/// What the next generation will be. The prompt is cut short.
pub(super) fn draft(draft: &Draft) -> String {
    let model = draft.model.as_ref().map(|model| format!("model {model}"));
    let ratio = draft.ratio.as_ref().map(|ratio| format!("ratio {ratio}"));
    let resolution = draft.resolution.as_ref().map(|name| format!("resolution {name}"));
    let count = draft.count.map(|count| format!("{count} pictures"));
    let offer = draft.offer.as_ref().map(|offer| format!("quoted at {} credits", offer.total));
    let prompt = draft.prompt.as_ref().map(|prompt| format!("\"{}\"", short(prompt, 60)));
    let all = [model, ratio, resolution, count, offer, prompt];
    let all: Vec<String> = all.into_iter().flatten().collect();
    if all.is_empty() { "none yet".to_owned() } else { all.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_somebody_stands_is_said_in_words() {
        let mut one = Conversation::default();
        assert_eq!(screen(one.screen()), "home");
        assert_eq!(way_back(&one), "none: it is home");
        assert_eq!(
            (filters(&one.filters), draft(&one.draft)),
            ("none: all pictures".to_owned(), "none yet".to_owned(),)
        );
        one.go(Screen::Gallery(None));
        one.open(Screen::Filters);
        one.filters = Filters { dates: Some(Dates::Week), favourites: true, model: None };
        assert_eq!(screen(one.screen()), "filters");
        assert_eq!(way_back(&one), "gallery, the newest picture, then home");
        assert_eq!(filters(&one.filters), "the last seven days, favourites");
    }
}
