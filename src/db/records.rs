//! The ports, each method one body for the writer or for a reader.

use super::{Backend, Database, Fault, request::Shape, row::encode_conversation};
use aisha_actors::{
    domain::{
        change::{Change, Changes, Committed, Refusal},
        generation::Generation,
        id::{GenerationId, OutboxId, PictureId, Seq, UserId},
        ledger::Account,
        outbox::OutboxEntry,
        picture::{Card, Picture, Place, Selection},
        time::Timestamp,
    },
    port::{
        Arrival, Broadcast, Counts, HistoryLine, InHand, InLine, Inbox, InboxItem, ItemFault,
        Outbox, Reach, Records, Result, Source, Standing,
    },
};
use async_trait::async_trait;

/// The shape of what is done to so many rows.
const fn rows(count: usize) -> Shape {
    if count > 1 { Shape::Set } else { Shape::Sure }
}

#[async_trait]
impl Inbox for Database {
    async fn receive(&self, arrivals: Vec<Arrival>) -> Result<Vec<Option<Seq>>> {
        let (at, shape) = (self.clock.now(), rows(arrivals.len()));
        on_writer!(self, shape, conn => queries::intake::receive(conn, arrivals, at).await)
    }

    async fn open_items(&self, after: Seq, limit: usize) -> Result<Vec<InboxItem>> {
        let node = self.fence.node();
        on_reader!(self, conn => queries::inbox::open_items(conn, node, after, limit).await)
    }

    async fn open_items_from(&self, source: Source, limit: usize) -> Result<Vec<InboxItem>> {
        let node = self.fence.node();
        on_reader!(self, conn => queries::inbox::open_items_from(conn, node, source, limit).await)
    }

    async fn finish(&self, items: Vec<Seq>) -> Result<()> {
        let (at, shape) = (self.clock.now(), rows(items.len()));
        on_writer!(self, shape, conn => queries::intake::finish(conn, items, at).await)
    }

    async fn fail_item(&self, seq: Seq, reason: &str) -> Result<ItemFault> {
        let (at, reason) = (self.clock.now(), reason.to_owned());
        on_writer!(self, Shape::Several, conn => queries::inbox::fail(conn, seq, &reason, at).await)
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
            on_writer!(self, Shape::Several, conn => queries::inbox::count_deaths(conn, taken, at).await)?;
        }
        self.hand.forget();
        Ok(())
    }
}

#[async_trait]
impl Outbox for Database {
    async fn open_entries(&self, after: OutboxId, limit: usize) -> Result<Vec<OutboxEntry>> {
        let node = self.fence.node();
        on_reader!(self, conn => queries::outbox::open_entries(conn, node, after, limit).await)
    }

    async fn broadcast_text(&self, id: i64) -> Result<Option<Broadcast>> {
        on_reader!(self, conn => queries::reports::broadcasts::text(conn, id).await)
    }

    async fn fail_entry(&self, id: OutboxId, reason: &str) -> Result<ItemFault> {
        let (at, reason) = (self.clock.now(), reason.to_owned());
        on_writer!(self, Shape::Several, conn => queries::outbox::fail(conn, id, &reason, at).await)
    }
}

#[async_trait]
impl Records for Database {
    async fn commit(
        &self,
        members: Vec<Changes>,
    ) -> Result<Vec<std::result::Result<Committed, Refusal>>> {
        self.fence.may_commit(members.iter().map(|member| member.user))?;
        if let (Backend::Postgres(backend), [only]) = (&self.backend, members.as_slice())
            && let [Change::SaveConversation(saved)] = only.list.as_slice()
        {
            let body = encode_conversation(saved).map_err(Fault::from)?;
            let version = backend.writer.save(only.user, body).await?;
            let committed = version.map(|gallery_version| Committed { gallery_version });
            return Ok(vec![committed.ok_or(Refusal::Moved)]);
        }
        let shape = if members.len() > 1 { Shape::Several } else { Shape::Parts };
        let now = self.clock.now();
        on_writer!(self, shape, conn => queries::commit::members(conn, members, now).await)
    }

    async fn standing(&self, user: UserId) -> Result<Option<Standing>> {
        on_reader!(self, conn => queries::people::standing(conn, user).await)
    }

    async fn account(&self, user: UserId) -> Result<Account> {
        on_reader!(self, conn => Ok(queries::ledger::account_of(conn, user).await?))
    }

    async fn history(&self, user: UserId, before: i64, limit: usize) -> Result<Vec<HistoryLine>> {
        on_reader!(self, conn => queries::ledger::history(conn, user, before, limit).await)
    }

    async fn generation(&self, id: GenerationId) -> Result<Option<Generation>> {
        on_reader!(self, conn => queries::generations::one(conn, id).await)
    }

    async fn live_generations(&self) -> Result<Vec<Generation>> {
        let node = self.fence.node();
        on_reader!(self, conn => queries::generations::live(conn, node).await)
    }

    async fn line(&self) -> Result<Vec<InLine>> {
        on_reader!(self, conn => queries::generations::line(conn).await)
    }

    async fn open_generations_of(&self, user: UserId) -> Result<Vec<Generation>> {
        on_reader!(self, conn => queries::generations::open_of(conn, user).await)
    }

    async fn fail_generation(&self, id: GenerationId, reason: &str) -> Result<ItemFault> {
        let (at, reason) = (self.clock.now(), reason.to_owned());
        on_writer!(self, Shape::Several, conn => queries::generations::fail(conn, id, &reason, at).await)
    }

    async fn picture(&self, id: PictureId) -> Result<Option<Picture>> {
        on_reader!(self, conn => queries::pictures::one(conn, id).await)
    }

    async fn pictures_of(&self, generation: GenerationId) -> Result<Vec<Picture>> {
        on_reader!(self, conn => queries::pictures::of_generation(conn, generation).await)
    }

    async fn cards(
        &self,
        user: UserId,
        selection: &Selection,
        reach: Reach,
        limit: usize,
    ) -> Result<Vec<Card>> {
        let selection = selection.clone();
        on_reader!(self, conn => queries::gallery::cards(conn, user, &selection, reach, limit).await)
    }

    async fn card(&self, user: UserId, id: PictureId) -> Result<Option<Card>> {
        on_reader!(self, conn => queries::gallery::card(conn, user, id).await)
    }

    async fn count(&self, user: UserId, selection: &Selection) -> Result<u64> {
        let selection = selection.clone();
        on_reader!(self, conn => queries::gallery::count(conn, user, &selection).await)
    }

    async fn newer_than(&self, user: UserId, selection: &Selection, place: Place) -> Result<u64> {
        let selection = selection.clone();
        on_reader!(self, conn => queries::gallery::newer_than(conn, user, &selection, place).await)
    }

    async fn counts(&self, user: UserId, now: Timestamp) -> Result<Counts> {
        on_reader!(self, conn => queries::gallery::counts(conn, user, now).await)
    }

    async fn storage_jobs(&self, limit: usize) -> Result<Vec<Picture>> {
        let node = self.fence.node();
        on_reader!(self, conn => queries::pictures::jobs(conn, node, limit).await)
    }

    async fn fail_storage(&self, id: PictureId, reason: &str) -> Result<ItemFault> {
        let (at, reason) = (self.clock.now(), reason.to_owned());
        on_writer!(self, Shape::Several, conn => queries::pictures::fail_job(conn, id, &reason, at).await)
    }

    async fn violations(&self) -> Result<Vec<String>> {
        on_patient_reader!(self, conn => queries::ledger::breaches(conn).await)
    }
}
