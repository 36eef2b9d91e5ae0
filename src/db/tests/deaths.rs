//! Deaths, as far as they are about files.

use aisha_actors::{
    domain::id::{Seq, UserId},
    port::{InHand, Inbox},
};

use super::{
    Fresh, On,
    contract::{after, arrival},
};

on_each!(what_merely_waited_is_not_counted, a_stop_on_purpose_is_no_death,);

async fn attempts(db: &impl Inbox) -> Vec<u8> {
    let items = db.open_items(Seq(0), 10).await.unwrap();
    items.iter().map(|item| item.attempts).collect()
}

async fn what_merely_waited_is_not_counted(on: On) {
    let fresh = Fresh::new(on).await;
    let arrivals = (1..=3).map(|n| arrival(n, UserId(1))).collect();
    let seqs = fresh.db.receive(arrivals).await.unwrap();
    fresh.db.take_in_hand(InHand::Update(seqs[1].unwrap()));
    let next = fresh.again().await;
    next.open_after_death(after(1)).await.unwrap();
    assert_eq!(attempts(&next).await, [0, 1, 0]);
    let third = fresh.again().await;
    third.open_after_death(after(2)).await.unwrap();
    assert_eq!(attempts(&third).await, [0, 1, 0], "the second one had nothing in hand");
}

async fn a_stop_on_purpose_is_no_death(on: On) {
    let fresh = Fresh::new(on).await;
    let seqs = fresh.db.receive(vec![arrival(1, UserId(1))]).await.unwrap();
    fresh.db.take_in_hand(InHand::Update(seqs[0].unwrap()));
    let lock = fresh.db.lock_serve().unwrap();
    fresh.db.stop(lock).await;
    let next = fresh.again().await;
    let _lock = next.lock_serve().unwrap();
    next.open_after_death(after(1)).await.unwrap();
    assert_eq!(attempts(&next).await, [0]);
}
