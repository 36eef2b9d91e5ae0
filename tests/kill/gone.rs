//! Somebody who is deleted: how far that has got, and what must be true once it is over.

use std::{
    collections::BTreeSet,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    chat::Chat,
    house::{House, Info},
    oracle::books_are_right,
    rows::Rows,
};

/// Somebody with a long history: to blank it takes many transactions, and a while.
const UPDATES: i64 = 1_000;

/// Of each who is to go.
const PICTURES: usize = 4;

/// Any step takes less, and so does the end.
const PATIENCE: Duration = Duration::from_secs(40);

/// How far a deletion has got, by the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Asked,
    Blocked,
    /// The provider has not confirmed yet that it gave up the generation under way.
    Cancelling,
    /// Nothing is under way; the pictures are still there.
    Settled,
    /// Some of them are to be deleted.
    Trashed,
    Purged,
    /// The one transaction is done.
    Emptied,
    /// Some of what was worked off is blank.
    Blanking,
    Over,
}

impl Step {
    /// All in which something is left to do.
    pub(super) const OPEN: [Self; 8] = [
        Self::Asked,
        Self::Blocked,
        Self::Cancelling,
        Self::Settled,
        Self::Trashed,
        Self::Purged,
        Self::Emptied,
        Self::Blanking,
    ];
}

/// Somebody with pictures, credits and an order that only a cancel ends. `word` is in all that they want.
pub(super) struct Doomed {
    pub chat: Chat,
    name: &'static str,
    word: &'static str,
}

impl Doomed {
    /// Lives until the order is at the provider.
    pub(super) async fn live(
        house: &House,
        chat: Chat,
        name: &'static str,
        word: &'static str,
    ) -> Self {
        let chat = chat.called(name);
        chat.generate_many(&format!("a {word} at the lake"), PICTURES).await;
        chat.until("their pictures", |view| view.results().len() == PICTURES).await;
        let gift = format!("for {name}, who likes every {word}");
        house.told(&["balance", "add", &chat.id.to_string(), "30", "--reason", &gift]);
        chat.until("the gift", |view| view.the_bots().any(|one| one.words().contains(&gift))).await;
        let mut rows = house.rows();
        let open = format!("WHERE user_id = {} AND", chat.id);
        let mut quiet = |queued: i64| {
            rows.count(&format!("generation {open} is_live")) == queued
                && rows.count(&format!("generation {open} state = 'queued'")) == queued
                && rows.count(&format!("inbox {open} is_open")) == 0
                && rows.count(&format!("outbox {open} is_open")) == 0
        };
        until("peace", || quiet(0)).await;
        chat.generate(&format!("a {word} that never comes #stuck")).await;
        until("an order at the provider", || quiet(1)).await;
        rows.change(&format!(
            "INSERT INTO inbox (source, update_id, user_id, payload, state, received_at, settled_at) \
             WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < {UPDATES}) \
             SELECT source, {first} + n, user_id, payload, state, received_at, settled_at \
             FROM (SELECT * FROM inbox WHERE user_id = {id} ORDER BY seq LIMIT 1) AS one, many",
            id = chat.id,
            // Numbers of their own, which do not name the person.
            first = 5_000_000_000 + chat.id % 1000 * UPDATES,
        ));
        Self { chat, name, word }
    }

    /// An operator wants them deleted.
    pub(super) fn delete(&self, house: &House) {
        let id = self.chat.id.to_string();
        let reason = format!("{} wants no {} any more", self.name, self.word);
        let told = house.told(&["user", "delete", &id, "--confirm", &id, "--reason", &reason]);
        assert_eq!(told["asked"], true, "{told}");
    }

    pub(super) fn step(&self, rows: &mut Rows) -> Step {
        let id = self.chat.id;
        let deletion = format!("SELECT pseudonym FROM forgetting WHERE user_id = {id}");
        let is_there =
            |table: &str, which: &str| format!("EXISTS (SELECT 1 FROM {table} WHERE {which})");
        let told = rows.lines(&format!(
            "SELECT CASE WHEN NOT EXISTS ({deletion}) THEN 'over' \
               WHEN EXISTS ({deletion} AND emptied_at IS NOT NULL) \
                 THEN CASE WHEN {blank} THEN 'blanking' ELSE 'emptied' END \
               WHEN NOT {blocked} THEN 'asked' WHEN {cancelling} THEN 'cancelling' \
               WHEN {live} THEN 'blocked' WHEN {trashed} THEN 'trashed' \
               WHEN {kept} THEN 'settled' ELSE 'purged' END AS line",
            blank = is_there("inbox", &format!("user_id = ({deletion})")),
            blocked = is_there("person", &format!("id = {id} AND blocked")),
            cancelling =
                is_there("generation", &format!("user_id = {id} AND state = 'cancelling'")),
            live = is_there("generation", &format!("user_id = {id} AND is_live")),
            trashed = is_there("picture", &format!("owner = {id} AND state = 'trashed'")),
            kept = is_there("picture", &format!("owner = {id} AND state <> 'purged'")),
        ));
        match told[0].as_str() {
            "asked" => Step::Asked,
            "blocked" => Step::Blocked,
            "cancelling" => Step::Cancelling,
            "settled" => Step::Settled,
            "trashed" => Step::Trashed,
            "purged" => Step::Purged,
            "emptied" => Step::Emptied,
            "blanking" => Step::Blanking,
            _ => Step::Over,
        }
    }

