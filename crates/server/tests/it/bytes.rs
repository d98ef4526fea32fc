//! Disk space per exception, with its event and all indexes.

use domain::{pack::Pack, role::Role};
use reqwest::Method;
use seeding::{SeedRun, Seeder};
use server::http::{Auth, Limits};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{
    app::TestApp,
    audit_state::{PACK, with_pack},
    database::{TestTenant, noon},
};

/// Enough that pages which are not full do not count.
const COUNT: u32 = 3000;
/// Most bytes of a seeded exception.
const MOST: i64 = 6250;

/// Tables and indexes with their sizes, the largest first.
async fn sizes(admin: &mut PgConnection) -> Vec<(String, i64)> {
    let sizes = "select relname::text, pg_relation_size(oid) + coalesce(pg_relation_size(nullif(reltoastrelid, 0)), 0) from pg_class
                 where relkind in ('r', 'i') and relnamespace = 'public'::regnamespace order by 2 desc, 1";
    sqlx::query_as(sizes).fetch_all(admin).await.unwrap()
}

#[tokio::test]
async fn a_stored_exception_takes_few_bytes() {
    let mut alone = TestTenant::alone().await;
    alone.tenant = with_pack(&alone.owner, &Pack::parse(PACK).unwrap()).await;
    let mut admin = PgConnection::connect(alone.url.expose()).await.unwrap();
    let app = TestApp::of(alone, Auth::Key, Limits::default()).await;
    let run = SeedRun {
        tenant: "BYTES".to_owned(),
        seed: 7,
        as_of: noon(),
        count: COUNT,
    };
    let pack = Pack::parse(PACK).unwrap();
    let seeder = Seeder::new(pack.document()).unwrap();
    let series = seeder.start(&run).unwrap();
    let lines = (0..series.len()).map(|index| series.get(index).unwrap().unwrap().body().to_string() + "\n");
    let lines: String = lines.collect();
    let before: i64 = sizes(&mut admin).await.iter().map(|(_, size)| size).sum();
    // Sent again where the database does not answer in time: what is stored is not stored twice.
    while app.get("/exceptions:count").await["count"] != COUNT {
        let sent = app
            .as_role(Role::Operator, Method::POST, "/exceptions?results=rejected")
            .header("content-type", "application/x-ndjson")
            .body(lines.clone());
        let summary = sent.send().await.unwrap().text().await.unwrap();
        assert!(summary.contains("\"rejected\":0"), "{summary}");
    }
    // Indexes as full as they can be: how full they are else depends on which rows arrived together.
    for table in ["exception", "event"] {
        let reindex = format!("reindex table {table}");
        sqlx::query(AssertSqlSafe(reindex)).execute(&mut admin).await.unwrap();
    }
    let sizes = sizes(&mut admin).await;
    let after: i64 = sizes.iter().map(|(_, size)| size).sum();
    let each = |size: i64| size / i64::from(COUNT);
    let largest: Vec<String> = sizes
        .iter()
        .take(20)
        .map(|(name, size)| format!("{name} {}", each(*size)))
        .collect();
    let bytes = each(after - before);
    println!("{bytes} bytes: {}", largest.join(", "));
    assert!(bytes <= MOST, "{bytes} bytes: {}", largest.join(", "));
}
