//! The rows in memory, and one member of a commit: stored whole, or undone whole.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::{
    domain::{
        change::{Change, Changes, Committed, Progress, Refusal},
        conversation::Conversation,
        generation::{Generation, State},
        id::{EntryId, GenerationId, OutboxId, PictureId, Seq, UpdateId, UserId},
        ledger::{Account, Entry, Hold},
        outbox::{OutboxEntry, Parcel},
        person::Person,
        picture::{Picture, Place},
        time::Timestamp,
    },
    port::{Broadcast, InHand, InboxItem, Source},
};

/// Where a row that is worked off stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    Open,
    Done,
    Dead,
    Quarantined,
}

#[derive(Debug, Clone)]
pub(super) struct InboxRow {
    pub item: InboxItem,
    pub rest: Rest,
}

#[derive(Debug, Clone)]
pub(super) struct OutboxRow {
    pub entry: OutboxEntry,
    pub rest: Rest,
}

#[derive(Debug, Clone)]
pub(super) struct PictureRow {
    pub picture: Picture,
    pub listed: bool,
}

/// All rows.
#[derive(Default)]
pub(super) struct Tables {
    pub people: HashMap<UserId, Person>,
    pub conversations: HashMap<UserId, Conversation>,
    pub accounts: HashMap<UserId, Account>,
    pub holds: HashMap<GenerationId, Hold>,
    pub entries: Vec<Entry>,
    pub entry_ids: HashSet<EntryId>,
    pub generations: HashMap<GenerationId, Generation>,
    pub open: BTreeSet<GenerationId>,
    /// Of the process, with nothing but this in hand.
    pub deaths: BTreeMap<InHand, u8>,
    pub pictures: BTreeMap<PictureId, PictureRow>,
    pub listed: HashMap<UserId, BTreeSet<Place>>,
    pub inbox: BTreeMap<Seq, InboxRow>,
    /// Open rows of the inbox, which waiting tests ask for all the time.
    pub inbox_open: BTreeSet<Seq>,
    pub seen: HashSet<(bool, UpdateId)>,
    pub outbox: BTreeMap<OutboxId, OutboxRow>,
    pub broadcasts: BTreeMap<i64, Broadcast>,
    /// The most generations that were at the provider at once.
    pub at_provider_max: usize,
    /// Every move of a generation that was stored, in order.
    pub moves: Vec<(GenerationId, State)>,
}

/// A row as it was.
enum Undo {
    Person(UserId, Option<Person>),
    Conversation(UserId, Option<Conversation>),
    Account(UserId, Option<Account>),
    Hold(GenerationId, Option<Hold>),
    Entry,
    Generation(GenerationId, Option<Generation>),
    Move,
    Picture(PictureId, Option<PictureRow>),
    Outbox(OutboxId, Option<OutboxRow>),
}

type Guarded = Result<(), Refusal>;

/// A member under way.
struct Member<'a> {
    tables: &'a mut Tables,
    user: UserId,
    undo: Vec<Undo>,
    shows_other: bool,
}

impl Tables {
    /// Stores a member whole, or refuses it whole.
    pub(super) fn commit(&mut self, changes: Changes) -> Result<Committed, Refusal> {
        let Changes { user, list } = changes;
        let mut member = Member { tables: self, user, undo: Vec::new(), shows_other: false };
        let applied = list.into_iter().try_for_each(|change| member.apply(change));
        if let Err(refusal) = applied {
            member.roll_back();
            return Err(refusal);
        }
        if member.shows_other
            && let Some(person) = member.tables.people.get_mut(&user)
        {
            person.gallery_version += 1;
        }
        let at_provider = self
            .open
            .iter()
            .filter_map(|id| self.generations.get(id))
            .filter(|row| row.state.is_at_provider());
        self.at_provider_max = self.at_provider_max.max(at_provider.count());
        let gallery_version = self.people.get(&user).map_or(0, |person| person.gallery_version);
        Ok(Committed { gallery_version })
    }

    pub(super) fn owe(&mut self, user: UserId, parcel: Parcel) -> OutboxId {
        let last = self.outbox.last_key_value().map_or(0, |(id, _)| id.0);
        let id = OutboxId(last + 1);
        let entry = OutboxEntry { id, user, parcel, placed: None, attempts: 0 };
        self.outbox.insert(id, OutboxRow { entry, rest: Rest::Open });
        id
    }