    /// Waits until it has got so far; gives how far it then is.
    pub(super) async fn reaches(&self, rows: &mut Rows, step: Step) -> Step {
        let mut at = Step::Asked;
        until(&format!("{step:?} of {}", self.name), || {
            at = self.step(rows);
            at >= step
        })
        .await;
        at
    }

    fn is_named(&self, row: &str) -> bool {
        let row = row.to_lowercase();
        let told = [self.chat.id.to_string(), self.name.to_lowercase(), self.word.to_owned()];
        told.iter().any(|word| row.contains(word))
    }

    /// Waits until nothing names them: what living nodes said of them goes with their next word.
    async fn is_forgotten(&self, house: &House) {
        let began = Instant::now();
        loop {
            let traces = self.traces(house).await;
            if traces.is_empty() {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{} is named in {traces:?}", self.name);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Tables that name them or their words. The audit log says what operators did.
    async fn traces(&self, house: &House) -> BTreeSet<String> {
        let rows = house.every_row().await.into_iter();
        let named = rows.filter(|(table, row)| table != "audit" && self.is_named(row));
        named.map(|(table, _)| table).collect()
    }
}

/// Somebody who stays, and what stands in the books and in the storage.
pub(super) struct Kept {
    chat: Chat,
    books: Value,
    objects: BTreeSet<String>,
    rows: Vec<String>,
}

impl Kept {
    /// Has two pictures made.
    pub(super) async fn live(chat: Chat) -> Chat {
        let chat = chat.called("Bob");
        chat.generate_many("a stork on a roof", 2).await;
        chat.until("two pictures", |view| view.results().len() == 2).await;
        chat
    }

    /// What is there before anybody is deleted.
    pub(super) fn before(house: &House, chat: Chat, doomed: &[&Doomed]) -> Self {
        let mut rows = house.rows();
        for one in doomed {
            let pictures = objects(&mut rows, one.chat.id);
            assert_eq!(pictures.len(), PICTURES, "{}: {pictures:?}", one.name);
        }
        let (objects, pictures) = (objects(&mut rows, chat.id), pictures(&mut rows, chat.id));
        assert_eq!(objects.len(), 2, "{objects:?}");
        Self { books: books(house), objects, rows: pictures, chat }
    }

    /// All that must be true afterwards. `storage`: where the objects are.
    pub(super) async fn judge(&self, house: &House, storage: &Path, doomed: &[&Doomed]) {
        let mut rows = house.rows();
        for one in doomed {
            one.is_forgotten(house).await;
        }
        assert_eq!(rows.quarantined(), Vec::<String>::new());
        assert_eq!(rows.open_work(), Vec::<String>::new());
        books_are_right(house, &mut rows);
        assert_eq!(books(house), self.books);
        assert_eq!(pictures(&mut rows, self.chat.id), self.rows);
        assert_eq!(files(storage, storage), self.objects, "only what belongs to those who stay");
        assert_eq!(self.chat.view().await.results().len(), 2);
    }
}

/// The stand-in does not take a cancel for now.
pub(super) async fn hold_cancels(info: &Info) {
    info.fault(&json!({"peer": "fal", "call": "cancel", "status": 503})).await;
}

/// Another process's rows tell nobody when they change: they are looked at.
async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// The books as a whole. What is open when they are read first is cancelled: its hold goes, with an entry more.
fn books(house: &House) -> Value {
    let mut books = house.told(&["balance", "stats"]);
    for name in ["held", "entries"] {
        books.as_object_mut().expect("an object").remove(name).expect(name);
    }
    books
}

fn objects(rows: &mut Rows, owner: i64) -> BTreeSet<String> {
    let query = "SELECT bucket || '/' || object_key AS line FROM picture WHERE owner = ";
    rows.lines(&format!("{query}{owner} AND bucket IS NOT NULL")).into_iter().collect()
}

fn pictures(rows: &mut Rows, owner: i64) -> Vec<String> {
    rows.lines(&format!(
        "SELECT object_key || ' ' || state || ' ' || file_id || ' ' || url AS line FROM picture \
         WHERE owner = {owner} AND listed ORDER BY object_key"
    ))
}

/// All files below the folder, under their names there.
fn files(folder: &Path, below: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, below));
        } else {
            let name = path.strip_prefix(below).expect("it is below");
            found.insert(name.display().to_string());
        }
    }
    found
}
