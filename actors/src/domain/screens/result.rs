//! What a delivered picture carries, and the notices of the outbox.

use super::{fresh, menu};
use crate::domain::{
    action::{Action, Press, Spot},
    generation::Generation,
    id::PictureId,
    ledger::Credits,
    text::Text,
    view::{Button, Does, Media, Style, View},
};

/// The longest text of a broadcast, in UTF-16 units: a message takes 4096 with its markup.
pub const BROADCAST_UNITS_MAX: usize = 3500;

/// A paid picture with its result card. The last one shown of a generation has the whole card.
pub fn picture(
    generation: &Generation,
    id: PictureId,
    title: &str,
    favourite: bool,
    is_last: bool,
    file_id: Option<String>,
) -> View {
    let order = &generation.order;
    let mut text = vec![
        Text::new("result")
            .quoting("prompt", &order.prompt, 300)
            .with("model", title)
            .with("ratio", order.ratio.as_str()),
    ];
    if is_last {
        let paid = order.price.times(generation.captured);
        text.push(if generation.captured < order.count {
            Text::new("result-partial")
                .with("asked", order.count)
                .with("got", generation.captured)
                .with("credits", paid.0)
        } else {
            Text::new("result-paid").with("credits", paid.0).with("count", generation.captured)
        });
    }
    let mut buttons = vec![own_row(id, favourite)];
    if is_last {
        buttons.push(vec![
            fresh("b-again", Action::Again(id)),
            fresh("b-new-ratio", Action::NewRatio(id)),
        ]);
        buttons.push(vec![
            fresh("b-prompt", Action::FullPrompt(id, 0)),
            fresh("b-gallery", Action::Card(id)),
            fresh("b-home", Action::Home),
        ]);
    }
    View { text, media: Media::Picture { id, file_id }, buttons }
}

fn own_row(id: PictureId, favourite: bool) -> Vec<Button> {
    let key = if favourite { "b-favourite-off" } else { "b-favourite-on" };
    let own = |key: &'static str, action: Action| Button {
        label: Text::new(key),
        does: Does::Press(Press::from(action)),
        style: Style::Plain,
    };
    vec![
        own(key, Action::Favourite(id, !favourite, Spot::Result)),
        fresh("b-original", Action::Original(id)),
        own("b-delete", Action::AskDelete(id, Spot::Result)),
    ]
}

/// Before a picture is there: sent ahead, then edited into the picture.
pub fn placeholder(id: PictureId, count: u8) -> View {
    let text = Text::new("result-placeholder")
        .with("n", id.n)
        .with("count", count)
        .with("number", id.generation.short());
    View::text(vec![text], Vec::new())
}

/// The operator gave or took credits.
pub fn granted(amount: Credits, reason: &str) -> View {
    let key = if amount.0 < 0 { "notice-withdrawn" } else { "notice-granted" };
    let mut text = vec![Text::new(key).with("credits", amount.0.saturating_abs())];
    if !reason.is_empty() {
        text.push(Text::new("notice-reason").quoting("reason", reason, 300));
    }
    let buttons =
        vec![vec![fresh("b-imagine", Action::Imagine), fresh("b-balance", Action::Balance)]];
    View::text(text, buttons)
}

/// Credits of a captured generation came back, for test images in place of pictures.
pub fn refunded(amount: Credits, number: String) -> View {
    let text = Text::new("notice-refunded").with("credits", amount.0).with("number", number);
    let buttons = vec![vec![fresh("b-balance", Action::Balance)]];
    View::text(vec![text], buttons)
}

/// The operator's text to many. It stays as it is when its button is pressed.
pub fn broadcast(words: &str) -> View {
    let text = Text::new("broadcast").quoting("text", words, BROADCAST_UNITS_MAX);
    View::text(vec![text], vec![vec![fresh("b-home", Action::Home)]])
}

/// Letters of the operator that are shown, in UTF-16 units.
pub const WRITTEN_MAX: usize = 2000;

/// The operator writes to the person.
pub fn written(words: &str) -> View {
    menu::note(Text::new("notice-written").quoting("words", words, WRITTEN_MAX))
}

/// Something of theirs could not be worked off.
pub fn apology() -> View {
    menu::note(Text::new("apology"))
}
