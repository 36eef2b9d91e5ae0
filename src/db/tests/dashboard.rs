//! What the dashboard's pages read.

use aisha_actors::{
    domain::{
        change::{Change, Progress},
        generation::{Failure, State},
        id::{GenerationId, OutboxId, PictureId, UserId},
        ledger::{Credits, Entry, EntryKind},
        person::Profile,
        picture::PictureState,
        time::Timestamp,
    },
    port::{Inbox, Outbox, Records},
};

use super::{
    Fresh, On,
    contract::{
        NOW, advance, after, arrival, commit, generation, picture, produce, profile, register,
        reserve, settle,
    },
};
use crate::db::reports::{EntryFilter, GenerationFilter, Sequence, Span, Spot, What};

on_each!(
    a_minute_is_summed_once_from_the_rows,
    a_chart_has_gaps_where_nobody_knows,
    people_are_found_by_how_they_begin_and_paged,
    generations_are_filtered_and_paged_both_ways,
    a_generation_tells_its_story_in_order,
    entries_are_filtered_paged_summed_and_exported,
    the_books_are_checked_and_the_check_is_kept,
);

const ANN: UserId = UserId(1);
const BOB: UserId = UserId(22);
const MINUTE: i64 = 60_000_000;

/// Ends a generation that is reserved.
fn end(
    made: GenerationId,
    user: UserId,
    to: State,
    failure: Option<Failure>,
    at: Timestamp,
) -> Vec<Change> {
    let with = Progress { failure, finished_at: Some(at), ..Progress::default() };
    let ended = Change::Advance { id: made, from: State::Reserved, to, with };
    vec![Change::Book(Entry::release(user, made, at)), ended]
}

/// Shows all that is owed.
async fn deliver(fresh: &Fresh, user: UserId, id: GenerationId, at: Timestamp) {
    for entry in fresh.db.open_entries(OutboxId(0), 100).await.unwrap() {
        let settled = Change::SettleParcel { id: entry.id, delivered: true, at };
        commit(&fresh.db, entry.user, vec![settled]).await;
    }
    commit(&fresh.db, user, vec![Change::DeliverIfShown { id, at }]).await;
}

async fn a_minute_is_summed_once_from_the_rows(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    register(db, ANN, 100).await;
    let minute = Timestamp(NOW.0.div_euclid(MINUTE) * MINUTE);
    let at = |seconds: i64| Timestamp(minute.0 + seconds * 1_000_000);
    fresh.set(at(5));
    db.receive(vec![arrival(1, ANN), arrival(2, ANN)]).await.unwrap();
    fresh.set(at(61));
    db.receive(vec![arrival(3, ANN)]).await.unwrap();
    let mut made = generation(ANN, 1, 2);
    made.created_at = at(3);
    produce(db, &made, at(20)).await;
    deliver(&fresh, ANN, made.id, at(23)).await;
    commit(db, ANN, vec![Change::Book(Entry::refund(ANN, made.id, Credits(2), at(24)))]).await;
    let mut failing = generation(ANN, 2, 1);
    failing.created_at = at(59);
    commit(db, ANN, reserve(&failing)).await;
    let failed = end(failing.id, ANN, State::Failed, Some(Failure::Safety), at(62));
    commit(db, ANN, failed).await;

    assert_eq!(db.take_samples(at(69)).await.unwrap(), 0, "not settled yet");
    assert_eq!(db.take_samples(at(70)).await.unwrap(), 1);
    let (one, other) = tokio::join!(db.take_samples(at(130)), fresh.db.take_samples(at(131)));
    assert!(one.unwrap() + other.unwrap() >= 1);
    assert_eq!(db.take_samples(at(140)).await.unwrap(), 0);

    let points = db.series(Span::Hour, at(130)).await.unwrap();
    assert_eq!(points.len(), 60);
    let [.., first, second, third] = points.as_slice() else { panic!("too few") };
    assert_eq!((first.at, third.at), (minute, at(120)));
    let sums = first.sums.unwrap();
    assert_eq!((sums.minutes, sums.updates, sums.begun), (1, 2, 2));
    assert_eq!((sums.delivered, sums.failed), (1, 0));
    assert_eq!((sums.captured, sums.refunded), (Credits(6), Credits(2)));
    let took = sums.latencies.quantile(0.5).unwrap().as_secs_f64();
    assert!((19.2..28.9).contains(&took), "20 s: {took}");
    let sums = second.sums.unwrap();
    assert_eq!((sums.updates, sums.begun, sums.delivered, sums.failed), (1, 0, 0, 1));
    assert_eq!(third.sums, None, "it is not over yet");

    let overview = db.overview(at(130)).await.unwrap();
    let hour = overview.hour.unwrap();
    assert_eq!((hour.minutes, hour.updates, hour.success_rate()), (2, 3, Some(0.5)));
    assert_eq!(overview.recent.map(|sums| sums.begun), Some(2));
    assert_eq!((overview.running, overview.waiting, overview.undelivered), (0, 0, 0));
    assert_eq!(overview.spent_today, Credits(4));
    // What was booked after the last sample counts too.
    let mut late = generation(ANN, 3, 1);
    late.created_at = at(122);
    produce(db, &late, at(125)).await;
    let overview = db.overview(at(130)).await.unwrap();
    assert_eq!((overview.spent_today, overview.undelivered), (Credits(7), 1));

    let later = Timestamp(at(130).0 + 41 * 24 * 60 * MINUTE);
    assert!(db.sweep(later).await.unwrap() >= 2);
    assert!(db.series(Span::Hour, at(130)).await.unwrap().iter().all(|point| point.sums.is_none()));
}

