//! What the storage writer can be asked.

use crate::{
    ask::Request,
    domain::{id::PictureId, picture::PictureState},
    port,
};

/// Brings a picture to safety: fetched from the provider, copied to object storage. Repeats are
/// harmless: a picture that is safe is answered at once.
#[derive(Debug, Clone, Copy)]
pub struct StorePicture {
    pub id: PictureId,
}

impl Request for StorePicture {
    /// `Stored`, `Fallback` or `Lost`; or the trouble, and then the row is as it was.
    type Reply = Result<PictureState, port::Error>;
}

/// There may be storage jobs (deletions, backfill): look now rather than at the next tick. May be lost.
#[derive(Debug, Clone, Copy)]
pub struct JobsAdded;
