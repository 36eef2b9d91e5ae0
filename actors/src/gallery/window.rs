//! The part of a gallery that is in view: cards around the cursor, and how many there are in all.
//!
//! Turning a page costs no read while the window has the neighbour, and one short read at its edge,
//! however large the gallery is. Position and total are counted when a window is built and kept by
//! arithmetic from then on. A window of another gallery version or selection is never used.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        id::{PictureId, UserId},
        picture::{Card, Place, Selection},
    },
    port::{self, CachedWindow, Ports, Reach},
};

/// Cards read at once.
const READ: usize = 10;

/// Cards kept: what a person walks through is forgotten behind them. Everybody who has a gallery in view
/// has a window, so this times a few hundred bytes is what one more person costs.
const KEPT: usize = 12;

/// Where to open the gallery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Newest,
    At(PictureId),
    OlderThan(PictureId),
    NewerThan(PictureId),
}

/// A card and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub card: Card,
    /// From 1, newest first.
    pub position: u64,
    pub total: u64,
}

/// The window. Not empty.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Window {
    selection: Selection,
    version: i64,
    total: u64,
    /// The position of the first card.
    first: u64,
    cards: VecDeque<Card>,
}

/// What opening the gallery needs.
pub(super) struct View<'a> {
    pub ports: &'a Ports,
    pub user: UserId,
    pub selection: &'a Selection,
    pub version: i64,
}

