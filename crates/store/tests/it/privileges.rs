//! Privileges of each role, and attempts to gain more.

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, raw_sql};
use store::{APP_ROLE, OWNER_ROLE, READER_ROLE, WORKER_ROLE};

use super::{
    catalog::{connection, rows, tenant_tables},
    database::{TestTenant, make_tenant, unique},
    receive::burnt,
};

/// The roles that anybody but the administrator acts as.
const ROLES: [&str; 3] = [APP_ROLE, WORKER_ROLE, READER_ROLE];
/// SQLSTATE `insufficient_privilege`.
const NOT_ALLOWED: &str = "42501";

/// A statement in a savepoint; its SQLSTATE where it fails.
async fn attempt(connection: &mut PgConnection, statement: &str) -> Result<(), String> {
    let mut point = connection.begin().await.unwrap();
    let done = raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut *point).await;
    match done {
        Ok(_) => {
            point.commit().await.unwrap();
            Ok(())
        }
        Err(error) => {
            point.rollback().await.unwrap();
            Err(error.as_database_error().expect("an answer").code().expect("a code").into_owned())
        }
    }
}

#[tokio::test]
async fn no_role_makes_objects_or_becomes_another() {
    let mut admin = connection().await;
    for role in ROLES {
        let others = [OWNER_ROLE, APP_ROLE, WORKER_ROLE, READER_ROLE, "postgres"]
            .into_iter()
            .filter(|other| *other != role);
        let become_others = others.map(|other| format!("set role {other}"));
        let make = [
            "create temp table tenant (tenant_id text, suspended_at timestamptz)",
            "create temp view exception as select 1 as one",
            "create table public.made (id int)",
            "create function public.made() returns int language sql as 'select 1'",
            "create schema made",
            "create role made",
            "alter table public.exception disable row level security",
            "alter function public.merge_search_terms() security invoker",
            "create policy made on public.exception using (true)",
            "copy public.event to program 'true'",
        ];
        let mut tx = admin.begin().await.unwrap();
        // The session user decides which roles may be taken on, so it is the role itself and not the administrator.
        raw_sql(AssertSqlSafe(format!("set local session authorization {role}")))
            .execute(&mut *tx)
            .await
            .unwrap();
        for statement in make.into_iter().map(str::to_owned).chain(become_others) {
            assert_eq!(
                attempt(&mut tx, &statement).await,
                Err(NOT_ALLOWED.to_owned()),
                "{role}: {statement}"
            );
        }
        tx.rollback().await.unwrap();
    }
}

/// An attacker in the place of a role, who even may make temporary objects: each table has a temporary view of the same name before it,
/// whose rows tell as whom they were read.
async fn attacker(admin: &mut PgConnection, role: &str) {
    let name = unique("attacker").to_lowercase();
    let tables: Vec<String> = sqlx::query_scalar("select tablename::text from pg_tables where schemaname = 'public'")
        .fetch_all(&mut *admin)
        .await
        .unwrap();
    let database: String = sqlx::query_scalar("select current_database()::text")
        .fetch_one(&mut *admin)
        .await
        .unwrap();
    let views = tables.iter().map(|table| {
        format!(
            "create temp view {table} as select t.* from public.{table} t where pg_temp.note(); grant all on pg_temp.{table} to public;"
        )
    });
    let attack = format!(
        "create role {name} in role {role}; grant temporary on database {database} to {name}; grant select on all tables in schema public to {name};
         set local session authorization {name};
         create temp table noted (who text); grant all on pg_temp.noted to public;
         create function pg_temp.note() returns bool language plpgsql as 'begin insert into pg_temp.noted values (current_user); return true; end';
         grant execute on function pg_temp.note() to public;
         {}",
        views.collect::<String>()
    );
    raw_sql(AssertSqlSafe(attack)).execute(&mut *admin).await.unwrap();
}

