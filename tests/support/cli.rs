//! `aisha` as the operator runs it, beside the program or alone.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;
use tokio::process::Command;

/// Runs a command with nothing but this environment and gives its JSON. It has to succeed.
pub(crate) async fn run(
    folder: &Path,
    environment: &BTreeMap<String, String>,
    words: &[&str],
) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_aisha"))
        .arg("--json")
        .args(words)
        .current_dir(folder)
        .env_clear()
        .envs(environment)
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "aisha {words:?} failed: {said}");
    serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
}