    /// Sets an item aside and owes its sender a word.
    pub(super) fn set_aside(&mut self, seq: Seq) {
        let Some(row) = self.inbox.get_mut(&seq).filter(|row| row.rest == Rest::Open) else {
            return;
        };
        row.rest = Rest::Quarantined;
        self.inbox_open.remove(&seq);
        if row.item.source == Source::Telegram {
            let user = row.item.user;
            self.owe(user, Parcel::Apology);
        }
    }

    pub(super) fn set_picture(&mut self, id: PictureId, row: Option<PictureRow>) {
        let old = match row.clone() {
            Some(row) => self.pictures.insert(id, row),
            None => self.pictures.remove(&id),
        };
        if let Some((owner, place)) = old.as_ref().and_then(place_of) {
            self.listed.entry(owner).or_default().remove(&place);
        }
        if let Some((owner, place)) = row.as_ref().and_then(place_of) {
            self.listed.entry(owner).or_default().insert(place);
        }
    }

    pub(super) fn set_generation(&mut self, id: GenerationId, row: Option<Generation>) {
        if row.as_ref().is_some_and(|row| row.state.is_open()) {
            self.open.insert(id);
        } else {
            self.open.remove(&id);
        }
        match row {
            Some(row) => self.generations.insert(id, row),
            None => self.generations.remove(&id),
        };
    }
}

/// Whose gallery a row is listed in, and where.
fn place_of(row: &PictureRow) -> Option<(UserId, Place)> {
    let PictureId { generation, n } = row.picture.id;
    let listed_at = row.picture.listed_at.filter(|_| row.listed)?;
    Some((row.picture.owner, Place { listed_at, generation, n }))
}

fn guard(holds: bool) -> Guarded {
    if holds { Ok(()) } else { Err(Refusal::Moved) }
}

