//! The pages. One registers itself by its line in [`PAGES`]; that gives it its routes, its place in the
//! navigation and its title there. What of it is live stands in [`PARTS`].

pub(super) mod account;
mod actors;
mod audit;
mod base;
mod broadcasts;
mod catalogue;
mod generations;
mod ledger;
mod log;
pub(super) mod maintenance;
mod operators;
mod overview;
mod parts;
mod people;
mod storage;

use super::{layout::Icon, live::Part, routes::Route};
use crate::db::operators::Role;

pub(super) use base::{BASE, STATUS};
pub(crate) use operators::is_name as is_operator_name;

/// A page of the navigation.
pub(super) struct Page {
    /// Its first route.
    pub(super) path: &'static str,
    /// The key of its name.
    pub(super) name: &'static str,
    pub(super) icon: Icon,
    /// Who sees it in the navigation: the least role of its first route.
    pub(super) role: Role,
    pub(super) routes: &'static [Route],
}

/// In the order of the navigation: overview, actors, people, generations, ledger, storage, catalogue,
/// broadcast, log, operators, audit.
pub(super) const PAGES: &[&Page] = &[
    &overview::PAGE,
    &actors::PAGE,
    &people::PAGE,
    &generations::PAGE,
    &ledger::PAGE,
    &storage::PAGE,
    &catalogue::PAGE,
    &broadcasts::PAGE,
    &log::PAGE,
    &maintenance::PAGE,
    &operators::PAGE,
    &audit::PAGE,
];

/// Everything that is live.
pub(super) const PARTS: &[&Part] = &[
    &STATUS,
    &maintenance::BANNER,
    &overview::TILES,
    &overview::HEALTH,
    &actors::TREE,
    &actors::USERS,
    &storage::PART,
];

/// The parts for which it is looked at figures of the rows, at the dependencies, at the actors, at work on storage.
pub(super) const SHOW_OVERVIEW: &[&Part] = &[&overview::TILES];
pub(super) const SHOW_READINESS: &[&Part] = &[&overview::HEALTH];
pub(super) const SHOW_NODES: &[&Part] =
    &[&overview::TILES, &overview::HEALTH, &actors::TREE, &actors::USERS];
pub(super) const SHOW_UPKEEP: &[&Part] = &[&storage::PART];
