//! `aisha`: see [`aisha::cli`] for what it can be told.

use std::process::ExitCode;

fn main() -> ExitCode {
    aisha::cli::main()
}
