//! The ledger actor against a model of sums: random commands, replays, lost answers.

use std::collections::HashMap;

use aisha_actors::{
    address::Address,
    ask::{AskError, ask},
    domain::{
        change::{Change, Changes, Refusal},
        generation::{Generation, Order, State},
        id::{GenerationId, IntentId, UserId},
        ledger::{Account, Credits, Entry, Hold, Refused},
        person::Profile,
        time::Timestamp,
    },
    fake::{Fault, World},
    ledger::{self, Answer, CaptureHold, Error, GrantWelcome, PlaceHold, ReleaseHold},
    port::Kind,
    supervisor::{Budget, supervise},
};
use proptest::prelude::*;

use crate::support::{model_id, run};

const SOON: std::time::Duration = std::time::Duration::from_secs(60);

#[derive(Debug, Clone, Copy)]
enum Command {
    Welcome {
        user: i64,
        amount: i64,
    },
    Hold {
        user: i64,
        generation: u64,
        price: i64,
        count: u8,
    },
    Capture {
        user: i64,
        generation: u64,
        amount: i64,
    },
    Release {
        user: i64,
        generation: u64,
    },
    /// What the operator does goes to the store straight.
    Grant {
        user: i64,
        amount: i64,
        cause: u8,
    },
    Refund {
        user: i64,
        generation: u64,
        amount: i64,
    },
}

fn command() -> impl Strategy<Value = Command> {
    let user = || 1..4i64;
    let generation = || 1..6u64;
    prop_oneof![
        (user(), 0..30i64).prop_map(|(user, amount)| Command::Welcome { user, amount }),
        (user(), generation(), 1..9i64, 1..=4u8).prop_map(|(user, generation, price, count)| {
            Command::Hold { user, generation, price, count }
        }),
        (user(), generation(), 0..40i64).prop_map(|(user, generation, amount)| Command::Capture {
            user,
            generation,
            amount
        }),
        (user(), generation()).prop_map(|(user, generation)| Command::Release { user, generation }),
        (user(), -20..60i64, any::<u8>()).prop_map(|(user, amount, cause)| Command::Grant {
            user,
            amount,
            cause: cause % 6
        }),
        (user(), generation(), 0..40i64).prop_map(|(user, generation, amount)| Command::Refund {
            user,
            generation,
            amount
        }),
    ]
}

fn id(user: i64, generation: u64) -> GenerationId {
    GenerationId::derive(UserId(user), IntentId(generation))
}

fn generation(user: i64, number: u64, price: i64, count: u8) -> Generation {
    let order = Order {
        model: model_id("imagen4"),
        prompt: "a cat".to_owned(),
        ratio: "1:1".to_owned(),
        resolution: None,
        count,
        seed: 1,
        price: Credits(price),
    };
    Generation {
        id: id(user, number),
        user: UserId(user),
        order,
        state: State::Reserved,
        message: None,
        ticket: None,
        submits: 0,
        attempts: 0,
        failure: None,
        captured: 0,
        created_at: Timestamp(0),
        submitted_at: None,
        finished_at: None,
        deadline_at: Timestamp(i64::MAX),
    }
}

/// The entry that a command means, for the model.
fn entry(command: Command) -> Entry {
    let at = Timestamp(0);
    match command {
        Command::Welcome { user, amount } => Entry::welcome(UserId(user), Credits(amount), at),
        Command::Hold { user, generation, price, count } => {
            let total = Credits(price).times(count);
            Entry::hold(UserId(user), id(user, generation), total, at)
        }
        Command::Capture { user, generation, amount } => {
            Entry::capture(UserId(user), id(user, generation), Credits(amount), at)
        }
        Command::Release { user, generation } => {
            Entry::release(UserId(user), id(user, generation), at)
        }
        Command::Grant { user, amount, cause } => {
            let cause = format!("{user}/{cause}");
            let amount = Credits(amount);
            Entry::by_operator(UserId(user), amount, "because".into(), "op".into(), &cause, at)
        }
        Command::Refund { user, generation, amount } => {
            Entry::refund(UserId(user), id(user, generation), Credits(amount), at)
        }
    }
}