async fn a_chart_has_gaps_where_nobody_knows(on: On) {
    let fresh = Fresh::new(on).await;
    let day = Timestamp(NOW.0.div_euclid(360 * MINUTE) * 360 * MINUTE);
    for (minute, updates, latencies) in [(0, 5, "3:1"), (14, 6, ""), (15, 7, "3:2 4:1")] {
        let at = day.0 + minute * MINUTE;
        let at = match on {
            On::Sqlite => at.to_string(),
            On::Postgres => format!("to_timestamp({at} / 1000000)"),
        };
        fresh
            .tamper(&format!(
                "INSERT INTO sample VALUES ({at}, {updates}, 0, 0, 0, 0, 0, 0, 0, '{latencies}', 0)"
            ))
            .await
            .unwrap();
    }
    let now = Timestamp(day.0 + 50 * MINUTE);
    let known = async |span: Span| {
        let points = fresh.db.series(span, now).await.unwrap();
        assert_eq!(points.len() as i64, span.points());
        let step = span.step_minutes() * MINUTE;
        assert!(points.windows(2).all(|pair| pair[1].at.0 - pair[0].at.0 == step));
        let known = points.into_iter().filter_map(|point| {
            let sums = point.sums?;
            let minute = (point.at.0 - day.0) / MINUTE;
            Some((minute, sums.minutes, sums.updates, sums.latencies.count()))
        });
        known.collect::<Vec<_>>()
    };
    assert_eq!(known(Span::Hour).await, [(0, 1, 5, 1), (14, 1, 6, 0), (15, 1, 7, 3)]);
    assert_eq!(known(Span::Day).await, [(0, 2, 11, 1), (15, 1, 7, 3)]);
    assert_eq!(known(Span::Month).await, [(0, 3, 18, 4)]);
}

