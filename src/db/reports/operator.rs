//! What the operator says: models taken off sale, switches.

use aisha_actors::{
    domain::{id::ModelId, time::Timestamp},
    port::{self, Kind, Result},
};

use crate::db::{Database, request::Shape};

/// The switch that tells people politely to come back later, and takes no new work.
pub const MAINTENANCE: &str = "maintenance";

/// An operator's word on a model, which wins over the file's until it is lifted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelOverride {
    pub model: ModelId,
    pub on_sale: bool,
    pub reason: String,
    pub author: String,
    pub at: Timestamp,
    /// When it was lifted, and by whom.
    pub lifted: Option<(Timestamp, String)>,
}

/// A switch, as somebody set it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    pub name: String,
    pub is_on: bool,
    pub note: String,
    pub author: String,
    pub at: Timestamp,
}

impl Database {
    /// Says that a model is on sale or not, whatever the file says; lifts what was said before.
    pub async fn set_model_override(
        &self,
        model: &ModelId,
        on_sale: bool,
        reason: &str,
        author: &str,
    ) -> Result<()> {
        let (model, at, lifted) = (model.clone(), self.clock.now(), None);
        let (reason, author) = (reason.to_owned(), author.to_owned());
        let word = ModelOverride { model, on_sale, reason, author, at, lifted };
        on_writer!(self, Shape::Several, conn =>
            queries::reports::operator::set_override(conn, word).await)
    }

    /// The file's word counts again.
    ///
    /// # Errors
    /// `NotFound`: nothing was said about this model.
    pub async fn lift_model_override(&self, model: &ModelId, author: &str) -> Result<()> {
        let (model, author, at) = (model.clone(), author.to_owned(), self.clock.now());
        let lifted = on_writer!(self, Shape::One, conn =>
            queries::reports::operator::lift_override(conn, &model, &author, at).await)?;
        match lifted {
            0 => Err(port::Error::new(Kind::NotFound, "nothing was said about this model")),
            _ => Ok(()),
        }
    }

    /// What counts now, one for each model at most.
    pub async fn model_overrides(&self) -> Result<Vec<ModelOverride>> {
        on_reader!(self, conn => queries::reports::operator::overrides(conn, true, i64::MAX).await)
    }

    /// What was ever said, the newest first.
    pub async fn model_override_history(&self, limit: usize) -> Result<Vec<ModelOverride>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        on_reader!(self, conn => queries::reports::operator::overrides(conn, false, limit).await)
    }

    /// Sets a switch.
    pub async fn set_switch(
        &self,
        name: &str,
        is_on: bool,
        note: &str,
        author: &str,
    ) -> Result<()> {
        let (name, note, author) = (name.to_owned(), note.to_owned(), author.to_owned());
        let set = Switch { name, is_on, note, author, at: self.clock.now() };
        on_writer!(self, Shape::One, conn => queries::reports::operator::set_switch(conn, set).await)
    }

    /// How a switch stands. None: nobody ever set it.
    pub async fn switch(&self, name: &str) -> Result<Option<Switch>> {
        let name = name.to_owned();
        on_reader!(self, conn => queries::reports::operator::switch(conn, &name).await)
    }
}
