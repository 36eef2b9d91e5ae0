//! From the conversation's screen to what it shows: the facts are read here, the words are chosen in
//! `domain::screens`.

use super::{
    Error,
    turn::Turn,
    window::{Anchor, Found},
};
use crate::{
    ask::ask,
    domain::{
        catalogue::{Catalogue, Model},
        conversation::{Conversation, Offer, Screen},
        generation::{Generation, Order},
        id::GenerationId,
        screens::{gallery, menu, studio},
        text::Text,
        view::View,
    },
    tracker::GetProgress,
};

/// How long a screen waits for the tracker; without its answer the row must do.
const PROGRESS: std::time::Duration = std::time::Duration::from_secs(1);

/// What has to be decided before the conversation is stored: where the gallery's cursor is, and which
/// offer the quote's button carries.
pub(super) async fn prepare(turn: &mut Turn<'_>, before: &Conversation) -> Result<(), Error> {
    match turn.known.conversation.screen().clone() {
        // An arrow has opened it already.
        Screen::Gallery(_) if turn.opened.is_some() => {}
        Screen::Gallery(cursor) => {
            let anchor = cursor.map_or(Anchor::Newest, Anchor::At);
            let found = turn.open_gallery(anchor).await?;
            let cursor = found.map(|found| found.card.place.picture());
            turn.conversation().go(Screen::Gallery(cursor));
        }
        Screen::Quote => prepare_offer(turn, before),
        _ => {}
    }
    Ok(())
}

/// A new offer, unless the one before says the same: an older quote that is still on the screen never
/// orders what it does not say, and one that was said twice (a kill fell between its words and the mark
/// that they were said) orders once, by either of its buttons. Without a prompt there is nothing to quote.
fn prepare_offer(turn: &mut Turn<'_>, before: &Conversation) {
    let prompt = turn.known.conversation.draft.prompt.clone();
    let (Some(model), Some(prompt)) = (turn.offered(), prompt) else {
        turn.conversation().go(Screen::Prompt);
        return;
    };
    let order = order(turn, &model, prompt);
    let total = order.total();
    let stays = |offer: &Offer| offer.model == model.id && offer.total == total;
    if turn.known.conversation.draft == before.draft
        && before.draft.offer.as_ref().is_some_and(stays)
    {
        return;
    }
    let intent = turn.deps.ports.ids.intent();
    let offer = Offer { intent, model: model.id, total };
    turn.conversation().draft.offer = Some(offer);
}

/// What the draft orders from this model; what the model does not have becomes its default.
pub(super) fn order(turn: &Turn<'_>, model: &Model, prompt: String) -> Order {
    let draft = &turn.known.conversation.draft;
    let ratio = model.ratio(draft.ratio.as_deref());
    let resolution = model.resolution(draft.resolution.as_deref());
    let resolution = resolution.map(|resolution| resolution.name.clone());
    Order {
        model: model.id.clone(),
        prompt,
        ratio: ratio.map(|ratio| ratio.name.clone()).unwrap_or_default(),
        price: model.price(resolution.as_deref()),
        resolution,
        count: draft.count.unwrap_or(1).clamp(1, model.count_max),
        seed: turn.deps.ports.ids.seed(),
    }
}

/// The screens of a conversation.
pub(super) struct Stage;

impl Stage {
    /// What the conversation's screen shows.
    pub(super) async fn view(turn: &mut Turn<'_>) -> Result<View, Error> {
        let catalogue = turn.deps.shop.catalogue();
        let screen = turn.known.conversation.screen().clone();
        match screen {
            Screen::Home
            | Screen::Help
            | Screen::Balance
            | Screen::History { .. }
            | Screen::Settings
            | Screen::Languages
            | Screen::TimeZones => menu_view(turn, screen).await,
            Screen::Models
            | Screen::Prompt
            | Screen::Ratios
            | Screen::Counts
            | Screen::Resolutions
            | Screen::Quote => studio_view(turn, &catalogue, screen).await,
            Screen::Progress(id) => progress_view(turn, &catalogue, id).await,
            Screen::Gallery(_)
            | Screen::Filters
            | Screen::FilterModels
            | Screen::FilterDates
            | Screen::CustomDates
            | Screen::Statistics => gallery_view(turn, &catalogue, screen).await,
        }
    }
}

