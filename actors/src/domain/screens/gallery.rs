//! The gallery: cards, filters, statistics, and its two empty screens.

use super::{button, choice, fresh, labelled, way_out};
use crate::{
    domain::{
        action::{Action, Spot},
        catalogue::Catalogue,
        id::{ModelId, PictureId},
        picture::{Card, Dates, Filters},
        text::Text,
        time::Offset,
        view::{Button, Does, Media, Style, View},
    },
    port::Counts,
};

/// Characters of a prompt on one page.
pub const PROMPT_PAGE: usize = 3000;

/// A card with where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed<'a> {
    pub card: &'a Card,
    /// From 1, newest first.
    pub position: u64,
    pub total: u64,
}

/// One picture of the gallery.
pub fn card(placed: &Placed<'_>, filters: &Filters, catalogue: &Catalogue, offset: Offset) -> View {
    let card = placed.card;
    let id = card.place.picture();
    let mut text = vec![caption(placed, catalogue, offset)];
    text.extend(filter_line(filters, catalogue));
    let mut arrows = Vec::new();
    if placed.position > 1 {
        arrows.push(button("b-newer", Action::Newer(id)));
    }
    let counter =
        Text::new("b-counter").with("position", placed.position).with("total", placed.total);
    arrows.push(labelled(counter, Action::Nothing));
    if placed.position < placed.total {
        arrows.push(button("b-older", Action::Older(id)));
    }
    let favourite = if card.favourite { "b-favourite-off" } else { "b-favourite-on" };
    let buttons = vec![
        arrows,
        vec![
            button(favourite, Action::Favourite(id, !card.favourite, Spot::Gallery)),
            fresh("b-prompt", Action::FullPrompt(id, 0)),
            fresh("b-original", Action::Original(id)),
        ],
        vec![
            fresh("b-again", Action::Again(id)),
            button("b-delete", Action::AskDelete(id, Spot::Gallery)),
        ],
        vec![button("b-filters", Action::Filters), button("b-statistics", Action::Statistics)],
        way_out(),
    ];
    View { text, media: Media::Picture { id, file_id: card.file_id.clone() }, buttons }
}

fn caption(placed: &Placed<'_>, catalogue: &Catalogue, offset: Offset) -> Text {
    let card = placed.card;
    let key = if card.favourite { "card-favourite" } else { "card" };
    Text::new(key)
        .with("position", placed.position)
        .with("total", placed.total)
        .with("model", title(catalogue, &card.model))
        .with("ratio", card.ratio.as_str())
        .with("at", offset.local(card.place.listed_at))
        .quoting("prompt", &card.prompt, 200)
}

/// The model's title, or its id where the catalogue has forgotten it.
pub fn title(catalogue: &Catalogue, id: &ModelId) -> String {
    catalogue.get(id).map_or_else(|| id.to_string(), |model| model.title.clone())
}

/// Names the filters that are in force; none where there are none.
fn filter_line(filters: &Filters, catalogue: &Catalogue) -> Option<Text> {
    let names = filter_names(filters, catalogue);
    (!names.is_empty()).then(|| Text::new("card-filters").with("filters", names))
}

fn filter_names(filters: &Filters, catalogue: &Catalogue) -> Vec<Text> {
    let mut names = Vec::new();
    if let Some(model) = &filters.model {
        names.push(Text::new("filter-model").with("model", title(catalogue, model)));
    }
    if let Some(dates) = filters.dates {
        names.push(Text::new("filter-dates").with("dates", dates_name(dates)));
    }
    if filters.favourites {
        names.push(Text::new("filter-favourites"));
    }
    names
}

fn dates_name(dates: Dates) -> Text {
    match dates {
        Dates::Today => Text::new("dates-today"),
        Dates::Yesterday => Text::new("dates-yesterday"),
        Dates::Week => Text::new("dates-week"),
        Dates::Month => Text::new("dates-month"),
        Dates::Custom { from, to } => Text::new("dates-custom").with("from", from).with("to", to),
    }
}

/// No pictures yet.
pub fn empty() -> View {
    let imagine = Button { style: Style::Primary, ..button("b-imagine", Action::Imagine) };
    View::text(vec![Text::new("gallery-empty")], vec![vec![imagine], way_out()])
}

/// There are pictures, but none that the filters let through.
pub fn nothing_matches(filters: &Filters, catalogue: &Catalogue) -> View {
    let names = filter_names(filters, catalogue);
    let buttons = vec![
        vec![button("b-reset", Action::ResetFilters), button("b-filters", Action::Filters)],
        way_out(),
    ];
    View::text(vec![Text::new("gallery-nothing").with("filters", names)], buttons)
}

/// The filters and what they let through.
pub fn filters(filters: &Filters, matching: u64, catalogue: &Catalogue) -> View {
    let names = filter_names(filters, catalogue);
    let state = if names.is_empty() {
        Text::new("filters-none")
    } else {
        Text::new("filters-some").with("filters", names)
    };
    let text = vec![Text::new("filters"), state];
    let favourites = choice(
        Text::new("b-filter-favourites"),
        filters.favourites,
        Action::FilterFavourites(!filters.favourites),
    );
    let mut rows = vec![
        vec![
            choice(Text::new("b-filter-model"), filters.model.is_some(), Action::FilterModels),
            choice(Text::new("b-filter-dates"), filters.dates.is_some(), Action::FilterDates),
        ],
        vec![favourites],
        vec![labelled(Text::new("b-show").with("count", matching), Action::Gallery)],
    ];
    if !filters.is_empty() {
        rows.push(vec![button("b-reset", Action::ResetFilters)]);
    }
    rows.push(way_out());
    View { text, media: Media::Keep, buttons: rows }
}

