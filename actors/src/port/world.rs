use crate::domain::{id::IntentId, time::Timestamp};

/// The wall clock.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// Ids and numbers that nobody can guess.
pub trait IdSource: Send + Sync {
    fn intent(&self) -> IntentId;
    /// For the provider; 31 bits, which every model takes.
    fn seed(&self) -> u32;
    /// Names one act of an operator.
    fn cause(&self) -> String;
}
