//! The wall between tenants holds even for a statement that forgets it.

use sqlx::{Connection, PgConnection, Row};
use store::{APP_ROLE, OwnerStore, READER_ROLE, Store, WORKER_ROLE, keys::KeyCreation, migrate::SchemaFault};

use super::{
    database::{TestTenant, make_tenant, noon},
    receive::burnt,
};

#[tokio::test]
async fn other_tenants_are_invisible_to_a_statement_that_names_none() {
    let ours = TestTenant::new().await;
    let theirs = make_tenant(&ours.owner).await;
    for tenant in [&ours.tenant, &theirs] {
        let mut tx = ours.store.begin(&ours.owner.scope(tenant)).await.unwrap();
        tx.receive(&[burnt("same-id", 1.0)]).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut app = PgConnection::connect(ours.url.as_role(APP_ROLE).expose()).await.unwrap();
    let count = "select count(*) from exception";
    let unset: i64 = sqlx::query(count).fetch_one(&mut app).await.unwrap().get(0);
    assert_eq!(unset, 0, "without a tenant there are no rows");
    let mut tx = app.begin().await.unwrap();
    sqlx::query("select set_config('app.tenant_id', $1, true)")
        .bind(theirs.as_str())
        .execute(&mut *tx)
        .await
        .unwrap();
    let seen: Vec<String> = sqlx::query("select tenant_id from exception")
        .fetch_all(&mut *tx)
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert_eq!(seen, [theirs.as_str()]);
    let stolen = sqlx::query("insert into chain_head (tenant_id, seq, hash) values ($1, 0, '')")
        .bind(ours.tenant.as_str())
        .execute(&mut *tx)
        .await;
    assert_eq!(stolen.unwrap_err().as_database_error().unwrap().code().unwrap(), "42501");
    drop(tx);
    let after: i64 = sqlx::query(count).fetch_one(&mut app).await.unwrap().get(0);
    assert_eq!(after, 0, "the tenant ends with its transaction");
}

#[tokio::test]
async fn even_the_owner_sees_one_tenant_at_a_time() {
    let ours = TestTenant::new().await;
    let theirs = make_tenant(&ours.owner).await;
    let mut tx = ours.owner.begin(&ours.owner.scope(&theirs)).await.unwrap();
    tx.receive(&[burnt("x", 1.0)]).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = ours.owner.begin(&ours.scope()).await.unwrap();
    assert!(tx.exception("x").await.unwrap().is_none());
}

/// Exceptions that the serving role finds with the function that reads the index of all tenants, or code and message of the error.
async fn sought(app: &mut PgConnection, query: &str) -> Result<Vec<String>, (String, String)> {
    let sought = sqlx::query_scalar("select tenant_id || ' ' || exception_id from sought_exceptions($1)").bind(query);
    sought.fetch_all(app).await.map_err(|error| {
        let error = error.as_database_error().expect("an answer");
        (error.code().expect("a code").into_owned(), error.to_string())
    })
}

#[tokio::test]
async fn a_search_finds_exceptions_of_the_transactions_tenant_whatever_it_seeks() {
    const AS: &str = "select set_config('app.tenant_id', $1, false)";
    let ours = TestTenant::new().await;
    let theirs = make_tenant(&ours.owner).await;
    for (tenant, id) in [(&ours.tenant, "E-ours"), (&theirs, "E-theirs")] {
        let mut tx = ours.store.begin(&ours.owner.scope(tenant)).await.unwrap();
        tx.receive(&[burnt(id, 1.0)]).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut app = PgConnection::connect(ours.url.as_role(APP_ROLE).expose()).await.unwrap();
    let tag: String = sqlx::query_scalar("select substr(encode(sha256(convert_to($1, 'UTF8')), 'hex'), 1, 4)")
        .bind(theirs.as_str())
        .fetch_one(&mut app)
        .await
        .unwrap();
    let (of_theirs, all) = (format!("'{tag}:e-theirs' | '{tag}:e':*"), "!'nothing'".to_owned());
    let name = format!("'{theirs}' | !'{theirs}'");
    let queries = [&of_theirs, &all, &name];
    for query in queries {
        assert_eq!(sought(&mut app, query).await, Ok(Vec::new()), "no tenant: {query}");
    }
    let both = format!("{}' or tenant_id = '{theirs}", ours.tenant);
    for tenant in ["", "%", "null", &both] {
        sqlx::query(AS).bind(tenant).execute(&mut app).await.unwrap();
        for query in queries {
            assert_eq!(sought(&mut app, query).await, Ok(Vec::new()), "{tenant}: {query}");
        }
    }
    sqlx::query(AS).bind(ours.tenant.as_str()).execute(&mut app).await.unwrap();
    assert_eq!(sought(&mut app, &of_theirs).await, Ok(Vec::new()));
    for query in [&all, &name] {
        assert_eq!(
            sought(&mut app, query).await,
            Ok(vec![format!("{} E-ours", ours.tenant)]),
            "{query}"
        );
    }
    // Error messages repeat the query and nothing else.
    for query in ["'unclosed", "& &", "a b"] {
        let (code, message) = sought(&mut app, query).await.unwrap_err();
        assert_eq!(code, "42601", "{message}");
        assert!(!message.contains("theirs") && !message.contains(theirs.as_str()), "{message}");
    }
    let become_reader = sqlx::query("set role sentinai_reader").execute(&mut app).await;
    assert_eq!(become_reader.unwrap_err().as_database_error().unwrap().code().unwrap(), "42501");
}

#[tokio::test]
async fn only_the_serving_role_may_search_and_the_reader_of_every_tenant_does_it() {
    let ours = TestTenant::new().await;
    let mut worker = PgConnection::connect(ours.url.as_role(WORKER_ROLE).expose()).await.unwrap();
    let (code, _) = sought(&mut worker, "'word'").await.unwrap_err();
    assert_eq!(code, "42501");
    let mut admin = PgConnection::connect(ours.url.expose()).await.unwrap();
    let (owner, callers): (String, Vec<String>) = sqlx::query_as(
        "select proowner::regrole::text, array(select grantee::regrole::text from aclexplode(proacl) where grantee <> proowner)
         from pg_proc where proname = 'sought_exceptions'",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap();
    assert_eq!((owner.as_str(), callers), (READER_ROLE, vec![APP_ROLE.to_owned()]));
}

#[tokio::test]
async fn an_unsafe_role_is_refused_and_the_serving_role_is_not() {
    let ours = TestTenant::new().await;
    let admin = Store::open_as_is(&ours.url, 1).unwrap();
    assert!(matches!(admin.check().await, Err(SchemaFault::UnsafeRole(_, "a superuser"))));
    ours.store.check().await.expect("the serving role is safe");
}

#[tokio::test]
async fn a_suspended_tenant_and_a_revoked_key_are_known_as_such() {
    let ours = TestTenant::new().await;
    let key = store::keys::SecretKey::from_bytes(&unique_bytes());
    let new = store::keys::NewKey {
        tenant: &ours.tenant,
        holder: store::keys::NewHolder::Named(&"k".parse().unwrap(), domain::role::Role::Viewer),
        expires_at: None,
    };
    assert_eq!(ours.owner.create_key(&key, &new, noon()).await.unwrap(), KeyCreation::Made);
    let hash = store::keys::hash(key.expose());
    let identity = ours.store.identify(&hash, noon()).await.unwrap().expect("a working key");
    assert!(!identity.suspended);
    ours.owner
        .set_suspended(&ours.tenant, store::tenants::Suspension::Suspended, noon())
        .await
        .unwrap();
    assert!(ours.store.identify(&hash, noon()).await.unwrap().expect("still a key").suspended);
    let listed = &OwnerStore::keys(&ours.owner, Some(&ours.tenant)).await.unwrap()[0];
    assert!(ours.owner.revoke_key(&listed.key_id, noon()).await.unwrap());
    assert!(ours.store.identify(&hash, noon()).await.unwrap().is_none());
    assert!(!ours.owner.revoke_key(&listed.key_id, noon()).await.unwrap(), "only once");
}

fn unique_bytes() -> [u8; 32] {
    let name = super::database::unique("key");
    store::keys::hash(&name)
}
