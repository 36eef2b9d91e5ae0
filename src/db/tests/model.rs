//! Random entries: the database and `domain::ledger::Account` agree on each, and the books stay right.

use std::collections::{BTreeMap, BTreeSet};

use aisha_actors::{
    domain::{
        change::{Change, Changes, Refusal},
        generation::State,
        id::{EntryId, GenerationId, UserId},
        ledger::{Account, Credits, Entry, EntryKind, Hold, Refused},
    },
    port::Records,
};
use proptest::prelude::*;

use super::{
    Fresh, On,
    contract::{NOW, advance, generation, register},
};

const USERS: [UserId; 2] = [UserId(1), UserId(2)];

/// What is tried: on whom, about which of a few generations or causes, how much.
#[derive(Debug, Clone, Copy)]
struct Try {
    kind: EntryKind,
    user: usize,
    subject: u64,
    amount: i64,
}

fn tries() -> impl Strategy<Value = Vec<Vec<Try>>> {
    let one = (
        proptest::sample::select(EntryKind::ALL.to_vec()),
        0..USERS.len(),
        1..5_u64,
        prop_oneof![1 => -1..=0_i64, 9 => 1..15_i64],
    )
        .prop_map(|(kind, user, subject, amount)| Try { kind, user, subject, amount });
    proptest::collection::vec(proptest::collection::vec(one, 1..6), 1..14)
}

impl Try {
    fn entry(self) -> Entry {
        let user = USERS[self.user];
        let id = generation(user, self.subject, 1).id;
        let amount = Credits(self.amount);
        let mut entry = match self.kind {
            EntryKind::Welcome => Entry::welcome(user, amount, NOW),
            EntryKind::Grant | EntryKind::Withdrawal => {
                let cause = format!("{user}/{}", self.subject);
                Entry::by_operator(user, amount, String::new(), "root".to_owned(), &cause, NOW)
            }
            EntryKind::Hold => Entry::hold(user, id, amount, NOW),
            EntryKind::Capture => Entry::capture(user, id, amount, NOW),
            EntryKind::Release => Entry::release(user, id, NOW),
            EntryKind::Refund => Entry::refund(user, id, amount, NOW),
        };
        if self.kind == EntryKind::Withdrawal {
            let cause = format!("{user}/{}", self.subject);
            entry.id = EntryId::derive(self.kind.name(), &cause);
            entry.kind = self.kind;
        }
        entry
    }

    /// The entry, and the moves that come with it.
    fn changes(self) -> Changes {
        let user = USERS[self.user];
        let mut made = generation(user, self.subject, 1);
        made.state = State::Resulted;
        let id = made.id;
        let mut list = vec![Change::Book(self.entry())];
        match self.kind {
            EntryKind::Hold => list.push(Change::AddGeneration(Box::new(made))),
            EntryKind::Capture => {
                list.push(advance(id, State::Resulted, State::Captured));
                list.push(advance(id, State::Captured, State::Delivered));
            }
            EntryKind::Release => list.push(advance(id, State::Resulted, State::Failed)),
            _ => {}
        }
        Changes::new(user, list)
    }
}

#[derive(Debug, Default)]
struct Model {
    accounts: BTreeMap<UserId, Account>,
    holds: BTreeMap<GenerationId, Option<Hold>>,
    booked: BTreeSet<EntryId>,
}

impl Model {
    fn book(&mut self, entry: &Entry) -> Result<(), Refused> {
        if self.booked.contains(&entry.id) {
            return Err(Refused::Repeated);
        }
        let account = self.accounts.entry(entry.user).or_default();
        let hold = entry.generation.and_then(|id| self.holds.get(&id).copied().flatten());
        let (after, hold) = account.apply(hold, entry)?;
        *account = after;
        if let Some(id) = entry.generation {
            self.holds.insert(id, hold);
        }
        self.booked.insert(entry.id);
        Ok(())
    }
}

async fn agree(on: On, batches: Vec<Vec<Try>>) {
    let fresh = Fresh::new(on).await;
    let mut model = Model::default();
    for user in USERS {
        register(&fresh.db, user, 0).await;
    }
    for batch in batches {
        let members = batch.iter().map(|one| one.changes()).collect();
        let answers = fresh.db.commit(members).await.unwrap();
        assert_eq!(answers.len(), batch.len());
        for (one, answer) in batch.iter().zip(answers) {
            let expected = model.book(&one.entry()).map_err(Refusal::Ledger);
            assert_eq!(answer.map(|_| ()), expected, "{one:?}");
        }
        for user in USERS {
            let account = model.accounts.get(&user).copied().unwrap_or_default();
            assert_eq!(fresh.db.account(user).await.unwrap(), account);
        }
    }
    assert_eq!(fresh.db.violations().await.unwrap(), Vec::<String>::new());
}

fn run(on: On, batches: Vec<Vec<Try>>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(agree(on, batches));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn sqlite_books_exactly_what_the_model_does(batches in tries()) {
        run(On::Sqlite, batches);
    }

}

proptest! {
    // A database each: these are dearer.
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    #[test]
    fn postgres_books_exactly_what_the_model_does(batches in tries()) {
        run(On::Postgres, batches);
    }
}