/// The pure ledger.
#[derive(Default)]
struct Model {
    accounts: HashMap<UserId, Account>,
    holds: HashMap<GenerationId, Hold>,
    entries: Vec<Entry>,
}

impl Model {
    fn apply(&mut self, entry: &Entry) -> Result<(), Refused> {
        if self.entries.iter().any(|known| known.id == entry.id) {
            return Err(Refused::Repeated);
        }
        let account = self.accounts.entry(entry.user).or_default();
        let hold = entry.generation.and_then(|id| self.holds.get(&id)).copied();
        let (next, hold) = account.apply(hold, entry)?;
        *account = next;
        if let (Some(id), Some(hold)) = (entry.generation, hold) {
            self.holds.insert(id, hold);
        }
        self.entries.push(entry.clone());
        Ok(())
    }
}

async fn send(
    world: &World,
    ledger: &Address<ledger::Actor>,
    command: Command,
) -> Result<Answer, AskError> {
    let user = entry(command).user;
    match command {
        Command::Welcome { amount, .. } => {
            let grant = GrantWelcome { user, amount: Credits(amount), also: Vec::new() };
            ask(ledger, grant, SOON).await
        }
        Command::Hold { user, generation: number, price, count } => {
            let generation = Box::new(generation(user, number, price, count));
            ask(ledger, PlaceHold { generation, also: Vec::new() }, SOON).await
        }
        Command::Capture { user: of, generation, amount } => {
            let (generation, amount) = (id(of, generation), Credits(amount));
            ask(ledger, CaptureHold { user, generation, amount, also: Vec::new() }, SOON).await
        }
        Command::Release { user: of, generation } => {
            let generation = id(of, generation);
            ask(ledger, ReleaseHold { user, generation, also: Vec::new() }, SOON).await
        }
        Command::Grant { .. } | Command::Refund { .. } => {
            let list = vec![Change::Book(entry(command))];
            let changes = Changes::new(user, list);
            let answer = world.store.put(vec![changes]).remove(0);
            Ok(answer.map_err(Error::from))
        }
    }
}

