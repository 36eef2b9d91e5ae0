//! The database: inbox, outbox and records.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Bound,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;

use super::{
    Events, Script, books, lock,
    tables::{InboxRow, PictureRow, Rest, Tables},
};
use crate::{
    ATTEMPTS_MAX, DEATHS_MAX,
    domain::{
        change::{Changes, Committed, Refusal},
        conversation::Conversation,
        fair::Waiting,
        generation::{Generation, State},
        id::{GenerationId, OutboxId, PictureId, Seq, UserId},
        ledger::{Account, Entry},
        outbox::OutboxEntry,
        picture::{Card, Picture, PictureState, Place, Selection},
        time::Timestamp,
    },
    port::{
        Arrival, Broadcast, Counts, Error, HistoryLine, InHand, InLine, Inbox, InboxItem,
        ItemFault, Kind, Outbox, Reach, Records, Result, Source, Standing,
    },
};

/// The database in memory. `script`: methods of [`Inbox`], [`Outbox`] and [`Records`] by name.
pub struct Store {
    pub script: Script,
    tables: Mutex<Tables>,
    hands: Mutex<BTreeSet<InHand>>,
}

impl Store {
    pub(super) fn new(events: Arc<Events>) -> Self {
        let script = Script::new(events);
        Self { script, tables: Mutex::default(), hands: Mutex::default() }
    }

    fn read<T>(&self, read: impl FnOnce(&Tables) -> T) -> T {
        read(&lock(&self.tables))
    }

    fn write<T>(&self, write: impl FnOnce(&mut Tables) -> T) -> T {
        write(&mut lock(&self.tables))
    }

    // What tests look at and prepare, without scripts.

    /// What counts as in hand at this moment.
    pub fn in_hand(&self) -> BTreeSet<InHand> {
        lock(&self.hands).clone()
    }

    /// Stores members at once, as [`Records::commit`] does.
    pub fn put(&self, members: Vec<Changes>) -> Vec<std::result::Result<Committed, Refusal>> {
        self.write(|tables| members.into_iter().map(|member| tables.commit(member)).collect())
    }

    pub fn account_now(&self, user: UserId) -> Account {
        self.read(|tables| tables.accounts.get(&user).copied().unwrap_or_default())
    }

    pub fn conversation_now(&self, user: UserId) -> Option<Conversation> {
        self.read(|tables| tables.conversations.get(&user).cloned())
    }

    pub fn person_now(&self, user: UserId) -> Option<crate::domain::person::Person> {
        self.read(|tables| tables.people.get(&user).cloned())
    }

    /// All generations, oldest first.
    pub fn generations(&self) -> Vec<Generation> {
        let mut rows: Vec<Generation> =
            self.read(|tables| tables.generations.values().cloned().collect());
        rows.sort_by_key(|row| (row.created_at, row.id));
        rows
    }

    pub fn generation_now(&self, id: GenerationId) -> Option<Generation> {
        self.read(|tables| tables.generations.get(&id).cloned())
    }

    pub fn picture_now(&self, id: PictureId) -> Option<Picture> {
        self.read(|tables| tables.pictures.get(&id).map(|row| row.picture.clone()))
    }

    /// The user's gallery, newest first.
    pub fn gallery(&self, user: UserId, selection: &Selection) -> Vec<Card> {
        self.read(|tables| cards(tables, user, selection, Reach::Newest, usize::MAX))
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.read(|tables| tables.entries.clone())
    }

    /// Every move of a generation, in order.
    pub fn moves(&self, id: GenerationId) -> Vec<State> {
        self.read(|tables| {
            tables.moves.iter().filter(|(of, _)| *of == id).map(|(_, state)| *state).collect()
        })
    }

    /// The most generations that were at the provider at once.
    pub fn at_provider_max(&self) -> usize {
        self.read(|tables| tables.at_provider_max)
    }

    /// Open inbox items.
    pub fn inbox_open(&self) -> usize {
        self.read(|tables| tables.inbox_open.len())
    }

    /// Inbox items: open, done, set aside.
    pub fn inbox_figures(&self) -> (usize, usize, usize) {
        self.read(|tables| {
            let count = |rest| tables.inbox.values().filter(|row| row.rest == rest).count();
            (count(Rest::Open), count(Rest::Done), count(Rest::Quarantined))
        })
    }

