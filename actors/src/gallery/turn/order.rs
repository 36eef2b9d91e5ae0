//! What a turn does with an order: the quote's button, and the wish to cancel.

use super::{BELOW, Target, Turn};
use crate::{
    ask::{AskError, ask, tell},
    domain::{
        change::{Change, Refusal},
        conversation::Screen,
        generation::{Generation, Order, State},
        id::{GenerationId, IntentId},
        ledger::Refused,
        screens::{gallery as gallery_screens, studio},
        text::Text,
        view::View,
    },
    gallery::{Error, screen},
    ledger::{self, PlaceHold},
    tracker::{CancelGeneration, Cancelling, GenerationReserved},
};

impl Turn<'_> {
    /// The button on the quote: a hold and a generation, once per quote.
    pub(super) async fn confirm(&mut self, intent: IntentId) -> Result<Target, Error> {
        let id = GenerationId::derive(self.user, intent);
        let draft = &self.known.conversation.draft;
        let offer = draft.offer.clone().filter(|offer| offer.intent == intent);
        let (Some(offer), Some(model), Some(prompt)) =
            (offer, self.offered(), draft.prompt.clone())
        else {
            return self.confirm_old(id).await;
        };
        if self.deps.shop.is_closed() {
            // The quote stays: its button works again afterwards.
            self.note = Some((Text::new("note-maintenance"), true));
            return Ok(Target::Nothing);
        }
        let order = screen::order(self, &model, prompt);
        if order.total() != offer.total || order.model != offer.model {
            self.note = Some((Text::new("note-price-changed"), true));
            return Ok(self.go(Screen::Quote));
        }
        let open = self.deps.ports.store.open_generations_of(self.user).await?;
        if open.iter().all(|generation| generation.id != id)
            && open.len() >= self.deps.shop.terms.open_max
        {
            let limit = Text::new("note-limit").with("count", open.len() as u64);
            self.note = Some((limit, true));
            return Ok(Target::Nothing);
        }
        let generation = self.generation(id, order, model.deadline);
        let mut after = self.known.conversation.clone();
        after.draft.offer = None;
        after.go(Screen::Home);
        let save = Change::SaveConversation(Box::new(after.clone()));
        let hold = PlaceHold { generation: Box::new(generation.clone()), also: vec![save] };
        match ask(&self.deps.ledger, hold, BELOW).await? {
            Ok(_) => {
                // Whoever looks for the generation finds the update that began it.
                tracing::Span::current().record("generation", tracing::field::display(id));
                tracing::info!("a generation begins");
                self.known.conversation = after;
                self.stored = true;
                let event = GenerationReserved(Box::new(generation.clone()));
                tell(&self.deps.tracker, event);
                Ok(Target::View(self.progress_view(&generation)))
            }
            Err(ledger::Error::Refused(Refusal::Exists)) => self.confirm_old(id).await,
            Err(ledger::Error::Refused(Refusal::Ledger(Refused::Insufficient { .. }))) => {
                Ok(self.go(Screen::Quote))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn generation(
        &self,
        id: GenerationId,
        order: Order,
        deadline: std::time::Duration,
    ) -> Generation {
        let now = self.deps.ports.clock.now();
        Generation {
            id,
            user: self.user,
            order,
            state: State::Reserved,
            message: self.pressed.as_ref().and_then(|pressed| pressed.message),
            ticket: None,
            submits: 0,
            attempts: 0,
            failure: None,
            captured: 0,
            created_at: now,
            submitted_at: None,
            finished_at: None,
            deadline_at: now.plus(deadline),
        }
    }

    /// A quote whose button was used or that was replaced: show what came of it, or a new one.
    async fn confirm_old(&mut self, id: GenerationId) -> Result<Target, Error> {
        match self.deps.ports.store.generation(id).await? {
            Some(generation) if generation.user == self.user => {
                let state = generation.state;
                if !state.is_open() {
                    self.note = Some((Text::new("note-done-already"), false));
                    return Ok(Target::Nothing);
                }
                self.note = Some((Text::new("note-started-already"), false));
                Ok(Target::View(self.progress_view(&generation)))
            }
            _ => {
                self.note = Some((Text::new("note-old-quote"), false));
                Ok(self.go(Screen::Quote))
            }
        }
    }

    fn progress_view(&self, generation: &Generation) -> View {
        let title = gallery_screens::title(&self.deps.shop.catalogue(), &generation.order.model);
        let now = self.deps.ports.clock.now();
        let elapsed = now.since(generation.created_at).as_secs();
        studio::progress(generation, &title, studio::Doing { elapsed, ..Default::default() })
    }

    /// The operator's wish. How it ends is said through the outbox; where it is over already, nothing is.
    pub(super) async fn end(&mut self, id: GenerationId, at_once: bool) -> Result<Target, Error> {
        let wish = CancelGeneration { user: self.user, id, at_once };
        match ask(&self.deps.tracker, wish, BELOW).await {
            // Late: it is carried out after the step under way; nobody is kept waiting for that.
            Ok(Ok(_) | Err(crate::tracker::Error::NotFound)) | Err(AskError::Late) => {
                Ok(Target::Nothing)
            }
            Ok(Err(error)) => Err(error.into()),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn cancel(&mut self, id: GenerationId) -> Result<Target, Error> {
        let wish = CancelGeneration { user: self.user, id, at_once: false };
        let (note, alert) = match ask(&self.deps.tracker, wish, BELOW).await {
            Ok(Ok(Cancelling::Begun)) => (Text::new("note-cancelling"), false),
            Ok(Ok(Cancelling::TooLate(State::Captured | State::Delivered | State::Resulted))) => {
                (Text::new("note-cancel-ready"), true)
            }
            Ok(Ok(Cancelling::TooLate(_))) => (Text::new("note-cancel-over"), false),
            Ok(Err(crate::tracker::Error::NotFound)) => (Text::new("note-cancel-unknown"), true),
            Ok(Err(error)) => return Err(error.into()),
            // The wish may still be carried out; pressing again is harmless.
            Err(AskError::Late) => (Text::new("note-cancel-slow"), true),
            Err(error) => return Err(error.into()),
        };
        self.note = Some((note, alert));
        Ok(Target::Nothing)
    }
}
