//! What a turn does in the gallery and under a delivered picture.

use super::{Target, Turn};
use crate::{
    ask::tell,
    domain::{
        action::{Action, Spot},
        change::{Change, Changes},
        conversation::Screen,
        generation::Order,
        id::PictureId,
        picture::{Card, Filters},
        screens::{gallery as gallery_screens, result},
        text::Text,
        view::{Media, View},
    },
    gallery::{Error, window::Anchor},
    writer::JobsAdded,
};

impl Turn<'_> {
    pub(super) async fn act_on_gallery(&mut self, action: Action) -> Result<Target, Error> {
        match action {
            Action::Gallery => Ok(self.go(Screen::Gallery(None))),
            Action::Card(id) => self.turn_page(Anchor::At(id)).await,
            Action::Older(id) => self.turn_page(Anchor::OlderThan(id)).await,
            Action::Newer(id) => self.turn_page(Anchor::NewerThan(id)).await,
            Action::Filters => Ok(self.go(Screen::Filters)),
            Action::FilterModels => Ok(self.go(Screen::FilterModels)),
            Action::FilterDates => Ok(self.go(Screen::FilterDates)),
            Action::CustomDates => Ok(self.go(Screen::CustomDates)),
            Action::FilterModel(model) => Ok(self.filter(|filters| filters.model = model)),
            Action::FilterDay(dates) => Ok(self.filter(|filters| filters.dates = dates)),
            Action::FilterFavourites(on) => Ok(self.filter(|filters| filters.favourites = on)),
            Action::ResetFilters => {
                self.conversation().filter(Filters::default());
                self.note = Some((Text::new("note-reset"), false));
                Ok(self.go(Screen::Gallery(None)))
            }
            Action::Statistics => Ok(self.go(Screen::Statistics)),
            Action::Again(id) => self.again(id, Screen::Quote).await,
            Action::NewRatio(id) => self.again(id, Screen::Ratios).await,
            Action::Favourite(id, on, spot) => self.favour(id, on, spot).await,
            Action::FullPrompt(id, page) => match self.card(id).await? {
                Some(card) => Ok(Target::View(gallery_screens::full_prompt(&card, page))),
                None => Ok(self.gone()),
            },
            Action::Original(id) => match self.card(id).await? {
                Some(_) => Ok(Target::Original(id)),
                None => Ok(self.gone()),
            },
            Action::AskDelete(id, spot) => match self.card(id).await? {
                Some(_) => Ok(Target::View(gallery_screens::ask_delete(id, spot))),
                None => Ok(self.gone()),
            },
            Action::Delete(id, spot) => self.delete(id, spot).await,
            Action::Keep(id, Spot::Gallery) => self.turn_page(Anchor::At(id)).await,
            Action::Keep(id, Spot::Result) => self.result_card(id).await,
            _ => Ok(Target::Nothing),
        }
    }

    pub(super) async fn turn_page(&mut self, anchor: Anchor) -> Result<Target, Error> {
        let found = self.open_gallery(anchor).await?;
        let cursor = found.map(|found| found.card.place.picture());
        if let Anchor::At(asked) = anchor
            && cursor != Some(asked)
            // One that the filters hide is not gone; the card names them.
            && self.card(asked).await?.is_none()
        {
            self.note = Some((Text::new("note-picture-gone"), false));
        }
        Ok(self.go(Screen::Gallery(cursor)))
    }

    async fn card(&self, id: PictureId) -> Result<Option<Card>, Error> {
        Ok(self.deps.ports.store.card(self.user, id).await?)
    }

    /// The picture was deleted, or is somebody else's: the same answer for both.
    fn gone(&mut self) -> Target {
        self.note = Some((Text::new("note-picture-gone"), true));
        Target::Nothing
    }

    /// The settings of a picture become the draft.
    async fn again(&mut self, id: PictureId, screen: Screen) -> Result<Target, Error> {
        let generation = self.deps.ports.store.generation(id.generation).await?;
        let Some(generation) = generation.filter(|generation| generation.user == self.user) else {
            return Ok(self.gone());
        };
        let Order { model, prompt, ratio, resolution, count, .. } = generation.order;
        let conversation = self.conversation();
        conversation.draft.model = Some(model);
        conversation.draft.prompt = Some(prompt);
        conversation.draft.ratio = Some(ratio);
        conversation.draft.resolution = resolution;
        conversation.draft.count = Some(count);
        conversation.go(Screen::Quote);
        if screen != Screen::Quote {
            conversation.open(screen);
        }
        Ok(Target::Screen)
    }

    async fn favour(&mut self, id: PictureId, on: bool, spot: Spot) -> Result<Target, Error> {
        if !self.change(Change::SetFavourite { id, favourite: on }).await? {
            return Ok(self.gone());
        }
        let now = self.known.person.gallery_version;
        if let Some(window) = self.known.window.as_mut() {
            window.favour(id, on, now);
        }
        let key = if on { "note-favourite-on" } else { "note-favourite-off" };
        self.note = Some((Text::new(key), false));
        match spot {
            Spot::Gallery => {
                let note = self.note.take();
                let target = self.turn_page(Anchor::At(id)).await;
                self.note = note;
                target
            }
            Spot::Result => self.result_card(id).await,
        }
    }

    /// Commits one guarded change now; false: its guard did not hold.
    async fn change(&mut self, change: Change) -> Result<bool, Error> {
        let changes = Changes::new(self.user, vec![change]);
        match self.deps.ports.store.commit_one(changes).await? {
            Ok(committed) => {
                self.known.person.gallery_version = committed.gallery_version;
                Ok(true)
            }
            Err(_refusal) => Ok(false),
        }
    }

    async fn delete(&mut self, id: PictureId, spot: Spot) -> Result<Target, Error> {
        if !self.change(Change::TrashPicture { id }).await? {
            self.gone();
            return match spot {
                Spot::Gallery => self.turn_page(Anchor::OlderThan(id)).await,
                Spot::Result => Ok(Target::Close),
            };
        }
        tell(&self.deps.writer, JobsAdded);
        let target = match spot {
            Spot::Gallery => self.turn_page(Anchor::OlderThan(id)).await?,
            Spot::Result => Target::Close,
        };
        self.note = Some((Text::new("note-deleted"), false));
        Ok(target)
    }

    /// The card under a delivered picture, as it is now; the picture itself stays.
    async fn result_card(&mut self, id: PictureId) -> Result<Target, Error> {
        let store = &self.deps.ports.store;
        let generation = store.generation(id.generation).await?;
        let pictures = store.pictures_of(id.generation).await?;
        let picture = pictures.iter().find(|picture| picture.id == id);
        let (Some(generation), Some(picture)) = (generation, picture) else {
            return Ok(self.gone());
        };
        if picture.owner != self.user || !picture.state.is_safe() {
            return Ok(self.gone());
        }
        let is_last = !pictures.iter().any(|other| other.id.n > id.n && other.listed_at.is_some());
        let title = gallery_screens::title(&self.deps.shop.catalogue(), &generation.order.model);
        let view = result::picture(&generation, id, &title, picture.favourite, is_last, None);
        Ok(Target::View(View { media: Media::Keep, ..view }))
    }
}
