//! The bodies of all reads and writes, in the SQL that both databases share. Each backend mounts this
//! file and gives it `Conn`, `Db`, `VERSION`, `micros`, `intake` and `part`: one text, compiled once per backend.

pub(in crate::db) mod audit;
pub(in crate::db) mod census;
pub(in crate::db) mod commit;
pub(in crate::db) mod forget;
pub(in crate::db) mod gallery;
pub(in crate::db) mod generations;
pub(in crate::db) mod inbox;
pub(in crate::db) mod incidents;
pub(in crate::db) mod lanes;
pub(in crate::db) mod ledger;
pub(in crate::db) mod logins;
pub(in crate::db) mod operators;
pub(in crate::db) mod outbox;
pub(in crate::db) mod people;
pub(in crate::db) mod pictures;
pub(in crate::db) mod reports;
pub(in crate::db) mod sweep;

pub(in crate::db) use super::intake;
use super::{Conn, Db, VERSION, micros, part};
