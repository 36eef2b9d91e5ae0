//! The gallery: cards, arrows, deleting, two empty screens, statistics.

use super::{picture, quote, text};
use crate::support::{Builder, Message, TestApp, TestUser};

on_each!(arrows_keep_their_place_when_pictures_come_and_go, favourites_are_set_and_counted);

async fn opens(user: &TestUser) -> Message {
    user.says("/gallery").await;
    user.sees(|message| message.offers("fl")).await
}

/// W-28: older and newer go by picture, not by number, across deletes and new pictures.
async fn arrows_keep_their_place_when_pictures_come_and_go(builder: Builder) {
    let app = builder.start().await;
    let ann = app.user(7).await;
    for prompt in ["oldest", "middle", "newest"] {
        picture(&ann, prompt).await;
    }
    let card = opens(&ann).await;
    assert!(
        card.says("1 of 3") && card.says("newest") && card.says("Imagen 4") && card.says("1:1")
    );
    assert!(!card.offers("nw"), "nothing is newer");
    ann.presses("ol").await;
    ann.sees(|message| message.says("2 of 3") && message.says("middle")).await;
    let gallery = ann.message(card.id());
    // A new picture comes while the middle one is looked at.
    picture(&ann, "brand new").await;
    ann.presses_of(&gallery, "ol").await;
    let last = ann.sees_text("oldest").await;
    assert!(last.says("4 of 4"), "{}", last.text());
    assert!(!last.offers("ol"), "nothing is older");
    ann.presses("nw").await;
    ann.sees(|message| message.says("3 of 4") && message.says("middle")).await;
    ann.presses("da").await;
    ann.sees_words(text("delete-ask")).await;
    ann.presses("kp").await;
    ann.sees(|message| message.says("3 of 4") && message.says("middle")).await;
    ann.presses("da").await;
    ann.sees_words(text("delete-ask")).await;
    ann.presses("dl").await;
    ann.sees(|message| message.says("3 of 3") && message.says("oldest")).await;
    ann.presses("nw").await;
    ann.sees(|message| message.says("2 of 3") && message.says("newest")).await;
    ann.presses("nw").await;
    ann.sees(|message| message.says("1 of 3") && message.says("brand new")).await;
    app.finish().await;
}

/// Buttons of pictures that are gone say so; W-35: nobody else's pictures can be touched.
#[actix_rt::test]
async fn a_deleted_picture_says_that_it_is_gone() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    let card = picture(&ann, "a fleeting fox").await;
    let gallery = opens(&ann).await;
    ann.presses("da").await;
    ann.sees_words(text("delete-ask")).await;
    ann.presses("dl").await;
    ann.sees_words(text("gallery-empty")).await;
    for button in ["or", "fp", "fv", "da"] {
        let answer = ann.presses_of(&card, button).await;
        assert_eq!(answer.text, ann.words(&text("note-picture-gone")), "{button}");
    }
    // Its settings stay of use.
    ann.presses_of(&card, "ag").await;
    ann.sees(|message| message.offers("go") && message.says("a fleeting fox")).await;
    assert!(gallery.photo().is_some());
    app.finish().await;
}

/// Favourite is set, not toggled (W-32), and the picture that is shown stays the same.
async fn favourites_are_set_and_counted(builder: Builder) {
    let app = builder.start().await;
    let ann = app.user(7).await;
    for prompt in ["one", "two", "three"] {
        picture(&ann, prompt.repeat(2).as_str()).await;
    }
    let newest = opens(&ann).await;
    ann.presses("ol").await;
    let middle = ann.sees_text("twotwo").await;
    let on = middle.button("fv").unwrap().data.unwrap();
    let taps = [ann.press_only(newest.id(), &on), ann.press_only(newest.id(), &on)];
    for callback in futures::future::join_all(taps).await {
        let answer = ann.answer_to(&callback).await;
        assert_eq!(answer.text, ann.words(&text("note-favourite-on")), "never taken away again");
    }
    let starred = ann.sees(|message| message.says("⭐") && message.says("twotwo")).await;
    assert!(starred.says("2 of 3"), "the same picture: {}", starred.text());
    ann.presses_of(&starred, "ss").await;
    let figures = text("statistics")
        .with("total", 3i64)
        .with("favourites", 1i64)
        .with("month", 3i64)
        .with("generations", 3i64)
        .with("credits", 15i64);
    let statistics = ann.sees_words(figures).await;
    let line = text("statistics-model").with("model", "Imagen 4").with("count", 3i64);
    assert!(statistics.says(&ann.words(&line)), "{}", statistics.text());
    ann.presses("bk").await;
    ann.sees_text("twotwo").await;
    app.finish().await;
}

/// Back leads to where the person came from, home leaves any step.
#[actix_rt::test]
async fn back_returns_to_where_one_came_from() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    picture(&ann, "the elder").await;
    picture(&ann, "the younger").await;
    ann.says("/start").await;
    ann.sees(|message| message.offers("gl")).await;
    ann.presses("gl").await;
    ann.sees_text("the younger").await;
    ann.presses("ol").await;
    ann.sees_text("the elder").await;
    ann.presses("fl").await;
    ann.sees_words(text("filters-none")).await;
    ann.presses("fms").await;
    ann.sees_words(text("filter-models")).await;
    ann.presses("bk").await;
    ann.sees_words(text("filters-none")).await;
    ann.presses("bk").await;
    ann.sees_text("the elder").await;
    ann.presses("ss").await;
    ann.sees_text("Statistics").await;
    ann.presses("bk").await;
    ann.sees_text("the elder").await;
    ann.presses("bk").await;
    ann.sees_words(text("home-balance").with("credits", 90i64)).await;
    ann.presses("gl").await;
    ann.sees_text("the younger").await;
    ann.presses("fl").await;
    ann.sees_words(text("filters-none")).await;
    ann.presses("hm").await;
    ann.sees_words(text("home-balance").with("credits", 90i64)).await;
    app.finish().await;
}

/// W-03: "again" from the gallery is one generation, for one price.
#[actix_rt::test]
async fn again_from_the_gallery_is_paid_once() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    picture(&ann, "a fox").await;
    opens(&ann).await;
    ann.presses("ag").await;
    ann.sees(|message| message.offers("go") && message.says("a fox")).await;
    ann.presses("go").await;
    ann.sees_result().await;
    assert_eq!(app.balance(&ann).await, 90);
    // W-29: the new picture is there at once.
    assert!(opens(&ann).await.says("1 of 2"));
    quote(&ann, "nothing else").await;
    app.finish().await;
}
