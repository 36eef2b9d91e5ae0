use crate::support::TestApp;

#[actix_rt::test]
async fn words_become_a_picture() {
    let t=std::time::Instant::now();
    let app = TestApp::start().await;
    eprintln!("start {:?}", t.elapsed());
    let ann = app.user(7).await;
    ann.says("/imagine a red fox").await;
    ann.sees_text("a red fox").await;
    ann.presses("go").await;
    ann.sees_result().await;
    eprintln!("done {:?}", t.elapsed());
    app.finish().await;
    eprintln!("finished {:?}", t.elapsed());
}
