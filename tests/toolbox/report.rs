//! `aisha report`: a bundle that can be shown to strangers.

use std::{collections::BTreeMap, fs, path::Path};

use crate::support::aisha;

const TOKEN: &str = "123456:canary-token-AAAAAAAAAAAAAAAAAAAAAAA";
const FAL_KEY: &str = "0f0f0f0f-canary-fal-key:abcdefabcdefabcdefabcdef";
const FAL_ADMIN_KEY: &str = "1f1f1f1f-canary-admin-key:abcdefabcdefabcdefabcdef";
const SECRET_KEY: &str = "canary-secret-key-0123456789abcdef";
const WEBHOOK_SECRET: &str = "canary-webhook-secret-5a5a5a";
/// What the program was never told: an earlier password, a link that somebody pasted.
const STRANGERS: [&str; 4] = [
    "canary-postgres-password",
    "canary-redis-password",
    "canary-signature",
    "canary-old-token-0123456789",
];

fn log() -> String {
    let [postgres, redis, signature, old] = STRANGERS;
    format!(
        "INFO a plain line that helps to find the trouble\n\
         ERROR {TOKEN} {FAL_KEY} {FAL_ADMIN_KEY} {SECRET_KEY} {WEBHOOK_SECRET}\n\
         WARN error=postgres://aisha:{postgres}@db:5432/aisha: refused\n\
         WARN redis://:{redis}@cache:6379/0 password={redis}\n\
         WARN GET https://s3.local/imagen4/a.jpg?X-Amz-Credential=x&X-Amz-Signature={signature}\n\
         WARN https://api.telegram.org/bot987654:{old}/getMe Authorization: Key {old}\n\
         {{\"level\":\"WARN\",\"token\":\"{old}\",\"secret_key\":\"{signature}\"}}\n"
    )
}

fn read_all(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

#[actix_rt::test]
async fn a_report_has_what_helps_and_no_secret() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("app.log"), log()).unwrap();
    let variables = [
        ("DATA_DIR", "data"),
        ("LOG_FILE", "app.log"),
        ("TELEGRAM_TOKEN", TOKEN),
        // Nobody is there: what the doctor says of that goes into the bundle too.
        ("TELEGRAM_API_URL", "http://127.0.0.1:9"),
        ("FAL_KEY", FAL_KEY),
        ("FAL_QUEUE_URL", "http://127.0.0.1:9"),
        ("FAL_ADMIN_KEY", FAL_ADMIN_KEY),
        ("FAL_API_URL", "http://127.0.0.1:9"),
        ("SECRET_KEY", SECRET_KEY),
        ("TELEGRAM_MODE", "webhook"),
        ("TELEGRAM_WEBHOOK_URL", "https://bot.example.org"),
        ("TELEGRAM_WEBHOOK_SECRET", WEBHOOK_SECRET),
        ("TELEGRAM_PROXY", "http://user:canary-proxy-password@127.0.0.1:9"),
    ];
    let environment: BTreeMap<String, String> =
        variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    aisha(dir.path(), &environment, &["migrate", "up"]).await;
    let said = aisha(dir.path(), &environment, &["report", "bundles"]).await;
    let folder = dir.path().join(said["folder"].as_str().unwrap());
    let files = read_all(&folder);
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let expected =
        ["README.txt", "config.toml", "counts.json", "doctor.txt", "log.txt", "versions.json"];
    assert_eq!(names, expected);
    assert!(files["log.txt"].contains("a plain line that helps"));
    assert_eq!(files["log.txt"].lines().count(), log().lines().count(), "lines are kept");
    assert!(files["doctor.txt"].contains("trouble"));
    assert!(files["counts.json"].contains("\"violations\": []"), "{}", files["counts.json"]);
    assert!(files["versions.json"].contains(env!("CARGO_PKG_VERSION")));
    assert!(files["config.toml"].contains("[telegram]"));
    for (name, text) in &files {
        assert!(!text.contains("canary"), "{name} says a secret:\n{text}");
    }
}
