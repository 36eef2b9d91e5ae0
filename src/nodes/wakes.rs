//! Wake-ups from one process to the others, by publish and subscribe.

use std::sync::Arc;

use aisha_actors::{
    domain::id::GenerationId,
    port::{self, Wake},
};
use redis::cmd;

use crate::redis::{Error, Heard, Link};

/// Tells the other processes of one house (a bot with its database), and hears them.
#[derive(Debug, Clone)]
pub struct Wakes {
    link: Link,
    channel: Arc<str>,
    /// Who speaks, so that nobody wakes himself up.
    own: u64,
}

impl Wakes {
    /// `house`: see [`crate::cache::Redis::new`].
    pub fn new(link: Link, house: &str) -> Self {
        Self { link, channel: format!("aisha:wake:{house}").into(), own: rand::random() }
    }

    /// Hears the others until the link is closed. After a silence, in which something may have been
    /// lost, it says that everything may have changed.
    pub fn listen(&self, hear: impl Fn(Wake) + Send + Sync + 'static) {
        let own = self.own;
        self.link.subscribe(self.channel.to_string(), move |heard| match heard {
            Heard::Subscribed => {
                hear(Wake::ParcelsAdded);
                hear(Wake::RowsChanged);
            }
            Heard::Message(text) => match read(&text) {
                Some((from, wake)) if from != own => hear(wake),
                _ => {}
            },
        });
    }

    /// As [`port::Wakes::tell`], and waits until Redis has it. Gives the number of processes that
    /// listen.
    ///
    /// # Errors
    /// Redis did not take it.
    pub async fn tell_now(&self, wake: Wake) -> Result<u64, Error> {
        let mut publish = cmd("PUBLISH");
        publish.arg(&*self.channel).arg(write(self.own, wake));
        self.link.query(&publish).await
    }
}

impl port::Wakes for Wakes {
    fn tell(&self, wake: Wake) {
        let wakes = self.clone();
        self.link.begin(async move {
            if let Err(error) = wakes.tell_now(wake).await {
                tracing::debug!(%error, "other processes were not woken");
            }
        });
    }
}

fn write(own: u64, wake: Wake) -> String {
    match wake {
        Wake::UpdatesAdded => format!("{own:x} updates"),
        Wake::ParcelsAdded => format!("{own:x} parcels"),
        Wake::RowsChanged => format!("{own:x} rows"),
        Wake::ProviderCalled { id, request_id } => format!("{own:x} called {id} {request_id}"),
    }
}

/// None: of another version of the program, or nonsense.
pub(super) fn read(text: &str) -> Option<(u64, Wake)> {
    let words: Vec<&str> = text.split(' ').collect();
    let (from, wake) = words.split_first()?;
    let from = u64::from_str_radix(from, 16).ok()?;
    let wake = match wake {
        ["updates"] => Wake::UpdatesAdded,
        ["parcels"] => Wake::ParcelsAdded,
        ["rows"] => Wake::RowsChanged,
        ["called", id, request_id] => Wake::ProviderCalled {
            id: GenerationId::parse(id)?,
            request_id: (*request_id).to_owned(),
        },
        _ => return None,
    };
    Some((from, wake))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nonsense_is_not_heard() {
        let id = GenerationId(uuid::Uuid::from_u128(7));
        let called = Wake::ProviderCalled { id, request_id: "7-a".to_owned() };
        for wake in [Wake::UpdatesAdded, Wake::ParcelsAdded, Wake::RowsChanged, called] {
            assert_eq!(read(&write(u64::MAX, wake.clone())), Some((u64::MAX, wake)));
        }
        for text in [
            "1 called x y",
            "1 called",
            "",
            "1",
            "x parcels",
            "1 parcels 2",
            "1 updates 5",
            "1 new",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
