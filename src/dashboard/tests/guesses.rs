//! Very many who sign in, or try to.

use std::{sync::atomic::Ordering::SeqCst, thread::available_parallelism};

use futures::{StreamExt, stream};

use super::*;

const GUESSES: usize = 10_000;

/// So many are sent at a time.
const AT_ONCE: usize = 64;

impl Office {
    /// Tries to sign in, and says that it comes from elsewhere.
    async fn login_from(&self, name: &str, password: &str, forwarded: &str) -> StatusCode {
        let fields = [("name", name), ("password", password)];
        let request = self.client.post(self.url("/admin/login"));
        let request = request
            .header("sec-fetch-site", "same-origin")
            .header("x-forwarded-for", forwarded)
            .header(header::CONTENT_TYPE, FORM)
            .body(encode(&fields));
        request.send().await.unwrap().status()
    }
}

/// An address that nobody has.
fn forged(number: usize) -> String {
    format!("10.{}.{}.7", number / 200, number % 200)
}

#[actix_web::test]
async fn sec_07_of_ten_thousand_guesses_at_most_25_are_verified_wherever_they_say_they_come_from() {
    let office = Office::open().await;
    office.hire("ann", Role::Owner).await;
    let verified = || office.desk.hasher.seen.begun.load(SeqCst);
    let before = verified();
    let guesses = (0..GUESSES).map(|number| {
        // In turns at one account, and at as many as there are.
        let name = if number % 2 == 0 { "ann".to_owned() } else { format!("user{number}") };
        let office = &office;
        async move { office.login_from(&name, "some wrong password", &forged(number)).await }
    });
    let answers: Vec<_> = stream::iter(guesses).buffer_unordered(AT_ONCE).collect().await;
    let looked_at = answers.iter().filter(|status| **status == StatusCode::FORBIDDEN).count();
    let locked = answers.iter().filter(|status| **status == StatusCode::TOO_MANY_REQUESTS).count();
    assert_eq!(looked_at + locked, GUESSES);
    assert_eq!(verified() - before, looked_at, "what is locked out is not even looked at");
    assert!((5..=25).contains(&looked_at), "{looked_at}");
    // The lock holds also for the right password, and from wherever that says it comes.
    let said = office.login_from("ann", PASSWORD, "192.0.2.1").await;
    assert_eq!(said, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(verified() - before, looked_at);
    office.close().await;
}

#[actix_web::test]
async fn sec_06_two_hundred_logins_at_once_hash_on_no_more_threads_than_cores_and_on_none_of_actors()
 {
    // Each from an address of its own, by the word of a proxy that is ours.
    let office = Office::open_with("[web]\ntrusted_proxies = ['127.0.0.1']").await;
    for number in 0..200 {
        office.hire(&format!("user{number}"), Role::Viewer).await;
    }
    let seen = office.desk.hasher.seen.clone();
    let before = seen.begun.load(SeqCst);
    let logins = (0..200).map(|number| {
        let office = &office;
        async move { office.login_from(&format!("user{number}"), PASSWORD, &forged(number)).await }
    });
    let answers = futures::future::join_all(logins).await;
    assert!(answers.iter().all(|status| *status == StatusCode::SEE_OTHER), "{answers:?}");
    assert_eq!(seen.begun.load(SeqCst) - before, 200);
    let cores = available_parallelism().unwrap().get();
    let most = seen.most.load(SeqCst);
    assert!((1..=cores).contains(&most), "{most} at once on {cores} cores");
    assert_eq!(seen.in_the_way.load(SeqCst), 0, "a reactor waited for a hash");
    office.close().await;
}