async fn people_are_found_by_how_they_begin_and_paged(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    let people = [(7, "Ёлка", "Winter_7"), (8, "ёжик", "x8"), (9, "Анна", "yolka"), (70, "%", "")];
    for (id, first_name, username) in people {
        let user = UserId(id);
        let username = (!username.is_empty()).then(|| username.to_owned());
        let first_name = first_name.to_owned();
        let profile = Profile { first_name, username, ..profile(user) };
        let at = after(u64::try_from(id).unwrap());
        commit(db, user, vec![Change::Register { profile, at }]).await;
    }
    produce_for(db, UserId(7)).await;
    for (search, found) in [
        (None, vec![70, 9, 8, 7]),
        (Some(" "), vec![70, 9, 8, 7]),
        (Some("Ё"), vec![8, 7]),
        (Some("ёЛ"), vec![7]),
        (Some("@YOLK"), vec![9]),
        (Some("winter_"), vec![7]),
        (Some("7"), vec![7]),
        (Some("%"), vec![70]),
        (Some("olka"), vec![]),
    ] {
        let lines = db.find_people(search, None, 10).await.unwrap();
        assert_eq!(lines.iter().map(|line| line.id.0).collect::<Vec<_>>(), found, "{search:?}");
        assert_eq!(db.count_found_people(search).await.unwrap().0, found.len() as u64);
    }
    let first = db.find_people(None, None, 3).await.unwrap();
    let rest = db.find_people(None, Some(first[2].spot()), 3).await.unwrap();
    assert_eq!(rest.iter().map(|line| line.id.0).collect::<Vec<_>>(), [7]);
    assert_eq!(rest[0].pictures, 2);
    let renamed =
        Profile { first_name: "Бела".to_owned(), username: None, ..profile(UserId(7)) };
    commit(db, UserId(7), vec![Change::SaveProfile(renamed)]).await;
    assert_eq!(db.find_people(Some("бЕ"), None, 3).await.unwrap().len(), 1);
    assert_eq!(db.find_people(Some("winter"), None, 3).await.unwrap().len(), 0);

    let all = db.pictures_of_person(UserId(7), None, 9).await.unwrap();
    let ids: Vec<PictureId> = all.iter().map(|picture| picture.id).collect();
    let older = generation(UserId(7), 1, 2).id;
    let id = |n| PictureId { generation: older, n };
    assert_eq!((ids.len(), &ids[1..]), (3, [id(2), id(1)].as_slice()));
    let mut walked = Vec::new();
    let mut spot = None;
    while let [one] = db.pictures_of_person(UserId(7), spot, 1).await.unwrap().as_slice() {
        walked.push(one.id);
        spot = Some(Spot { at: one.created_at, key: one.id });
    }
    assert_eq!(walked, ids);
}

/// Two pictures in the gallery, and a newer one that was lost.
async fn produce_for(db: &crate::db::Database, user: UserId) {
    commit(db, user, vec![Change::Book(Entry::welcome(user, Credits(100), NOW))]).await;
    produce(db, &generation(user, 1, 2), after(60)).await;
    let mut made = generation(user, 2, 1);
    made.state = State::Queued;
    commit(db, user, reserve(&made)).await;
    let lost =
        aisha_actors::domain::picture::Picture { state: PictureState::Lost, ..picture(&made, 1) };
    let changes =
        vec![advance(made.id, State::Queued, State::Resulted), Change::AddPictures(vec![lost])];
    commit(db, user, changes).await;
}

