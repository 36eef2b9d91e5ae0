//! A tiny format for updates: what a test writes is the payload.
//!
//! ```text
//! say a cat on the moon          words
//! cmd imagine a cat              /imagine a cat
//! press 17 0 1hm                 the button `1hm` under message 17 (1: it carries a picture)
//! unreadable · blocked · back · op-block · op-unblock · group · ignored
//! ```

use crate::{
    domain::{
        action::Press,
        id::{GenerationId, MessageId, UpdateId, UserId},
        person::Profile,
        update::{Input, Pressed, Update},
    },
    port::{self, Arrival, Source},
};

/// Reads the tiny format.
#[derive(Debug, Clone, Copy, Default)]
pub struct Parser;

/// An update of Telegram's in the tiny format.
pub fn arrival(update: i64, user: UserId, payload: &str) -> Arrival {
    arrived(Source::Telegram, update, user, payload)
}

/// An update that the operator put in.
pub fn from_operator(update: i64, user: UserId, payload: &str) -> Arrival {
    arrived(Source::Operator, update, user, payload)
}

fn arrived(source: Source, update: i64, user: UserId, payload: &str) -> Arrival {
    let update = port::Parser::parse(&Parser, source, UpdateId(update), user, payload);
    Arrival { source, update, payload: payload.to_owned() }
}

impl port::Parser for Parser {
    fn parse(&self, _source: Source, update: UpdateId, user: UserId, payload: &str) -> Update {
        let from = Profile {
            id: user,
            first_name: format!("User {user}"),
            username: None,
            language_code: Some("en".to_owned()),
        };
        Update { id: update, from, input: input(update, payload) }
    }
}

fn input(update: UpdateId, payload: &str) -> Input {
    let (word, rest) = payload.split_once(' ').unwrap_or((payload, ""));
    match word {
        "say" => Input::Said(rest.to_owned()),
        "cmd" => {
            let (name, argument) = rest.split_once(' ').unwrap_or((rest, ""));
            Input::Command { name: name.to_owned(), argument: argument.to_owned() }
        }
        "press" => pressed(update, rest).unwrap_or(Input::Ignored),
        "unreadable" => Input::Unreadable,
        "blocked" => Input::Blocked(true),
        "back" => Input::Blocked(false),
        "op-block" => Input::OperatorBlocked(true),
        "op-unblock" => Input::OperatorBlocked(false),
        "op-cancel" => GenerationId::parse(rest).map_or(Input::Ignored, Input::OperatorCancelled),
        "op-release" => GenerationId::parse(rest).map_or(Input::Ignored, Input::OperatorReleased),
        "group" => Input::InGroup,
        _ => Input::Ignored,
    }
}

fn pressed(update: UpdateId, rest: &str) -> Option<Input> {
    let mut words = rest.splitn(3, ' ');
    let message: i64 = words.next()?.parse().ok()?;
    let has_media = words.next()? == "1";
    let data = words.next()?;
    Some(Input::Pressed(Pressed {
        query: format!("q{}", update.0),
        message: (message > 0).then_some(MessageId(message)),
        has_media,
        press: Press::decode(data),
    }))
}
