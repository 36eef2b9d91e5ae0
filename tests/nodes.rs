//! Several real processes over one PostgreSQL, stopped and killed while simulated people use them.
//!
//! `AISHA_KILL_SEED` repeats a run, `AISHA_KILL_KEEP=1` keeps the folders. Needs AISHA_TEST_POSTGRES_URL:
//! run ./scripts/test, it starts a PostgreSQL.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

#[expect(dead_code, reason = "what only the tests of one process use")]
mod kill {
    mod chat;
    #[path = "../support/rows.rs"]
    mod every_row;
    mod gone;
    mod house;
    mod journal;
    mod nodes;
    mod oracle;
    #[path = "../support/postgres.rs"]
    mod own;
    mod person;
    mod program;
    mod rows;
    mod spread;
    mod takeover;
}
