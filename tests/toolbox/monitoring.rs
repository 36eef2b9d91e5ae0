//! What is shipped for Prometheus and Grafana, looked at by Prometheus's own tool.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Whether promtool takes it, and what it says.
fn promtool(words: &[&str], file: &Path) -> (bool, String) {
    let output = Command::new("promtool").args(words).arg(file).output();
    let output = output.expect("promtool is not there: run ./scripts/setup, it installs it");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn prometheus_takes_the_alert_rules_and_each_fires_in_its_story() {
    let (fine, said) = promtool(&["check", "rules"], &place("docs/alerts.yml"));
    assert!(fine, "{said}");
    let stories = place("tests/toolbox/alerts_test.yml");
    let (fine, said) = promtool(&["test", "rules"], &stories);
    assert!(fine, "{said}");
    let (rules, stories) = (place("docs/alerts.yml"), fs::read_to_string(stories).unwrap());
    let rules = fs::read_to_string(rules).unwrap();
    let named: Vec<_> =
        rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(named.len() >= 16, "{named:?}");
    for name in named {
        assert!(stories.contains(&format!("alertname=\"{name}\"")), "no story of {name}");
    }
}

/// Every `expr` in it.
fn expressions(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if name == "expr" => into.push(text.clone()),
                    value => expressions(value, into),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| expressions(value, into)),
        _ => {}
    }
}

/// Debian's promtool reads no expression alone: as rules that record something they are read all the same.
fn is_read(expressions: &[String]) -> (bool, String) {
    let rules: Vec<Value> = expressions
        .iter()
        .enumerate()
        .map(|(n, text)| json!({ "record": format!("panel:{n}"), "expr": text }))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.yml");
    // JSON is YAML.
    let body = json!({ "groups": [{ "name": "panels", "rules": rules }] });
    fs::write(&file, body.to_string()).unwrap();
    promtool(&["check", "rules"], &file)
}

#[test]
fn prometheus_reads_every_expression_of_the_grafana_dashboard() {
    let dashboard = fs::read_to_string(place("docs/grafana.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&dashboard).unwrap();
    let mut found = Vec::new();
    expressions(&dashboard, &mut found);
    assert!(found.len() >= 30, "{found:?}");
    // A variable of Grafana's would have to be filled in first.
    assert!(found.iter().all(|text| !text.contains('$')), "{found:?}");
    let (fine, said) = is_read(&found);
    assert!(fine, "{said}");
    let (fine, _) = is_read(&["sum(aisha_inbox_open".to_owned()]);
    assert!(!fine, "it takes everything");
}
