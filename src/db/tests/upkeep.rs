//! Work on storage: one at a time, and what becomes of it.

use super::{Fresh, On, contract::after};
use crate::db::reports::{UpkeepEnd, UpkeepFound, UpkeepKind, UpkeepLine, UpkeepWhat};

on_each!(
    one_run_goes_on_at_a_time_over_all_processes,
    a_run_whose_process_is_silent_is_lost_and_another_may_begin,
);

async fn one_run_goes_on_at_a_time_over_all_processes(on: On) {
    let fresh = Fresh::new(on).await;
    let (db, other) = (&fresh.db, fresh.again().await);
    assert_eq!(db.upkeep_runs(9).await.unwrap(), []);
    assert!(!db.stop_upkeep().await.unwrap());
    let (one, two) = tokio::join!(
        db.begin_upkeep(UpkeepKind::Check, "ann"),
        other.begin_upkeep(UpkeepKind::Backfill, "eve"),
    );
    let begun = [one.unwrap(), two.unwrap()];
    let seq = begun.into_iter().flatten().next().unwrap();
    assert_eq!(begun.iter().flatten().count(), 1);
    assert!(db.advance_upkeep(seq, 5, 10).await.unwrap());
    assert!(other.stop_upkeep().await.unwrap());
    assert!(!db.advance_upkeep(seq, 6, 10).await.unwrap(), "it shall stop");
    let run = other.upkeep_runs(9).await.unwrap().pop().unwrap();
    assert_eq!((run.done, run.total, run.is_stopping, run.ended), (6, 10, true, None));

    let line = UpkeepLine {
        what: UpkeepWhat::Stray,
        subject: "imagen4/x.jpg".to_owned(),
        note: String::new(),
    };
    let found = UpkeepFound { strays: 1, first: vec![line], ..UpkeepFound::default() };
    fresh.set(after(5));
    db.end_upkeep(seq, UpkeepEnd::Stopped, &found).await.unwrap();
    db.end_upkeep(seq, UpkeepEnd::Finished, &UpkeepFound::default()).await.unwrap();
    let run = other.upkeep_runs(9).await.unwrap().pop().unwrap();
    assert_eq!((run.ended, &run.found), (Some((after(5), UpkeepEnd::Stopped)), &found));
    assert!(!db.advance_upkeep(seq, 7, 10).await.unwrap(), "it is over");
    for _ in 0..120 {
        let seq = db.begin_upkeep(UpkeepKind::Move, "ann").await.unwrap().unwrap();
        db.end_upkeep(seq, UpkeepEnd::Finished, &UpkeepFound::default()).await.unwrap();
    }
    assert_eq!(db.upkeep_runs(1000).await.unwrap().len(), 100);
}

async fn a_run_whose_process_is_silent_is_lost_and_another_may_begin(on: On) {
    let fresh = Fresh::new(on).await;
    let db = &fresh.db;
    let lost = db.begin_upkeep(UpkeepKind::Check, "ann").await.unwrap().unwrap();
    fresh.set(after(59));
    assert_eq!(db.begin_upkeep(UpkeepKind::Check, "eve").await.unwrap(), None);
    assert!(db.upkeep_runs(1).await.unwrap()[0].is_running(after(59)));
    fresh.set(after(61));
    assert!(!db.upkeep_runs(1).await.unwrap()[0].is_running(after(61)));
    let next = db.begin_upkeep(UpkeepKind::Check, "eve").await.unwrap().unwrap();
    assert!(next > lost);
    assert!(!db.advance_upkeep(lost, 1, 1).await.unwrap(), "it comes too late");
    let runs = db.upkeep_runs(9).await.unwrap();
    let ends: Vec<_> = runs.iter().map(|run| run.ended.map(|(_, end)| end)).collect();
    assert_eq!(ends, [None, Some(UpkeepEnd::Lost)]);
}
