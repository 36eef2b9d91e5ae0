//! From the prompt to the result: models, prompt, ratio, number, quote, progress, outcome.

use super::{button, choice, fresh, labelled, menu, way_out};
use crate::domain::{
    action::Action,
    catalogue::{Catalogue, Model, Status},
    conversation::Draft,
    generation::{Failure, Generation, State},
    id::{IntentId, PictureId},
    ledger::Credits,
    text::Text,
    view::{Button, Style, View},
};

/// The models for sale with their prices.
pub fn models(catalogue: &Catalogue, current: Option<&Model>) -> View {
    let rows = catalogue.for_sale().map(|model| {
        let label = Text::new("b-model-price")
            .with("model", model.title.as_str())
            .with("credits", model.price(None).0);
        let chosen = current.is_some_and(|current| current.id == model.id);
        vec![choice(label, chosen, Action::PickModel(model.id.clone()))]
    });
    let buttons = rows.chain([way_out()]).collect();
    View::text(vec![Text::new("models")], buttons)
}

/// Asks for a prompt.
pub fn prompt(model: &Model, notice: Option<Text>) -> View {
    let ask = Text::new("prompt")
        .with("model", model.title.as_str())
        .with("max", model.prompt_max as u64);
    let text = notice.into_iter().chain([ask]).collect();
    let buttons = vec![vec![button("b-model", Action::Models)], way_out()];
    View::text(text, buttons)
}

/// Why a prompt does not do.
pub fn prompt_refused(model: &Model, length: usize) -> View {
    let key = if length < model.prompt_min {
        Text::new("prompt-short").with("min", model.prompt_min as u64)
    } else {
        Text::new("prompt-long").with("max", model.prompt_max as u64).with("length", length as u64)
    };
    View::text(vec![key], vec![way_out()])
}

/// All ratios that the model has.
pub fn ratios(model: &Model, draft: &Draft) -> View {
    let current = model.ratio(draft.ratio.as_deref());
    let all: Vec<Button> = model
        .ratios
        .iter()
        .map(|ratio| {
            let label = Text::new("b-ratio").with("ratio", ratio.name.as_str());
            let chosen = current.is_some_and(|current| current.name == ratio.name);
            choice(label, chosen, Action::PickRatio(ratio.name.clone()))
        })
        .collect();
    let mut rows: Vec<Vec<Button>> = all.chunks(3).map(<[Button]>::to_vec).collect();
    rows.push(way_out());
    View::text(vec![Text::new("ratios").with("model", model.title.as_str())], rows)
}

/// How many pictures.
pub fn counts(model: &Model, draft: &Draft, price: Credits) -> View {
    let row = (1..=model.count_max)
        .map(|count| {
            let label =
                Text::new("b-count").with("count", count).with("credits", price.times(count).0);
            choice(label, draft.count.unwrap_or(1) == count, Action::PickCount(count))
        })
        .collect::<Vec<_>>();
    let mut rows: Vec<Vec<Button>> = row.chunks(2).map(<[Button]>::to_vec).collect();
    rows.push(way_out());
    View::text(vec![Text::new("counts")], rows)
}

/// The resolutions that the model has, each with its price.
pub fn resolutions(model: &Model, draft: &Draft) -> View {
    let current = model.resolution(draft.resolution.as_deref());
    let row = model
        .resolutions
        .iter()
        .map(|resolution| {
            let label = Text::new("b-resolution")
                .with("resolution", resolution.name.as_str())
                .with("credits", resolution.price.0);
            let chosen = current.is_some_and(|current| current.name == resolution.name);
            choice(label, chosen, Action::PickResolution(resolution.name.clone()))
        })
        .collect::<Vec<_>>();
    let mut rows: Vec<Vec<Button>> = row.chunks(2).map(<[Button]>::to_vec).collect();
    rows.push(way_out());
    View::text(vec![Text::new("resolutions").with("model", model.title.as_str())], rows)
}

/// What will be made and what it costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Quote<'a> {
    pub model: &'a Model,
    /// The model that was wanted, where another is offered in its place.
    pub instead_of: Option<&'a Model>,
    pub prompt: &'a str,
    pub ratio: &'a str,
    pub resolution: Option<&'a str>,
    pub count: u8,
    pub price: Credits,
    pub available: Credits,
    pub intent: IntentId,
}

impl Quote<'_> {
    /// What the whole of it costs.
    pub fn total(&self) -> Credits {
        self.price.times(self.count)
    }
}

/// The quote: every setting can be changed on it.
pub fn quote(quote: &Quote<'_>, contact: &str) -> View {
    let mut text = Vec::new();
    text.extend(notice(quote.instead_of, quote.model));
    text.push(
        Text::new("quote")
            .with("model", quote.model.title.as_str())
            .quoting("prompt", quote.prompt, 1200)
            .with("ratio", quote.ratio)
            .with("count", quote.count),
    );
    text.push(
        Text::new("quote-price")
            .with("credits", quote.total().0)
            .with("each", quote.price.0)
            .with("count", quote.count)
            .with("available", quote.available.0),
    );
    let missing = quote.total().0 - quote.available.0;
    let mut rows = Vec::new();
    if missing > 0 {
        text.push(Text::new("quote-short").with("missing", missing));
        text.push(menu::how_to_get_credits(contact));
        rows.extend(menu::contact_button(contact));
        // Credits may arrive while the quote is on the screen.
        rows.push(vec![button("b-refresh", Action::Quote)]);
    } else {
        let label = Text::new("b-generate").with("credits", quote.total().0);
        let generate = labelled(label, Action::Confirm(quote.intent));
        rows.push(vec![Button { style: Style::Primary, ..generate }]);
    }
    rows.extend(setting_rows(quote));
    rows.push(way_out());
    View::text(text, rows)
}

