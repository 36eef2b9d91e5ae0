//! `kill -9` of bot and stand-ins in one process, in mid-generation: everything old still works.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use super::{
    chat::{Chat, View},
    house::{FAST, House},
    oracle::books_are_right,
    program::Program,
};

const ANN: i64 = 501;

/// What must never be given to anything else.
#[derive(Default)]
struct Ids {
    newest_message: i64,
    callbacks: BTreeSet<String>,
}

impl Ids {
    /// Takes a press made after a kill: its callback is new.
    fn is_new(&mut self, callback: &str) {
        assert!(self.callbacks.insert(callback.to_owned()), "callback {callback} was given twice");
    }

    fn learn(&mut self, view: &View) {
        self.newest_message = view.messages.iter().map(|one| one.message_id).max().unwrap_or(0);
        self.callbacks.extend(view.callbacks.iter().map(|one| one.id.clone()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_kill_of_the_all_in_one_everything_old_works() {
    let house = House::new(FAST).await;
    let mut bot = house.started(&mut house.command(&["serve"])).await;
    let info = house.info().await;
    let chat = info.chat(ANN);

    chat.say("/start").await;
    let menu = chat.until("menu", |view| view.with_button("1gl").is_some()).await;
    let menu = menu.with_button("1gl").expect("it was just there").clone();
    chat.generate("two lighthouses at dusk").await;
    chat.generate_many("a pair of swans", 2).await;
    let before = chat.until("two pictures", |view| view.results().len() == 3).await;
    let files: Vec<String> =
        before.results().iter().map(|one| one.photo().expect("a photo").to_owned()).collect();
    let mut hashes = Vec::new();
    for file in &files {
        hashes.push(chat.hash(file).await);
    }
    chat.say("/gallery").await;
    let gallery = chat.until("card", |view| view.with_button("1ol.").is_some()).await;
    let gallery = gallery.with_button("1ol.").expect("it was just there").message_id;

    let mut pictures = before.results().len();
    for (round, state) in ["submitting", "queued", "resulted", "captured"].iter().enumerate() {
        let mut ids = Ids::default();
        let order = format!("round {round} balloons");
        chat.generate(&order).await;
        reach(&house, &order, state).await;
        ids.learn(&chat.view().await);
        bot.kill();
        bot = restart(&house).await;
        let again = house.info().await;
        assert_eq!(again.telegram_token, info.telegram_token);

        old_buttons_work(&chat, &mut ids, &before, menu.message_id, gallery).await;
        // The number of pictures is remembered, too.
        pictures += 2;
        chat.until("the pictures that were open", |view| view.results().len() == pictures).await;
        let said = chat.say("/balance").await;
        assert!(said > ids.newest_message, "message {said} was given twice");
        for (file, hash) in files.iter().zip(&hashes) {
            assert_eq!(chat.hash(file).await, *hash);
        }
    }
    house.rows().settle().await;
    let mut rows = house.rows();
    assert_eq!(rows.quarantined(), Vec::<String>::new());
    assert_eq!(rows.count("generation WHERE failure = 'quarantined'"), 0);
    let requests = rows.lines("SELECT request_id AS line FROM generation");
    assert_eq!(requests.iter().collect::<BTreeSet<_>>().len(), requests.len());
    books_are_right(&house, &mut rows);
    let (status, _) = bot.stop(Duration::from_secs(20)).await;
    assert!(status.success(), "{status}");
}

async fn restart(house: &House) -> Program {
    house.started(&mut house.command(&["serve"])).await
}

/// Waits until the order has got so far, or further.
async fn reach(house: &House, prompt: &str, state: &str) {
    let order = ["reserved", "submitting", "queued", "resulted", "captured", "delivered"];
    let from = order.iter().position(|one| *one == state).expect("a state");
    let far = order[from..].iter().map(|one| format!("'{one}'")).collect::<Vec<_>>().join(",");
    let reached = format!("generation WHERE prompt = '{prompt}' AND state IN ({far})");
    let (mut rows, began) = (house.rows(), Instant::now());
    // Another process's rows tell nobody when they change: they are looked at.
    while rows.count(&reached) == 0 {
        assert!(began.elapsed() < Duration::from_secs(60), "{prompt} never got to {state}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// The menu of the first day, the gallery's arrows and the favourite under a result.
async fn old_buttons_work(chat: &Chat, ids: &mut Ids, before: &View, menu: i64, gallery: i64) {
    // From menu to balance or back, one picture on, and back again.
    for (message, starts) in
        [(menu, ["1bl", "1hm"]), (gallery, ["1ol.", "1ol."]), (gallery, ["1nw.", "1nw."])]
    {
        let view = chat.view().await;
        let old = view.message(message).expect("it stays");
        let data = starts.iter().find_map(|start| old.button(start));
        let data = data.unwrap_or_else(|| panic!("no {starts:?} under {old:?}"));
        ids.is_new(&press(chat, message, &data).await);
        let is_new =
            |view: &View| view.message(message).is_some_and(|one| one.button(&data).is_none());
        chat.until(&format!("what {data} leads to"), is_new).await;
    }
    let result = before.results()[0].message_id;
    let view = chat.view().await;
    let old = view.message(result).expect("it stays").button("1fv.").expect("a favourite");
    ids.is_new(&press(chat, result, &old).await);
    let toggled = |view: &View| view.message(result).and_then(|one| one.button("1fv."));
    chat.until("toggled favourite", |view| toggled(view).is_some_and(|data| data != old)).await;
}

/// Presses, and waits for the answer.
async fn press(chat: &Chat, message: i64, data: &str) -> String {
    let callback = chat.try_press(message, data).await.unwrap_or_else(|| panic!("no {data}"));
    chat.until(&format!("an answer to {data}"), |view| view.is_answered(&callback)).await;
    callback
}
