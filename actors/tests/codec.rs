//! `action`: what travels in callback data comes back as it was, or not at all.

use aisha_actors::domain::{
    action::{Action, DATA_BYTES_MAX, Press, Spot},
    id::{GenerationId, IntentId, ModelId, PictureId, UserId},
    picture::Dates,
    text::Language,
    time::Offset,
};
use proptest::{prelude::*, sample::select, strategy::Union};

fn generation() -> impl Strategy<Value = GenerationId> {
    (any::<i64>(), any::<u64>())
        .prop_map(|(user, intent)| GenerationId::derive(UserId(user), IntentId(intent)))
}

fn picture() -> impl Strategy<Value = PictureId> {
    (generation(), 1..=4u8).prop_map(|(generation, n)| PictureId { generation, n })
}

fn model() -> impl Strategy<Value = ModelId> {
    "[a-z][a-z0-9-]{0,23}".prop_map(|id| ModelId::parse(&id).unwrap())
}

fn name() -> impl Strategy<Value = String> {
    "[0-9A-Za-z:.]{1,8}"
}

fn spot() -> impl Strategy<Value = Spot> {
    select(vec![Spot::Result, Spot::Gallery])
}

/// Every action there is. A new one does not compile until it stands in the match.
fn action() -> impl Strategy<Value = Action> {
    use Action as A;
    let plain = [
        A::Home,
        A::Back,
        A::Help,
        A::Balance,
        A::Settings,
        A::Languages,
        A::TimeZones,
        A::Imagine,
        A::EditPrompt,
        A::Models,
        A::Ratios,
        A::Counts,
        A::Resolutions,
        A::Quote,
        A::Gallery,
        A::Filters,
        A::FilterModels,
        A::FilterDates,
        A::CustomDates,
        A::ResetFilters,
        A::Statistics,
        A::Close,
        A::Nothing,
    ];
    let days = vec![
        None,
        Some(Dates::Today),
        Some(Dates::Yesterday),
        Some(Dates::Week),
        Some(Dates::Month),
    ];
    let all: Vec<BoxedStrategy<Action>> = vec![
        select(plain.to_vec()).boxed(),
        (0..=i64::MAX).prop_map(A::History).boxed(),
        select(Language::ALL.to_vec()).prop_map(A::SetLanguage).boxed(),
        (-720..=840i32).prop_map(|m| A::SetTimeZone(Offset::from_minutes(m).unwrap())).boxed(),
        model().prop_map(A::PickModel).boxed(),
        name().prop_map(A::PickRatio).boxed(),
        (1..=4u8).prop_map(A::PickCount).boxed(),
        name().prop_map(A::PickResolution).boxed(),
        any::<u64>().prop_map(|intent| A::Confirm(IntentId(intent))).boxed(),
        generation().prop_map(A::Watch).boxed(),
        generation().prop_map(A::Cancel).boxed(),
        picture().prop_map(A::Again).boxed(),
        picture().prop_map(A::NewRatio).boxed(),
        (picture(), any::<bool>(), spot()).prop_map(|(p, on, s)| A::Favourite(p, on, s)).boxed(),
        (picture(), any::<u8>()).prop_map(|(p, page)| A::FullPrompt(p, page)).boxed(),
        picture().prop_map(A::Original).boxed(),
        (picture(), spot()).prop_map(|(p, s)| A::AskDelete(p, s)).boxed(),
        (picture(), spot()).prop_map(|(p, s)| A::Delete(p, s)).boxed(),
        (picture(), spot()).prop_map(|(p, s)| A::Keep(p, s)).boxed(),
        picture().prop_map(A::Card).boxed(),
        picture().prop_map(A::Older).boxed(),
        picture().prop_map(A::Newer).boxed(),
        proptest::option::of(model()).prop_map(A::FilterModel).boxed(),
        select(days).prop_map(A::FilterDay).boxed(),
        any::<bool>().prop_map(A::FilterFavourites).boxed(),
    ];
    Union::new(all).prop_map(listed)
}

/// Keeps the list above complete.
fn listed(action: Action) -> Action {
    use Action as A;
    match &action {
        A::Home
        | A::Back
        | A::Help
        | A::Balance
        | A::Settings
        | A::Languages
        | A::TimeZones
        | A::Imagine
        | A::EditPrompt
        | A::Models
        | A::Ratios
        | A::Counts
        | A::Resolutions
        | A::Quote
        | A::Gallery
        | A::Filters
        | A::FilterModels
        | A::FilterDates
        | A::CustomDates
        | A::ResetFilters
        | A::Statistics
        | A::Close
        | A::Nothing
        | A::History(_)
        | A::SetLanguage(_)
        | A::SetTimeZone(_)
        | A::PickModel(_)
        | A::PickRatio(_)
        | A::PickCount(_)
        | A::PickResolution(_)
        | A::Confirm(_)
        | A::Watch(_)
        | A::Cancel(_)
        | A::Again(_)
        | A::NewRatio(_)
        | A::Favourite(..)
        | A::FullPrompt(..)
        | A::Original(_)
        | A::AskDelete(..)
        | A::Delete(..)
        | A::Keep(..)
        | A::Card(_)
        | A::Older(_)
        | A::Newer(_)
        | A::FilterModel(_)
        | A::FilterDay(_)
        | A::FilterFavourites(_) => action,
    }
}

/// Strings near to callback data: codes with arguments that nearly fit.
fn nearly() -> impl Strategy<Value = String> {
    (
        select(vec!["1", "1~", "2", "", "1~~"]),
        "[a-z]{1,3}",
        proptest::collection::vec("[0-9a-fA-F+_ -]{0,33}", 0..5),
    )
        .prop_map(|(version, code, args)| {
            let tail: String = args.iter().map(|arg| format!(".{arg}")).collect();
            format!("{version}{code}{tail}")
        })
}

proptest! {
    #[test]
    fn every_action_comes_back_as_it_was(action in action(), fresh in any::<bool>()) {
        let press = Press { action, fresh };
        let data = press.encode();
        prop_assert!(data.len() <= DATA_BYTES_MAX, "{} bytes: {data}", data.len());
        prop_assert_eq!(Press::decode(&data), Some(press));
    }

    #[test]
    fn any_string_is_refused_or_stands_for_itself(data in any::<String>()) {
        if let Some(press) = Press::decode(&data) {
            prop_assert_eq!(press.encode(), data);
        }
    }

    #[test]
    fn what_looks_like_data_is_refused_or_stands_for_itself(data in nearly()) {
        if let Some(press) = Press::decode(&data) {
            prop_assert_eq!(press.encode(), data);
        }
    }

    #[test]
    fn one_changed_byte_never_stands_for_the_same(action in action(), at in 0..64usize, to in 32..127u8) {
        let press = Press::from(action);
        let data = press.encode();
        let mut bytes = data.clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] = to;
        let changed = String::from_utf8(bytes).unwrap();
        if changed != data {
            prop_assert_ne!(Press::decode(&changed), Some(press));
        }
    }
}