/// As whom the attacker's views were read.
async fn noted(connection: &mut PgConnection) -> Vec<String> {
    let noted = sqlx::query("select distinct who from pg_temp.noted order by 1")
        .fetch_all(connection)
        .await
        .unwrap();
    noted.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn temporary_objects_do_not_reach_into_functions_of_the_owner() {
    let ours = TestTenant::new().await;
    let mut admin = PgConnection::connect(ours.url.expose()).await.unwrap();
    // Statements that call each function that runs as somebody else, with arguments that lead through all of it.
    let calls = rows(
        "select 'select * from public.' || proname || '(' || coalesce((select string_agg(case t::regtype::text
            when 'timestamp with time zone' then '''infinity''' when 'text[]' then 'array[''sweep'']' when 'text' then '''word''' else 'null' end, ', ' order by n)
            from unnest(proargtypes) with ordinality as a (t, n)), '') || ')'
         from pg_proc where prosecdef and pronamespace = 'public'::regnamespace order by 1",
    )
    .await;
    assert!(calls.len() >= 3, "{calls:?}");
    for role in ROLES {
        let mut tx = admin.begin().await.unwrap();
        let careless =
            "create function public.careless() returns bigint language sql volatile security definer set search_path = pg_catalog, public
             as 'select count(*) from tenant'";
        raw_sql(AssertSqlSafe(format!("set local role {OWNER_ROLE}; {careless}; reset role")))
            .execute(&mut *tx)
            .await
            .unwrap();
        attacker(&mut tx, role).await;
        for call in &calls {
            let done = attempt(&mut tx, call).await;
            assert!(done.is_ok() || done == Err(NOT_ALLOWED.to_owned()), "{role}: {call}: {done:?}");
        }
        assert_eq!(
            noted(&mut tx).await,
            Vec::<String>::new(),
            "{role}: the owner read what somebody else made"
        );
        // A function as they must not be: the attack works.
        attempt(&mut tx, "select public.careless()").await.unwrap();
        assert_eq!(noted(&mut tx).await, [OWNER_ROLE], "{role}");
        tx.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn functions_of_the_owner_are_closed_and_nobody_else_may_make_objects() {
    let open = rows(
        "select proname::text from pg_proc where pronamespace = 'public'::regnamespace
           and (prosecdef and proconfig is distinct from array['search_path=pg_catalog, pg_temp']
                or exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) where grantee = 0))",
    )
    .await;
    assert_eq!(open, Vec::<String>::new(), "another search path, or everybody may call it");
    let anybody = rows(
        "select privilege_type from pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba)))
         where datname = current_database() and grantee = 0
         union all select privilege_type from pg_namespace, aclexplode(nspacl) where nspname = 'public' and grantee = 0 order by 1",
    )
    .await;
    assert_eq!(anybody, ["CONNECT", "USAGE"]);
}

#[tokio::test]
async fn the_worker_has_no_table_and_the_reader_only_reads() {
    let grants = |role: &'static str| async move {
        let all = sqlx::query_scalar::<_, String>(
            "select distinct privilege_type || ' ' || (table_name = any (array['access_key', 'desk_session']))::text
             from information_schema.role_table_grants where grantee = $1 order by 1",
        );
        all.bind(role).fetch_all(&mut connection().await).await.unwrap()
    };
    assert_eq!(grants(WORKER_ROLE).await, Vec::<String>::new());
    assert_eq!(grants(READER_ROLE).await, ["SELECT false", "SELECT true"]);
}

#[tokio::test]
async fn only_the_administrator_is_a_reader_and_a_reader_sees_every_tenant() {
    let members = rows(
        "select pg_get_userbyid(member)::text from pg_auth_members where roleid = 'sentinai_reader'::regrole and member <> current_user::regrole",
    )
    .await;
    for role in [APP_ROLE, WORKER_ROLE, OWNER_ROLE] {
        assert!(!members.iter().any(|member| member == role), "{role} reads every tenant");
    }
    let ours = TestTenant::new().await;
    let theirs = make_tenant(&ours.owner).await;
    for tenant in [&ours.tenant, &theirs] {
        let mut tx = ours.store.begin(&ours.owner.scope(tenant)).await.unwrap();
        tx.receive(&[burnt("same-id", 1.0)]).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut admin = connection().await;
    let mut tx = admin.begin().await.unwrap();
    // An administrator as documented: no superuser, with the roles that `sentinai migrate` gives it.
    let name = unique("administrator").to_lowercase();
    let become_it =
        format!("create role {name} createrole createdb in role {OWNER_ROLE}, {READER_ROLE}; set local session authorization {name}");
    raw_sql(AssertSqlSafe(become_it)).execute(&mut *tx).await.unwrap();
    let both = [ours.tenant.as_str(), theirs.as_str()];
    let seen: i64 = sqlx::query_scalar("select count(*) from exception where tenant_id = any ($1)")
        .bind(&both[..])
        .fetch_one(&mut *tx)
        .await
        .unwrap();
    assert_eq!(seen, 2);
    let changed = sqlx::query("update exception set queue = 'elsewhere' where tenant_id = any ($1)")
        .bind(&both[..])
        .execute(&mut *tx)
        .await;
    assert_eq!(changed.unwrap().rows_affected(), 0, "it reads, and no more");
    for table in tenant_tables().await {
        attempt(&mut tx, &format!("select from public.{table} limit 1"))
            .await
            .unwrap_or_else(|code| panic!("{table}: {code}"));
    }
    tx.rollback().await.unwrap();
}
