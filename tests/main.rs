//! The real program, started in this process on a free port, in a folder of its own, with the sandbox
//! as Telegram and FAL; people of the tests talk to it as the chat page does, over HTTP.
//!
//! `support` has the program (`TestApp`) and a person (`TestUser`). `journeys` has one file per story.
//! A test waits for what its person sees, never for time to pass, and ends with `app.finish()`, which
//! stops the program and looks for what must not be left behind: open rows, held credits, violations of
//! the books, calls that Telegram refused, errors in the log.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail the test, like the tests themselves"
)]

mod canary;
mod crawl;
mod house;
mod journeys;
mod support;
mod toolbox;