    /// Outbox entries: open, delivered, given up, set aside.
    pub fn outbox_figures(&self) -> (usize, usize, usize, usize) {
        self.read(|tables| {
            let count = |rest| tables.outbox.values().filter(|row| row.rest == rest).count();
            (count(Rest::Open), count(Rest::Done), count(Rest::Dead), count(Rest::Quarantined))
        })
    }

    /// Everything that was ever owed, settled or not.
    pub fn parcels(&self) -> Vec<OutboxEntry> {
        self.read(|tables| tables.outbox.values().map(|row| row.entry.clone()).collect())
    }

    /// Puts updates into the inbox as another process would.
    pub fn drop_in(&self, arrivals: Vec<Arrival>) -> Vec<Option<Seq>> {
        self.write(|tables| receive(tables, arrivals))
    }

    /// What is wrong with the books; empty while they are right.
    pub fn breaches(&self) -> Vec<String> {
        self.read(books::breaches)
    }
}

fn receive(tables: &mut Tables, arrivals: Vec<Arrival>) -> Vec<Option<Seq>> {
    let mut seqs = Vec::with_capacity(arrivals.len());
    for Arrival { source, update, payload } in arrivals {
        if !tables.seen.insert((source == Source::Operator, update.id)) {
            seqs.push(None);
            continue;
        }
        let last = tables.inbox.last_key_value().map_or(0, |(seq, _)| seq.0);
        let seq = Seq(last + 1);
        let user = update.from.id;
        let item = InboxItem { seq, source, update: update.id, user, payload, attempts: 0 };
        tables.inbox.insert(seq, InboxRow { item, rest: Rest::Open });
        tables.inbox_open.insert(seq);
        seqs.push(Some(seq));
    }
    seqs
}

fn not_found(what: &str) -> Error {
    Error::new(Kind::NotFound, what)
}

fn fault_of(attempts: u8) -> ItemFault {
    if attempts >= ATTEMPTS_MAX { ItemFault::Quarantined } else { ItemFault::Retry { attempts } }
}

#[async_trait]
impl Inbox for Store {
    async fn receive(&self, arrivals: Vec<Arrival>) -> Result<Vec<Option<Seq>>> {
        let lose = self.script.enter("receive").await?;
        let seqs = self.write(|tables| receive(tables, arrivals));
        self.script.leave(lose, seqs)
    }

    async fn open_items(&self, after: Seq, limit: usize) -> Result<Vec<InboxItem>> {
        let lose = self.script.enter("open_items").await?;
        let items = self.read(|tables| {
            let open = tables.inbox_open.range((Bound::Excluded(after), Bound::Unbounded));
            let rows = open.filter_map(|seq| tables.inbox.get(seq));
            rows.take(limit).map(|row| row.item.clone()).collect()
        });
        self.script.leave(lose, items)
    }

    async fn open_items_from(&self, source: Source, limit: usize) -> Result<Vec<InboxItem>> {
        let lose = self.script.enter("open_items_from").await?;
        let items = self.read(|tables| {
            let open = tables.inbox_open.iter().filter_map(|seq| tables.inbox.get(seq));
            let theirs = open.filter(|row| row.item.source == source);
            theirs.take(limit).map(|row| row.item.clone()).collect()
        });
        self.script.leave(lose, items)
    }

    async fn finish(&self, items: Vec<Seq>) -> Result<()> {
        let lose = self.script.enter("finish").await?;
        self.write(|tables| {
            for seq in &items {
                if let Some(row) = tables.inbox.get_mut(seq)
                    && row.rest == Rest::Open
                {
                    row.rest = Rest::Done;
                    tables.inbox_open.remove(seq);
                }
            }
        });
        let mut hands = lock(&self.hands);
        for seq in items {
            hands.remove(&InHand::Update(seq));
        }
        drop(hands);
        self.script.leave(lose, ())
    }

    async fn fail_item(&self, seq: Seq, _reason: &str) -> Result<ItemFault> {
        let lose = self.script.enter("fail_item").await?;
        let fault = self.write(|tables| {
            let row = tables.inbox.get_mut(&seq)?;
            if row.rest != Rest::Open {
                let aside = row.rest == Rest::Quarantined;
                let attempts = row.item.attempts;
                return Some(if aside {
                    ItemFault::Quarantined
                } else {
                    fault_of(attempts.min(2))
                });
            }
            row.item.attempts = row.item.attempts.saturating_add(1);
            let fault = fault_of(row.item.attempts);
            if fault == ItemFault::Quarantined {
                tables.set_aside(seq);
            }
            Some(fault)
        });
        self.script.leave(lose, fault.ok_or_else(|| not_found("no such inbox item"))?)
    }