fn setting_rows(quote: &Quote<'_>) -> Vec<Vec<Button>> {
    let mut settings =
        vec![labelled(Text::new("b-change-ratio").with("ratio", quote.ratio), Action::Ratios)];
    if quote.model.count_max > 1 {
        let label = Text::new("b-change-count").with("count", quote.count);
        settings.push(labelled(label, Action::Counts));
    }
    let mut second = Vec::new();
    if let (Some(resolution), true) = (quote.resolution, quote.model.resolutions.len() > 1) {
        let label = Text::new("b-change-resolution").with("resolution", resolution);
        second.push(labelled(label, Action::Resolutions));
    }
    second.push(button("b-model", Action::Models));
    vec![settings, second, vec![button("b-edit-prompt", Action::EditPrompt)]]
}

/// A word before the price: another model than the one that was wanted, or one that is in trouble.
pub fn notice(instead_of: Option<&Model>, model: &Model) -> Option<Text> {
    match instead_of {
        Some(wanted) => Some(
            Text::new("notice-successor")
                .with("old", wanted.title.as_str())
                .with("new", model.title.as_str()),
        ),
        None => (model.status == Status::Degraded)
            .then(|| Text::new("notice-degraded").with("model", model.title.as_str())),
    }
}

/// How a generation is doing right now, beyond what its row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Doing {
    /// Others that are served before it: with us while reserved, at the provider while queued.
    pub before: Option<u32>,
    /// Whether the provider said that it is running.
    pub running: bool,
    /// Seconds since the person pressed the button.
    pub elapsed: u64,
}

/// The message that shows a generation's progress.
pub fn progress(generation: &Generation, title: &str, doing: Doing) -> View {
    let state = match (generation.state, doing.before, doing.running) {
        (State::Reserved, Some(before), _) if before > 0 => {
            Text::new("progress-waiting").with("before", u64::from(before))
        }
        (State::Reserved | State::Submitting, _, _) => Text::new("progress-sending"),
        (State::Cancelling, _, _) => Text::new("progress-cancelling"),
        (State::Queued, _, true) => Text::new("progress-running"),
        (State::Queued, Some(before), false) if before > 0 => {
            Text::new("progress-queued").with("before", u64::from(before))
        }
        (State::Queued, _, false) => Text::new("progress-next"),
        _ => Text::new("progress-saving"),
    };
    let head = Text::new("progress")
        .with("model", title)
        .quoting("prompt", &generation.order.prompt, 300)
        .with("state", state)
        .with("seconds", doing.elapsed);
    let mut row = Vec::new();
    let can_cancel =
        matches!(generation.state, State::Reserved | State::Submitting | State::Queued);
    if can_cancel {
        row.push(button("b-cancel", Action::Cancel(generation.id)));
    }
    row.push(fresh("b-home", Action::Home));
    View::text(vec![head], vec![row])
}

/// How a generation ended without pictures. The hold is released when this is said.
pub fn outcome(generation: &Generation, title: &str) -> View {
    let prompt = &generation.order.prompt;
    let what = match (generation.state, generation.failure) {
        (State::Cancelled, _) => Text::new("outcome-cancelled"),
        (State::Expired, _) => Text::new("outcome-expired"),
        (_, Some(Failure::Safety)) => Text::new("outcome-safety"),
        (_, Some(Failure::BadRequest)) => Text::new("outcome-bad-request"),
        (_, Some(Failure::ModelGone)) => Text::new("outcome-model-gone").with("model", title),
        (_, Some(Failure::OutOfMoney)) => Text::new("outcome-out-of-money"),
        (_, Some(Failure::Unreachable)) => Text::new("outcome-unreachable"),
        (_, Some(Failure::PicturesLost)) => Text::new("outcome-pictures-lost"),
        (_, Some(Failure::Quarantined)) => Text::new("outcome-quarantined"),
        (_, Some(Failure::Provider) | None) => Text::new("outcome-provider"),
    };
    let released = Text::new("outcome-released").with("credits", generation.order.total().0);
    let about = Text::new("outcome-about")
        .quoting("prompt", prompt, 200)
        .with("number", generation.id.short());
    let again = match generation.failure {
        Some(Failure::Safety | Failure::BadRequest) => button("b-edit-prompt", Action::EditPrompt),
        // The order that failed, whatever the person has drafted since.
        _ => button("b-try-again", Action::Again(PictureId { generation: generation.id, n: 1 })),
    };
    let buttons = vec![vec![again, button("b-home", Action::Home)]];
    View::text(vec![what, released, about], buttons)
}
