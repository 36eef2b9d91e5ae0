//! History, statistics and the audit.

use std::collections::HashMap;

use super::{
    store::most_first,
    tables::{Rest, Tables},
};
use crate::{
    domain::{
        generation::State,
        id::UserId,
        ledger::{Account, Credits, EntryKind, Hold},
        outbox::Parcel,
        picture::Card,
        time::Timestamp,
    },
    port::{Counts, HistoryLine},
};

pub(super) fn history(
    tables: &Tables,
    user: UserId,
    before: i64,
    limit: usize,
) -> Vec<HistoryLine> {
    let last = i64::try_from(tables.entries.len()).unwrap_or(i64::MAX);
    let numbered = tables.entries.iter().rev().zip((1..=last).rev());
    numbered
        .filter(|(entry, seq)| entry.user == user && (before <= 0 || *seq < before))
        .filter(|(entry, _)| !matches!(entry.kind, EntryKind::Hold | EntryKind::Release))
        .take(limit)
        .map(|(entry, seq)| HistoryLine {
            seq,
            kind: entry.kind,
            amount: entry.amount,
            reason: entry.reason.clone(),
            at: entry.at,
            prompt: entry
                .generation
                .and_then(|id| tables.generations.get(&id))
                .map(|row| row.order.prompt.clone()),
        })
        .collect()
}

pub(super) fn counts(tables: &Tables, user: UserId, now: Timestamp, all: &[Card]) -> Counts {
    let mut by_model = HashMap::new();
    for card in all {
        *by_model.entry(card.model.clone()).or_default() += 1;
    }
    let month = std::time::Duration::from_secs(30 * 24 * 60 * 60);
    let recent = all.iter().filter(|card| now.since(card.place.listed_at) < month);
    let paid = tables
        .generations
        .values()
        .filter(|row| row.user == user && matches!(row.state, State::Captured | State::Delivered));
    let booked = |kind| -> i64 {
        let entries = tables.entries.iter().filter(|e| e.user == user && e.kind == kind);
        entries.map(|entry| entry.amount.0).sum()
    };
    Counts {
        by_model: most_first(by_model),
        favourites: all.iter().filter(|card| card.favourite).count() as u64,
        last_month: recent.count() as u64,
        generations: paid.count() as u64,
        spent: Credits(booked(EntryKind::Capture) - booked(EntryKind::Refund)),
        first_at: all.last().map(|card| card.place.listed_at),
    }
}

/// The invariants of the books, as sentences about what breaks them.
pub(super) fn breaches(tables: &Tables) -> Vec<String> {
    let mut found = Vec::new();
    let mut accounts: HashMap<UserId, Account> = HashMap::new();
    let mut holds = HashMap::new();
    for entry in &tables.entries {
        let account = accounts.entry(entry.user).or_default();
        let held = entry.generation.and_then(|id| holds.get(&id).copied());
        match account.apply(held, entry) {
            Ok((next, hold)) => {
                *account = next;
                if let (Some(id), Some(hold)) = (entry.generation, hold) {
                    holds.insert(id, hold);
                }
            }
            Err(refused) => found.push(format!("an entry breaks the rules: {refused}")),
        }
    }
    for (user, account) in &tables.accounts {
        if accounts.get(user).copied().unwrap_or_default() != *account {
            found.push(format!("the counters of {user} are not what the entries make"));
        }
    }
    for row in tables.generations.values() {
        let price = |count: u8| row.order.price.times(count);
        let right = match (row.state, holds.get(&row.id)) {
            (State::Captured | State::Delivered, Some(Hold::Captured(paid))) => {
                *paid == price(row.captured) && row.captured > 0
            }
            (State::Cancelled | State::Failed | State::Expired, Some(Hold::Released)) => true,
            (state, Some(Hold::Open(held))) => state.is_open() && *held == row.order.total(),
            _ => false,
        };
        if !right {
            found.push(format!("{} is {} with {:?}", row.id, row.state.name(), holds.get(&row.id)));
        }
        let listed =
            tables.pictures.values().filter(|picture| picture.picture.id.generation == row.id);
        let listed = listed.filter(|picture| picture.picture.listed_at.is_some()).count();
        if listed != usize::from(row.captured) {
            found.push(format!("{}: {listed} pictures for {} paid", row.id, row.captured));
        }
        if row.state == State::Delivered && is_owed(tables, row.id) {
            found.push(format!("{} is delivered and owed", row.id));
        }
    }
    found
}

fn is_owed(tables: &Tables, id: crate::domain::id::GenerationId) -> bool {
    tables.outbox.values().any(|row| {
        row.rest == Rest::Open
            && matches!(row.entry.parcel, Parcel::Picture(p) if p.generation == id)
    })
}
