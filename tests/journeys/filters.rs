//! Filters: they combine, are named, survive everything, and can be reset for good.

use chrono::{Timelike, Utc};

use super::{picture, quote, text};
use crate::support::{Message, TestApp, TestUser};

async fn opens_filters(user: &TestUser) -> Message {
    user.says("/gallery").await;
    user.sees(|message| message.offers("fl")).await;
    user.presses("fl").await;
    user.sees(|message| message.offers("fms") && message.offers("fds")).await
}

/// Three pictures: two by Imagen 4 (the newer a favourite), and one by FLUX in between.
async fn three(user: &TestUser) {
    picture(user, "old imagen").await;
    quote(user, "a flux").await;
    user.presses("ms").await;
    user.sees_words(text("models")).await;
    user.presses("md.flux-dev").await;
    user.sees(|message| message.offers("go") && message.says("FLUX")).await;
    user.presses("go").await;
    user.sees_result().await;
    quote(user, "new imagen").await;
    user.presses("ms").await;
    user.sees_words(text("models")).await;
    user.presses("md.imagen4").await;
    user.sees(|message| message.offers("go") && message.says("Imagen 4")).await;
    user.presses("go").await;
    user.sees_result().await;
    user.presses("fv").await;
}

/// W-25 to W-27, W-29: filters are the person's, not the process's.
#[actix_rt::test]
async fn filters_combine_are_named_and_survive_a_restart() {
    let mut app = TestApp::start().await;
    let ann = app.user(7).await;
    three(&ann).await;
    opens_filters(&ann).await;
    ann.presses("fms").await;
    ann.sees_words(text("filter-models")).await;
    ann.presses("fm.imagen4").await;
    let filters = ann.sees(|message| message.offers("fr")).await;
    assert!(filters.button("gl").unwrap().label.contains("(2)"), "{:?}", filters.buttons());
    ann.presses("gl").await;
    let named = ann.words(&text("filter-model").with("model", "Imagen 4"));
    let first = ann.sees(|message| message.says("1 of 2")).await;
    assert!(first.says(&named) && first.says("new imagen"), "{}", first.text());
    ann.presses("ol").await;
    let second = ann.sees(|message| message.says("2 of 2")).await;
    assert!(second.says(&named) && second.says("old imagen"), "{}", second.text());

    app.restart().await;
    ann.comes_back(app.sandbox()).await;
    ann.presses_of(&second, "nw").await;
    let again = ann.sees(|message| message.says("1 of 2")).await;
    assert!(again.says(&named), "after a restart: {}", again.text());

    ann.presses("fl").await;
    ann.sees(|message| message.offers("fr")).await;
    ann.presses("ff.1").await;
    ann.sees(|message| message.button("gl").is_some_and(|b| b.label.contains("(1)"))).await;
    ann.presses("fds").await;
    ann.sees_words(text("filter-days")).await;
    ann.presses("fd.t").await;
    ann.sees(|message| message.offers("fr")).await;
    ann.presses("gl").await;
    let card = ann.sees(|message| message.says("1 of 1")).await;
    let favourites = ann.words(&text("filter-favourites"));
    let today = ann.words(&text("filter-dates").with("dates", text("dates-today")));
    assert!(card.says(&named) && card.says(&favourites) && card.says(&today), "{}", card.text());

    // W-26: reset for good; the next arrow and the next opening know nothing of them.
    ann.presses("fl").await;
    ann.sees(|message| message.offers("fr")).await;
    let answer = ann.presses("fr").await;
    assert_eq!(answer.text, ann.words(&text("note-reset")));
    ann.sees(|message| message.says("1 of 3")).await;
    ann.presses("ol").await;
    let next = ann.sees(|message| message.says("2 of 3")).await;
    assert!(next.says("a flux") && !next.says("🔎"), "{}", next.text());
    ann.says("/gallery").await;
    ann.sees(|message| message.says("1 of 3")).await;
    app.finish().await;
}