    fn take_in_hand(&self, item: InHand) {
        lock(&self.hands).insert(item);
    }

    fn put_down(&self, item: InHand) {
        lock(&self.hands).remove(&item);
    }

    async fn open_after_death(&self, _at: Timestamp) -> Result<()> {
        let lose = self.script.enter("open_after_death").await?;
        let taken = std::mem::take(&mut *lock(&self.hands));
        self.write(|tables| {
            let open = |item: &InHand| attempts(tables, *item).is_some();
            let open: Vec<InHand> = taken.into_iter().filter(open).collect();
            match open.as_slice() {
                [alone] => count_death(tables, *alone),
                several => several.iter().for_each(|item| suspect(tables, *item)),
            }
        });
        self.script.leave(lose, ())
    }
}

/// The failures of an item, while it is open.
fn attempts(tables: &mut Tables, item: InHand) -> Option<&mut u8> {
    match item {
        InHand::Update(seq) => {
            let row = tables.inbox.get_mut(&seq).filter(|row| row.rest == Rest::Open)?;
            Some(&mut row.item.attempts)
        }
        InHand::Parcel(id) => {
            let row = tables.outbox.get_mut(&id).filter(|row| row.rest == Rest::Open)?;
            Some(&mut row.entry.attempts)
        }
        InHand::Generation(id) => {
            let row = tables.generations.get_mut(&id).filter(|row| row.state.is_open())?;
            Some(&mut row.attempts)
        }
        InHand::Storage(id) => tables.pictures.get_mut(&id).map(|row| &mut row.picture.attempts),
    }
}

/// It was among others in hand when the process died.
fn suspect(tables: &mut Tables, item: InHand) {
    if let Some(attempts) = attempts(tables, item) {
        *attempts = (*attempts).max(1);
    }
}

/// It was in hand alone when the process died.
fn count_death(tables: &mut Tables, item: InHand) {
    suspect(tables, item);
    let deaths = tables.deaths.entry(item).or_default();
    *deaths += 1;
    if *deaths < DEATHS_MAX {
        return;
    }
    match item {
        InHand::Update(seq) => tables.set_aside(seq),
        InHand::Parcel(id) => {
            if let Some(row) = tables.outbox.get_mut(&id) {
                row.rest = Rest::Quarantined;
            }
        }
        InHand::Generation(_) | InHand::Storage(_) => {
            if let Some(attempts) = attempts(tables, item) {
                *attempts = ATTEMPTS_MAX;
            }
        }
    }
}

#[async_trait]
impl Outbox for Store {
    async fn open_entries(&self, after: OutboxId, limit: usize) -> Result<Vec<OutboxEntry>> {
        let lose = self.script.enter("open_entries").await?;
        let entries = self.read(|tables| {
            let rows = tables.outbox.range((Bound::Excluded(after), Bound::Unbounded));
            let open = rows.filter(|(_, row)| row.rest == Rest::Open);
            open.take(limit).map(|(_, row)| row.entry.clone()).collect()
        });
        self.script.leave(lose, entries)
    }

    async fn broadcast_text(&self, id: i64) -> Result<Option<Broadcast>> {
        let lose = self.script.enter("broadcast_text").await?;
        let text = self.read(|tables| tables.broadcasts.get(&id).cloned());
        self.script.leave(lose, text)
    }

    async fn fail_entry(&self, id: OutboxId, _reason: &str) -> Result<ItemFault> {
        let lose = self.script.enter("fail_entry").await?;
        let fault = self.write(|tables| {
            let row = tables.outbox.get_mut(&id)?;
            if row.rest == Rest::Open {
                row.entry.attempts = row.entry.attempts.saturating_add(1);
                if row.entry.attempts >= ATTEMPTS_MAX {
                    row.rest = Rest::Quarantined;
                }
            }
            Some(fault_of(row.entry.attempts))
        });
        self.script.leave(lose, fault.ok_or_else(|| not_found("no such outbox entry"))?)
    }
}

#[async_trait]
impl Records for Store {
    async fn commit(
        &self,
        members: Vec<Changes>,
    ) -> Result<Vec<std::result::Result<Committed, Refusal>>> {
        let lose = self.script.enter("commit").await?;
        let answers = self.put(members);
        self.script.leave(lose, answers)
    }

