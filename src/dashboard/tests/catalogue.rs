//! The catalogue's pages.

use aisha_actors::domain::{catalogue::Status, id::ModelId};

use super::*;

const MODEL: &str = "/admin/catalogue/models/imagen4";

impl Office {
    /// How imagen4 is now.
    fn status(&self) -> Status {
        let id = ModelId::parse("imagen4").unwrap();
        self.shop.catalogue().get(&id).unwrap().status
    }
}

#[actix_web::test]
async fn a_model_is_taken_off_sale_put_back_and_left_to_the_file() {
    let office = Office::open().await;
    office.hire("ann", Role::Owner).await;
    office.hire("zoe", Role::Support).await;
    let (ann, zoe) = (office.sign_in("ann").await, office.sign_in("zoe").await);
    for browser in [&ann, &russian(&ann)] {
        let page = office.page(browser, "/admin/catalogue").await;
        assert!(page.contains("Imagen 4") && page.contains("1K: 5, 2K: 8"));
        assert!(office.page(browser, MODEL).await.contains("fal-ai/imagen4/preview"));
    }
    let act = async |browser: &Browser, what: &str, reason: &str| {
        office.post(Some(browser), &format!("{MODEL}/{what}"), &[("reason", reason)]).await.status()
    };
    assert_eq!(act(&zoe, "off", "").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(office.status(), Status::Active);
    assert_eq!(act(&zoe, "off", "<b>bad pictures</b>").await, StatusCode::SEE_OTHER);
    assert_eq!(office.status(), Status::Retired, "at once");
    let page = office.page(&ann, "/admin/catalogue").await;
    assert!(page.contains("&lt;b&gt;bad pictures") && page.contains("Off sale"));
    assert_eq!(act(&zoe, "on", "fine").await, StatusCode::FORBIDDEN);
    assert_eq!(act(&ann, "on", "fine").await, StatusCode::SEE_OTHER);
    assert_eq!(office.status(), Status::Active);
    assert_eq!(act(&ann, "lift", "the file knows").await, StatusCode::SEE_OTHER);
    assert_eq!(act(&ann, "lift", "again").await, StatusCode::UNPROCESSABLE_ENTITY);
    let log = office.audit().await;
    let sales: Vec<_> = log
        .iter()
        .rev()
        .filter(|row| row.deed.action.starts_with("model."))
        .map(|row| (row.deed.before.as_deref().unwrap(), row.deed.after.as_deref().unwrap()))
        .collect();
    assert_eq!(
        sales[..3],
        [("as in the file", "off sale"), ("off sale", "on sale"), ("on sale", "as in the file"),]
    );
    for unknown in ["dall-e", "X", "%3Cscript%3E"] {
        let path = format!("/admin/catalogue/models/{unknown}");
        assert_eq!(office.get(Some(&ann), &path).await.status(), StatusCode::NOT_FOUND);
        let off = office.post(Some(&ann), &format!("{path}/off"), &[("reason", "x")]).await;
        assert_eq!(off.status(), StatusCode::NOT_FOUND);
    }
    office.close().await;
}

#[actix_web::test]
async fn what_the_provider_called_gone_is_written_down_until_somebody_puts_it_back() {
    let office = Office::open().await;
    office.hire("ann", Role::Owner).await;
    let ann = office.sign_in("ann").await;
    let stock = office.desk.stock.as_ref().unwrap();
    let imagen = ModelId::parse("imagen4").unwrap();
    office.shop.retire(&imagen);
    stock.look().await.unwrap();
    stock.look().await.unwrap();
    let said = office.desk.database.model_override_history(9).await.unwrap();
    assert_eq!(said.len(), 1, "said once");
    assert_eq!((said[0].author.as_str(), said[0].on_sale), ("bot", false));
    assert!(office.page(&russian(&ann), MODEL).await.contains("сам бот"));

    // Another node, or the next start, hears it from the row.
    let fresh = Arc::new(Shop::new(Clone::clone(&office.shop.file()), terms()));
    let settings = settings::load(Sources {
        config: None,
        folder: office.dir.path().into(),
        environment: BTreeMap::new(),
    });
    let generator = office.world.generator.clone();
    let database = office.desk.database.clone();
    let other = Stock::new(database, fresh.clone(), generator, settings.unwrap());
    other.look().await.unwrap();
    assert_eq!(fresh.catalogue().get(&imagen).unwrap().status, Status::Retired);

    let back = office.post(Some(&ann), &format!("{MODEL}/on"), &[("reason", "it works")]).await;
    assert_eq!(back.status(), StatusCode::SEE_OTHER);
    assert_eq!(office.status(), Status::Active);
    other.look().await.unwrap();
    assert_eq!(fresh.catalogue().get(&imagen).unwrap().status, Status::Active);
    office.shop.retire(&imagen);
    stock.look().await.unwrap();
    assert_eq!(office.status(), Status::Retired, "it was gone all the same");
    office.close().await;
}

#[actix_web::test]
async fn the_file_is_read_again_and_a_broken_one_is_refused() {
    let office = Office::open().await;
    office.hire("ann", Role::Owner).await;
    let ann = office.sign_in("ann").await;
    let reload = async |config: &str| {
        std::fs::write(office.dir.path().join("config.toml"), config).unwrap();
        office.post(Some(&ann), "/admin/catalogue/reload", &[("reason", "a new price")]).await
    };
    let models = "[[models]]\nid = \"sketch\"\ntitle = \"Sketch\"\nendpoint = \"fal-ai/sketch\"\n\
        price = 2\nratios = [\"1:1\"]\n";
    for (broken, why) in [
        ("[[models]]\nid = \"x\"", "missing field"),
        (&models.replace("price = 2", "price = 0"), "price"),
        (&format!("colour = \"red\"\n{models}"), "colour"),
        ("models = [", "config.toml"),
    ] {
        let refused = reload(broken).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{broken}");
        let page = refused.text().await.unwrap();
        assert!(page.contains("the old models stay") && page.contains(why), "{why}: {page}");
        assert_eq!(office.status(), Status::Active);
    }
    let taken = reload(models).await;
    let page = office.page(&ann, location(&taken)).await;
    assert!(page.contains("Sketch") && !page.contains("Imagen 4"));
    let actions: Vec<_> = office.audit().await.into_iter().map(|row| row.deed.action).collect();
    assert_eq!(actions[..3], ["catalogue.reload", "failed", "catalogue.reload"]);
    office.close().await;
}

/// What the provider may say is tried with the sandbox's, in `tests/journeys/catalogue.rs`.
#[actix_web::test]
async fn who_may_ask_the_provider_is_told_when_it_cannot_be_asked() {
    let office = Office::open().await;
    office.hire("ann", Role::Support).await;
    office.hire("vic", Role::Viewer).await;
    let (ann, vic) = (office.sign_in("ann").await, office.sign_in("vic").await);
    let probe = format!("{MODEL}/probe");
    assert_eq!(office.get(Some(&vic), &probe).await.status(), StatusCode::FORBIDDEN);
    for (browser, words) in [(&ann, "could not be asked"), (&russian(&ann), "не удалось")]
    {
        let page = office.page(browser, &probe).await;
        let said = page.split("role=\"alert\">").nth(1).unwrap();
        assert!(said.split('<').next().unwrap().contains(words), "{said}");
    }
    office.close().await;
}