impl Member<'_> {
    fn apply(&mut self, change: Change) -> Guarded {
        match change {
            Change::Register { profile, at } => {
                guard(profile.id == self.user)?;
                if !self.tables.people.contains_key(&self.user) {
                    let person = Person {
                        profile,
                        blocked: false,
                        stopped: false,
                        created_at: at,
                        gallery_version: 0,
                    };
                    self.undo.push(Undo::Person(self.user, None));
                    self.tables.people.insert(self.user, person);
                }
                if !self.tables.accounts.contains_key(&self.user) {
                    self.undo.push(Undo::Account(self.user, None));
                    self.tables.accounts.insert(self.user, Account::default());
                }
            }
            Change::SaveProfile(profile) => {
                guard(profile.id == self.user)?;
                self.person(|person| person.profile = profile);
            }
            Change::SetBlocked(blocked) => self.person(|person| person.blocked = blocked),
            Change::SetStopped(stopped) => self.person(|person| person.stopped = stopped),
            Change::SaveConversation(conversation) => {
                self.is_registered()?;
                let old = self.tables.conversations.insert(self.user, *conversation);
                self.undo.push(Undo::Conversation(self.user, old));
            }
            Change::AddGeneration(row) => self.add_generation(*row)?,
            Change::Advance { id, from, to, with } => self.advance(id, from, to, with)?,
            Change::TakePlace { id, places } => {
                let others = self.tables.open.iter().filter(|other| **other != id);
                let others = others.filter_map(|id| self.tables.generations.get(id));
                let taken = others.filter(|row| row.state.is_at_provider());
                if taken.count() >= places as usize {
                    return Err(Refusal::Full);
                }
            }
            Change::SetMessage { id, message } => {
                if let Some(mut row) = self.generation(id) {
                    row.message = Some(message);
                    self.put_generation(row);
                }
            }
            Change::Book(entry) => self.book(entry)?,
            Change::Enqueue { parcel, .. } => {
                self.is_registered()?;
                self.is_not_owed(&parcel)?;
                let id = self.tables.owe(self.user, parcel);
                self.undo.push(Undo::Outbox(id, None));
            }
            Change::PlaceParcel { id, message } => {
                self.parcel(id, |row| row.entry.placed = Some(message));
            }
            Change::SettleParcel { id, delivered, .. } => {
                let rest = if delivered { Rest::Done } else { Rest::Dead };
                self.parcel(id, |row| row.rest = rest);
            }
            Change::DeliverIfShown { id, at } => self.deliver_if_shown(id, at),
            change => self.apply_to_pictures(change)?,
        }
        Ok(())
    }

    fn apply_to_pictures(&mut self, change: Change) -> Guarded {
        match change {
            Change::AddPictures(rows) => {
                for picture in rows {
                    guard(picture.owner == self.user)?;
                    if !self.tables.pictures.contains_key(&picture.id) {
                        self.put_picture(picture.id, PictureRow { picture, listed: false });
                    }
                }
            }
            Change::SettlePicture { id, from, to, object, content } => {
                let mut row = self.picture(id)?;
                guard(from.contains(&row.picture.state))?;
                let stays = row.listed && to.is_safe();
                self.shows_other |= row.listed && !stays;
                row.listed = stays;
                row.picture.state = to;
                row.picture.attempts = 0;
                row.picture.object = object.or(row.picture.object);
                row.picture.content = content.or(row.picture.content);
                self.put_picture(id, row);
            }
            Change::ListPicture { id, listed_at } => {
                let mut row = self.picture(id)?;
                if !row.listed {
                    guard(row.picture.state.is_safe())?;
                    row.listed = true;
                    row.picture.listed_at = Some(listed_at);
                    self.shows_other = true;
                    self.put_picture(id, row);
                }
            }
            Change::SetFavourite { id, favourite } => {
                let mut row = self.picture(id)?;
                guard(row.listed)?;
                if row.picture.favourite != favourite {
                    row.picture.favourite = favourite;
                    self.shows_other = true;
                    self.put_picture(id, row);
                }
            }
            Change::TrashPicture { id } => {
                let mut row = self.picture(id)?;
                guard(row.listed)?;
                row.listed = false;
                row.picture.state = crate::domain::picture::PictureState::Trashed;
                row.picture.attempts = 0;
                self.shows_other = true;
                self.put_picture(id, row);
            }
            Change::SetFileId { id, file_id } => {
                if let Ok(mut row) = self.picture(id) {
                    row.picture.file_id = Some(file_id);
                    self.put_picture(id, row);
                }
            }
            Change::SetSource { id, url, expires_at } => {
                if let Ok(mut row) = self.picture(id) {
                    row.picture.url = url;
                    row.picture.url_expires_at = expires_at;
                    row.picture.file_id = None;
                    self.shows_other = true;
                    self.put_picture(id, row);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn is_registered(&self) -> Guarded {
        guard(self.tables.people.contains_key(&self.user))
    }

    /// About one thing, one kind of parcel is owed once in all time.
    fn is_not_owed(&self, parcel: &Parcel) -> Guarded {
        let about = |known: &Parcel| match (known, parcel) {
            (Parcel::Picture(known), Parcel::Picture(id)) => known == id,
            (Parcel::Outcome(known), Parcel::Outcome(id)) => known == id,
            (
                Parcel::Refunded { generation: known, .. },
                Parcel::Refunded { generation: id, .. },
            ) => known == id,
            _ => false,
        };
        let again = self.tables.outbox.values().any(|row| about(&row.entry.parcel));
        if again { Err(Refusal::Exists) } else { Ok(()) }
    }

    fn person(&mut self, change: impl FnOnce(&mut Person)) {
        if let Some(person) = self.tables.people.get_mut(&self.user) {
            self.undo.push(Undo::Person(self.user, Some(person.clone())));
            change(person);
        }
    }

    fn generation(&self, id: GenerationId) -> Option<Generation> {
        self.tables.generations.get(&id).filter(|row| row.user == self.user).cloned()
    }

    fn put_generation(&mut self, row: Generation) {
        let id = row.id;
        self.undo.push(Undo::Generation(id, self.tables.generations.get(&id).cloned()));
        self.tables.set_generation(id, Some(row));
    }

    fn add_generation(&mut self, row: Generation) -> Guarded {
        guard(row.user == self.user)?;
        self.is_registered()?;
        if self.tables.generations.contains_key(&row.id) {
            return Err(Refusal::Exists);
        }
        self.log_move(row.id, row.state);
        self.put_generation(row);
        Ok(())
    }

    fn log_move(&mut self, id: GenerationId, state: State) {
        self.tables.moves.push((id, state));
        self.undo.push(Undo::Move);
    }

    fn advance(&mut self, id: GenerationId, from: State, to: State, with: Progress) -> Guarded {
        let mut row = self.generation(id).ok_or(Refusal::Moved)?;
        guard(row.state == from && from.may_become(to))?;
        let Progress { ticket, submits, submitted_at, failure, captured, finished_at } = with;
        if from.is_progress(to) {
            row.attempts = 0;
        }
        row.state = to;
        row.ticket = ticket.or(row.ticket);
        row.submits = submits.unwrap_or(row.submits);
        row.submitted_at = submitted_at.or(row.submitted_at);
        row.failure = failure.or(row.failure);
        row.captured = captured.unwrap_or(row.captured);
        row.finished_at = finished_at.or(row.finished_at);
        self.log_move(id, to);
        self.put_generation(row);
        Ok(())
    }

    fn deliver_if_shown(&mut self, id: GenerationId, at: Timestamp) {
        let Some(mut row) = self.generation(id) else { return };
        let owed = self.tables.outbox.values().any(|row| {
            let of_it = matches!(row.entry.parcel, Parcel::Picture(p) if p.generation == id);
            of_it && matches!(row.rest, Rest::Open | Rest::Quarantined)
        });
        if row.state == State::Captured && !owed {
            row.state = State::Delivered;
            row.finished_at = Some(at);
            self.log_move(id, State::Delivered);
            self.put_generation(row);
        }
    }

    fn picture(&self, id: PictureId) -> Result<PictureRow, Refusal> {
        let row = self.tables.pictures.get(&id).filter(|row| row.picture.owner == self.user);
        row.cloned().ok_or(Refusal::Moved)
    }

    fn put_picture(&mut self, id: PictureId, row: PictureRow) {
        self.undo.push(Undo::Picture(id, self.tables.pictures.get(&id).cloned()));
        self.tables.set_picture(id, Some(row));
    }

    fn parcel(&mut self, id: OutboxId, change: impl FnOnce(&mut OutboxRow)) {
        let row = self.tables.outbox.get_mut(&id);
        if let Some(row) = row.filter(|row| row.entry.user == self.user && row.rest == Rest::Open) {
            self.undo.push(Undo::Outbox(id, Some(row.clone())));
            change(row);
        }
    }

    fn book(&mut self, entry: Entry) -> Guarded {
        guard(entry.user == self.user)?;
        if self.tables.entry_ids.contains(&entry.id) {
            return Err(crate::domain::ledger::Refused::Repeated.into());
        }
        self.is_registered()?;
        let account = self.tables.accounts.get(&self.user).copied();
        let held = entry.generation.and_then(|id| self.tables.holds.get(&id)).copied();
        let (after, hold) = account.unwrap_or_default().apply(held, &entry)?;
        self.undo.push(Undo::Account(self.user, account));
        self.tables.accounts.insert(self.user, after);
        if let (Some(id), Some(hold)) = (entry.generation, hold) {
            self.undo.push(Undo::Hold(id, held));
            self.tables.holds.insert(id, hold);
        }
        self.undo.push(Undo::Entry);
        self.tables.entry_ids.insert(entry.id);
        self.tables.entries.push(entry);
        Ok(())
    }

    fn roll_back(&mut self) {
        let tables = &mut *self.tables;
        while let Some(undo) = self.undo.pop() {
            match undo {
                Undo::Person(id, old) => restore(&mut tables.people, id, old),
                Undo::Conversation(id, old) => restore(&mut tables.conversations, id, old),
                Undo::Account(id, old) => restore(&mut tables.accounts, id, old),
                Undo::Hold(id, old) => restore(&mut tables.holds, id, old),
                Undo::Entry => {
                    if let Some(entry) = tables.entries.pop() {
                        tables.entry_ids.remove(&entry.id);
                    }
                }
                Undo::Generation(id, old) => tables.set_generation(id, old),
                Undo::Move => {
                    tables.moves.pop();
                }
                Undo::Picture(id, old) => tables.set_picture(id, old),
                Undo::Outbox(id, old) => match old {
                    Some(row) => {
                        tables.outbox.insert(id, row);
                    }
                    None => {
                        tables.outbox.remove(&id);
                    }
                },
            }
        }
    }
}

fn restore<K: Eq + std::hash::Hash, V>(map: &mut HashMap<K, V>, key: K, old: Option<V>) {
    match old {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    };
}
