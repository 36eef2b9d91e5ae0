//! Signing in, and staying so.

use std::time::Instant;

use super::*;
use crate::dashboard::totp::Factor;

const MINUTE: Duration = Duration::from_secs(60);

#[actix_web::test]
async fn sec_01_a_session_is_new_at_login_and_dead_at_logout() {
    let office = Office::open().await;
    office.hire("ann", Role::Owner).await;
    let one = office.sign_in("ann").await;
    assert!(office.is_signed_in(&one).await);
    // The token that a browser brings along is not taken over, and ends.
    let fields = [("name", "ann"), ("password", PASSWORD)];
    let again = office.post(Some(&one), "/admin/login", &fields).await;
    let two = browser(&again);
    assert_ne!(one.cookie, two.cookie);
    assert!(!office.is_signed_in(&one).await && office.is_signed_in(&two).await);
    // Nothing that could be used stands in the database.
    let token = two.cookie.split('=').nth(1).unwrap();
    assert_eq!(token.len(), 64, "256 bits");
    let dump = office.dump();
    assert!(!holds(&dump, token) && !holds(&dump, &two.csrf) && !holds(&dump, PASSWORD));
    let bytes = hex::decode(token).unwrap();
    assert!(!dump.windows(32).any(|window| window == bytes));
    // A token that was made up is nobody's.
    let fixed = Browser { cookie: format!("aisha_admin={}", "a".repeat(64)), csrf: String::new() };
    assert!(!office.is_signed_in(&fixed).await);

    let out = office.post(Some(&two), "/admin/logout", &[]).await;
    assert_eq!(location(&out), "/admin/login");
    assert!(out.headers()[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert!(!office.is_signed_in(&two).await);
    office.close().await;
}

#[actix_web::test]
async fn sec_02_sessions_end_when_idle_when_old_and_when_told() {
    let office = Office::open().await;
    office.hire("ann", Role::Owner).await;
    let idle = office.sign_in("ann").await;
    office.clock.advance(14 * MINUTE);
    assert!(office.is_signed_in(&idle).await);
    office.clock.advance(14 * MINUTE);
    assert!(office.is_signed_in(&idle).await, "it was used");
    office.clock.advance(15 * MINUTE);
    assert!(!office.is_signed_in(&idle).await, "idle for 15 minutes");

    let busy = office.sign_in("ann").await;
    for _ in 0..47 {
        office.clock.advance(10 * MINUTE);
        assert!(office.is_signed_in(&busy).await);
    }
    office.clock.advance(10 * MINUTE);
    assert!(!office.is_signed_in(&busy).await, "8 hours old");

    let (here, there) = (office.sign_in("ann").await, office.sign_in("ann").await);
    office.post(Some(&here), "/admin/account/sessions", &[]).await;
    assert!(office.is_signed_in(&here).await && !office.is_signed_in(&there).await);
    let form = [("reason", "a lost laptop")];
    office.post(Some(&here), "/admin/operators/ann/sessions", &form).await;
    assert!(!office.is_signed_in(&here).await);
    office.close().await;
}

#[actix_web::test]
async fn sec_03_every_cookie_is_for_this_host_for_tls_and_for_no_script() {
    for (config, https) in [("", false), ("[web]\nadmin_url = 'https://admin.example'", true)] {
        let office = Office::open_with(config).await;
        office.hire("ann", Role::Owner).await;
        let entered = office.login("ann", PASSWORD, "").await;
        let there = browser(&entered);
        let fields = [("language", "ru"), ("theme", "dark")];
        let chosen = office.post(Some(&there), "/admin/preferences", &fields).await;
        let left = office.post(Some(&there), "/admin/logout", &[]).await;
        assert!(entered.headers()[header::SET_COOKIE].to_str().unwrap().starts_with(if https {
            "__Host-aisha_admin="
        } else {
            "aisha_admin="
        }));
        let mut cookies = 0;
        for response in [entered, chosen, left] {
            for cookie in response.headers().get_all(header::SET_COOKIE) {
                let cookie = cookie.to_str().unwrap();
                cookies += 1;
                for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
                    assert!(cookie.split("; ").any(|said| said == part), "{cookie}");
                }
                assert_eq!(cookie.ends_with("; Secure"), https, "{cookie}");
                assert!(!cookie.contains("Domain"));
            }
        }
        assert_eq!(cookies, 4);
        office.close().await;
    }
}

#[actix_web::test]
async fn sec_07_guesses_are_few_and_slow() {
    let office = Office::open().await;
    office.hire("ann", Role::Owner).await;
    // One account: five are looked at, each later than the one before.
    let mut looked_at = Vec::new();
    for second in 0..300 {
        if office.login("ann", "wrong", "").await.status() == StatusCode::FORBIDDEN {
            looked_at.push(second);
        }
        office.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(looked_at.len(), 5, "{looked_at:?}");
    let pauses: Vec<i32> = looked_at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1]) && pauses[3] >= 7, "{pauses:?}");
    // Locked also for the right password, and told when it is over.
    let locked = office.login("ann", PASSWORD, "").await;
    assert_eq!(locked.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = locked.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!(wait > 60 && wait <= 901, "{wait}");
    office.clock.advance(Duration::from_secs(wait));
    office.sign_in("ann").await;

    // Many accounts, one address: twenty, whatever it says of where it comes from.
    office.clock.advance(15 * MINUTE);
    let mut looked_at = 0;
    for guess in 0..200 {
        let fields = [("name", format!("user{guess}")), ("password", "wrong".to_owned())];
        let fields: Vec<_> = fields.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let request = office.client.post(office.url("/admin/login"));
        let response = request
            .header("sec-fetch-site", "same-origin")
            .header("x-forwarded-for", format!("10.0.{guess}.1"))
            .header(header::CONTENT_TYPE, FORM)
            .body(encode(&fields));
        let status = response.send().await.unwrap().status();
        looked_at += u32::from(status == StatusCode::FORBIDDEN);
    }
    assert_eq!(looked_at, 20);
    office.close().await;
}