fn start(world: &World) -> Address<ledger::Actor> {
    let deps = ledger::Deps { store: world.store.clone(), clock: world.clock.clone() };
    for user in (1..=100).map(UserId) {
        let profile = Profile {
            id: user,
            first_name: "Somebody".to_owned(),
            username: None,
            language_code: None,
        };
        let list = vec![Change::Register { profile, at: Timestamp(0) }];
        assert!(world.store.put(vec![Changes::new(user, list)])[0].is_ok());
    }
    let (exits, _heard) = tokio::sync::mpsc::unbounded_channel();
    supervise("ledger", Budget::default(), 1024, exits, || ledger::Actor::new(deps))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// One by one, the actor decides what the model decides; a replay changes nothing.
    #[test]
    fn the_ledger_decides_like_the_model(
        commands in proptest::collection::vec((command(), any::<bool>(), 0..8u8), 1..60)
    ) {
        run(async move {
            let world = World::new();
            let ledger = start(&world);
            let mut model = Model::default();
            for (command, twice, trouble) in commands {
                let direct = matches!(command, Command::Grant { .. } | Command::Refund { .. });
                if !direct && trouble == 0 {
                    world.store.script.next("commit", Fault::LoseAnswer);
                    // The answer is lost: done or refused, nobody knows yet.
                    let lost = send(&world, &ledger, command).await;
                    prop_assert!(matches!(lost, Ok(Err(Error::Unavailable(_)))), "{:?}", lost);
                    let _unknown = model.apply(&entry(command));
                }
                if !direct && trouble == 1 {
                    world.store.script.fail_next("commit", Kind::Transient);
                    let away = send(&world, &ledger, command).await;
                    prop_assert!(matches!(away, Ok(Err(Error::Unavailable(_)))), "{:?}", away);
                }
                for _ in 0..=u8::from(twice) {
                    let expected = model.apply(&entry(command));
                    let made = matches!(command, Command::Hold { user, generation, .. }
                        if model.holds.contains_key(&id(user, generation)));
                    let answer = send(&world, &ledger, command).await;
                    match (expected, answer) {
                        (Ok(()), Ok(Ok(_))) => {}
                        (Err(_), Ok(Err(Error::Refused(Refusal::Exists)))) if made => {}
                        (Err(refused), Ok(Err(Error::Refused(Refusal::Ledger(said))))) => {
                            prop_assert_eq!(refused, said);
                        }
                        (expected, answer) => {
                            prop_assert!(false, "{:?}: {:?} but {:?}", command, expected, answer);
                        }
                    }
                }
                for (user, account) in &model.accounts {
                    prop_assert_eq!(world.store.account_now(*user), *account);
                    prop_assert!(account.available().0 >= 0 && account.held.0 >= 0);
                }
            }
            let kept = model.entries.iter().map(|entry| entry.id).collect::<Vec<_>>();
            let stored = world.store.entries().iter().map(|entry| entry.id).collect::<Vec<_>>();
            prop_assert_eq!(kept, stored);
            Ok(())
        })?;
    }

    /// All at once, nothing is created or lost, and whoever is refused hurts nobody.
    #[test]
    fn many_at_once_share_commits_and_keep_the_books(
        commands in proptest::collection::vec(command(), 1..80)
    ) {
        run(async move {
            let world = World::new();
            let ledger = start(&world);
            let sent = commands.iter().map(|command| send(&world, &ledger, *command));
            let answers = futures::future::join_all(sent).await;
            let stored = world.store.entries();
            let accepted = answers.iter().filter(|answer| matches!(answer, Ok(Ok(_)))).count();
            prop_assert_eq!(accepted, stored.len(), "an accepted member was lost");
            // Replayed in the order in which they were stored, the model accepts every one of them.
            let mut model = Model::default();
            for entry in &stored {
                prop_assert_eq!(model.apply(entry), Ok(()));
            }
            for (user, account) in &model.accounts {
                prop_assert_eq!(world.store.account_now(*user), *account);
                prop_assert!(account.available().0 >= 0 && account.held.0 >= 0);
            }
            Ok(())
        })?;
    }
}

#[test]
fn a_refused_member_never_hurts_its_batch() {
    run(async {
        let world = World::new();
        let ledger = start(&world);
        world.store.script.hold("commit");
        let rich: Vec<_> = (1..=50)
            .map(|user| send(&world, &ledger, Command::Welcome { user, amount: 10 }))
            .collect();
        let poor = (51..=100)
            .map(|user| Command::Hold { user, generation: 1, price: 1, count: 1 })
            .map(|command| send(&world, &ledger, command));
        let releasing = async {
            world.until("a commit is under way", |w| w.store.script.waiting("commit") == 1).await;
            world.store.script.release("commit");
        };
        let all = futures::future::join_all(rich.into_iter().chain([]));
        let (rich, poor, ()) = tokio::join!(all, futures::future::join_all(poor), releasing);
        assert!(rich.iter().all(|answer| matches!(answer, Ok(Ok(_)))));
        assert!(poor.iter().all(|answer| matches!(
            answer,
            Ok(Err(Error::Refused(Refusal::Ledger(Refused::Insufficient { .. }))))
        )));
        assert!(world.store.script.calls("commit") <= 3, "they did not share a commit");
        assert_eq!(world.store.generations().len(), 0);
    });
}

#[test]
fn a_commit_that_panics_closes_its_asks_and_the_next_one_works() {
    run(async {
        let world = World::new();
        let ledger = start(&world);
        world.store.script.next("commit", Fault::Panic);
        let welcome = Command::Welcome { user: 1, amount: 10 };
        assert_eq!(send(&world, &ledger, welcome).await, Err(AskError::Closed));
        assert!(matches!(send(&world, &ledger, welcome).await, Ok(Ok(_))));
        assert_eq!(world.store.account_now(UserId(1)).available(), Credits(10));
    });
}
