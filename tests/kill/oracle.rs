//! What must be true once everything has settled, however often the bot was killed.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    chat::{Chat, View},
    house::{House, Info},
    journal::{Call, Journal},
    person::Done,
    rows::{Generation, Picture, Rows},
};

/// What was given to everybody.
const WELCOME: i64 = 1000;

/// How a placeholder begins, in the language of the simulated people.
const PLACEHOLDER: &str = "🖼 Picture ";

/// Why an order is refused: three are under way.
const LIMIT: &str = "not possible at once";

const TERMINAL: [&str; 4] = ["delivered", "cancelled", "failed", "expired"];

/// A person with what they did and what they see in the end.
pub(super) struct Witness {
    pub chat: Chat,
    pub done: Done,
    pub view: View,
}

/// Figures that are told, not judged.
#[derive(Default)]
pub(super) struct Figures {
    updates: usize,
    generations: usize,
    pictures: usize,
    placeholders: usize,
    replies_repeated: usize,
    submits_repeated: usize,
    refused: usize,
    /// Of the process, counted against one item.
    deaths: i64,
    calls: usize,
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { updates, generations, pictures, refused, calls, .. } = self;
        writeln!(f, "{updates} updates, {calls} calls, {refused} orders over the limit")?;
        let Self { submits_repeated, replies_repeated, placeholders, deaths, .. } = self;
        write!(f, "{generations} generations, {submits_repeated} submitted twice, ")?;
        writeln!(f, "at most {deaths} deaths counted against one item")?;
        write!(f, "{pictures} pictures, {placeholders} placeholders left, ")?;
        write!(f, "{replies_repeated} replies said twice")
    }
}

pub(super) async fn judge(
    house: &House,
    info: &Info,
    witnesses: &[Witness],
    kills: usize,
) -> Figures {
    let mut rows = house.rows();
    let journal = info.journal().await;
    let mut figures = Figures { calls: journal.len(), ..Figures::default() };

    assert_eq!(rows.quarantined(), Vec::<String>::new(), "nothing here kills by itself");
    figures.deaths = rows.deaths_max();
    every_update_was_taken_and_answered(&mut rows, &journal, witnesses, &mut figures);
    let generations = rows.generations();
    every_generation_ended(&generations, &journal, witnesses, &mut figures);
    money_is_right(&mut rows, &generations);
    let pictures = rows.pictures();
    every_picture_is_shown_once(&pictures, &generations, &journal, witnesses, &mut figures).await;
    assert!(figures.placeholders <= kills, "{} placeholders were left", figures.placeholders);
    books_are_right(house, &mut rows);
    figures
}

/// No update is lost: each has its row, done. Each that asks for something was answered: a press by
/// Telegram's own record of answers, words by a new message after them, of the kind that they ask for,
/// one for each.
fn every_update_was_taken_and_answered(
    rows: &mut Rows,
    journal: &Journal,
    witnesses: &[Witness],
    figures: &mut Figures,
) {
    for Witness { chat, done, view } in witnesses {
        for callback in &done.pressed {
            let found = view.callbacks.iter().find(|one| one.id == *callback);
            let found = found.expect("the sandbox remembers it");
            assert!(found.answer.is_some(), "chat {}: no answer to {found:?}", chat.id);
        }
        let sent = journal.sent_to(chat.id);
        figures.replies_repeated += words_are_answered(chat.id, &done.said, &sent);
        let updates = done.said.len() + done.pressed.len();
        let taken = rows.count(&format!("inbox WHERE user_id = {} AND state = 'done'", chat.id));
        assert_eq!(usize::try_from(taken).unwrap(), updates, "chat {}: updates", chat.id);
        figures.updates += updates;
    }
}

/// Gives how many answers were said more often than asked.
fn words_are_answered(chat: i64, said: &[(i64, super::person::Wish)], sent: &[&Call]) -> usize {
    let mut used = BTreeSet::new();
    for (at, wish) in said {
        let answer = sent.iter().enumerate().find(|(index, call)| {
            call.at_us > *at && !used.contains(index) && wish.is_met_by(call)
        });
        let Some((index, _)) = answer else {
            panic!("chat {chat}: no answer of its own to {wish:?} at {at}");
        };
        used.insert(index);
    }
    let is_answer = |call: &Call| said.iter().any(|(_, wish)| wish.is_met_by(call));
    sent.iter().filter(|call| is_answer(call)).count() - used.len()
}