/// Tries at once do not overtake the count.
#[actix_web::test]
async fn sec_07_guesses_at_once_count_each_other() {
    let office = Office::open().await;
    office.hire("ann", Role::Owner).await;
    let guesses = (0..60).map(|_| office.login("ann", "wrong", ""));
    let answers = futures::future::join_all(guesses).await;
    let looked_at = answers.iter().filter(|one| one.status() == StatusCode::FORBIDDEN).count();
    assert!(looked_at <= 5, "{looked_at}");
    office.close().await;
}

#[actix_web::test]
async fn sec_08_an_unknown_name_is_like_a_wrong_password() {
    let office = Office::open().await;
    office.hire("ann", Role::Owner).await;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    let mut pages = Vec::new();
    for _ in 0..15 {
        for (name, times) in [("ann", &mut known), ("bob", &mut unknown)] {
            let begun = Instant::now();
            let response = office.login(name, "some wrong password", "").await;
            times.push(begun.elapsed());
            assert_eq!(response.status(), StatusCode::FORBIDDEN);
            pages.push(response.text().await.unwrap());
        }
        office.clock.advance(16 * MINUTE);
    }
    // But for the number of the request, the same words.
    assert!(pages.iter().all(|page| *page == pages[0]));
    // The quickest of each: others may keep this machine busy, and a hash that is left out is a tenth.
    let quickest = |times: &[Duration]| times.iter().min().unwrap().as_secs_f64();
    let ratio = quickest(&known) / quickest(&unknown);
    assert!((0.5..2.0).contains(&ratio), "{known:?} {unknown:?}");
    office.close().await;
}