/// No pictures at all, and none that match, are two screens.
#[actix_rt::test]
async fn two_empty_screens() {
    let app = TestApp::start().await;
    for (id, code) in [(1, "en"), (2, "ru")] {
        let user = app.user_of(id, code).await;
        user.says("/gallery").await;
        let empty = user.sees_words(text("gallery-empty")).await;
        assert!(empty.offers("im") && !empty.offers("fr"));
        picture(&user, "the only one").await;
        opens_filters(&user).await;
        user.presses("ff.1").await;
        user.sees(|message| message.offers("fr")).await;
        user.presses("gl").await;
        let names = vec![text("filter-favourites")];
        let nothing = user.sees_words(text("gallery-nothing").with("filters", names)).await;
        assert!(nothing.offers("fr") && nothing.offers("fl"));
        user.presses("fr").await;
        user.sees(|message| message.photo().is_some() && message.says("the only one")).await;
    }
    app.finish().await;
}

/// W-33: a range of days is typed; nonsense is refused, and asked for again.
#[actix_rt::test]
async fn a_range_of_days_is_typed() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    picture(&ann, "of today").await;
    for words in
        ["yesterday or so", "2026-13-40", "1 2 3", "<b>", "2026-01-01 2026-02-02 2026-03-03"]
    {
        opens_filters(&ann).await;
        ann.presses("fds").await;
        ann.sees_words(text("filter-days")).await;
        ann.presses("fc").await;
        ann.sees_text("2026-11-01 2026-11-15").await;
        ann.says(words).await;
        ann.sees_words(text("dates-refused")).await;
    }
    let today = Utc::now().date_naive();
    let days = |from: i64, to: i64| {
        let day = |back: i64| today - chrono::Duration::days(back);
        format!("{} {}", day(from), day(to))
    };
    // Still asked for: the answer may come now, in either order.
    ann.says(&days(-1, 1)).await;
    let card = ann.sees(|message| message.photo().is_some()).await;
    assert!(card.says("of today") && card.says("🔎"), "{}", card.text());
    opens_filters(&ann).await;
    ann.presses("fds").await;
    ann.sees_words(text("filter-days")).await;
    ann.presses("fc").await;
    ann.sees_text("2026-11-01 2026-11-15").await;
    ann.says(&days(20, 10)).await;
    ann.sees(|message| message.offers("fr") && message.photo().is_none()).await;
    app.finish().await;
}

/// W-33: "today" is the person's today. A picture of eight hours ago is today's in one zone and
/// yesterday's in another.
#[actix_rt::test]
async fn today_is_where_the_person_is() {
    let app = TestApp::start().await;
    let ann = app.user(7).await;
    picture(&ann, "eight hours old").await;
    app.sql("UPDATE picture SET listed_at = listed_at - 28800000000");
    app.sql("UPDATE person SET gallery_version = gallery_version + 1");
    // Zones in which it is about 18 and about 4 o'clock now.
    let hour = i32::try_from(Utc::now().hour()).unwrap();
    let zone = |wanted: i32| {
        let offset = wanted - hour;
        let offset = if offset < -12 {
            offset + 24
        } else if offset > 14 {
            offset - 24
        } else {
            offset
        };
        format!("tz.{}", offset * 60)
    };
    for (zone, today, yesterday) in [(zone(18), true, false), (zone(4), false, true)] {
        ann.says("/settings").await;
        ann.sees(|message| message.offers("zs")).await;
        ann.presses("zs").await;
        ann.sees(|message| message.offers(&zone)).await;
        ann.presses(&zone).await;
        ann.sees(|message| message.offers("zs")).await;
        for (day, shown) in [("fd.t", today), ("fd.y", yesterday)] {
            ann.says("/gallery").await;
            ann.sees(|message| message.offers("fl")).await;
            ann.presses("fl").await;
            ann.sees(|message| message.offers("fds")).await;
            ann.presses("fds").await;
            ann.sees_words(text("filter-days")).await;
            ann.presses(day).await;
            ann.sees(|message| message.offers("fr")).await;
            ann.presses("gl").await;
            let card = ann.sees(|message| message.offers("fl") && !message.offers("fds")).await;
            assert_eq!(card.photo().is_some(), shown, "{zone} {day}: {}", card.text());
        }
    }
    app.finish().await;
}
