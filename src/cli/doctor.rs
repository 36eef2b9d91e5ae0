//! `aisha doctor`: a line for everything the bot depends on.

use serde_json::{Value, json};

use super::{Report, report::table};
use crate::{
    doctor::{Verdict, look},
    settings::Settings,
};

pub(super) async fn run(settings: &Settings) -> anyhow::Result<Report> {
    let findings = look(settings).await;
    let json = findings.iter().map(|finding| {
        json!({
            "what": finding.what, "verdict": finding.verdict.word(), "words": finding.words,
        })
    });
    let trouble = findings.iter().any(|finding| finding.verdict == Verdict::Trouble);
    let json = json!({"ok": !trouble, "findings": json.collect::<Value>()});
    let rows = findings
        .into_iter()
        .map(|finding| [finding.verdict.word().to_owned(), finding.what, finding.words]);
    Ok(Report { trouble, ..Report::new(table(["", "what", ""], rows.collect()), json) })
}
