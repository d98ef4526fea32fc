//! The shape of the schema: what lets it run on a distributed PostgreSQL and keeps tenants apart, read from the catalog.

use sqlx::{Connection, PgConnection, Row};

use super::database;

/// Tables without tenant rows: read before the tenant is known, or the same for all.
const SHARED: [&str; 5] = ["_sqlx_migrations", "tenant", "domain_pack", "access_key", "desk_session"];

pub async fn connection() -> PgConnection {
    PgConnection::connect(database::url().await.expose()).await.expect("connected")
}

pub async fn rows(sql: &'static str) -> Vec<String> {
    let rows = sqlx::query(sql).fetch_all(&mut connection().await).await.expect("a catalog query");
    rows.iter().map(|row| row.get::<String, _>(0)).collect()
}

pub async fn tenant_tables() -> Vec<String> {
    let all = rows("select tablename::text from pg_tables where schemaname = 'public' order by 1").await;
    all.into_iter().filter(|table| !SHARED.contains(&table.as_str())).collect()
}

#[tokio::test]
async fn every_tenant_table_has_forced_row_level_security_with_the_bare_policy() {
    let walled = rows(
        "select c.relname::text from pg_class c
         where c.relrowsecurity and c.relforcerowsecurity
           and (select array_agg((p.polname, p.polcmd, p.polpermissive, p.polroles::regrole[], pg_get_expr(p.polqual, p.polrelid),
                                  pg_get_expr(p.polwithcheck, p.polrelid))::text order by p.polname) from pg_policy p where p.polrelid = c.oid)
             = array['(reader,r,t,{sentinai_reader},true,)',
                     '(tenant,*,t,{-},\"(tenant_id = NULLIF(current_setting(''app.tenant_id''::text, true), ''''::text))\",)']
         order by 1",
    )
    .await;
    assert_eq!(walled, tenant_tables().await);
    assert!(walled.contains(&"exception".to_owned()));
}

#[tokio::test]
async fn tenant_id_has_one_type_and_comes_first_in_every_index() {
    let types = rows(
        "select distinct format_type(atttypid, atttypmod) || ' ' || attcollation::regcollation::text || ' ' || attnotnull::text
         from pg_attribute a join pg_class c on c.oid = a.attrelid and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
         where attname = 'tenant_id'",
    )
    .await;
    assert_eq!(types, ["text \"default\" true"]);
    let wrong = rows(
        "select i.indexrelid::regclass::text from pg_index i join pg_class c on c.oid = i.indrelid
         -- Its terms carry the tenant.
         where i.indexrelid <> 'exception_search_terms'::regclass and c.relnamespace = 'public'::regnamespace
           and c.relname <> all (array['_sqlx_migrations', 'tenant', 'domain_pack', 'access_key', 'desk_session'])
           and (select attname from pg_attribute where attrelid = c.oid and attnum = i.indkey[0]) <> 'tenant_id'",
    )
    .await;
    assert_eq!(wrong, Vec::<String>::new(), "indexes that do not start with tenant_id");
    let without = rows(
        "select c.relname::text from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
           and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)",
    )
    .await;
    assert_eq!(without, Vec::<String>::new(), "tables without a primary key");
}

#[tokio::test]
async fn indexed_values_of_tenants_are_compared_by_leakproof_functions() {
    // Under row-level security only such a condition leads to rows through an index.
    let leaking = rows(
        "select distinct i.indexrelid::regclass::text || ': ' || f.oid::regprocedure::text from pg_index i
         join pg_class t on t.oid = i.indrelid and t.relrowsecurity
         cross join lateral unnest(i.indclass) as k (opclass)
         join pg_opclass c on c.oid = k.opclass
         join pg_am m on m.oid = c.opcmethod and m.amname = 'btree'
         join pg_amop a on a.amopfamily = c.opcfamily and a.amoplefttype = c.opcintype and a.amoprighttype = c.opcintype
         join pg_operator o on o.oid = a.amopopr
         join pg_proc f on f.oid = o.oprcode
         where not f.proleakproof",
    )
    .await;
    assert_eq!(leaking, Vec::<String>::new());
    let others = rows(
        "select i.indexrelid::regclass::text from pg_index i join pg_class t on t.oid = i.indrelid and t.relrowsecurity
         join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam where m.amname <> 'btree'",
    )
    .await;
    assert_eq!(others, ["exception_search_terms"], "searching reads its index in a function");
}

#[tokio::test]
async fn foreign_keys_never_lead_from_shared_to_tenant_tables_nor_set_null() {
    let keys =
        sqlx::query("select conrelid::regclass::text, confrelid::regclass::text, confdeltype::text from pg_constraint where contype = 'f'")
            .fetch_all(&mut connection().await)
            .await
            .expect("a catalog query");
    let tenant = tenant_tables().await;
    for key in keys {
        let (from, to, on_delete): (String, String, String) = (key.get(0), key.get(1), key.get(2));
        assert!(!tenant.contains(&to) || tenant.contains(&from), "{from} -> {to}");
        assert_eq!(on_delete, "a", "{from} -> {to} acts on delete");
    }
}

#[tokio::test]
async fn there_are_no_triggers_and_identities_are_bigint() {
    assert_eq!(
        rows("select tgname::text from pg_trigger where not tgisinternal").await,
        Vec::<String>::new()
    );
    assert_eq!(
        rows("select attrelid::regclass::text from pg_attribute where attidentity <> '' and atttypid <> 'bigint'::regtype").await,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn every_table_and_column_says_what_it_is() {
    let silent = rows(
        "select c.relname || '.' || a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname <> '_sqlx_migrations'
           and (col_description(c.oid, a.attnum) is null or obj_description(c.oid) is null)",
    )
    .await;
    assert_eq!(silent, Vec::<String>::new());
}

#[tokio::test]
async fn the_serving_role_owns_nothing_and_cannot_rewrite_history() {
    let grants = rows(
        "select table_name || ' ' || string_agg(privilege_type, ' ' order by privilege_type) from information_schema.role_table_grants
         where grantee = 'sentinai_app' group by table_name order by table_name",
    )
    .await;
    insta::assert_debug_snapshot!(grants);
}
