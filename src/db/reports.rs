//! What the command line and the dashboard read, and the few things they do to rows by hand.

mod aside;
mod figures;
mod generations;
mod money;
mod people;
mod pictures;

pub use self::{
    aside::{Aside, AsideId, AsideKind},
    figures::Figures,
    generations::{FailureLine, GenerationFilter, GenerationReport},
    money::{BalanceLine, BalanceStats},
    people::{PersonLine, PersonReport},
};

/// A part of a long list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub limit: usize,
    pub offset: usize,
}

impl Default for Page {
    fn default() -> Self {
        Self { limit: 50, offset: 0 }
    }
}

impl Page {
    pub(super) fn limit(self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX)
    }

    pub(super) fn offset(self) -> i64 {
        i64::try_from(self.offset).unwrap_or(i64::MAX)
    }
}
