//! Parts of the description that no type says.

use aisha_actors::domain::{
    generation::{Failure, State},
    ledger::EntryKind,
    picture::PictureState,
};
use utoipa::{
    Modify,
    openapi::{
        OpenApi,
        schema::{KnownFormat, Object, ObjectBuilder, SchemaFormat, Type},
        security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme},
    },
};

/// The session's cookie, which every answer needs.
pub(super) struct Cookie;

impl Modify for Cookie {
    fn modify(&self, description: &mut OpenApi) {
        let name = crate::dashboard::cookie::session_name(false);
        let scheme = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
            name,
            "Of a browser that is signed in; over https its name begins with __Host-",
        )));
        let components = description.components.get_or_insert_default();
        components.add_security_scheme("session", scheme);
        let nothing_more: [String; 0] = [];
        description.security = Some(vec![SecurityRequirement::new("session", nothing_more)]);
    }
}

fn one_of(names: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build()
}

pub(super) fn state() -> Object {
    one_of(State::ALL.map(State::name))
}

pub(super) fn failure() -> Object {
    one_of(Failure::ALL.map(Failure::name))
}

pub(super) fn picture_state() -> Object {
    one_of(PictureState::ALL.map(PictureState::name))
}

pub(super) fn entry_kind() -> Object {
    one_of(EntryKind::ALL.map(EntryKind::name))
}

pub(super) fn span() -> Object {
    one_of(super::overview::SPANS.map(|(name, _)| name))
}

pub(super) fn order() -> Object {
    one_of(super::actors::ORDERS.map(|(name, _)| name))
}

pub(super) fn moment() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .build()
}
