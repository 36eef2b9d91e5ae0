//! From words to pictures, step by step.

use super::{picture, quote, text};
use crate::support::{Message, TestApp};

#[actix_rt::test]
async fn every_step_of_the_studio_can_be_gone_back() {
    let app = TestApp::start().await;
    for (id, code) in [(1, "en"), (2, "ru")] {
        let user = app.user_of(id, code).await;
        user.says("/start").await;
        user.sees(|message| message.offers("im")).await;
        user.presses("im").await;
        let ask = text("prompt").with("model", "Imagen 4").with("max", 2000i64);
        user.sees_words(ask.clone()).await;
        user.presses("bk").await;
        user.sees_words(text("home-balance").with("credits", 100i64)).await;
        user.presses("im").await;
        user.sees_words(ask.clone()).await;
        user.says("a quiet harbour").await;
        let ratios = user.sees_words(text("ratios").with("model", "Imagen 4")).await;
        for ratio in ["1:1", "16:9", "9:16", "4:3", "3:4"] {
            assert!(ratios.offers(&format!("rt.{ratio}")), "{ratio} of imagen4 is offered");
        }
        user.presses("bk").await;
        user.sees_words(ask).await;
        user.says("a quiet harbour").await;
        user.sees_words(text("ratios").with("model", "Imagen 4")).await;
        user.presses("rt.16:9").await;
        let counts = user.sees_words(text("counts")).await;
        assert!((1..=4).all(|n| counts.offers(&format!("ct.{n}"))));
        user.presses("bk").await;
        user.sees_words(text("ratios").with("model", "Imagen 4")).await;
        user.presses("rt.16:9").await;
        user.sees_words(text("counts")).await;
        user.presses("ct.2").await;
        let price = text("quote-price")
            .with("credits", 10i64)
            .with("each", 5i64)
            .with("count", 2i64)
            .with("available", 100i64);
        let quote = user.sees_words(price.clone()).await;
        assert!(quote.says("16:9") && quote.says("a quiet harbour"), "{}", quote.text());
        user.presses("bk").await;
        user.sees_words(text("counts")).await;
        user.presses("ct.2").await;
        user.sees_words(price).await;
        user.presses("go").await;
        let pictures = user.sees_pictures(2).await;
        let paid = user.words(&text("result-paid").with("credits", 10i64).with("count", 2i64));
        assert!(pictures[1].says(&paid), "{}", pictures[1].text());
        assert_eq!(app.balance(&user).await, 90);
    }
    app.finish().await;
}

/// Every setting can be changed on the quote; what a model does not have is neither shown nor sent.
#[actix_rt::test]
async fn a_quote_can_be_changed_in_every_part() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    let first = quote(&ann, "a lighthouse").await;
    assert!(first.offers("os"), "imagen4 has resolutions");
    ann.presses("rs").await;
    ann.sees_words(text("ratios").with("model", "Imagen 4")).await;
    ann.presses("bk").await;
    ann.sees(|message| message.offers("go")).await;
    ann.presses("rs").await;
    ann.sees_words(text("ratios").with("model", "Imagen 4")).await;
    ann.presses("rt.9:16").await;
    ann.sees(|message| message.offers("go") && message.says("9:16")).await;
    ann.presses("cs").await;
    ann.sees_words(text("counts")).await;
    ann.presses("ct.3").await;
    ann.sees(|message| message.offers("go") && message.says("3 × 5")).await;
    ann.presses("os").await;
    ann.sees_words(text("resolutions").with("model", "Imagen 4")).await;
    ann.presses("on.2K").await;
    ann.sees(|message| message.offers("go") && message.says("3 × 8")).await;
    ann.presses("ms").await;
    ann.sees_words(text("models")).await;
    ann.presses("md.flux-dev").await;
    let flux = ann.sees(|message| message.offers("go") && message.says("3 × 3")).await;
    assert!(!flux.offers("os"), "flux has no resolutions");
    ann.presses("ep").await;
    ann.sees_words(text("prompt").with("model", "FLUX.1 [dev]").with("max", 2000i64)).await;
    ann.says("a lighthouse in fog").await;
    ann.sees(|message| message.offers("go") && message.says("in fog")).await;
    ann.presses("go").await;
    ann.sees_pictures(3).await;
    let submits = app.calls("fal", "submit").await;
    assert_eq!(submits.len(), 1);
    let body = &submits[0]["body"];
    assert_eq!(body["prompt"], "a lighthouse in fog");
    assert_eq!(body["image_size"], "portrait_16_9");
    assert_eq!(body["num_images"], 3);
    assert!(body.get("resolution").is_none() && body.get("aspect_ratio").is_none(), "{body}");
    assert_eq!(app.balance(&ann).await, 91);
    // The next quote begins with the last settings.
    let next = quote(&ann, "a boat").await;
    assert!(
        next.says("FLUX.1 [dev]") && next.says("9:16") && next.says("3 × 3"),
        "{}",
        next.text()
    );
    app.finish().await;
}