    async fn standing(&self, user: UserId) -> Result<Option<Standing>> {
        let lose = self.script.enter("standing").await?;
        let standing = self.read(|tables| {
            let person = tables.people.get(&user)?.clone();
            let conversation = tables.conversations.get(&user).cloned().unwrap_or_default();
            Some(Standing { person, conversation })
        });
        self.script.leave(lose, standing)
    }

    async fn account(&self, user: UserId) -> Result<Account> {
        let lose = self.script.enter("account").await?;
        self.script.leave(lose, self.account_now(user))
    }

    async fn history(&self, user: UserId, before: i64, limit: usize) -> Result<Vec<HistoryLine>> {
        let lose = self.script.enter("history").await?;
        let lines = self.read(|tables| books::history(tables, user, before, limit));
        self.script.leave(lose, lines)
    }

    async fn generation(&self, id: GenerationId) -> Result<Option<Generation>> {
        let lose = self.script.enter("generation").await?;
        self.script.leave(lose, self.generation_now(id))
    }

    async fn live_generations(&self) -> Result<Vec<Generation>> {
        let lose = self.script.enter("live_generations").await?;
        let mut rows = self.generations();
        rows.retain(|row| row.state.is_open() || row.state == State::Captured);
        self.script.leave(lose, rows)
    }

    async fn line(&self) -> Result<Vec<InLine>> {
        let lose = self.script.enter("line").await?;
        let rows = self.generations().into_iter().filter_map(|row| {
            let has_place = row.state.is_at_provider();
            let Generation { id, user, created_at, .. } = row;
            let generation = Waiting { id, user, created_at };
            let in_line = has_place || row.state == State::Reserved;
            in_line.then_some(InLine { generation, has_place })
        });
        self.script.leave(lose, rows.collect())
    }

    async fn open_generations_of(&self, user: UserId) -> Result<Vec<Generation>> {
        let lose = self.script.enter("open_generations_of").await?;
        let mut rows: Vec<Generation> = self.read(|tables| {
            let open = tables.open.iter().filter_map(|id| tables.generations.get(id));
            open.filter(|row| row.user == user).cloned().collect()
        });
        rows.sort_by_key(|row| (row.created_at, row.id));
        self.script.leave(lose, rows)
    }

    async fn fail_generation(&self, id: GenerationId, _reason: &str) -> Result<ItemFault> {
        let lose = self.script.enter("fail_generation").await?;
        let attempts = self.write(|tables| {
            let row = tables.generations.get_mut(&id)?;
            row.attempts = row.attempts.saturating_add(1);
            Some(row.attempts)
        });
        let attempts = attempts.ok_or_else(|| not_found("no such generation"))?;
        self.script.leave(lose, fault_of(attempts))
    }

    async fn picture(&self, id: PictureId) -> Result<Option<Picture>> {
        let lose = self.script.enter("picture").await?;
        self.script.leave(lose, self.picture_now(id))
    }

    async fn pictures_of(&self, generation: GenerationId) -> Result<Vec<Picture>> {
        let lose = self.script.enter("pictures_of").await?;
        let pictures = self.read(|tables| {
            let rows = tables
                .pictures
                .range(PictureId { generation, n: 0 }..=PictureId { generation, n: u8::MAX });
            rows.map(|(_, row)| row.picture.clone()).collect()
        });
        self.script.leave(lose, pictures)
    }

    async fn cards(
        &self,
        user: UserId,
        selection: &Selection,
        reach: Reach,
        limit: usize,
    ) -> Result<Vec<Card>> {
        let lose = self.script.enter("cards").await?;
        let found = self.read(|tables| cards(tables, user, selection, reach, limit));
        self.script.leave(lose, found)
    }

    async fn card(&self, user: UserId, id: PictureId) -> Result<Option<Card>> {
        let lose = self.script.enter("card").await?;
        let found = self.read(|tables| {
            let row = tables.pictures.get(&id).filter(|row| row.picture.owner == user)?;
            row.listed.then(|| card(tables, row)).flatten()
        });
        self.script.leave(lose, found)
    }

    async fn count(&self, user: UserId, selection: &Selection) -> Result<u64> {
        let lose = self.script.enter("count").await?;
        let count =
            self.read(|tables| cards(tables, user, selection, Reach::Newest, usize::MAX).len());
        self.script.leave(lose, count as u64)
    }