async fn generations_are_filtered_and_paged_both_ways(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    register(db, ANN, 100).await;
    register(db, BOB, 100).await;
    let made: Vec<_> =
        (1..=5).map(|n| generation(if n % 2 == 0 { BOB } else { ANN }, n, 1)).collect();
    produce(db, &made[0], after(60)).await;
    for one in &made[1..] {
        commit(db, one.user, reserve(one)).await;
    }
    commit(db, BOB, end(made[1].id, BOB, State::Failed, Some(Failure::Safety), after(61))).await;
    commit(db, ANN, end(made[2].id, ANN, State::Cancelled, None, after(61))).await;
    db.fail_generation(made[3].id, "it said 100% NO").await.unwrap();
    let of = |ids: &[usize]| ids.iter().map(|n| made[*n].id).collect::<Vec<_>>();
    let all = GenerationFilter::default;
    for (filter, found) in [
        (all(), of(&[4, 3, 2, 1, 0])),
        (GenerationFilter { user: Some(BOB), ..all() }, of(&[3, 1])),
        (GenerationFilter { state: Some(State::Reserved), ..all() }, of(&[4, 3])),
        (GenerationFilter { state: Some(State::Cancelled), ..all() }, of(&[2])),
        (GenerationFilter { state: Some(State::Captured), ..all() }, of(&[0])),
        (GenerationFilter { failure: Some(Failure::Safety), ..all() }, of(&[1])),
        (GenerationFilter { failure: Some(Failure::Provider), ..all() }, of(&[])),
        (
            GenerationFilter { model: Some(made[0].order.model.clone()), ..all() },
            of(&[4, 3, 2, 1, 0]),
        ),
        (GenerationFilter { since: Some(after(3)), before: Some(after(5)), ..all() }, of(&[3, 2])),
        (GenerationFilter { reason: Some("100% no".to_owned()), ..all() }, of(&[3])),
        (GenerationFilter { reason: Some("100_".to_owned()), ..all() }, of(&[])),
        (GenerationFilter { live: true, user: Some(ANN), ..all() }, of(&[4, 0])),
    ] {
        let count = db.count_found_generations(filter.clone()).await.unwrap();
        assert_eq!(count.0, found.len() as u64, "{filter:?}");
        for sequence in [Sequence::NewestFirst, Sequence::OldestFirst] {
            let mut walked = Vec::new();
            let mut spot = None;
            loop {
                let page = db.find_generations(filter.clone(), sequence, spot, 2).await.unwrap();
                let Some(last) = page.last() else { break };
                spot = Some(Spot { at: last.created_at, key: last.id });
                walked.extend(page.iter().map(|row| row.id));
            }
            if sequence == Sequence::OldestFirst {
                walked.reverse();
            }
            assert_eq!(walked, found, "{filter:?} {sequence:?}");
        }
    }
}

async fn a_generation_tells_its_story_in_order(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    register(db, ANN, 100).await;
    let mut made = generation(ANN, 1, 1);
    made.state = State::Submitting;
    made.submitted_at = Some(after(2));
    commit(db, ANN, reserve(&made)).await;
    let id = made.id;
    fresh.set(after(3));
    commit(db, ANN, vec![advance(id, State::Submitting, State::Queued)]).await;
    fresh.set(after(4));
    db.fail_generation(id, "it panicked").await.unwrap();
    fresh.set(after(5));
    let rows = vec![picture(&made, 1)];
    commit(db, ANN, vec![advance(id, State::Queued, State::Resulted), Change::AddPictures(rows)])
        .await;
    fresh.set(after(6));
    let one = PictureId { generation: id, n: 1 };
    commit(db, ANN, vec![settle(one, PictureState::Pending, PictureState::Stored)]).await;
    fresh.set(after(7));
    let captured =
        Progress { captured: Some(1), finished_at: Some(after(7)), ..Progress::default() };
    let (from, to) = (State::Resulted, State::Captured);
    let changes = vec![
        Change::Book(Entry::capture(ANN, id, Credits(3), after(7))),
        Change::Advance { id, from, to, with: captured },
        Change::ListPicture { id: one, listed_at: after(7) },
        Change::Enqueue {
            parcel: aisha_actors::domain::outbox::Parcel::Picture(one),
            at: after(7),
        },
    ];
    commit(db, ANN, changes).await;
    deliver(&fresh, ANN, id, after(9)).await;

    let told = db.timeline(id).await.unwrap().unwrap();
    assert_eq!((told.generation.state, told.pictures.len()), (State::Delivered, 1));
    let words: Vec<String> = told
        .events
        .iter()
        .map(|event| {
            let word = match &event.what {
                What::Booked { kind, amount, by, .. } => format!("{} {amount} {by}", kind.name()),
                What::Settled { kind, state, .. } => format!("{kind} {state}"),
                What::Owed { kind, .. } => format!("owed {kind}"),
                What::Ended { state, .. } => state.name().to_owned(),
                What::PictureSettled { n, state } => format!("{n} {}", state.name()),
                What::PictureListed { n } => format!("{n} listed"),
                What::Failed { reason, .. } => reason.clone(),
                other => format!("{other:?}"),
            };
            format!("{} {word}", event.at.since(NOW).as_secs())
        })
        .collect();
    assert_eq!(
        words,
        [
            "1 Created",
            "1 hold 3 system",
            "2 Submitted",
            "3 Queued",
            "4 it panicked",
            "5 Resulted",
            "6 1 stored",
            "7 capture 3 system",
            "7 Captured",
            "7 1 listed",
            "7 owed picture",
            "9 picture done",
            "9 delivered",
        ]
    );
    assert_eq!(db.timeline(generation(BOB, 9, 1).id).await.unwrap(), None);
}

