//! The ports, each method one body for the writer or for a reader.

use aisha_actors::{
    domain::{
        change::{Changes, Committed, Refusal},
        generation::Generation,
        id::{GenerationId, OutboxId, PictureId, Seq, UserId},
        ledger::Account,
        outbox::OutboxEntry,
        picture::{Card, Picture, Place, Selection},
        time::Timestamp,
    },
    port::{
        Arrival, Counts, HistoryLine, InHand, Inbox, InboxItem, ItemFault, Outbox, Reach, Records,
        Result, Source, Standing,
    },
};
use async_trait::async_trait;
use futures::FutureExt;

use super::{
    Database, commit, gallery, generations, inbox, ledger, outbox, people, pictures, writer::Shape,
};

/// One statement each, or several.
const fn shape(parts: usize) -> Shape {
    if parts > 1 { Shape::Several } else { Shape::Whole }
}

#[async_trait]
impl Inbox for Database {
    async fn receive(&self, arrivals: Vec<Arrival>) -> Result<Vec<Option<Seq>>> {
        let (at, shape) = (self.clock.now(), shape(arrivals.len()));
        self.writer.write(shape, move |conn| inbox::receive(conn, arrivals, at).boxed()).await
    }

    async fn open_items(&self, after: Seq, limit: usize) -> Result<Vec<InboxItem>> {
        self.readers.read(move |conn| inbox::open_items(conn, after, limit).boxed()).await
    }

    async fn open_items_from(&self, source: Source, limit: usize) -> Result<Vec<InboxItem>> {
        self.readers.read(move |conn| inbox::open_items_from(conn, source, limit).boxed()).await
    }

    async fn finish(&self, items: Vec<Seq>) -> Result<()> {
        let (at, shape) = (self.clock.now(), shape(items.len()));
        self.writer.write(shape, move |conn| inbox::finish(conn, items, at).boxed()).await
    }

    async fn fail_item(&self, seq: Seq, reason: &str) -> Result<ItemFault> {
        let (at, reason) = (self.clock.now(), reason.to_owned());
        self.writer
            .write(Shape::Several, move |conn| {
                async move { inbox::fail(conn, seq, &reason, at).await }.boxed()
            })
            .await
    }

    fn take_in_hand(&self, item: InHand) {
        self.hand.take(item);
    }

    fn put_down(&self, item: InHand) {
        self.hand.put_down(item);
    }

    async fn open_after_death(&self, at: Timestamp) -> Result<()> {
        let taken = self.hand.taken();
        if !taken.is_empty() {
            self.writer
                .write(Shape::Several, move |conn| inbox::count_deaths(conn, taken, at).boxed())
                .await?;
        }
        self.hand.forget();
        Ok(())
    }
}

#[async_trait]
impl Outbox for Database {
    async fn open_entries(&self, after: OutboxId, limit: usize) -> Result<Vec<OutboxEntry>> {
        self.readers.read(move |conn| outbox::open_entries(conn, after, limit).boxed()).await
    }

    async fn fail_entry(&self, id: OutboxId, reason: &str) -> Result<ItemFault> {
        let (at, reason) = (self.clock.now(), reason.to_owned());
        self.writer
            .write(Shape::Several, move |conn| {
                async move { outbox::fail(conn, id, &reason, at).await }.boxed()
            })
            .await
    }
}

#[async_trait]
impl Records for Database {
    async fn commit(
        &self,
        members: Vec<Changes>,
    ) -> Result<Vec<std::result::Result<Committed, Refusal>>> {
        let shape = shape(members.len());
        self.writer.write(shape, move |conn| commit::members(conn, members)).await
    }

    async fn standing(&self, user: UserId) -> Result<Option<Standing>> {
        self.readers.read(move |conn| people::standing(conn, user).boxed()).await
    }

    async fn account(&self, user: UserId) -> Result<Account> {
        self.readers
            .read(move |conn| async move { Ok(ledger::account_of(conn, user).await?) }.boxed())
            .await
    }

    async fn history(&self, user: UserId, before: i64, limit: usize) -> Result<Vec<HistoryLine>> {
        self.readers.read(move |conn| ledger::history(conn, user, before, limit).boxed()).await
    }

    async fn generation(&self, id: GenerationId) -> Result<Option<Generation>> {
        self.readers.read(move |conn| generations::one(conn, id).boxed()).await
    }

    async fn live_generations(&self) -> Result<Vec<Generation>> {
        self.readers.read(|conn| generations::live(conn).boxed()).await
    }

    async fn open_generations_of(&self, user: UserId) -> Result<Vec<Generation>> {
        self.readers.read(move |conn| generations::open_of(conn, user).boxed()).await
    }

    async fn fail_generation(&self, id: GenerationId, reason: &str) -> Result<ItemFault> {
        let (at, reason) = (self.clock.now(), reason.to_owned());
        self.writer
            .write(Shape::Several, move |conn| {
                async move { generations::fail(conn, id, &reason, at).await }.boxed()
            })
            .await
    }

    async fn picture(&self, id: PictureId) -> Result<Option<Picture>> {
        self.readers.read(move |conn| pictures::one(conn, id).boxed()).await
    }

    async fn pictures_of(&self, generation: GenerationId) -> Result<Vec<Picture>> {
        self.readers.read(move |conn| pictures::of_generation(conn, generation).boxed()).await
    }

    async fn cards(
        &self,
        user: UserId,
        selection: &Selection,
        reach: Reach,
        limit: usize,
    ) -> Result<Vec<Card>> {
        let selection = selection.clone();
        self.readers
            .read(move |conn| {
                async move { gallery::cards(conn, user, &selection, reach, limit).await }.boxed()
            })
            .await
    }

    async fn card(&self, user: UserId, id: PictureId) -> Result<Option<Card>> {
        self.readers.read(move |conn| gallery::card(conn, user, id).boxed()).await
    }

    async fn count(&self, user: UserId, selection: &Selection) -> Result<u64> {
        let selection = selection.clone();
        self.readers
            .read(move |conn| async move { gallery::count(conn, user, &selection).await }.boxed())
            .await
    }

    async fn newer_than(&self, user: UserId, selection: &Selection, place: Place) -> Result<u64> {
        let selection = selection.clone();
        self.readers
            .read(move |conn| {
                async move { gallery::newer_than(conn, user, &selection, place).await }.boxed()
            })
            .await
    }

    async fn counts(&self, user: UserId, now: Timestamp) -> Result<Counts> {
        self.readers.read(move |conn| gallery::counts(conn, user, now).boxed()).await
    }

    async fn storage_jobs(&self, limit: usize) -> Result<Vec<Picture>> {
        self.readers.read(move |conn| pictures::jobs(conn, limit).boxed()).await
    }

    async fn fail_storage(&self, id: PictureId, reason: &str) -> Result<ItemFault> {
        let (at, reason) = (self.clock.now(), reason.to_owned());
        self.writer
            .write(Shape::Several, move |conn| {
                async move { pictures::fail_job(conn, id, &reason, at).await }.boxed()
            })
            .await
    }

    async fn violations(&self) -> Result<Vec<String>> {
        self.readers.read(|conn| ledger::breaches(conn).boxed()).await
    }
}
