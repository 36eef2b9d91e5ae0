//! The database's server goes away under the running program, and comes back.

use super::picture;
use crate::support::{FarDatabase, TestApp};

/// What was said meanwhile is answered afterwards; readiness tells the truth all along.
#[actix_rt::test]
async fn postgres_is_away_for_a_while_and_nothing_is_lost() {
    let far = FarDatabase::make().await;
    let app = far.under(TestApp::builder()).start().await;
    let ready = async || app.http().get(app.url("/health/ready")).send().await.unwrap().status();
    let ann = app.user(7).await;
    picture(&ann, "before the storm").await;
    // Else it would be shown once more after the storm, and be taken for the second one.
    app.until_settled().await;
    assert_eq!(ready().await, 200);

    far.goes_away();
    app.until(async || ready().await == 503).await;
    ann.says("/imagine after the storm").await;
    // It is not acknowledged: the stand-in still has it, and goes on offering it.
    app.until(async || ready().await == 503).await;

    far.comes_back();
    app.until(async || ready().await == 200).await;
    ann.sees(|message| message.offers("go") && message.says("after the storm")).await;
    ann.presses("go").await;
    ann.sees_result().await;
    assert_eq!(app.balance(&ann).await, 90);
    app.finish().await;
}
