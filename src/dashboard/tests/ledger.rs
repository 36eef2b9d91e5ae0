//! The ledger's page.

use aisha_actors::domain::{ledger::EntryKind, time::Timestamp};

use super::*;

const ZOE: UserId = UserId(77);

impl Office {
    /// So many grants, a second apart.
    async fn grant(&self, count: i64, reason: &str) {
        let now = self.clock.now();
        let grants = (0..count).map(|n| {
            let at = Timestamp(now.0 + n * 1_000_000);
            let (cause, reason) = (format!("{reason}/{n}"), format!("{reason} {n}."));
            let entry = Entry::by_operator(ZOE, Credits(2), reason, "eve".to_owned(), &cause, at);
            Changes::new(ZOE, vec![Change::Book(entry)])
        });
        let answers = self.desk.database.commit(grants.collect()).await.unwrap();
        assert!(answers.iter().all(Result::is_ok));
    }
}

fn link_to<'a>(page: &'a str, begin: &str) -> Option<String> {
    let mut links = page.split("href=\"").filter_map(|rest: &'a str| rest.split('"').next());
    links.find(|link| link.starts_with(begin)).map(|link| link.replace("&amp;", "&"))
}

#[actix_web::test]
async fn entries_are_filtered_summed_and_turned_page_by_page() {
    let office = Office::open().await;
    office.hire("ann", Role::Viewer).await;
    let ann = office.sign_in("ann").await;
    office.meet(ZOE.0, "Zoe", 100).await;
    office.grant(60, "gift").await;
    let first = office.page(&ann, "/admin/ledger?kind=grant&actor=eve").await;
    assert!(first.contains("gift 59.") && !first.contains("gift 5."));
    assert!(first.contains("<td class=\"number\">60</td><td class=\"number\">120</td>"));
    let older = link_to(&first, "/admin/ledger?kind=grant&amp;actor=eve&amp;after=").unwrap();
    let second = office.page(&ann, &older).await;
    assert!(second.contains("gift 5.") && second.contains("gift 0."));
    assert!(!second.contains("rel=\"next\""));

    let day = office.clock.now().utc().format("%Y-%m-%d").to_string();
    let today = office.page(&ann, &format!("/admin/ledger?user=77&from={day}&until={day}")).await;
    assert!(today.contains("gift 59."));
    let welcome = office.page(&russian(&ann), "/admin/ledger?kind=welcome").await;
    assert!(welcome.contains("Подарок новичку") && welcome.contains("+100"));
    assert!(office.page(&ann, "/admin/ledger?user=78").await.contains("no such entries"));
    for wrong in ["kind=gift", "user=zoe", "from=today", "until=2026-13-01", "actor=%00"] {
        let refused = office.get(Some(&ann), &format!("/admin/ledger?{wrong}")).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(refused.text().await.unwrap().contains("role=\"alert\""));
    }
    office.close().await;
}

#[actix_web::test]
async fn sec_13_a_spreadsheet_gets_all_entries_and_no_formula() {
    let office = Office::open().await;
    office.hire("ann", Role::Finance).await;
    office.hire("vic", Role::Support).await;
    let (ann, vic) = (office.sign_in("ann").await, office.sign_in("vic").await);
    office.meet(ZOE.0, "Zoe", 100).await;
    office.grant(1100, "=1+1").await;
    let page = office.page(&ann, "/admin/ledger?kind=grant").await;
    let link = link_to(&page, "/admin/ledger/entries.csv").unwrap();
    let file = office.get(Some(&ann), &link).await;
    assert_eq!(file.headers()[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert!(file.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().contains("attachment"));
    let text = file.text().await.unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 1101, "in more than one part");
    assert!(lines[0].starts_with("seq,time,kind"));
    assert!(lines[1..].iter().all(|line| line.contains(",grant,77,2,,\"eve\",\"'=1+1 ")));
    assert!(link_to(&office.page(&vic, "/admin/ledger").await, "/admin/ledger/entries").is_none());
    assert_eq!(office.get(Some(&vic), &link).await.status(), StatusCode::FORBIDDEN);
    let wrong = office.get(Some(&ann), "/admin/ledger/entries.csv?kind=gift").await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    office.close().await;
}

#[actix_web::test]
async fn accounts_are_listed_from_the_largest_on() {
    let office = Office::open().await;
    office.hire("ann", Role::Viewer).await;
    let ann = office.sign_in("ann").await;
    for id in 1..=60 {
        office.meet(id, &format!("Person <{id}>"), id).await;
    }
    let first = office.page(&ann, "/admin/ledger/accounts").await;
    assert!(first.contains("Person &lt;60&gt;") && !first.contains("Person &lt;5&gt;"));
    let next = link_to(&first, "/admin/ledger/accounts?after=").unwrap();
    let second = office.page(&russian(&ann), &next).await;
    assert!(second.contains("Person &lt;10&gt;") && second.contains("Person &lt;1&gt;"));
    assert!(!second.contains("Person &lt;11&gt;") && second.contains("Доступно"));
    office.close().await;
}

#[actix_web::test]
async fn the_books_are_checked_at_the_press_of_a_button() {
    let office = Office::open().await;
    office.hire("ann", Role::Support).await;
    let ann = office.sign_in("ann").await;
    office.meet(ZOE.0, "Zoe", 100).await;
    assert!(office.page(&ann, "/admin/ledger").await.contains("not checked yet"));
    let unreasoned = office.post(Some(&ann), "/admin/ledger/check", &[]).await;
    assert_eq!(unreasoned.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let check = async || {
        let done = office.post(Some(&ann), "/admin/ledger/check", &[("reason", "month")]).await;
        office.page(&ann, location(&done)).await
    };
    let page = check().await;
    assert!(page.contains("The books are right") && page.contains("were checked"));
    assert_eq!(office.audit().await[0].deed.action, "ledger.check");
    let database = &office.desk.database;
    assert_eq!(database.last_ledger_check().await.unwrap().unwrap().stats.promo, Credits(100));

    // Somebody else is at it.
    let turn = office.desk.books.try_acquire().unwrap();
    let busy = office.post(Some(&ann), "/admin/ledger/check", &[("reason", "month")]).await;
    assert_eq!(busy.status(), StatusCode::UNPROCESSABLE_ENTITY);
    drop(turn);
    assert_eq!(EntryKind::ALL.len(), 7, "each has a word of its own on the page");
    office.close().await;
}
