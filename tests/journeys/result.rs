//! The card under a picture: every button of it.

use super::{picture, quote, text};
use crate::support::TestApp;

#[actix_rt::test]
async fn every_button_of_the_result_card_works() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    let card = picture(&ann, "a fox").await;

    let answer = ann.presses_of(&card, "fv").await;
    assert_eq!(answer.text, ann.words(&text("note-favourite-on")));
    let card =
        ann.sees(|message| message.button("fv").is_some_and(|b| b.label.contains('⭐'))).await;
    assert_eq!(card.photo(), ann.message(card.id()).photo(), "the picture stays");

    ann.presses_of(&card, "fp").await;
    let full = ann.sees(|message| message.offers("cl")).await;
    assert!(full.says("a fox") && full.id() != card.id(), "a message of its own");
    ann.presses_of(&full, "cl").await;
    ann.sees_deleted(full.id()).await;

    ann.presses_of(&card, "or").await;
    let document = ann.sees(|message| message.document().is_some()).await;
    let url = format!(
        "{}/sandbox/chats/7/files/{}?download=1",
        app.sandbox(),
        document.document().unwrap()
    );
    let got = app.http().get(url).send().await.unwrap().bytes().await.unwrap();
    let stored = stored_picture(&app);
    assert_eq!(got, stored, "the original, byte for byte");

    ann.presses_of(&card, "cd").await;
    let shown = ann.sees(|message| message.offers("fl")).await;
    assert!(shown.photo() == card.photo() && shown.id() != card.id(), "the gallery, anew");

    ann.presses_of(&card, "hm").await;
    ann.sees_words(text("home-balance").with("credits", 95i64)).await;

    ann.presses_of(&card, "ag").await;
    let again = ann.sees(|message| message.offers("go")).await;
    assert!(again.says("a fox") && again.says("1:1"), "{}", again.text());

    ann.presses_of(&card, "nr").await;
    ann.sees_words(text("ratios").with("model", "Imagen 4")).await;
    ann.presses("rt.4:3").await;
    ann.sees(|message| message.offers("go") && message.says("4:3")).await;
    ann.presses("go").await;
    ann.sees_result().await;

    ann.presses_of(&card, "da").await;
    ann.sees_words(text("delete-ask")).await;
    ann.presses("kp").await;
    ann.sees(|message| message.offers("ag")).await;
    ann.presses("da").await;
    ann.sees_words(text("delete-ask")).await;
    let answer = ann.presses("dl").await;
    assert_eq!(answer.text, ann.words(&text("note-deleted")));
    ann.sees_deleted(card.id()).await;
    ann.says("/gallery").await;
    ann.sees(|message| message.offers("fl") && message.says("1 of 1")).await;
    app.finish().await;
}

fn stored_picture(app: &TestApp) -> Vec<u8> {
    let mut folder = app.objects().join("imagen4");
    loop {
        let path = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
        if path.is_file() {
            return std::fs::read(path).unwrap();
        }
        folder = path;
    }
}

/// Each of several pictures has its own row; a deleted one takes nothing of the others with it.
#[actix_rt::test]
async fn one_of_three_is_deleted() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    quote(&ann, "three owls").await;
    ann.presses("cs").await;
    ann.sees_words(text("counts")).await;
    ann.presses("ct.3").await;
    ann.sees(|message| message.says("(3 ×")).await;
    ann.presses("go").await;
    let pictures = ann.sees_pictures(3).await;
    ann.presses_of(&pictures[0], "da").await;
    ann.sees_words(text("delete-ask")).await;
    ann.presses("dl").await;
    ann.sees_deleted(pictures[0].id()).await;
    ann.says("/gallery").await;
    ann.sees(|message| message.says("1 of 2")).await;
    // The buttons of the others work as before.
    let answer = ann.presses_of(&pictures[1], "fv").await;
    assert_eq!(answer.text, ann.words(&text("note-favourite-on")));
    assert_eq!(app.balance(&ann).await, 85, "deleting gives nothing back");
    app.finish().await;
}
