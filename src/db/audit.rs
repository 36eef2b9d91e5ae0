//! The audit log: append-only, and each row's hash covers the one before, so that a row which was
//! changed or taken away behind the program's back is found.

use aisha_actors::{domain::time::Timestamp, port::Result};
use sha2::{Digest, Sha256};

use super::{Database, request::Shape};

/// Rows that a check of the whole log reads at once.
const CHECK_ROWS: usize = 1_000;

/// What somebody did, to be written down.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Deed {
    /// An operator's name, or `cli:` and a user of the machine.
    pub actor: String,
    /// Such as `operator.disable`.
    pub action: String,
    /// Whom or what it was done to, such as `operator/ann`.
    pub subject: String,
    /// Empty where none is asked for, as when signing in.
    pub reason: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub request_id: String,
    pub address: String,
}

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    pub seq: i64,
    pub at: Timestamp,
    pub deed: Deed,
    pub hash: Vec<u8>,
}

/// Which rows are wanted. Empty words want all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    pub actor: String,
    pub subject: String,
    /// Only rows older than this one.
    pub before: Option<i64>,
}

/// What a check of the whole log found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All is as it was written.
    Whole { rows: u64 },
    /// The first row that is not what was written, or where one is missing.
    Broken { at: i64 },
}

/// The hash before the first row.
pub(super) const BEGINNING: [u8; 32] = [0; 32];

/// The hash of a row: of the one before and of every field with its length.
pub(super) fn chain(before: &[u8], seq: i64, at: Timestamp, deed: &Deed) -> [u8; 32] {
    let mut sum = Sha256::new();
    sum.update(before);
    sum.update(seq.to_be_bytes());
    sum.update(at.0.to_be_bytes());
    let always = [&deed.actor, &deed.action, &deed.subject, &deed.reason];
    let perhaps = [&deed.before, &deed.after];
    let last = [&deed.request_id, &deed.address];
    let always = always.into_iter().map(Some);
    let fields = always.chain(perhaps.into_iter().map(Option::as_ref)).chain(last.map(Some));
    for field in fields {
        sum.update([u8::from(field.is_some())]);
        let bytes = field.map(String::as_bytes).unwrap_or_default();
        sum.update((bytes.len() as u64).to_be_bytes());
        sum.update(bytes);
    }
    sum.finalize().into()
}

impl Database {
    /// Appends a row. Returns its number.
    pub async fn record(&self, deed: Deed, at: Timestamp) -> Result<i64> {
        on_writer!(self, Shape::Several, conn => queries::audit::append(conn, deed, at).await)
    }

    /// Rows, newest first.
    pub async fn audit_rows(&self, filter: AuditFilter, limit: usize) -> Result<Vec<AuditRow>> {
        on_reader!(self, conn => queries::audit::rows(conn, filter, limit).await)
    }

    /// Reads the whole log and checks that it is what was written.
    pub async fn verify_audit(&self) -> Result<Verdict> {
        // What is appended meanwhile is checked by the next check.
        let (last, head) = on_reader!(self, conn => queries::audit::head(conn).await)?;
        let (mut seq, mut hash) = (0, Vec::from(BEGINNING));
        while seq < last {
            let rows =
                on_reader!(self, conn => queries::audit::rows_after(conn, seq, CHECK_ROWS).await)?;
            if rows.is_empty() {
                return Ok(Verdict::Broken { at: seq + 1 });
            }
            for row in rows {
                let right = chain(&hash, row.seq, row.at, &row.deed);
                if row.seq != seq + 1 || row.hash != right {
                    return Ok(Verdict::Broken { at: seq + 1 });
                }
                (seq, hash) = (row.seq, row.hash);
                if seq == last && hash != head {
                    return Ok(Verdict::Broken { at: seq });
                }
            }
        }
        // A head that was set back, or taken away, leaves rows behind it that it does not know; those
        // that were appended since follow on from it.
        let more = on_reader!(self, conn => queries::audit::rows_after(conn, seq, 1).await)?;
        match more.first() {
            Some(row) if row.hash != chain(&hash, seq + 1, row.at, &row.deed) => {
                Ok(Verdict::Broken { at: seq + 1 })
            }
            _ => Ok(Verdict::Whole { rows: seq.unsigned_abs() }),
        }
    }
}