/// Each order became one generation, it ended, and was submitted twice at most.
fn every_generation_ended(
    generations: &[Generation],
    journal: &Journal,
    witnesses: &[Witness],
    figures: &mut Figures,
) {
    figures.generations = generations.len();
    let submits = journal.submits();
    let mut ordered: BTreeMap<(i64, &str), usize> = BTreeMap::new();
    for generation in generations {
        let Generation { id, state, prompt, seed, request_id, submits: counted, .. } = generation;
        assert!(TERMINAL.contains(&state.as_str()), "{generation:?} has not ended");
        let seed = u64::try_from(*seed).unwrap();
        let made = submits.get(&(prompt.clone(), seed)).map_or(&[][..], Vec::as_slice);
        assert!(made.len() <= 2 && *counted <= 2, "{id} was submitted as {made:?}");
        figures.submits_repeated += made.len().saturating_sub(1);
        if let Some(request_id) = request_id {
            assert!(made.contains(request_id), "{id} has a request of somebody else");
        }
        *ordered.entry((generation.user_id, prompt.as_str())).or_default() += 1;
    }
    for Witness { chat, done, view } in witnesses {
        for (prompt, callback) in &done.ordered {
            let made = ordered.remove(&(chat.id, prompt.as_str())).unwrap_or_default();
            let refused =
                made == 0 && view.answer(callback).is_some_and(|said| said.contains(LIMIT));
            figures.refused += usize::from(refused);
            assert!(made == 1 || refused, "chat {}: {made} generations of {prompt:?}", chat.id);
        }
    }
    assert!(ordered.is_empty(), "nobody ordered {ordered:?}");
}

fn money_is_right(rows: &mut Rows, generations: &[Generation]) {
    for account in rows.accounts() {
        let own = generations.iter().filter(|one| one.user_id == account.id);
        let paid: i64 = own.map(|one| one.price * one.captured).sum();
        assert_eq!(account.held, 0, "{account:?}");
        assert_eq!(account.balance, WELCOME - paid, "{account:?}");
    }
    for one in generations {
        assert_eq!(one.captured > 0, one.state == "delivered", "{one:?}");
    }
}

/// Each paid picture stands once in its owner's chat, whole, and was never shown in a second message.
async fn every_picture_is_shown_once(
    pictures: &[Picture],
    generations: &[Generation],
    journal: &Journal,
    witnesses: &[Witness],
    figures: &mut Figures,
) {
    figures.pictures = pictures.len();
    let captured: i64 = generations.iter().map(|one| one.captured).sum();
    assert_eq!(pictures.len(), usize::try_from(captured).unwrap(), "pictures that were paid for");

    let mut shown: BTreeMap<(i64, String, i64), Vec<&str>> = BTreeMap::new();
    for Witness { chat, view, .. } in witnesses {
        for message in view.the_bots() {
            if let (Some((generation, n)), Some(file)) = (message.result(), message.photo()) {
                shown.entry((chat.id, generation, n)).or_default().push(file);
            }
            figures.placeholders += usize::from(message.words().starts_with(PLACEHOLDER));
        }
    }
    for picture in pictures {
        let place = (picture.owner, picture.generation.clone(), picture.n);
        let files = shown.remove(&place).unwrap_or_default();
        assert_eq!(files.len(), 1, "{place:?} is shown {} times", files.len());
        let owner = witnesses.iter().find(|one| one.chat.id == picture.owner);
        let hash = owner.expect("somebody of ours").chat.hash(files[0]).await;
        assert_eq!(hash, picture.hash, "{place:?} is another picture");
    }
    assert!(shown.is_empty(), "shown, but never paid for: {shown:?}");
    for (place, messages) in journal.shown() {
        assert_eq!(messages.len(), 1, "{place:?} was shown in {messages:?}");
    }
    assert_eq!(journal.sent_as_new(), 0, "paid pictures that a repeat would double");
}

/// Each person's updates were done in the order in which they came in.
pub(super) fn everything_in_order(rows: &mut Rows) {
    let swapped = rows.lines(
        "SELECT 'user ' || one.user_id || ': ' || one.seq || ' after ' || two.seq AS line
         FROM inbox AS one JOIN inbox AS two ON two.user_id = one.user_id AND two.seq > one.seq
         WHERE one.settled_at > two.settled_at",
    );
    assert!(swapped.is_empty(), "{swapped:#?}");
}

/// The database is whole, and the books agree with themselves.
pub(super) fn books_are_right(house: &House, rows: &mut Rows) {
    assert_eq!(rows.integrity(), ["ok"]);
    assert_eq!(rows.violations(), Vec::<String>::new());
    let audit = house.run(&["ledger", "audit"]);
    assert!(audit.status.success(), "{audit:?}");
}
