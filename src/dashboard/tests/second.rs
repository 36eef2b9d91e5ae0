//! Credits that one operator may not book alone.

use aisha_actors::{
    domain::{id::UserId, ledger::EntryKind},
    port::Records,
};

use super::*;
use crate::db::{
    reports::{EntryFilter, EntryLine},
    tests::contract::{after, generation, produce, register},
};

const ANN: UserId = UserId(42);
const CREDITS: &str = "/admin/people/42/credits";

/// Ann has 100 credits, and 50 are the most that one operator books alone.
async fn office() -> Office {
    let office = Office::open_with_limit(50).await;
    for (name, role) in [
        ("fay", Role::Finance),
        ("finn", Role::Finance),
        ("sue", Role::Support),
        ("root", Role::Owner),
    ] {
        office.hire(name, role).await;
    }
    register(&office.desk.database, ANN, 100).await;
    office
}

impl Office {
    async fn wants(&self, browser: &Browser, way: &str, amount: &str, key: &str) -> String {
        let key = key.repeat(32);
        let form = [("way", way), ("amount", amount), ("key", &key), ("reason", "a big gift")];
        location(&self.post(Some(browser), CREDITS, &form).await).to_owned()
    }

    async fn decides(&self, browser: &Browser, seq: i64, what: &str) -> Response {
        let path = format!("/admin/ledger/proposals/{seq}/{what}");
        self.post(Some(browser), &path, &[("reason", "looked at it")]).await
    }

    async fn waiting(&self) -> Vec<i64> {
        let waiting = self.desk.database.open_proposals(99).await.unwrap();
        waiting.iter().map(|one| one.seq).collect()
    }

    async fn has(&self) -> i64 {
        self.desk.database.account(ANN).await.unwrap().available().0
    }

    async fn entries(&self, kind: EntryKind) -> Vec<EntryLine> {
        let filter = EntryFilter { user: Some(ANN), kind: Some(kind), ..EntryFilter::default() };
        self.desk.database.find_entries(filter, None, 99).await.unwrap()
    }

    async fn deed(&self, action: &str) -> Vec<(String, String)> {
        let rows = self.audit().await.into_iter().filter(|row| row.deed.action == action);
        rows.map(|row| (row.deed.actor, row.deed.after.unwrap_or_default())).collect()
    }
}

