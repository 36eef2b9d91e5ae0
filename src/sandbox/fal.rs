//! tmp
pub struct Fal;
