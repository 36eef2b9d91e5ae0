use aisha_actors::port::Kind;
use proptest::prelude::*;

use super::*;

const A: UserId = UserId(1);

fn millis(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn pace() -> (Pace, Instant) {
    let now = Instant::now();
    (Pace::new(Settings::default(), now), now)
}

#[test]
fn owed_messages_to_a_chat_go_in_a_burst_and_then_one_a_second() {
    let (mut pace, now) = pace();
    let settings = Settings { rate_start: 1000.0, ..Settings::default() };
    pace.rate = settings.rate_start;
    let waits: Vec<u128> = (0..6)
        .map(|_| match pace.admit(Some(A), Urgency::Owed, now) {
            Verdict::Go(wait) | Verdict::OwnTurn(wait) => wait.as_millis(),
            Verdict::Refused(_) => panic!("refused"),
        })
        .collect();
    assert_eq!(waits, [0, 0, 0, 1000, 2000, 3000]);
}

#[test]
fn what_would_wait_too_long_is_refused_and_takes_no_place() {
    let (mut pace, now) = pace();
    let mut refused = Vec::new();
    for _ in 0..20 {
        if let Verdict::Refused(wait) = pace.admit(Some(A), Urgency::Owed, now) {
            refused.push(wait);
        }
    }
    // 3 at once and 10 that wait; each refusal names the same moment.
    assert_eq!(refused.len(), 7);
    assert!(refused.iter().all(|wait| *wait == Duration::from_secs(11)), "{refused:?}");
}

#[test]
fn progress_is_dropped_rather_than_queued() {
    let (mut pace, now) = pace();
    assert_eq!(pace.admit(Some(A), Urgency::Progress, now), Verdict::Go(Duration::ZERO));
    let at = now + millis(1000);
    assert_eq!(pace.admit(Some(A), Urgency::Progress, at), Verdict::Refused(millis(2000)));
    let at = now + millis(3000);
    assert_eq!(pace.admit(Some(A), Urgency::Progress, at), Verdict::Go(Duration::ZERO));
}

#[test]
fn replies_are_not_paced() {
    let (mut pace, now) = pace();
    for _ in 0..10_000 {
        assert_eq!(pace.admit(Some(A), Urgency::Reply, now), Verdict::Go(Duration::ZERO));
    }
    assert!(pace.chats.is_empty());
}

#[test]
fn a_limited_chat_is_frozen_for_exactly_that_long_and_no_other_is() {
    let (mut pace, now) = pace();
    pace.limited(Some(A), millis(70_000), now);
    for urgency in [Urgency::Reply, Urgency::Owed, Urgency::Progress] {
        let at = now + millis(69_999);
        assert_eq!(pace.admit(Some(A), urgency, at), Verdict::Refused(millis(1)));
        assert_eq!(pace.admit(Some(UserId(2)), Urgency::Reply, at), Verdict::Go(Duration::ZERO));
    }
    let at = now + millis(70_000);
    assert_eq!(pace.admit(Some(A), Urgency::Reply, at), Verdict::Go(Duration::ZERO));
    pace.limited(Some(A), Duration::MAX, at);
    assert!(pace.frozen(Some(A), at).is_some());
}

#[test]
fn three_chats_within_a_second_freeze_everything() {
    let (mut pace, now) = pace();
    pace.limited(Some(A), millis(5000), now);
    pace.limited(Some(A), millis(5000), now + millis(100));
    pace.limited(Some(UserId(2)), millis(5000), now + millis(200));
    assert_eq!(pace.frozen(None, now + millis(200)), None);
    pace.limited(Some(UserId(3)), millis(5000), now + millis(900));
    let at = now + millis(900);
    assert_eq!(pace.admit(Some(UserId(9)), Urgency::Reply, at), Verdict::Refused(millis(5000)));
    // Spread out, three are nothing special.
    let (mut pace, now) = self::pace();
    for n in 0..3 {
        pace.limited(Some(UserId(n)), millis(9000), now + millis(1100 * n.unsigned_abs()));
    }
    assert_eq!(pace.frozen(None, now + millis(2200)), None);
}

#[test]
fn the_rate_is_halved_once_per_event_and_recovers_by_the_minute() {
    let (mut pace, now) = pace();
    for n in 0..3 {
        pace.limited(Some(UserId(n)), millis(1), now);
    }
    assert_eq!(pace.rate, 12.5);
    let later = now + Duration::from_secs(180);
    pace.admit(Some(A), Urgency::Owed, later);
    assert_eq!(pace.rate, 15.5);
    pace.admit(Some(A), Urgency::Owed, later + Duration::from_secs(100_000));
    assert_eq!(pace.rate, Settings::default().rate_max);
    for n in 0..20 {
        pace.limited(Some(A), millis(1), later + Duration::from_secs(200_000 + 10 * n));
    }
    assert_eq!(pace.rate, Settings::default().rate_min);
}

#[test]
fn idle_chats_are_forgotten() {
    let (mut pace, mut now) = pace();
    pace.rate = Settings::default().rate_max;
    for id in 0..20_000 {
        now += millis(15);
        assert_eq!(pace.admit(Some(UserId(id)), Urgency::Owed, now), Verdict::Go(Duration::ZERO));
        assert!(pace.chats.len() <= 2100, "{}", pace.chats.len());
    }
}

proptest! {
    /// However the calls come, all together never go faster than the rate and the burst allow.
    #[test]
    fn the_budget_holds_for_all(calls in proptest::collection::vec((0i64..50, 0u64..60), 1..300)) {
        let (mut pace, start) = pace();
        let (mut now, mut went) = (start, Vec::new());
        // (when, who, whether the chat's own turn has come)
        let mut due: Vec<(Instant, i64, bool)> = Vec::new();
        for (id, after) in calls {
            now += millis(after);
            due.push((now, id, false));
        }
        while !due.is_empty() {
            due.sort();
            let (now, id, own_turn) = due.remove(0);
            let urgency = if id % 2 == 0 { Urgency::Owed } else { Urgency::Progress };
            let verdict = match own_turn {
                true => pace.admit_to_all(Some(UserId(id)), now),
                false => pace.admit(Some(UserId(id)), urgency, now),
            };
            match verdict {
                Verdict::Go(wait) => went.push(now + wait),
                Verdict::OwnTurn(wait) => due.push((now + wait, id, true)),
                Verdict::Refused(_) => {}
            }
        }
        went.sort();
        for (at, first) in went.iter().enumerate() {
            let within = went[at..].iter().filter(|t| **t < *first + millis(1000)).count();
            prop_assert!(within <= 25 + 3, "{within} within a second");
        }
    }
}

#[tokio::test]
async fn so_many_uploads_are_in_flight_and_the_next_waits() {
    let gate = Gate::new(Settings { uploads_max: 1, ..Settings::default() }, None);
    let first = gate.pass(Some(A), Urgency::Reply, true).await.unwrap();
    let dropped = gate.pass(Some(A), Urgency::Progress, true).await.unwrap_err();
    assert!(matches!(dropped.kind, Kind::RateLimited { .. }));
    let mut second = Box::pin(gate.pass(Some(A), Urgency::Reply, true));
    assert!(futures::poll!(&mut second).is_pending());
    // Plain calls have places of their own.
    assert!(gate.pass(Some(A), Urgency::Reply, false).await.is_ok());
    drop(first);
    assert!(second.await.is_ok());
}
