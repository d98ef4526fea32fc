//! The wall between tenants holds even for a statement that forgets it.

use sqlx::{Connection, PgConnection, Row};
use store::{APP_ROLE, OwnerStore, Store, keys::KeyCreation, migrate::SchemaFault};

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
