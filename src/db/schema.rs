//! The tables as diesel sees them: `migrations/` is the source. Only types that every backend has.

diesel::table! {
    person (id) {
        id -> BigInt,
        first_name -> Text,
        username -> Nullable<Text>,
        language_code -> Nullable<Text>,
        blocked -> Bool,
        stopped -> Bool,
        created_at -> BigInt,
        gallery_version -> BigInt,
    }
}

diesel::table! {
    conversation (user_id) {
        user_id -> BigInt,
        version -> BigInt,
        body -> Text,
    }
}

diesel::table! {
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
        received_at -> BigInt,
        settled_at -> Nullable<BigInt>,
        is_open -> Bool,
    }
}

diesel::table! {
    generation (id) {
        id -> Binary,
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
        created_at -> BigInt,
        submitted_at -> Nullable<BigInt>,
        finished_at -> Nullable<BigInt>,
        deadline_at -> BigInt,
        is_open -> Bool,
        is_live -> Bool,
    }
}

diesel::table! {
    failure (seq) {
        seq -> BigInt,
        generation -> Binary,
        n -> Nullable<Integer>,
        reason -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    picture (generation, n) {
        generation -> Binary,
        n -> Integer,
        owner -> BigInt,
        model -> Text,
        state -> Text,
        url -> Text,
        url_expires_at -> Nullable<BigInt>,
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
        listed_at -> Nullable<BigInt>,
        created_at -> BigInt,
        attempts -> Integer,
        deaths -> Integer,
        has_job -> Bool,
    }
}

diesel::table! {
    outbox (seq) {
        seq -> BigInt,
        user_id -> BigInt,
        kind -> Text,
        generation -> Nullable<Binary>,
        n -> Nullable<Integer>,
        amount -> Nullable<BigInt>,
        note -> Nullable<Text>,
        placed -> Nullable<BigInt>,
        state -> Text,
        attempts -> Integer,
        deaths -> Integer,
        error -> Nullable<Text>,
        created_at -> BigInt,
        settled_at -> Nullable<BigInt>,
        is_open -> Bool,
    }
}

diesel::table! {
    account (id) {
        id -> BigInt,
        kind -> Text,
        credited -> BigInt,
        debited -> BigInt,
        held -> BigInt,
    }
}

diesel::table! {
    entry (seq) {
        seq -> BigInt,
        id -> Binary,
        kind -> Text,
        user_id -> BigInt,
        debit -> BigInt,
        credit -> BigInt,
        amount -> BigInt,
        generation -> Nullable<Binary>,
        reason -> Text,
        actor -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    violations (rule, subject) {
        rule -> Text,
        subject -> Text,
    }
}

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