/// W-13: every picture that is paid for is shown, and each once.
#[actix_rt::test]
async fn one_to_four_pictures_all_arrive() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    let mut balance = 100;
    for count in 1..=4 {
        quote(&ann, "tulips").await;
        ann.presses("cs").await;
        ann.sees_words(text("counts")).await;
        ann.presses(&format!("ct.{count}")).await;
        ann.sees(|message| message.offers("go") && message.says(&format!("({count} ×"))).await;
        ann.presses("go").await;
        let pictures = ann.sees_pictures(count).await;
        let cards = pictures.iter().filter(|picture| picture.offers("ag")).count();
        assert_eq!(cards, 1, "one whole card");
        balance -= 5 * count as i64;
        assert_eq!(app.balance(&ann).await, balance);
    }
    let all = ann.messages().into_iter().filter(|message| message.photo().is_some()).count();
    assert_eq!(all, 10);
    let stored = walk(&app.objects().join("imagen4"));
    assert_eq!(stored.len(), 10, "{stored:?}");
    assert!(stored.iter().all(|name| name.ends_with(".jpg")), "{stored:?}");
    app.finish().await;
}

fn walk(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(walk(&path));
        } else {
            found.push(path.display().to_string());
        }
    }
    found
}

/// W-04: fast taps on "Generate" are one generation.
#[actix_rt::test]
async fn ten_taps_on_generate_are_one_generation() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    let quote = quote(&ann, "a fox").await;
    let go = quote.button("go").unwrap().data.unwrap();
    let taps = (0..10).map(|_| ann.press_only(quote.id(), &go));
    for callback in futures::future::join_all(taps).await {
        ann.answer_to(&callback).await;
    }
    ann.sees_result().await;
    // One more, when all is over: the card is shown, nothing is ordered.
    assert_eq!(app.calls("fal", "submit").await.len(), 1);
    assert_eq!(app.balance(&ann).await, 95);
    let photos = ann.messages().into_iter().filter(|message| message.photo().is_some()).count();
    assert_eq!(photos, 1);
    app.finish().await;
}

/// Progress is told: the place in the provider's queue, that it is drawn, and the seconds.
#[actix_rt::test]
async fn progress_is_told_while_it_is_made() {
    let app = TestApp::start().await;
    app.pace(0, 3000, 0).await;
    let ann = app.user(7).await;
    quote(&ann, "a slow river").await;
    ann.presses("go").await;
    ann.sees_words(text("progress-next")).await;
    app.pace(0, 3000, 1).await;
    ann.sees_words(text("progress-running")).await;
    let tells = |message: &Message| message.says("1 s") || message.says("2 s");
    ann.sees(|message| message.offers("cn") && tells(message)).await;
    let progress = ann.seen().first().map(Message::id);
    let result = ann.sees_result().await;
    assert_eq!(Some(result.id()), progress, "the progress becomes the picture");
    app.finish().await;
}

/// The file that the person gets is the file that is stored; Telegram's id of it is used ever after.
#[actix_rt::test]
async fn the_next_showing_uploads_nothing() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    let shown = picture(&ann, "a fox").await;
    let uploads = app.calls("fal", "file").await.len();
    assert_eq!(uploads, 1, "fetched once from the provider");
    ann.says("/gallery").await;
    let card = ann.sees(|message| message.photo().is_some() && message.offers("fl")).await;
    assert_eq!(card.photo(), shown.photo(), "the same file");
    app.finish().await;
}
