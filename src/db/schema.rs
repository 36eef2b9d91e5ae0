//! The tables as diesel sees them: `migrations/` is the source. The types are native on each database.

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    person (id) {
        id -> BigInt,
        first_name -> Text,
        username -> Nullable<Text>,
        language_code -> Nullable<Text>,
        blocked -> Bool,
        stopped -> Bool,
        created_at -> MomentSql,
        gallery_version -> BigInt,
        name_folded -> Text,
        username_folded -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    conversation (user_id) {
        user_id -> BigInt,
        version -> BigInt,
        body -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    inbox (seq) {
        seq -> BigInt,
        source -> Text,
        update_id -> BigInt,
        user_id -> BigInt,
        payload -> Text,
        state -> Text,
        attempts -> Integer,
        deaths -> Integer,
        error -> Nullable<Text>,
        received_at -> MomentSql,
        settled_at -> Nullable<MomentSql>,
        is_open -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    generation (id) {
        id -> IdSql,
        user_id -> BigInt,
        model -> Text,
        prompt -> Text,
        ratio -> Text,
        resolution -> Nullable<Text>,
        count -> Integer,
        seed -> BigInt,
        price -> BigInt,
        state -> Text,
        message -> Nullable<BigInt>,
        request_id -> Nullable<Text>,
        status_url -> Nullable<Text>,
        response_url -> Nullable<Text>,
        cancel_url -> Nullable<Text>,
        submits -> Integer,
        attempts -> Integer,
        deaths -> Integer,
        failure -> Nullable<Text>,
        captured -> Integer,
        created_at -> MomentSql,
        submitted_at -> Nullable<MomentSql>,
        finished_at -> Nullable<MomentSql>,
        deadline_at -> MomentSql,
        is_open -> Bool,
        is_live -> Bool,
        queued_at -> Nullable<MomentSql>,
        resulted_at -> Nullable<MomentSql>,
        captured_at -> Nullable<MomentSql>,
        cancel_asked_at -> Nullable<MomentSql>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    failure (seq) {
        seq -> BigInt,
        generation -> IdSql,
        n -> Nullable<Integer>,
        reason -> Text,
        at -> MomentSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    picture (generation, n) {
        generation -> IdSql,
        n -> Integer,
        owner -> BigInt,
        model -> Text,
        state -> Text,
        url -> Text,
        url_expires_at -> Nullable<MomentSql>,
        bucket -> Nullable<Text>,
        object_key -> Nullable<Text>,
        mime -> Nullable<Text>,
        size -> Nullable<BigInt>,
        hash -> Nullable<Binary>,
        width -> Nullable<BigInt>,
        height -> Nullable<BigInt>,
        file_id -> Nullable<Text>,
        favourite -> Bool,
        listed -> Bool,
        listed_at -> Nullable<MomentSql>,
        created_at -> MomentSql,
        attempts -> Integer,
        deaths -> Integer,
        has_job -> Bool,
        settled_at -> Nullable<MomentSql>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    outbox (seq) {
        seq -> BigInt,
        user_id -> BigInt,
        kind -> Text,
        generation -> Nullable<IdSql>,
        n -> Nullable<Integer>,
        amount -> Nullable<BigInt>,
        note -> Nullable<Text>,
        placed -> Nullable<BigInt>,
        state -> Text,
        attempts -> Integer,
        deaths -> Integer,
        error -> Nullable<Text>,
        created_at -> MomentSql,
        settled_at -> Nullable<MomentSql>,
        is_open -> Bool,
        broadcast -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    account (id) {
        id -> BigInt,
        kind -> Text,
        credited -> BigInt,
        debited -> BigInt,
        held -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    entry (seq) {
        seq -> BigInt,
        id -> IdSql,
        kind -> Text,
        user_id -> BigInt,
        debit -> BigInt,
        credit -> BigInt,
        amount -> BigInt,
        generation -> Nullable<IdSql>,
        reason -> Text,
        actor -> Text,
        at -> MomentSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    violations (rule, subject) {
        rule -> Text,
        subject -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    bucket_count (bucket, state) {
        bucket -> Text,
        state -> Text,
        pictures -> BigInt,
        bytes -> BigInt,
        at -> MomentSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    ledger_check (at) {
        at -> MomentSql,
        breaches -> BigInt,
        lines -> Text,
        issued -> BigInt,
        promo -> BigInt,
        revenue -> BigInt,
        held -> BigInt,
        refunded -> BigInt,
        entries -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    model_override (seq) {
        seq -> BigInt,
        model -> Text,
        on_sale -> Bool,
        reason -> Text,
        author -> Text,
        at -> MomentSql,
        lifted_at -> Nullable<MomentSql>,
        lifted_by -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    switch (name) {
        name -> Text,
        is_on -> Bool,
        note -> Text,
        author -> Text,
        at -> MomentSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    broadcast (seq) {
        seq -> BigInt,
        text_en -> Text,
        text_ru -> Text,
        segment -> Text,
        state -> Text,
        author -> Text,
        created_at -> MomentSql,
        started_at -> Nullable<MomentSql>,
        finished_at -> Nullable<MomentSql>,
        walked -> Nullable<BigInt>,
        is_walked -> Bool,
        queued -> BigInt,
        sent -> BigInt,
        failed -> BigInt,
        blocked -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    operator (id) {
        id -> BigInt,
        name -> Text,
        password -> Nullable<Text>,
        role -> Text,
        totp_salt -> Nullable<Binary>,
        totp_used -> BigInt,
        disabled -> Bool,
        created_at -> MomentSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    admin_session (token) {
        token -> Binary,
        operator -> BigInt,
        created_at -> MomentSql,
        seen_at -> MomentSql,
        proved_at -> MomentSql,
        address -> Text,
        agent -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    login_failure (seq) {
        seq -> BigInt,
        account -> Text,
        address -> Text,
        at -> MomentSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    login_link (token) {
        token -> Binary,
        operator -> BigInt,
        expires_at -> MomentSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    audit (seq) {
        seq -> BigInt,
        at -> MomentSql,
        actor -> Text,
        action -> Text,
        subject -> Text,
        reason -> Text,
        value_before -> Nullable<Text>,
        value_after -> Nullable<Text>,
        request_id -> Text,
        address -> Text,
        hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;

    audit_head (one) {
        one -> Integer,
        seq -> BigInt,
        hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::{IdSql, MomentSql};

    proposal (seq) {
        seq -> BigInt,
        cause -> Text,
        user_id -> BigInt,
        generation -> Nullable<IdSql>,
        amount -> BigInt,
        reason -> Text,
        author -> Text,
        created_at -> MomentSql,
        outcome -> Nullable<Text>,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<MomentSql>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(admin_session, login_link, operator);

diesel::allow_tables_to_appear_in_same_query!(
    account,
    conversation,
    entry,
    failure,
    generation,
    inbox,
    outbox,
    person,
    picture,
);
