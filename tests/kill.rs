//! Real processes: killed, crashed and told to stop, while simulated people use them through the
//! sandbox's chat.
//!
//! `AISHA_KILL_SEED` repeats a run of the random kills, `AISHA_KILL_KEEP=1` keeps the folders. Some need
//! servers: run ./scripts/test, it starts them.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

#[expect(dead_code, reason = "what only the tests of several nodes use")]
mod kill {
    mod all_in_one;
    mod chat;
    mod deletion;
    #[path = "../support/rows.rs"]
    mod every_row;
    mod gone;
    mod house;
    mod journal;
    mod oracle;
    #[path = "../support/postgres.rs"]
    mod own;
    mod panics;
    mod person;
    mod postgres;
    mod program;
    mod random;
    mod repeats;
    mod rows;
    mod stopping;
    mod stops;
    mod tls;
}
