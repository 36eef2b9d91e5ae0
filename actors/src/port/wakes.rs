use crate::domain::id::GenerationId;

/// What one process may tell the others. Every one of them may be lost, or come twice, or late: the
/// row is the truth, and the others look at it anyway, only less soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wake {
    /// Updates were taken in for users of another process.
    UpdatesAdded,
    /// Entries were put into the outbox.
    ParcelsAdded,
    /// Generations were moved.
    RowsChanged,
    /// The provider's webhook named a generation; it may have come to a process that does not drive it.
    ProviderCalled { id: GenerationId, request_id: String },
}

/// The way to tell other processes. What they tell is given to [`crate::system::System::woken`].
pub trait Wakes: Send + Sync {
    /// Returns at once. May come to nothing.
    fn tell(&self, wake: Wake);
}

/// There are no others.
#[derive(Debug, Clone, Copy, Default)]
pub struct NobodyElse;

impl Wakes for NobodyElse {
    fn tell(&self, _: Wake) {}
}
