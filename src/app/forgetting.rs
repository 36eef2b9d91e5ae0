//! Deletions of people, brought to their end by whichever node has the person's lane. Every step looks at the
//! rows and can be repeated: a restart, or another node, goes on where it was.
//!
//! ```text
//! blocked ─► generations cancelled, nothing owed ─► pictures deleted ─► the provider's copies deleted
//!         ─► actor put away, cache dropped ─► the one transaction ─► actor and cache once more
//!         ─► what was settled is blank ─► over
//! ```
//! The actor goes before the transaction, so that nothing of before is in memory, and after it, because an
//! update may have come in between and made another one. What it would write under the old id meanwhile is
//! refused by the database: the person is not there. The provider's copies go before it too, because afterwards
//! nobody knows which requests were the person's.

mod copies;

use std::{sync::Arc, time::Duration};

use aisha_actors::{
    domain::{
        id::UserId,
        picture::{ImageType, ObjectKey, Picture},
    },
    lanes::OwnLanes,
    port::{self, Cache, Objects, Records},
    shop::Shop,
    system::System,
};

use crate::{
    db::{
        Database,
        forget::{Forgetting, Waits},
    },
    operate,
};
pub(super) use copies::Copies;

/// How often the next step is taken.
const LOOK: Duration = Duration::from_secs(1);

/// What the steps work with.
pub(super) struct Steps {
    pub(super) database: Database,
    pub(super) system: System,
    pub(super) lanes: OwnLanes,
    pub(super) objects: Arc<dyn Objects>,
    pub(super) cache: Arc<dyn Cache>,
    pub(super) shop: Arc<Shop>,
    /// None: nobody may delete what the provider keeps.
    pub(super) copies: Option<Copies>,
}

impl Steps {
    /// Takes them until it is dropped.
    pub(super) async fn run(mut self) {
        loop {
            tokio::time::sleep(LOOK).await;
            let all = match self.database.forgettings().await {
                Ok(all) => all,
                Err(error) => {
                    tracing::debug!(%error, "deletions of people wait");
                    continue;
                }
            };
            for one in &all {
                if !self.lanes.has(one.user) {
                    continue;
                }
                if let Err(error) = self.step(one).await {
                    tracing::warn!(user = %one.user, %error, "the deletion of a person waits");
                }
            }
        }
    }

    async fn step(&mut self, one: &Forgetting) -> port::Result<()> {
        if one.is_emptied {
            return self.end(one).await;
        }
        let waits = self.database.forgetting_waits(one.user).await?;
        if !waits.is_blocked {
            self.block(one.user, waits).await
        } else if waits.generations > 0 || waits.parcels > 0 {
            self.settle(one.user).await
        } else if waits.pictures > 0 {
            self.delete_pictures(one.user).await
        } else if waits.requests > 0
            && let Some(copies) = &mut self.copies
        {
            copies.delete(&self.database, one).await
        } else if waits.is_quiet() && self.put_away(one.user).await {
            if !self.database.empty(one).await? {
                return Ok(());
            }
            tracing::info!(user = %one.user, "a person was deleted");
            self.end(one).await
        } else {
            Ok(())
        }
    }

    /// The wish came with the row, unless the process died between the two, or somebody took it back.
    async fn block(&self, user: UserId, waits: Waits) -> port::Result<()> {
        if waits.updates == 0 {
            operate::set_blocked(&self.database, user, true).await?;
            self.system.rows_added();
        }
        Ok(())
    }

    /// Open generations are cancelled, as the operator could; what is owed is sent or given up.
    async fn settle(&self, user: UserId) -> port::Result<()> {
        let open = self.database.open_generations_of(user).await?;
        for row in &open {
            operate::cancel_once(&self.database, user, row.id).await?;
        }
        if !open.is_empty() {
            self.system.rows_added();
        }
        self.database.give_up_owed(user).await
    }

    /// All go the way of what the person deletes themselves: the writer takes the objects away.
    async fn delete_pictures(&self, user: UserId) -> port::Result<()> {
        for picture in self.database.pending_pictures_of(user).await? {
            // A copy may have been broken off between the object and the row.
            for key in self.keys(&picture) {
                self.objects.delete(&key).await?;
            }
        }
        self.database.trash_all_of(user).await?;
        self.system.jobs_added();
        Ok(())
    }

    fn keys(&self, picture: &Picture) -> [ObjectKey; 3] {
        let catalogue = self.shop.catalogue();
        let bucket = catalogue.get(&picture.model).map_or("generated", |model| &model.bucket);
        [ImageType::Jpeg, ImageType::Png, ImageType::Webp].map(|kind| {
            ObjectKey::of_picture(bucket, picture.id, picture.created_at, kind.ending())
        })
    }

    /// Whether nothing of the person is in memory any more.
    async fn put_away(&self, user: UserId) -> bool {
        self.system.retire(user).await.is_ok() && self.cache.forget(user).await
    }

    async fn end(&self, one: &Forgetting) -> port::Result<()> {
        if !self.put_away(one.user).await {
            return Ok(());
        }
        self.database.blank_settled(one).await?;
        self.database.end_forgetting(one).await
    }
}
