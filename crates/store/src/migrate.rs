//! Bringing a database to the schema of this binary, and telling whether it is there.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection, migrate::Migrator};

use crate::{
    error::StoreError,
    pooler::SessionFault,
    url::{APP_ROLE, DatabaseUrl, OWNER_ROLE, READER_ROLE, WORKER_ROLE},
};

static MIGRATOR: Migrator = sqlx::migrate!();

/// Lock that keeps two migrations apart; any number no other program uses.
const LOCK: i64 = 0x5e17_1a1a;

/// What a migration did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// Schema version before; 0 for an empty database.
    pub from: i64,
    /// Schema version now.
    pub to: i64,
}

/// Who keeps the passwords of the login roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logins {
    /// They follow from the administrator's, and are set anew where they no longer do.
    Derived,
    /// Somebody else does; they are left alone.
    KeptElsewhere,
}

/// Why a migration stopped.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum MigrateFault {
    #[error("cannot reach the database at {0}: is it running? For the managed one: sentinai db start")]
    Unreachable(String, #[source] sqlx::Error),
    #[error("another migration has been running for a minute; look at pg_stat_activity, then try again")]
    Busy,
    #[error(
        "{user} may not create the roles {OWNER_ROLE}, {READER_ROLE}, {APP_ROLE} and {WORKER_ROLE} or grant them the schema public; give DATABASE_URL a user with CREATEROLE that owns the database"
    )]
    NoRoles {
        user: String,
        #[source]
        source: sqlx::Error,
    },
    #[error("the database has schema version {0}, newer than this binary's {1}: use a newer sentinai")]
    Newer(i64, i64),
    #[error("{OTHER_LAYOUT}")]
    OtherLayout,
    #[error(transparent)]
    Session(#[from] SessionFault),
    #[error("migration failed and was rolled back")]
    Failed(#[source] sqlx::migrate::MigrateError),
    #[error("a statement of the migration failed")]
    Statement(#[from] sqlx::Error),
}

/// Version of the schema this binary works with.
pub fn schema_version() -> i64 {
    MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// A name that changes with any change of the migrations: for test databases.
pub fn schema_fingerprint() -> String {
    let mut hasher = sha2::Sha256::default();
    MIGRATOR
        .iter()
        .for_each(|migration| sha2::Digest::update(&mut hasher, &migration.checksum));
    crate::url::hex_of(&sha2::Digest::finalize(hasher)[..6])
}

/// Creates database and roles where they are missing, and no tables: what a dump needs to be restored.
pub async fn prepare(admin: &DatabaseUrl) -> Result<(), MigrateFault> {
    let mut connection = prepared(admin).await?;
    // The dump has a function of that role; a migration takes the privilege back.
    let create = format!("grant create on schema public to {READER_ROLE}");
    sqlx::query(AssertSqlSafe(create)).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// A connection that holds the lock of migrations, to a database that has its roles.
async fn prepared(admin: &DatabaseUrl) -> Result<PgConnection, MigrateFault> {
    let mut connection = ensure_database(admin).await?;
    admin.check_session().await?;
    lock(&mut connection).await?;
    ensure_roles(&mut connection, admin).await?;
    Ok(connection)
}

/// Creates database and roles where they are missing and applies all migrations. Safe to run at any time, by several at once.
pub async fn migrate(admin: &DatabaseUrl, logins: Logins) -> Result<Migrated, MigrateFault> {
    let mut connection = prepared(admin).await?;
    if has_other_layout(&mut connection).await? {
        return Err(MigrateFault::OtherLayout);
    }
    let from = applied_version(&mut connection).await?;
    if from > schema_version() {
        return Err(MigrateFault::Newer(from, schema_version()));
    }
    sqlx::query(AssertSqlSafe(format!("set role {OWNER_ROLE}")))
        .execute(&mut connection)
        .await?;
    let mut migrator = Migrator {
        locking: false,
        ..Migrator::DEFAULT
    };
    migrator.migrations.clone_from(&MIGRATOR.migrations);
    migrator.run(&mut connection).await.map_err(MigrateFault::Failed)?;
    sqlx::query(AssertSqlSafe(format!(
        "grant select on _sqlx_migrations to {APP_ROLE}, {READER_ROLE}"
    )))
    .execute(&mut connection)
    .await?;
    sqlx::raw_sql("reset role").execute(&mut connection).await?;
    ensure_search(&mut connection).await?;
    connection.close().await?;
    if logins == Logins::Derived {
        for role in [APP_ROLE, WORKER_ROLE] {
            ensure_login(admin, role).await?;
        }
    }
    Ok(Migrated {
        from,
        to: schema_version(),
    })
}

/// The schema version a database has; 0 where it was never migrated.
pub async fn applied_version(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    let known: Option<bool> = sqlx::query_scalar("-- schema_is_known\nselect to_regclass('_sqlx_migrations') is not null")
        .fetch_one(&mut *connection)
        .await?;
    if known != Some(true) {
        return Ok(0);
    }
    sqlx::query_scalar("-- schema_version\nselect coalesce(max(version), 0) from _sqlx_migrations where success")
        .fetch_one(connection)
        .await
}

/// What to do with a database whose first migration is not the one of this binary.
const OTHER_LAYOUT: &str = "this database has the layout of an earlier development version, which cannot be migrated: `sentinai demo --reset` \
     deletes the managed database and starts anew; for a database of your own, create a new one and name it in DATABASE_URL";

/// Whether a database began with another baseline.
async fn has_other_layout(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    if applied_version(connection).await? == 0 {
        return Ok(false);
    }
    let first: Option<Vec<u8>> = sqlx::query_scalar("-- first_migration\nselect checksum from _sqlx_migrations order by version limit 1")
        .fetch_optional(connection)
        .await?;
    Ok(first.as_deref() != MIGRATOR.iter().next().map(|baseline| &*baseline.checksum))
}

async fn connect(url: &DatabaseUrl) -> Result<PgConnection, MigrateFault> {
    dial(url)
        .await
        .map_err(|error| MigrateFault::Unreachable(url.without_password(), error))
}

async fn dial(url: &DatabaseUrl) -> Result<PgConnection, sqlx::Error> {
    PgConnection::connect_with(&url.options()?).await
}

/// Connects to the database, which is made where it is missing.
async fn ensure_database(admin: &DatabaseUrl) -> Result<PgConnection, MigrateFault> {
    const NO_SUCH_DATABASE: &str = "3D000";
    match dial(admin).await {
        Ok(connection) => Ok(connection),
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(NO_SUCH_DATABASE) => {
            let mut maintenance = connect(&admin.maintenance()).await?;
            let name = admin.database().replace('"', "\"\"");
            let created = sqlx::query(AssertSqlSafe(format!("create database \"{name}\"")))
                .execute(&mut maintenance)
                .await;
            maintenance.close().await?;
            // Somebody may have created it at the same moment; connecting tells.
            connect(admin)
                .await
                .map_err(|fault| created.err().map_or(fault, MigrateFault::Statement))
        }
        Err(error) => Err(MigrateFault::Unreachable(admin.without_password(), error)),
    }
}

/// Tries with back-off: a waiting advisory lock would make `create index concurrently` hang.
async fn lock(connection: &mut PgConnection) -> Result<(), MigrateFault> {
    for _ in 0..600 {
        let locked: bool = sqlx::query_scalar("-- lock_migration\nselect pg_try_advisory_lock($1)")
            .bind(LOCK)
            .fetch_one(&mut *connection)
            .await?;
        if locked {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(MigrateFault::Busy)
}

/// Our roles, and whether they log in.
const ROLES: [(&str, &str); 4] = [
    (OWNER_ROLE, "nologin"),
    (READER_ROLE, "nologin"),
    (APP_ROLE, "login"),
    (WORKER_ROLE, "login"),
];

/// SQLSTATE `duplicate_object`, `unique_violation`.
const DUPLICATE: [&str; 2] = ["42710", "23505"];

/// Roles belong to the whole server, so they are made here and not by the migrations of one database.
async fn ensure_roles(connection: &mut PgConnection, admin: &DatabaseUrl) -> Result<(), MigrateFault> {
    let refused = |source| MigrateFault::NoRoles {
        user: admin.user().to_owned(),
        source,
    };
    for (role, login) in ROLES {
        let there: bool = sqlx::query_scalar("-- role_exists\nselect exists (select from pg_roles where rolname = $1)")
            .bind(role)
            .fetch_one(&mut *connection)
            .await?;
        if there {
            continue;
        }
        let password = if login == "login" {
            password_clause(admin, role)
        } else {
            String::new()
        };
        let statement = format!("create role {role} {login} nosuperuser nobypassrls nocreatedb nocreaterole{password}");
        match sqlx::query(AssertSqlSafe(statement)).execute(&mut *connection).await {
            Ok(_) => {}
            // The migration of another database on the same server was faster.
            Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| DUPLICATE.contains(&&*code)) => {}
            Err(error) => return Err(refused(error)),
        }
    }
    let statements = [
        format!("grant {OWNER_ROLE}, {READER_ROLE} to current_user"),
        format!("grant usage, create on schema public to {OWNER_ROLE}"),
        format!("grant usage on schema public to {APP_ROLE}, {READER_ROLE}, {WORKER_ROLE}"),
    ];
    for statement in statements {
        sqlx::query(AssertSqlSafe(statement))
            .execute(&mut *connection)
            .await
            .map_err(refused)?;
    }
    close_to_others(connection, admin).await.map_err(refused)
}

/// Nobody else puts objects beside ours, or temporary ones before them. Once done nothing is written: other sessions may change the same rows
/// of the catalog.
async fn close_to_others(connection: &mut PgConnection, admin: &DatabaseUrl) -> Result<(), sqlx::Error> {
    let open: bool = sqlx::query_scalar(
        "-- is_open_to_others
         select exists (select from pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba)))
                        where datname = current_database() and grantee = 0 and privilege_type = 'TEMPORARY')
             or exists (select from pg_namespace, aclexplode(nspacl) where nspname = 'public' and grantee = 0 and privilege_type = 'CREATE')",
    )
    .fetch_one(&mut *connection)
    .await?;
    if open {
        let database = admin.database().replace('"', "\"\"");
        let close = format!("revoke create on schema public from public; revoke temporary on database \"{database}\" from public");
        sqlx::raw_sql(AssertSqlSafe(close)).execute(connection).await?;
    }
    Ok(())
}

/// Lets searching use its index: the function that reads it belongs to the role that sees every tenant. That role may create objects until
/// then, and no longer.
async fn ensure_search(connection: &mut PgConnection) -> Result<(), MigrateFault> {
    let owner: String = sqlx::query_scalar(
        "-- owner_of_search\nselect proowner::regrole::text from pg_proc where oid = 'public.sought_exceptions(text)'::regprocedure",
    )
    .fetch_one(&mut *connection)
    .await?;
    let give = if owner == READER_ROLE {
        String::new()
    } else {
        format!("grant create on schema public to {READER_ROLE}; alter function public.sought_exceptions(text) owner to {READER_ROLE};")
    };
    let ensure = format!("begin; {give} revoke create on schema public from {READER_ROLE}; commit");
    sqlx::raw_sql(AssertSqlSafe(ensure)).execute(connection).await?;
    Ok(())
}

fn password_clause(admin: &DatabaseUrl, role: &str) -> String {
    // Hex digits only, so nothing to escape.
    admin
        .role_password(role)
        .map_or(String::new(), |password| format!(" password '{password}'"))
}

/// A role that exists with another password (the administrator's changed) gets the one derived from today's.
async fn ensure_login(admin: &DatabaseUrl, role: &str) -> Result<(), MigrateFault> {
    const WRONG_PASSWORD: &str = "28P01";
    match dial(&admin.as_role(role)).await {
        Ok(connection) => Ok(connection.close().await?),
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(WRONG_PASSWORD) => {
            let mut connection = connect(admin).await?;
            let statement = format!("alter role {role}{}", password_clause(admin, role));
            sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await?;
            Ok(connection.close().await?)
        }
        Err(error) => Err(MigrateFault::Unreachable(admin.as_role(role).without_password(), error)),
    }
}

/// Whether the schema is the one this binary works with; the message says what to run.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SchemaFault {
    #[error("{OTHER_LAYOUT}")]
    OtherLayout,
    #[error("the database has no SentinAI schema yet: run `sentinai migrate`")]
    Missing,
    #[error("the database has schema version {0}, this binary needs {1}: run `sentinai migrate`")]
    Older(i64, i64),
    #[error("the database has schema version {0}, newer than this binary's {1}: use a newer sentinai")]
    Newer(i64, i64),
    #[error(
        "the role {0} is {1}: row-level security would not hold. Connect as {APP_ROLE} (run `sentinai migrate`, then unset SENTINAI_APP_DATABASE_URL or point it there)"
    )]
    UnsafeRole(String, &'static str),
    #[error(transparent)]
    Session(#[from] SessionFault),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Refuses a schema this binary does not know.
pub async fn check_version(connection: &mut PgConnection) -> Result<(), SchemaFault> {
    if has_other_layout(connection).await.map_err(StoreError::from)? {
        return Err(SchemaFault::OtherLayout);
    }
    match applied_version(connection).await.map_err(StoreError::from)? {
        0 => Err(SchemaFault::Missing),
        version if version < schema_version() => Err(SchemaFault::Older(version, schema_version())),
        version if version > schema_version() => Err(SchemaFault::Newer(version, schema_version())),
        _ => Ok(()),
    }
}

/// Refuses a schema this binary does not know and a role that row-level security does not bind.
pub async fn check(connection: &mut PgConnection) -> Result<(), SchemaFault> {
    check_version(connection).await?;
    let (role, superuser, bypass, owner, reader): (String, bool, bool, bool, bool) = sqlx::query_as(
        "-- role_is_safe
         select rolname::text, rolsuper, rolbypassrls,
                pg_has_role(oid, (select relowner from pg_class where oid = 'exception'::regclass), 'member'),
                pg_has_role(oid, 'sentinai_reader', 'member')
         from pg_roles where rolname = current_user",
    )
    .fetch_one(connection)
    .await
    .map_err(StoreError::from)?;
    match (superuser, bypass, owner, reader) {
        (true, ..) => Err(SchemaFault::UnsafeRole(role, "a superuser")),
        (_, true, ..) => Err(SchemaFault::UnsafeRole(role, "allowed to bypass row-level security")),
        (_, _, true, _) => Err(SchemaFault::UnsafeRole(role, "owner of the tables")),
        (.., true) => Err(SchemaFault::UnsafeRole(role, "a reader of every tenant")),
        _ => Ok(()),
    }
}
