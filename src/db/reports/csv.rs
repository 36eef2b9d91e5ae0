//! Entries as CSV (RFC 4180), for spreadsheets.

use super::EntryLine;

/// The names of the columns.
pub const CSV_HEAD: &str = "seq,time,kind,user,amount,generation,by,reason\r\n";

/// One entry. What people wrote is quoted, and never a formula to a spreadsheet.
pub fn csv_line(entry: &EntryLine) -> String {
    let generation = entry.generation.map(|id| id.to_string()).unwrap_or_default();
    format!(
        "{},{},{},{},{},{generation},{},{}\r\n",
        entry.seq,
        entry.at.utc().to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        entry.kind.name(),
        entry.user,
        entry.amount,
        quoted(&entry.by),
        quoted(&entry.reason),
    )
}

fn quoted(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use aisha_actors::domain::{
        id::{EntryId, UserId},
        ledger::{Credits, EntryKind},
        time::Timestamp,
    };

    use super::*;

    #[test]
    fn what_people_wrote_stays_one_field_and_is_no_formula() {
        let entry = EntryLine {
            seq: 7,
            id: EntryId(uuid::Uuid::nil()),
            kind: EntryKind::Grant,
            user: UserId(-5),
            amount: Credits(30),
            generation: None,
            reason: "=HYPERLINK(\"http://x\"),\nnext".to_owned(),
            by: "root".to_owned(),
            at: Timestamp(1_500_000),
        };
        assert_eq!(
            csv_line(&entry),
            "7,1970-01-01T00:00:01.500000Z,grant,-5,30,,\"root\",\
             \"'=HYPERLINK(\"\"http://x\"\"),\nnext\"\r\n"
        );
        let columns = CSV_HEAD.trim_end().split(',').count();
        let plain = EntryLine { reason: "gift".to_owned(), ..entry };
        assert_eq!(csv_line(&plain).split(',').count(), columns);
    }
}
