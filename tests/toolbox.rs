//! The operator's toolbox against the running program: `aisha …` as a process of its own.

mod backup;
mod documents;
mod monitoring;
mod report;
mod shipping;
mod storage;