    async fn newer_than(&self, user: UserId, selection: &Selection, place: Place) -> Result<u64> {
        let lose = self.script.enter("newer_than").await?;
        let reach = Reach::NewerThan(place);
        let count = self.read(|tables| cards(tables, user, selection, reach, usize::MAX).len());
        self.script.leave(lose, count as u64)
    }

    async fn counts(&self, user: UserId, now: Timestamp) -> Result<Counts> {
        let lose = self.script.enter("counts").await?;
        let counts = self.read(|tables| {
            let all = cards(tables, user, &Selection::default(), Reach::Newest, usize::MAX);
            books::counts(tables, user, now, &all)
        });
        self.script.leave(lose, counts)
    }

    async fn storage_jobs(&self, limit: usize) -> Result<Vec<Picture>> {
        let lose = self.script.enter("storage_jobs").await?;
        let jobs = self.read(|tables| {
            let pictures = tables.pictures.values().map(|row| &row.picture);
            let mut jobs: Vec<&Picture> = pictures
                .filter(|p| matches!(p.state, PictureState::Fallback | PictureState::Trashed))
                .filter(|picture| picture.attempts < ATTEMPTS_MAX)
                .collect();
            jobs.sort_by_key(|picture| (picture.attempts, picture.created_at, picture.id));
            jobs.into_iter().take(limit).cloned().collect()
        });
        self.script.leave(lose, jobs)
    }

    async fn fail_storage(&self, id: PictureId, _reason: &str) -> Result<ItemFault> {
        let lose = self.script.enter("fail_storage").await?;
        let attempts = self.write(|tables| {
            let row = tables.pictures.get_mut(&id)?;
            row.picture.attempts = row.picture.attempts.saturating_add(1);
            Some(row.picture.attempts)
        });
        let attempts = attempts.ok_or_else(|| not_found("no such picture"))?;
        self.script.leave(lose, fault_of(attempts))
    }

    async fn violations(&self) -> Result<Vec<String>> {
        let lose = self.script.enter("violations").await?;
        self.script.leave(lose, self.breaches())
    }
}

fn card(tables: &Tables, row: &PictureRow) -> Option<Card> {
    let picture = &row.picture;
    let PictureId { generation, n } = picture.id;
    let order = tables.generations.get(&generation).map(|row| &row.order);
    let siblings = tables.generations.get(&generation).map_or(1, |row| row.captured);
    Some(Card {
        place: Place { listed_at: picture.listed_at?, generation, n },
        model: picture.model.clone(),
        ratio: order.map(|order| order.ratio.as_str().into()).unwrap_or_default(),
        resolution: order.and_then(|order| order.resolution.as_deref().map(Into::into)),
        prompt: order.map(|order| order.prompt.clone()).unwrap_or_default(),
        favourite: picture.favourite,
        file_id: picture.file_id.clone(),
        created_at: picture.created_at,
        siblings,
    })
}

fn cards(
    tables: &Tables,
    user: UserId,
    selection: &Selection,
    reach: Reach,
    limit: usize,
) -> Vec<Card> {
    let Some(listed) = tables.listed.get(&user) else { return Vec::new() };
    let places: Box<dyn Iterator<Item = &Place>> = match reach {
        Reach::Newest => Box::new(listed.iter().rev()),
        Reach::OlderThan(place) => Box::new(listed.range(..place).rev()),
        Reach::NewerThan(place) => {
            Box::new(listed.range((Bound::Excluded(place), Bound::Unbounded)))
        }
    };
    let rows = places.filter_map(|place| tables.pictures.get(&place.picture()));
    rows.filter(|row| selects(selection, &row.picture))
        .take(limit)
        .filter_map(|row| card(tables, row))
        .collect()
}

fn selects(selection: &Selection, picture: &Picture) -> bool {
    let at = picture.listed_at.unwrap_or_default();
    let in_range = selection.range.is_none_or(|range| at >= range.from && at < range.until);
    let of_model = selection.model.as_ref().is_none_or(|model| *model == picture.model);
    in_range && of_model && (picture.favourite || !selection.favourites)
}

/// Figures by key, most first.
pub(super) fn most_first<K: Ord + Clone>(figures: HashMap<K, u64>) -> Vec<(K, u64)> {
    let mut all: Vec<(K, u64)> = figures.into_iter().collect();
    all.sort_by(|(a, m), (b, n)| n.cmp(m).then(a.cmp(b)));
    all
}