async fn menu_view(turn: &Turn<'_>, screen: Screen) -> Result<View, Error> {
    let store = &turn.deps.ports.store;
    let contact = &turn.deps.shop.terms.contact;
    let conversation = &turn.known.conversation;
    Ok(match screen {
        Screen::Help => menu::help(contact),
        Screen::Balance => menu::balance(store.account(turn.user).await?, contact),
        Screen::History { before } => {
            let lines = store.history(turn.user, before, menu::HISTORY_LINES + 1).await?;
            menu::history(&lines, before, conversation.offset)
        }
        Screen::Settings => {
            let model = turn.offered().map(|model| model.title).unwrap_or_default();
            menu::settings(turn.language(), conversation.offset, &model)
        }
        Screen::Languages => menu::languages(turn.language()),
        Screen::TimeZones => {
            let local = conversation.offset.local(turn.deps.ports.clock.now());
            menu::time_zones(conversation.offset, local)
        }
        _ => {
            let account = store.account(turn.user).await?;
            let name = &turn.known.person.profile.first_name;
            let welcome = turn.is_new.then_some(turn.deps.shop.terms.welcome.0);
            menu::home(name, account, welcome)
        }
    })
}

async fn studio_view(
    turn: &Turn<'_>,
    catalogue: &Catalogue,
    screen: Screen,
) -> Result<View, Error> {
    let Some(model) = turn.offered() else {
        return Ok(menu::note(Text::new("nothing-for-sale")));
    };
    let draft = &turn.known.conversation.draft;
    let wanted = draft.model.as_ref().or(catalogue.all().first().map(|model| &model.id));
    let instead_of = wanted.and_then(|id| catalogue.get(id)).filter(|old| old.id != model.id);
    Ok(match screen {
        Screen::Models => studio::models(catalogue, Some(&model)),
        Screen::Ratios => studio::ratios(&model, draft),
        Screen::Counts => {
            let resolution = model.resolution(draft.resolution.as_deref());
            let price = model.price(resolution.map(|resolution| resolution.name.as_str()));
            studio::counts(&model, draft, price)
        }
        Screen::Resolutions => studio::resolutions(&model, draft),
        Screen::Quote => {
            let prompt = draft.prompt.clone().unwrap_or_default();
            let order = order(turn, &model, prompt);
            let Some(offer) = &draft.offer else {
                return Ok(studio::prompt(&model, studio::notice(instead_of, &model)));
            };
            let quote = studio::Quote {
                model: &model,
                instead_of,
                prompt: &order.prompt,
                ratio: &order.ratio,
                resolution: order.resolution.as_deref(),
                count: order.count,
                price: order.price,
                available: turn.deps.ports.store.account(turn.user).await?.available(),
                intent: offer.intent,
            };
            studio::quote(&quote, &turn.deps.shop.terms.contact)
        }
        _ => studio::prompt(&model, studio::notice(instead_of, &model)),
    })
}

async fn progress_view(
    turn: &mut Turn<'_>,
    catalogue: &Catalogue,
    id: GenerationId,
) -> Result<View, Error> {
    let query = GetProgress { user: turn.user, id };
    let (generation, doing) = match ask(&turn.deps.tracker, query, PROGRESS).await {
        Ok(Ok(known)) => known,
        _ => match turn.deps.ports.store.generation(id).await? {
            Some(row) if row.user == turn.user => (row, studio::Doing::default()),
            _ => return Ok(gallery::gone()),
        },
    };
    let title = gallery::title(catalogue, &generation.order.model);
    Ok(view_of(&generation, &title, doing))
}

fn view_of(generation: &Generation, title: &str, doing: studio::Doing) -> View {
    use crate::domain::generation::State;
    match generation.state {
        State::Cancelled | State::Failed | State::Expired => studio::outcome(generation, title),
        _ => studio::progress(generation, title, doing),
    }
}

async fn gallery_view(
    turn: &mut Turn<'_>,
    catalogue: &Catalogue,
    screen: Screen,
) -> Result<View, Error> {
    let offset = turn.known.conversation.offset;
    let filters = turn.known.conversation.filters.clone();
    Ok(match screen {
        Screen::Filters => {
            let found = turn.open_gallery(Anchor::Newest).await?;
            gallery::filters(&filters, found.map_or(0, |found| found.total), catalogue)
        }
        Screen::FilterModels => gallery::filter_models(filters.model.as_ref(), catalogue),
        Screen::FilterDates => gallery::filter_dates(filters.dates),
        Screen::CustomDates => {
            let today = offset.local(turn.deps.ports.clock.now()).date();
            gallery::custom_dates(today, false)
        }
        Screen::Statistics => {
            let now = turn.deps.ports.clock.now();
            let counts = turn.deps.ports.store.counts(turn.user, now).await?;
            gallery::statistics(&counts, catalogue, offset)
        }
        Screen::Gallery(cursor) => {
            // The commit may have brought a newer version: then the window is read again.
            let anchor = cursor.map_or(Anchor::Newest, Anchor::At);
            match turn.open_gallery(anchor).await? {
                Some(Found { card, position, total }) => {
                    let placed = gallery::Placed { card: &card, position, total };
                    gallery::card(&placed, &filters, catalogue, offset)
                }
                None if filters.is_empty() => gallery::empty(),
                None => gallery::nothing_matches(&filters, catalogue),
            }
        }
        _ => gallery::empty(),
    })
}
