//! What a handler is given: one request, read and checked.

use std::{ops::Deref, sync::Arc};

use aisha_actors::domain::{text::Language, time::Timestamp};
use fluent_bundle::FluentValue;

use super::{Desk, Error, session::SignedIn};
use crate::db::operators::Role;

/// How the page looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Theme {
    /// As the system does.
    Auto,
    Light,
    Dark,
}

impl Theme {
    pub(super) const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub(super) fn parse(name: &str) -> Self {
        Self::ALL.into_iter().find(|theme| theme.name() == name).unwrap_or(Self::Auto)
    }
}

/// Pairs of names and values, such as a form's.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// More than this of them is no form of ours.
    const MANY: usize = 64;

    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let fields: Vec<_> =
            url::form_urlencoded::parse(text).into_owned().take(Self::MANY + 1).collect();
        (fields.len() <= Self::MANY).then_some(Self(fields))
    }

    pub(super) fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// All of them as one value. None: they do not fit.
    pub(super) fn read<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        let text = serde_urlencoded::to_string(&self.0).ok()?;
        serde_urlencoded::from_str(&text).ok()
    }

    /// Empty when it is absent.
    pub(super) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

/// A request of somebody, signed in or not.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(super) desk: Arc<Desk>,
    pub(super) language: Language,
    pub(super) theme: Theme,
    pub(super) path: String,
    /// What stands in the place of a route's `{…}`.
    pub(super) params: Fields,
    pub(super) query: Fields,
    /// What was filled in; empty for a GET.
    pub(super) form: Fields,
    pub(super) request_id: String,
    pub(super) address: String,
    /// What the browser calls itself, cut.
    pub(super) agent: String,
    /// The token of the session's cookie, whether it is good or not.
    pub(super) token: Option<String>,
    pub(super) if_none_match: String,
    pub(super) signed_in: Option<SignedIn>,
}

impl Visit {
    /// A sentence.
    pub(crate) fn t(&self, key: &str) -> String {
        self.desk.words.say(self.language, key, &[])
    }

    /// A sentence with values.
    pub(crate) fn tr(&self, key: &str, values: &[(&str, FluentValue<'_>)]) -> String {
        self.desk.words.say(self.language, key, values)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.desk.clock.now()
    }
}

/// A request of an operator who may make it.
#[derive(Clone)]
pub(crate) struct Ctx {
    visit: Visit,
    signed_in: SignedIn,
}

impl Ctx {
    pub(super) fn new(visit: Visit, signed_in: SignedIn) -> Self {
        Self { visit, signed_in }
    }

    pub(super) fn who(&self) -> &SignedIn {
        &self.signed_in
    }

    /// The name that stands in the audit log.
    pub(super) fn name(&self) -> &str {
        &self.signed_in.operator.name
    }

    /// Whether the operator may do what needs this role: to leave out what they cannot use.
    pub(super) fn may(&self, role: Role) -> bool {
        self.signed_in.operator.role >= role
    }

    /// Why it is done: a line of 1 to 200 characters in the form's field `reason`.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn reason(&self) -> Result<String, Error> {
        let reason = self.form.get("reason").trim();
        let fits =
            (1..=200).contains(&reason.chars().count()) && !reason.contains(char::is_control);
        if fits { Ok(reason.to_owned()) } else { Err(Error::Refused("error-reason")) }
    }
}

impl Deref for Ctx {
    type Target = Visit;
    fn deref(&self) -> &Visit {
        &self.visit
    }
}