impl View<'_> {
    /// The card at the anchor, or the nearest one that there is; None: nothing matches.
    pub(super) async fn open(
        &self,
        window: &mut Option<Window>,
        anchor: Anchor,
    ) -> port::Result<Option<Found>> {
        if window.as_ref().is_some_and(|known| !self.fits(known)) {
            *window = None;
        }
        let Some(id) = anchor.picture() else { return self.newest(window).await };
        if let Some(known) = window.as_mut()
            && let Some(index) = known.index_of(id)
            && let Some(found) = self.neighbour(known, index, anchor).await?
        {
            return Ok(Some(found));
        }
        let Some(place) = self.place_of(id).await? else { return self.newest(window).await };
        let Some(target) = self.nearest(place, anchor).await? else {
            *window = None;
            return Ok(None);
        };
        let built = self.build(target).await?;
        let found = built.1;
        *window = Some(built.0);
        Ok(Some(found))
    }

    fn fits(&self, window: &Window) -> bool {
        window.version == self.version && window.selection == *self.selection
    }

    async fn cards(&self, reach: Reach, limit: usize) -> port::Result<Vec<Card>> {
        self.ports.store.cards(self.user, self.selection, reach, limit).await
    }

    async fn newest(&self, window: &mut Option<Window>) -> port::Result<Option<Found>> {
        if let Some(known) = window.as_ref()
            && known.first == 1
        {
            return Ok(known.found(0));
        }
        let cached = self.ports.cache.window(self.user, self.selection).await;
        let fresh = match cached.filter(|cached| cached.gallery_version == self.version) {
            Some(cached) => cached,
            None => {
                let cards = self.cards(Reach::Newest, READ).await?;
                let total = if cards.len() < READ {
                    cards.len() as u64
                } else {
                    self.ports.store.count(self.user, self.selection).await?
                };
                let fresh = CachedWindow { gallery_version: self.version, total, cards };
                self.ports.cache.put_window(self.user, self.selection, fresh.clone()).await;
                fresh
            }
        };
        *window = (!fresh.cards.is_empty()).then(|| Window {
            selection: self.selection.clone(),
            version: self.version,
            total: fresh.total,
            first: 1,
            cards: fresh.cards.into(),
        });
        Ok(window.as_ref().and_then(|window| window.found(0)))
    }

    /// The card asked for, beside the one at `index`; at the end of the gallery that one itself.
    async fn neighbour(
        &self,
        window: &mut Window,
        index: usize,
        anchor: Anchor,
    ) -> port::Result<Option<Found>> {
        match anchor {
            Anchor::OlderThan(_) => {
                if index + 1 == window.cards.len() && window.ends_before_last() {
                    let index = index.saturating_sub(self.extend_older(window).await?);
                    return Ok(window.found(index + 1).or_else(|| window.found(index)));
                }
                Ok(window.found(index + 1).or_else(|| window.found(index)))
            }
            Anchor::NewerThan(_) if index > 0 => Ok(window.found(index - 1)),
            Anchor::NewerThan(_) if window.first > 1 => {
                let added = self.extend_newer(window).await?;
                Ok(window.found(added.saturating_sub(1)))
            }
            Anchor::Newest | Anchor::At(_) | Anchor::NewerThan(_) => Ok(window.found(index)),
        }
    }

    /// How many went at the front.
    async fn extend_older(&self, window: &mut Window) -> port::Result<usize> {
        let Some(last) = window.cards.back().map(|card| card.place) else { return Ok(0) };
        window.cards.extend(self.cards(Reach::OlderThan(last), READ).await?);
        let gone = window.cards.len().saturating_sub(KEPT);
        window.cards.drain(..gone);
        window.first += gone as u64;
        Ok(gone)
    }

    /// How many came in front.
    async fn extend_newer(&self, window: &mut Window) -> port::Result<usize> {
        let Some(first) = window.cards.front().map(|card| card.place) else { return Ok(0) };
        let newer = self.cards(Reach::NewerThan(first), READ).await?;
        let added = newer.len();
        for card in newer {
            window.cards.push_front(card);
        }
        window.first = window.first.saturating_sub(added as u64).max(1);
        window.cards.truncate(KEPT);
        Ok(added)
    }

    /// Where a picture is or was in the gallery's order. None: never the user's, or never listed.
    async fn place_of(&self, id: PictureId) -> port::Result<Option<Place>> {
        let picture = self.ports.store.picture(id).await?;
        Ok(picture.filter(|picture| picture.owner == self.user).and_then(|picture| {
            let listed_at = picture.listed_at?;
            Some(Place { listed_at, generation: id.generation, n: id.n })
        }))
    }

    /// The card at a place, or the nearest, the older first; for an arrow the next in its direction
    /// first, and at the end of the gallery the card itself.
    async fn nearest(&self, place: Place, anchor: Anchor) -> port::Result<Option<Card>> {
        let (older, newer) = (Reach::OlderThan(place), Reach::NewerThan(place));
        match anchor {
            Anchor::OlderThan(_) => self.first_of([Some(older), None, Some(newer)], place).await,
            Anchor::NewerThan(_) => self.first_of([Some(newer), None, Some(older)], place).await,
            _ => self.first_of([None, Some(older), Some(newer)], place).await,
        }
    }

    /// The first card that there is; `None` stands for the one at the place itself.
    async fn first_of(
        &self,
        wishes: [Option<Reach>; 3],
        place: Place,
    ) -> port::Result<Option<Card>> {
        for wish in wishes {
            let found = match wish {
                Some(reach) => self.cards(reach, 1).await?.into_iter().next(),
                None => {
                    let card = self.ports.store.card(self.user, place.picture()).await?;
                    card.filter(|card| selects(self.selection, card))
                }
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    async fn build(&self, target: Card) -> port::Result<(Window, Found)> {
        let place = target.place;
        let newer = self.cards(Reach::NewerThan(place), READ / 2).await?;
        let older = self.cards(Reach::OlderThan(place), READ / 2).await?;
        let before = self.ports.store.newer_than(self.user, self.selection, place).await?;
        let total = self.ports.store.count(self.user, self.selection).await?;
        let first = before.saturating_sub(newer.len() as u64) + 1;
        let mut cards: VecDeque<Card> = newer.into_iter().rev().collect();
        cards.push_back(target.clone());
        cards.extend(older);
        let window = Window {
            selection: self.selection.clone(),
            version: self.version,
            total,
            first,
            cards,
        };
        let found = Found { card: target, position: before + 1, total };
        Ok((window, found))
    }
}

impl Anchor {
    fn picture(self) -> Option<PictureId> {
        match self {
            Self::Newest => None,
            Self::At(id) | Self::OlderThan(id) | Self::NewerThan(id) => Some(id),
        }
    }
}

impl Window {
    fn index_of(&self, id: PictureId) -> Option<usize> {
        self.cards.iter().position(|card| card.place.picture() == id)
    }

    fn found(&self, index: usize) -> Option<Found> {
        let card = self.cards.get(index)?.clone();
        Some(Found { card, position: self.first + index as u64, total: self.total })
    }

    fn ends_before_last(&self) -> bool {
        self.first + (self.cards.len() as u64) <= self.total
    }

    /// The window after the user's own change of a favourite made the gallery's version `now`, if that
    /// was the only change since the window's: only the user's own gallery changes favourites, so a
    /// card that stood otherwise is one change. Else the window stays of its version, and is not used.
    pub(super) fn favour(&mut self, id: PictureId, favourite: bool, now: i64) {
        if self.selection.favourites || now != self.version + 1 {
            return;
        }
        let card = self.cards.iter_mut().find(|card| card.place.picture() == id);
        if let Some(card) = card.filter(|card| card.favourite != favourite) {
            card.favourite = favourite;
            self.version = now;
        }
    }
}

/// Whether a listed card is one of the selection.
fn selects(selection: &Selection, card: &Card) -> bool {
    let in_range = selection.range.is_none_or(|range| {
        card.place.listed_at >= range.from && card.place.listed_at < range.until
    });
    let of_model = selection.model.as_ref().is_none_or(|model| *model == card.model);
    in_range && of_model && (card.favourite || !selection.favourites)
}

#[cfg(test)]
pub(super) mod tests {
    use super::{Card, Selection, Window};
    use crate::domain::{
        id::{GenerationId, ModelId},
        picture::Place,
        time::{Range, Timestamp},
    };

    /// A window with something in every place.
    pub(in crate::gallery) fn any() -> Window {
        let (from, until) = (Timestamp(-1), Timestamp(10));
        let model = ModelId::parse("imagen-4").unwrap();
        let generation = GenerationId(uuid::Uuid::from_u128(7));
        let card = |n| Card {
            place: Place { listed_at: until, generation, n },
            model: model.clone(),
            ratio: "16:9".into(),
            resolution: (n == 1).then(|| "2K".into()),
            prompt: "a cat".to_owned(),
            favourite: n == 2,
            file_id: (n == 2).then(|| "file".to_owned()),
            created_at: from,
            siblings: 2,
        };
        Window {
            selection: Selection {
                model: Some(model.clone()),
                range: Some(Range { from, until }),
                favourites: true,
            },
            version: 3,
            total: 100,
            first: 98,
            cards: [card(1), card(2)].into(),
        }
    }
}