#[actix_web::test]
async fn sec_10_credits_above_the_limit_need_two_persons() {
    let office = office().await;
    let (fay, finn) = (office.sign_in("fay").await, office.sign_in("finn").await);
    assert!(office.wants(&fay, "give", "50", "a").await.ends_with("done-credits"), "the limit");
    assert_eq!((office.has().await, office.waiting().await.len()), (150, 0));

    for _ in 0..2 {
        assert!(office.wants(&fay, "give", "51", "b").await.ends_with("done-proposed"));
    }
    let waiting = office.waiting().await;
    assert_eq!((office.has().await, waiting.len()), (150, 1), "a double click is one");
    let seq = waiting[0];
    let page = office.page(&fay, "/admin/ledger").await;
    assert!(page.contains("a big gift") && page.contains("Withdraw") && !page.contains("Approve"));
    let page = office.page(&russian(&finn), "/admin/ledger").await;
    assert!(page.contains("Одобрить и провести") && page.contains("a big gift"));
    let sue = office.sign_in("sue").await;
    assert!(!office.page(&sue, "/admin/ledger").await.contains("Approve"));

    let own = office.decides(&fay, seq, "approve").await;
    assert_eq!(own.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(own.text().await.unwrap().contains("You proposed it yourself"));
    assert_eq!(office.decides(&sue, seq, "approve").await.status(), StatusCode::FORBIDDEN);
    assert_eq!((office.has().await, office.waiting().await.len()), (150, 1));

    // Approved twice at once, and once more, it is booked once.
    let root = office.sign_in("root").await;
    let (one, two) =
        tokio::join!(office.decides(&finn, seq, "approve"), office.decides(&root, seq, "approve"));
    let done = [&one, &two].into_iter().filter(|one| one.status() == StatusCode::SEE_OTHER);
    assert_eq!(done.count(), 1, "{} {}", one.status(), two.status());
    let again = office.decides(&root, seq, "approve").await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let refused = office.decides(&root, seq, "refuse").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!((office.has().await, office.waiting().await.len()), (201, 0));
    let booked = office.entries(EntryKind::Grant).await;
    assert_eq!(booked.iter().filter(|entry| entry.amount.0 == 51).count(), 1);
    assert!(booked[0].by.starts_with("admin:fay+"), "{}", booked[0].by);
    // Both are in the audit log.
    assert!(
        office
            .deed("credits.propose")
            .await
            .iter()
            .all(|(who, what)| { who == "fay" && what == "+51" })
    );
    let approved = office.deed("credits.approve").await;
    assert!(approved.iter().any(|(who, _)| who == "finn" || who == "root"), "{approved:?}");
    assert!(office.desk.database.violations().await.unwrap().is_empty());
    office.close().await;
}

#[actix_web::test]
async fn sec_10_a_proposal_is_refused_withdrawn_or_over_after_a_day() {
    let office = office().await;
    let (fay, finn) = (office.sign_in("fay").await, office.sign_in("finn").await);
    for (key, browser) in [("a", &finn), ("b", &fay)] {
        office.wants(&fay, "give", "1000", key).await;
        let seq = office.waiting().await[0];
        let path = format!("/admin/ledger/proposals/{seq}/refuse");
        let silent = office.post(Some(browser), &path, &[]).await;
        assert_eq!(silent.status(), StatusCode::UNPROCESSABLE_ENTITY, "no reason");
        let refused = office.decides(browser, seq, "refuse").await;
        assert!(location(&refused).ends_with("done-refused"));
        assert!(office.waiting().await.is_empty());
        let late = office.decides(&finn, seq, "approve").await;
        assert_eq!(late.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    // More than she has cannot be taken, and the proposal stays.
    office.wants(&fay, "take", "101", "c").await;
    let seq = office.waiting().await[0];
    let refused = office.decides(&finn, seq, "approve").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!((office.has().await, office.waiting().await), (100, vec![seq]));

    office.clock.advance(Duration::from_secs(24 * 3600));
    assert!(office.waiting().await.is_empty());
    let finn = office.sign_in("finn").await;
    let late = office.decides(&finn, seq, "approve").await;
    assert_eq!(late.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!office.page(&finn, "/admin/ledger").await.contains("a big gift"));
    assert_eq!(office.has().await, 100);
    office.close().await;
}

#[actix_web::test]
async fn sec_10_a_refund_above_the_limit_needs_two_persons() {
    let office = Office::open_with_limit(5).await;
    office.hire("fay", Role::Finance).await;
    office.hire("finn", Role::Finance).await;
    register(&office.desk.database, ANN, 100).await;
    let made = generation(ANN, 1, 2);
    produce(&office.desk.database, &made, after(60)).await;
    let (fay, finn) = (office.sign_in("fay").await, office.sign_in("finn").await);
    let before = office.has().await;
    let path = format!("/admin/generations/{}/refund", made.id);
    for _ in 0..2 {
        let asked = office.post(Some(&fay), &path, &[("reason", "too dark")]).await;
        assert!(location(&asked).ends_with("done-proposed"));
    }
    let waiting = office.waiting().await;
    assert_eq!((office.has().await, waiting.len()), (before, 1));
    assert!(office.deed("generation.refund").await.is_empty(), "nothing was refunded");
    let approved = office.decides(&finn, waiting[0], "approve").await;
    assert!(location(&approved).ends_with("done-approved"));
    let refunds = office.entries(EntryKind::Refund).await;
    assert_eq!((refunds.len(), refunds[0].by.as_str()), (1, "admin:fay+finn"));
    assert_eq!(office.has().await, before + refunds[0].amount.0);
    office.close().await;
}
