//! What can be asked for, as data. Nothing is reachable that does not stand here.

use futures::future::LocalBoxFuture;

use super::{Ctx, Error, Visit, api, assets, live, pages};
use crate::db::operators::Role;

/// What a handler gives: an answer, or what a page says in its place.
pub(super) type Reply = Result<actix_web::HttpResponse, Error>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// Also HEAD. Changes nothing.
    Get,
    /// Changes something.
    Post,
}

/// Who answers.
#[derive(Clone, Copy)]
pub(super) enum Handler {
    /// For everybody, signed in or not.
    Open(fn(Visit) -> LocalBoxFuture<'static, Reply>),
    /// For operators who have the route's role.
    Page(fn(Ctx) -> LocalBoxFuture<'static, Reply>),
}

/// One thing that can be asked for.
#[derive(Clone, Copy)]
pub(super) struct Route {
    pub(super) method: Method,
    /// In actix's words, such as `/admin/operators/{name}`.
    pub(super) path: &'static str,
    /// The least role. None: for everybody.
    pub(super) role: Option<Role>,
    /// The operator has to have proved who they are in the last minutes.
    pub(super) fresh: bool,
    pub(super) handler: Handler,
}

impl Route {
    /// A page.
    pub(super) const fn get(
        path: &'static str,
        role: Role,
        handler: fn(Ctx) -> LocalBoxFuture<'static, Reply>,
    ) -> Self {
        let (method, handler) = (Method::Get, Handler::Page(handler));
        Self { method, path, role: Some(role), fresh: false, handler }
    }

    /// Something that is done. It needs a session's own token and comes from a page of ours.
    pub(super) const fn post(
        path: &'static str,
        role: Role,
        handler: fn(Ctx) -> LocalBoxFuture<'static, Reply>,
    ) -> Self {
        let (method, handler) = (Method::Post, Handler::Page(handler));
        Self { method, path, role: Some(role), fresh: false, handler }
    }

    /// For everybody.
    pub(super) const fn open(
        method: Method,
        path: &'static str,
        handler: fn(Visit) -> LocalBoxFuture<'static, Reply>,
    ) -> Self {
        Self { method, path, role: None, fresh: false, handler: Handler::Open(handler) }
    }

    /// Only shortly after the operator gave their password: for money and for who may do what.
    pub(super) const fn fresh(self) -> Self {
        Self { fresh: true, ..self }
    }

    /// Whether it changes anything.
    pub(super) const fn mutates(&self) -> bool {
        matches!(self.method, Method::Post)
    }
}

/// All of them.
pub(super) fn all() -> impl Iterator<Item = &'static Route> {
    let base = [assets::ROUTES, live::ROUTES, api::ROUTES, pages::BASE];
    let pages = pages::PAGES.iter().map(|page| page.routes);
    base.into_iter().chain(pages).flatten()
}