async fn entries_are_filtered_paged_summed_and_exported(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    register(db, ANN, 100).await;
    register(db, BOB, 10).await;
    let grant = |user, amount, by: &str, cause, at| {
        let (reason, by) = ("gift".to_owned(), by.to_owned());
        Change::Book(Entry::by_operator(user, Credits(amount), reason, by, cause, at))
    };
    commit(
        db,
        ANN,
        vec![grant(ANN, 50, "root", "a", after(1)), grant(ANN, -20, "eve", "b", after(2))],
    )
    .await;
    produce(db, &generation(ANN, 3, 2), after(60)).await;
    let all = EntryFilter::default;
    for (filter, found) in [
        (all(), "capture hold withdrawal grant welcome welcome"),
        (EntryFilter { user: Some(ANN), ..all() }, "capture hold withdrawal grant welcome"),
        (EntryFilter { user: Some(BOB), ..all() }, "welcome"),
        (EntryFilter { kind: Some(EntryKind::Welcome), ..all() }, "welcome welcome"),
        (EntryFilter { actor: Some("root".to_owned()), ..all() }, "grant"),
        (EntryFilter { actor: Some("system".to_owned()), ..all() }, "capture hold welcome welcome"),
        (EntryFilter { from: Some(after(2)), until: Some(after(60)), ..all() }, "hold withdrawal"),
        (EntryFilter { user: Some(ANN), until: Some(after(1)), ..all() }, "welcome"),
    ] {
        let (mut walked, mut spot) = (Vec::new(), None);
        while let Some(last) = {
            let page = db.find_entries(filter.clone(), spot, 2).await.unwrap();
            walked.extend(page.iter().map(|line| line.kind.name()));
            page.last().map(|line| line.spot())
        } {
            spot = Some(last);
        }
        assert_eq!(walked.join(" "), found, "{filter:?}");
    }
    let sum = db.sum_entries(all()).await.unwrap();
    assert!(!sum.is_cut);
    assert_eq!(sum.by_kind.first(), Some(&(EntryKind::Welcome, 2, Credits(110))));
    assert_eq!(sum.by_kind.len(), 5);
    let (text, next) = db.entries_csv(all(), None).await.unwrap();
    assert_eq!((text.lines().count(), next), (7, None));
    assert!(text.starts_with("seq,time,"), "{text}");

    let balances = db.find_balances(None, 1).await.unwrap();
    assert_eq!(balances[0].user, ANN);
    let account = balances[0].account;
    let place = Some((Credits(account.credited.0 - account.debited.0), ANN));
    let rest = db.find_balances(place, 9).await.unwrap();
    assert_eq!(rest.iter().map(|line| line.user).collect::<Vec<_>>(), [BOB]);
}

async fn the_books_are_checked_and_the_check_is_kept(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    assert_eq!(db.last_ledger_check().await.unwrap(), None);
    register(db, ANN, 100).await;
    let first = db.check_ledger(NOW).await.unwrap().unwrap();
    assert_eq!((first.breaches, first.lines.len(), first.stats.promo), (0, 0, Credits(100)));
    assert_eq!(db.last_ledger_check().await.unwrap(), Some(first));
    fresh.tamper("UPDATE account SET credited = credited + 1 WHERE id = 1").await.unwrap();
    assert_eq!(db.check_ledger(after(60)).await.unwrap(), None, "there is one of this hour");
    let second = db.check_ledger(after(3600)).await.unwrap().unwrap();
    assert!(second.breaches > 0 && second.lines.len() as u64 == second.breaches);
    assert_eq!(db.last_ledger_check().await.unwrap(), Some(second));
}
