//! What the command line and the dashboard read, and the few things they do to rows by hand.

pub(in crate::db) mod aside;
pub(in crate::db) mod broadcasts;
pub(in crate::db) mod entries;
pub(in crate::db) mod figures;
pub(in crate::db) mod generations;
pub(in crate::db) mod money;
pub(in crate::db) mod operator;
pub(in crate::db) mod people;
pub(in crate::db) mod pictures;
pub(in crate::db) mod proposals;
pub(in crate::db) mod samples;
pub(in crate::db) mod storage;
pub(in crate::db) mod timeline;
pub(in crate::db) mod upkeep;

use super::{Conn, Db, micros};
