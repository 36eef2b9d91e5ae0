//! Rows and the values they stand for.

use aisha_actors::domain::{
    generation::{Failure, Generation, State},
    id::{GenerationId, MessageId, ModelId, OutboxId, PictureId, UserId},
    ledger::Credits,
    outbox::Parcel,
    picture::{Content, ImageType, ObjectKey, Picture, PictureState},
    time::Timestamp,
};
use proptest::{option, prelude::*, sample::select};
use uuid::Uuid;

use super::{
    Fresh, On, contract,
    contract::{generation, picture, ticket},
};
use crate::db::row::{GenerationRow, PictureRow};

on_each!(a_corrupt_row_is_left_out_of_lists_and_is_an_error_by_itself,);

prop_compose! {
    fn generations()(
        id in any::<u128>(),
        user in any::<i64>(),
        state in select(State::ALL.to_vec()),
        failure in option::of(select(Failure::ALL.to_vec())),
        asked in option::of(any::<u64>()),
        message in option::of(any::<i64>()),
        resolution in option::of(".{1,8}"),
        (prompt, seed, price) in (".*", any::<u32>(), any::<i64>()),
        (submits, attempts, captured, count) in any::<(u8, u8, u8, u8)>(),
        (submitted, finished) in any::<(Option<i64>, Option<i64>)>(),
    ) -> Generation {
        let mut made = generation(UserId(user), 1, count);
        made.id = GenerationId(Uuid::from_u128(id));
        made.state = state;
        made.failure = failure;
        made.ticket = asked.map(ticket);
        made.message = message.map(MessageId);
        made.order.resolution = resolution;
        made.order.prompt = prompt;
        made.order.seed = seed;
        made.order.price = Credits(price);
        made.submits = submits;
        made.attempts = attempts;
        made.captured = captured;
        made.submitted_at = submitted.map(Timestamp);
        made.finished_at = finished.map(Timestamp);
        made
    }
}

prop_compose! {
    fn pictures()(
        n in any::<u8>(),
        state in select(PictureState::ALL.to_vec()),
        image_type in select(vec![ImageType::Jpeg, ImageType::Png, ImageType::Webp]),
        content in option::of((0..i64::MAX as u64, any::<[u8; 32]>(), any::<u32>(), any::<u32>())),
        object in option::of((".{1,9}", ".{1,40}")),
        file_id in option::of(".*"),
        favourite in any::<bool>(),
        (listed, expires) in any::<(Option<i64>, Option<i64>)>(),
        attempts in any::<u8>(),
    ) -> Picture {
        let mut row = picture(&generation(UserId(7), 1, 1), n);
        row.model = ModelId::parse("nano-banana-2").unwrap();
        row.state = state;
        row.content = content
            .map(|(size, hash, width, height)| Content { image_type, size, hash, width, height });
        row.object = object.map(|(bucket, key)| ObjectKey { bucket, key });
        row.file_id = file_id;
        row.favourite = favourite;
        row.listed_at = listed.map(Timestamp);
        row.url_expires_at = expires.map(Timestamp);
        row.attempts = attempts;
        row
    }
}

proptest! {
    #[test]
    fn a_generation_comes_back_as_it_was(made in generations()) {
        let row = GenerationRow::from(made.clone());
        prop_assert_eq!(Generation::try_from(row).unwrap(), made);
    }

    #[test]
    fn a_picture_comes_back_as_it_was(made in pictures()) {
        let row = PictureRow::from(made.clone());
        prop_assert_eq!(Picture::try_from(row).unwrap(), made);
    }
}

/// A row that cannot be read must not hide the others.
async fn a_corrupt_row_is_left_out_of_lists_and_is_an_error_by_itself(on: On) {
    use aisha_actors::port::{Kind, Outbox, Records};

    let user = UserId(1);
    let fresh = Fresh::new(on).await;
    contract::register(&fresh.db, user, 100).await;
    let (good, bad) = (generation(user, 1, 2), generation(user, 2, 1));
    contract::produce(&fresh.db, &good, contract::after(60)).await;
    contract::commit(&fresh.db, user, contract::reserve(&bad)).await;
    fresh
        .tamper(
            "UPDATE generation SET failure = 'boredom' WHERE is_open; \
             UPDATE picture SET model = 'No Such!' WHERE n = 2",
        )
        .await
        .unwrap();
    let live = fresh.db.live_generations().await.unwrap();
    assert_eq!(live.iter().map(|row| row.id).collect::<Vec<_>>(), [good.id]);
    assert_eq!(fresh.db.generation(bad.id).await.unwrap_err().kind, Kind::Permanent);
    assert_eq!(fresh.db.pictures_of(good.id).await.unwrap().len(), 1);
    let second = PictureId { generation: good.id, n: 2 };
    assert_eq!(fresh.db.picture(second).await.unwrap_err().kind, Kind::Permanent);
    let owed = fresh.db.open_entries(OutboxId(0), 9).await.unwrap();
    assert_eq!(owed[1].parcel, Parcel::Picture(second));
}
