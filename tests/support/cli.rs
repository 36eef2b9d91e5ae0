//! `aisha` as the operator runs it, beside the program or alone.

use std::{collections::BTreeMap, path::Path, process::Stdio};

use serde_json::Value;
use tokio::{io::AsyncWriteExt, process::Command};

async fn output(
    folder: &Path,
    environment: &BTreeMap<String, String>,
    words: &[&str],
) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_aisha"))
        .args(words)
        .current_dir(folder)
        .env_clear()
        .envs(environment)
        .kill_on_drop(true)
        .output()
        .await
        .unwrap()
}

/// Runs a command with nothing but this environment and gives its JSON. It has to succeed.
pub(crate) async fn run(
    folder: &Path,
    environment: &BTreeMap<String, String>,
    words: &[&str],
) -> Value {
    let json: Vec<&str> = std::iter::once("--json").chain(words.iter().copied()).collect();
    let output = output(folder, environment, &json).await;
    let said = String::from_utf8_lossy(&output.stderr);
    let answer = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "aisha {words:?} failed: {said}{answer}");
    serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
}

/// Runs a command that reads this from its standard input: how it ended, and all that it says.
pub(crate) async fn run_with_input(
    folder: &Path,
    environment: &BTreeMap<String, String>,
    words: &[&str],
    input: &str,
) -> (Option<i32>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_aisha"))
        .args(words)
        .current_dir(folder)
        .env_clear()
        .envs(environment)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).await.unwrap();
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let answer = String::from_utf8_lossy(&output.stdout);
    (output.status.code(), format!("{said}{answer}"))
}

/// Runs a command that has to fail with exit code 1, and gives all that it says.
pub(crate) async fn refused(
    folder: &Path,
    environment: &BTreeMap<String, String>,
    words: &[&str],
) -> String {
    let output = output(folder, environment, words).await;
    let said = String::from_utf8_lossy(&output.stderr);
    let answer = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "aisha {words:?}: {said}{answer}");
    format!("{said}{answer}")
}