/// A choice of model: all of the catalogue, retired ones too, for their pictures stay.
pub fn filter_models(current: Option<&ModelId>, catalogue: &Catalogue) -> View {
    let all = choice(Text::new("b-all-models"), current.is_none(), Action::FilterModel(None));
    let mut rows = vec![vec![all]];
    rows.extend(catalogue.all().iter().map(|model| {
        let label = Text::new("b-one-model").with("model", model.title.as_str());
        let action = Action::FilterModel(Some(model.id.clone()));
        vec![choice(label, current == Some(&model.id), action)]
    }));
    rows.push(way_out());
    View { text: vec![Text::new("filter-models")], media: Media::Keep, buttons: rows }
}

/// A choice of days.
pub fn filter_dates(current: Option<Dates>) -> View {
    let day = |dates: Dates| {
        choice(dates_name(dates), current == Some(dates), Action::FilterDay(Some(dates)))
    };
    let custom = matches!(current, Some(Dates::Custom { .. }));
    let rows = vec![
        vec![choice(Text::new("b-all-days"), current.is_none(), Action::FilterDay(None))],
        vec![day(Dates::Today), day(Dates::Yesterday)],
        vec![day(Dates::Week), day(Dates::Month)],
        vec![choice(Text::new("b-custom-dates"), custom, Action::CustomDates)],
        way_out(),
    ];
    View { text: vec![Text::new("filter-days")], media: Media::Keep, buttons: rows }
}

/// Asks for two dates. `refused`: what came was none.
pub fn custom_dates(today: chrono::NaiveDate, refused: bool) -> View {
    let mut text = Vec::new();
    if refused {
        text.push(Text::new("dates-refused"));
    }
    text.push(Text::new("dates-ask").with("example", today));
    View { text, media: Media::Keep, buttons: vec![way_out()] }
}

/// True figures.
pub fn statistics(counts: &Counts, catalogue: &Catalogue, offset: Offset) -> View {
    let total: u64 = counts.by_model.iter().map(|(_, count)| count).sum();
    let models: Vec<Text> = counts
        .by_model
        .iter()
        .map(|(model, count)| {
            Text::new("statistics-model")
                .with("model", title(catalogue, model))
                .with("count", *count)
        })
        .collect();
    let mut text = vec![
        Text::new("statistics")
            .with("total", total)
            .with("favourites", counts.favourites)
            .with("month", counts.last_month)
            .with("generations", counts.generations)
            .with("credits", counts.spent.0),
    ];
    if !models.is_empty() {
        text.push(Text::new("statistics-models").with("lines", models));
    }
    if let Some(first) = counts.first_at {
        text.push(Text::new("statistics-since").with("date", offset.local(first).date()));
    }
    View { text, media: Media::Keep, buttons: vec![way_out()] }
}

/// A page of a picture's whole prompt, as a message of its own.
pub fn full_prompt(card: &Card, page: u8) -> View {
    let id = card.place.picture();
    let letters: Vec<char> = card.prompt.chars().collect();
    let pages: Vec<String> =
        letters.chunks(PROMPT_PAGE).map(|page| page.iter().collect()).collect();
    let page = usize::from(page).min(pages.len().saturating_sub(1));
    let words = pages.get(page).map(String::as_str).unwrap_or_default();
    let text = Text::new("prompt-full")
        .quoting("prompt", words, PROMPT_PAGE * 2)
        .with("page", page as u64 + 1)
        .with("pages", pages.len().max(1) as u64);
    let mut rows = Vec::new();
    let mut turn = Vec::new();
    let to = |page: usize| Action::FullPrompt(id, u8::try_from(page).unwrap_or(0));
    if page > 0 {
        turn.push(button("b-newer", to(page - 1)));
    }
    if page + 1 < pages.len() {
        turn.push(button("b-older", to(page + 1)));
    }
    if !turn.is_empty() {
        rows.push(turn);
    }
    let mut last = Vec::new();
    if letters.len() <= 256 {
        let label = Text::new("b-copy");
        last.push(Button { label, does: Does::Copy(card.prompt.clone()), style: Style::Plain });
    }
    last.push(button("b-again", Action::Again(id)));
    last.push(button("b-close", Action::Close));
    rows.push(last);
    View::text(vec![text], rows)
}

/// Asks before deleting; the picture stays in sight.
pub fn ask_delete(id: PictureId, spot: Spot) -> View {
    let delete =
        Button { style: Style::Danger, ..button("b-delete-yes", Action::Delete(id, spot)) };
    let rows = vec![vec![delete, button("b-keep", Action::Keep(id, spot))]];
    View { text: vec![Text::new("delete-ask")], media: Media::Keep, buttons: rows }
}

/// The picture of this card is gone.
pub fn gone() -> View {
    let rows = vec![vec![button("b-gallery", Action::Gallery), button("b-home", Action::Home)]];
    View::text(vec![Text::new("picture-gone")], rows)
}
