//! Forms that may be sent once only: each carries a key of its own.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use maud::{Markup, html};

use super::{Ctx, Error};

/// So many keys are remembered: far more forms than are sent within the seconds of a double click.
const REMEMBERED: usize = 256;

/// Keys that came lately. Whatever must never be done twice has an id derived from its key as well.
#[derive(Debug, Default)]
pub(super) struct Sent(Mutex<VecDeque<String>>);

impl Sent {
    /// Whether this key comes for the first time.
    pub(super) fn is_first(&self, key: &str) -> bool {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.iter().any(|known| known == key) {
            return false;
        }
        if keys.len() == REMEMBERED {
            keys.pop_front();
        }
        keys.push_back(key.to_owned());
        true
    }
}

/// A new key, for a form.
pub(super) fn field() -> Markup {
    html! { input type="hidden" name="key" value=(format!("{:032x}", rand::random::<u128>())); }
}

/// The key of the form that was sent.
///
/// # Errors
/// `BadRequest`: it is none that [`field`] made.
pub(super) fn key(ctx: &Ctx) -> Result<String, Error> {
    let key = ctx.form.get("key");
    let fits = key.len() == 32 && key.bytes().all(|b| b.is_ascii_hexdigit());
    if fits { Ok(key.to_owned()) } else { Err(Error::BadRequest) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_counts_once_and_old_ones_are_forgotten() {
        let sent = Sent::default();
        assert!(sent.is_first("a"));
        assert!(!sent.is_first("a"));
        for number in 0..REMEMBERED {
            assert!(sent.is_first(&number.to_string()));
        }
        assert!(sent.is_first("a"), "long ago");
    }
}
