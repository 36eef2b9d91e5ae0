//! Pure values and decisions: no async, no actix, no clock, no randomness.

pub mod action;
pub mod catalogue;
pub mod change;
pub mod conversation;
pub mod durations;
pub mod fair;
pub mod generation;
pub mod id;
pub mod lane;
pub mod ledger;
pub mod outbox;
pub mod person;
pub mod picture;
pub mod screens;
pub mod text;
pub mod time;
pub mod update;
pub mod view;