#[actix_web::test]
async fn sec_09_a_code_of_the_second_factor_is_good_once() {
    let office = Office::open().await;
    office.hire("ann", Role::Owner).await;
    let ann = office.sign_in("ann").await;
    let page = office.page(&ann, "/admin/account/totp").await;
    assert!(page.contains("otpauth://totp/AISHA:ann") && page.contains("<svg class=\"qr\""));
    let salt = page.split("name=\"salt\" value=\"").nth(1).unwrap()[..32].to_owned();
    let salt_bytes = hex::decode(&salt).unwrap();
    let factor = Factor::new(&office.desk.secret_key, "ann", &salt_bytes).unwrap();
    let code = || factor.code(office.clock.now().0.unsigned_abs() / 1_000_000);
    let switch_on = async |code: &str| {
        let fields = [("salt", salt.as_str()), ("code", code)];
        office.post(Some(&ann), "/admin/account/totp", &fields).await
    };
    assert_eq!(switch_on("000").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let on = code();
    assert_eq!(location(&switch_on(&on).await), "/admin/login");
    assert!(!office.is_signed_in(&ann).await, "sessions without it have ended");

    let status = async |code: &str| office.login("ann", PASSWORD, code).await.status();
    assert_eq!(status("").await, StatusCode::FORBIDDEN);
    office.clock.advance(Duration::from_secs(5));
    assert_eq!(status(&on).await, StatusCode::FORBIDDEN, "it was used to switch it on");
    office.clock.advance(Duration::from_secs(30));
    let next = code();
    assert_eq!(status(&next).await, StatusCode::SEE_OTHER);
    assert_eq!(status(&next).await, StatusCode::FORBIDDEN, "used");
    let before = code();
    office.clock.advance(Duration::from_secs(31));
    assert_eq!(status(&before).await, StatusCode::FORBIDDEN, "30 seconds are over");
    // The database alone makes no code.
    assert!(!holds(&office.dump(), &factor.letters().replace(' ', "")));
    office.close().await;
}

#[actix_web::test]
async fn sec_09_there_is_no_account_that_nobody_made() {
    let office = Office::open().await;
    assert_eq!(office.desk.database.operators().await.unwrap(), Vec::new());
    for name in ["admin", "root", "aisha", "sandbox", ""] {
        for password in ["", "admin", "aisha", "password"] {
            assert_ne!(office.login(name, password, "").await.status(), StatusCode::SEE_OTHER);
        }
        office.clock.advance(16 * MINUTE);
    }
    office.close().await;
}

#[actix_web::test]
async fn the_link_of_the_sandbox_signs_in_once_and_not_for_long() {
    let office = Office::open().await;
    let make = async || {
        let link = office.desk.sandbox_link("http://x").await.unwrap().unwrap();
        link.split_once("token=").unwrap().1.to_owned()
    };
    let token = make().await;
    assert!(!holds(&office.dump(), &token));
    // To open it changes nothing.
    for _ in 0..2 {
        let page = office.get(None, &format!("/admin/link?token={token}")).await;
        assert_eq!(page.status(), StatusCode::OK);
    }
    let use_it = async |token: &str| office.post(None, "/admin/link", &[("token", token)]).await;
    let entered = use_it(&token).await;
    assert!(office.is_signed_in(&browser(&entered)).await);
    assert_eq!(use_it(&token).await.status(), StatusCode::FORBIDDEN);
    let old = make().await;
    office.clock.advance(15 * MINUTE);
    assert_eq!(use_it(&old).await.status(), StatusCode::FORBIDDEN);
    let (replaced, newest) = (make().await, make().await);
    assert_eq!(use_it(&replaced).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(use_it(&newest).await.status(), StatusCode::SEE_OTHER);
    // Nobody signs in as that operator with a password.
    assert_ne!(office.login("sandbox", "", "").await.status(), StatusCode::SEE_OTHER);
    office.close().await;
}

#[actix_web::test]
async fn a_new_password_ends_every_session() {
    let office = Office::open().await;
    office.hire("ann", Role::Viewer).await;
    let ann = office.sign_in("ann").await;
    let other = office.sign_in("ann").await;
    let change = async |now: &str, new: &str| {
        let fields = [("password", now), ("new", new)];
        office.post(Some(&ann), "/admin/account/password", &fields).await.status()
    };
    let new = "quiet-river-copper-seven";
    assert_eq!(change(PASSWORD, "too short").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(change("wrong", new).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(change(PASSWORD, new).await, StatusCode::SEE_OTHER);
    assert!(!office.is_signed_in(&ann).await && !office.is_signed_in(&other).await);
    assert_eq!(office.login("ann", PASSWORD, "").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(office.login("ann", new, "").await.status(), StatusCode::SEE_OTHER);
    office.close().await;
}
