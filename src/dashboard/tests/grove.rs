//! A tree of actors that answers as a test wants it to, and notes what it is asked to do. What was set
//! aside stands in the database.

use std::sync::{Mutex, PoisonError};

use aisha_actors::{
    census::{ASKED, Census, Condition, Filter, LastMessage, Mailbox, Member, Restart, Users},
    domain::{id::UserId, time::Timestamp},
    fake::arrival,
    port::{Inbox, Result},
    session::Traffic,
    tracker::Load,
};
use async_trait::async_trait;
use uuid::Uuid;

use super::*;
use crate::{
    dashboard::tree::{Answer, Seen, Tree},
    db::{
        census::{Act, Came, NodeReport, Told},
        nodes::Listed,
        reports::{Aside, AsideId, AsideKind, Page},
    },
    web::{Condition as Health, NodeState, Readiness},
};

pub(super) const HERE: Uuid = Uuid::from_u128(7);
pub(super) const THERE: Uuid = Uuid::from_u128(8);
pub(super) const DEAD: Uuid = Uuid::from_u128(9);

/// Two nodes that live, and one that does not.
pub(super) struct Grove {
    database: Database,
    now: Timestamp,
    pub(super) answer: Mutex<Answer>,
    done: Mutex<Vec<(Uuid, Act, String)>>,
    pub(super) is_cut_off: Mutex<bool>,
}

impl Grove {
    /// What was done since somebody looked.
    pub(super) fn done(&self) -> Vec<(Uuid, Act, String)> {
        std::mem::take(&mut *self.done.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    fn member(&self, kind: &str, user: Option<i64>, handled: u64) -> Member {
        let restart = |reason: &str| Restart { reason: reason.to_owned(), at: self.now };
        let crashed = kind == "tracker";
        Member {
            kind: kind.to_owned(),
            user: user.map(UserId),
            incarnation: if crashed { 3 } else { 1 },
            condition: if crashed { Condition::Resting } else { Condition::Running },
            mailbox: Mailbox { len: 2, bound: 1024 },
            queued: 0,
            handled,
            last: Some(LastMessage { name: "PlaceHold".to_owned(), at: self.now }),
            born_at: self.now,
            restarts: if crashed {
                vec![restart("<script>alert(1)</script>"), restart(ASKED)]
            } else {
                Vec::new()
            },
            restarts_left: user.is_none().then_some(5),
        }
    }

    fn tell(&self, users: &[i64]) -> Told {
        let singletons = ["session", "tracker", "writer", "ledger"];
        let listed = users.iter().zip(1..).map(|(user, n)| self.member("gallery", Some(*user), n));
        Told {
            draining: false,
            lanes: 128,
            traffic: Some(Traffic { crashes: 4, ..Traffic::default() }),
            load: Some(Load { running: 1, waiting: 2, open: 3 }),
            census: Census {
                at: self.now,
                singletons: singletons.map(|kind| self.member(kind, None, 12_345)).to_vec(),
                users: Some(Users { live: users.len(), listed: listed.collect() }),
            },
        }
    }

    fn seen(&self, node: Uuid, alive: bool, told: Option<Told>) -> Seen {
        let listed = Listed {
            id: node,
            epoch: 1,
            alive,
            lanes: 128,
            polls: node == HERE,
            draining: node == DEAD,
            joined_at: self.now,
            seen_at: self.now,
            version: "1".to_owned(),
            address: "http://10.0.0.1:8080".to_owned(),
        };
        let report = told.map(|told| NodeReport { node, at: self.now, told });
        Seen { node, is_this: node == HERE, listed: Some(listed), report }
    }
}

#[async_trait]
impl Tree for Grove {
    async fn told(&self, filter: Filter, _limit: usize) -> Told {
        let known = [11, 22];
        let users: Vec<i64> = match filter.user {
            Some(UserId(user)) => known.into_iter().filter(|one| *one == user).collect(),
            None => known.to_vec(),
        };
        self.tell(&users)
    }

    fn id(&self) -> Uuid {
        HERE
    }

    async fn nodes(&self, filter: Filter, limit: usize) -> Result<Vec<Seen>> {
        if *self.is_cut_off.lock().unwrap() {
            return Err(aisha_actors::port::Error::transient("cut off"));
        }
        let here = self.told(filter, limit).await;
        Ok(vec![
            self.seen(HERE, true, Some(here)),
            self.seen(THERE, true, Some(self.tell(&[33]))),
            self.seen(DEAD, false, None),
        ])
    }

    async fn act(&self, node: Uuid, act: &Act, author: &str) -> Result<Answer> {
        self.done.lock().unwrap().push((node, act.clone(), author.to_owned()));
        Ok(*self.answer.lock().unwrap())
    }

    async fn aside(&self, kind: AsideKind, page: Page) -> Result<Vec<Aside>> {
        self.database.list_aside(kind, page).await
    }

    async fn replay(&self, id: AsideId) -> Result<()> {
        self.database.replay(id).await
    }

    async fn discard(&self, id: AsideId) -> Result<()> {
        self.database.discard(id).await
    }
}

#[async_trait]
impl crate::web::Health for Grove {
    async fn readiness(&self) -> Readiness {
        let node = Some(NodeState { id: HERE.to_string(), epoch: Some(1), lanes: 128 });
        let others = vec![("telegram", Health::Ok), ("fal", Health::Degraded)];
        Readiness { draining: false, database: Health::Away, node, others }
    }
}

impl Office {
    /// One with actors.
    pub(super) async fn with_grove() -> (Self, Arc<Grove>) {
        let mut grown = None;
        let office = Self::open_dressed("", |desk| {
            let grove = Arc::new(Grove {
                database: desk.database.clone(),
                now: desk.clock.now(),
                answer: Mutex::new(Answer::Came(Came::Restarted)),
                done: Mutex::default(),
                is_cut_off: Mutex::new(false),
            });
            grown = Some(grove.clone());
            desk.of(grove.clone(), grove)
        })
        .await;
        (office, grown.unwrap())
    }

    /// The number of an update that fails until it is set aside.
    pub(super) async fn set_aside(&self, update: i64, payload: &str) -> i64 {
        let arrivals = vec![arrival(update, UserId(42), payload)];
        let seq = self.desk.database.receive(arrivals).await.unwrap()[0].unwrap();
        for _ in 0..3 {
            self.desk.database.fail_item(seq, "it <b>broke</b>").await.unwrap();
        }
        seq.0
    }
}
