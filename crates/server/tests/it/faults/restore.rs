//! A dump by the administrator that the documents describe, who is no superuser: it has every row, and the installation that is restored
//! from it is the same.

use std::{
    process::{Command, Output},
    sync::Arc,
};

use domain::pack::Pack;
use seeding::SeedRun;
use server::history::{Order, write};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use store::{
    OwnerStore,
    cluster::{Cluster, psql_program},
};
use tempfile::TempDir;

use super::{Program, program::sentinai};
use crate::{
    audit_state::{PACK, with_pack},
    database::noon,
};

/// Statements of docs/seeding.md that count and list exceptions.
fn guide() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/seeding.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, rest) = text.split_once("```sql\n").expect("the statements of the guide");
    let block = rest.split_once("```").unwrap().0;
    block
        .split(';')
        .map(|statement| statement.trim().to_owned())
        .filter(|statement| !statement.is_empty())
        .collect()
}

struct Installation {
    home: TempDir,
    /// Address of the server, as the documented administrator, without a database.
    base: String,
}

impl Installation {
    /// A PostgreSQL with an administrator who may make roles and databases, and is no superuser.
    async fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().to_owned();
        let url = tokio::task::spawn_blocking(move || Cluster::at(&path).start().unwrap().url)
            .await
            .unwrap();
        let mut superuser = PgConnection::connect(&url).await.unwrap();
        let create = "create role desk_admin login createrole createdb password 'of-the-desk'";
        sqlx::query(create).execute(&mut superuser).await.unwrap();
        let (_, address) = url.rsplit_once('@').unwrap();
        let (address, _) = address.rsplit_once('/').unwrap();
        Self {
            base: format!("postgres://desk_admin:of-the-desk@{address}"),
            home,
        }
    }

    fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.base)
    }

    /// A command that must succeed.
    fn run(&self, database: &str, words: &[&str]) -> String {
        let output = sentinai(self.home.path())
            .args(words)
            .env("DATABASE_URL", self.url(database))
            .output()
            .unwrap();
        succeeded(words, &output)
    }

    /// `psql` on a statement, as people use it.
    fn psql(&self, database: &str, statement: &str) -> String {
        self.run(
            database,
            &["db", "psql", "--", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement],
        )
    }

    /// Rows of each table.
    async fn counts(&self, database: &str) -> Vec<(String, i64)> {
        let mut connection = PgConnection::connect(&self.url(database)).await.unwrap();
        let tables: Vec<String> = sqlx::query_scalar("select tablename::text from pg_tables where schemaname = 'public' order by 1")
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let mut counts = Vec::new();
        for table in tables {
            let count = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {table}")));
            counts.push((table.clone(), count.fetch_one(&mut connection).await.unwrap()));
        }
        counts
    }

    /// Two tenants with a past.
    async fn fill(&self, database: &str) {
        let owner = OwnerStore::connect(&self.url(database).parse().unwrap()).await.unwrap();
        let pack = Arc::new(Pack::parse(PACK).unwrap());
        for seed in 0..2 {
            let tenant = with_pack(&owner, &pack).await;
            let run = SeedRun {
                tenant: tenant.to_string(),
                seed,
                as_of: noon(),
                count: 150,
            };
            let order = Order { run, days: 10, at: noon() };
            write(&owner, &tenant, &pack, &order, || {}).await.unwrap();
        }
    }

    /// A program of PostgreSQL, on a database.
    fn tool(&self, name: &str, database: &str, words: &[&str]) {
        let psql = psql_program(None).unwrap();
        let program = psql.with_file_name(name);
        let output = Command::new(program)
            .args(words)
            .arg("--dbname")
            .arg(self.url(database))
            .output()
            .unwrap();
        succeeded(words, &output);
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        drop(Cluster::at(self.home.path()).stop());
    }
}

fn succeeded(words: &[&str], output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{words:?}: {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "make faults: makes a cluster, and dumps and restores it"]
async fn a_dump_by_the_documented_administrator_has_every_row_and_is_restored_whole() {
    let there = psql_program(None).is_ok_and(|psql| ["pg_dump", "pg_restore"].iter().all(|name| psql.with_file_name(name).is_file()));
    if !there {
        eprintln!("skipped: there is no pg_dump beside psql on this machine (Debian: apt-get install postgresql-client)");
        return;
    }
    let site = Installation::start().await;
    site.run("desk", &["migrate"]);
    site.fill("desk").await;
    let before = site.counts("desk").await;
    for table in ["exception", "event", "chain_head", "facet_count"] {
        let (_, rows) = before.iter().find(|(name, _)| name == table).unwrap();
        assert!(*rows >= 2, "{table} has {rows} rows");
    }

    let dump = site.home.path().join("desk.dump");
    let dump = dump.to_str().unwrap();
    site.tool("pg_dump", "desk", &["--enable-row-security", "--format", "custom", "--file", dump]);
    site.run("restored", &["migrate", "--roles-only"]);
    site.tool("pg_restore", "restored", &["--enable-row-security", "--exit-on-error", dump]);
    assert!(site.run("restored", &["migrate"]).contains("nothing to do"));

    assert_eq!(site.counts("restored").await, before);
    let verified = site.run("restored", &["audit", "verify"]);
    assert_eq!(verified.matches("[OK]").count(), 2, "{verified}");
    let statements = guide();
    assert_eq!(statements.len(), 2, "{statements:?}");
    for statement in statements {
        let shown = site.psql("desk", &statement);
        assert_eq!(site.psql("restored", &statement), shown, "{statement}");
        let expected = if statement.contains("GROUP BY") { 2 } else { 20 };
        assert_eq!(shown.lines().count(), expected, "{statement}: {shown}");
    }
}

/// The line of the seeder's next steps that begins like this, as it is to be run.
fn next_step<'s>(said: &'s str, title: &str) -> &'s str {
    let step = said.lines().find_map(|line| line.trim().strip_prefix(title));
    step.unwrap_or_else(|| panic!("no {title} in {said}")).trim()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hint_of_the_seeder_counts_rows_for_an_administrator_who_is_no_superuser() {
    const TENANT: &str = "TENANT_FINANCE_001";
    let site = Installation::start().await;
    let run = |words: &[&str]| site.run("desk", words);
    run(&["migrate"]);
    let pack = concat!(env!("CARGO_MANIFEST_DIR"), "/../../domainpacks/finance.sample.json");
    let version = Pack::parse(&std::fs::read_to_string(pack).unwrap()).unwrap().version();
    run(&["pack", "import", pack]);
    run(&["tenant", "create", TENANT, "--domain", "CapitalMarketsTrading"]);
    run(&["pack", "activate", "CapitalMarketsTrading", &version, "--tenant", TENANT]);
    let key = run(&["key", "create", "--tenant", TENANT, "--role", "operator", "--name", "seeding"]);
    let url = site.url("desk").parse().unwrap();
    let server = Program::start_on(site.home.path(), 4, Some(&url)).await;
    let seed = ["seed", "--tenant-id", TENANT, "--count", "7", "--api-key", key.trim(), "--api-url"];
    let said = run(&[&seed[..], &[server.base().as_str()]].concat());

    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_sentinai")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let hint = next_step(&said, "Count rows");
    let mut shell = Command::new("sh");
    shell
        .args(["-c", hint])
        .env("PATH", path)
        .env("DATABASE_URL", site.url("desk"))
        .env("PAGER", "cat");
    let counted = succeeded(&[hint], &shell.output().unwrap());
    let row: Vec<&str> = counted
        .lines()
        .find(|line| line.contains(TENANT))
        .unwrap()
        .split('|')
        .map(str::trim)
        .collect();
    assert_eq!(row, [TENANT, "7"], "{counted}");
    for statement in guide() {
        assert!(site.psql("desk", &statement).lines().next().is_some(), "{statement} shows no row");
    }
}
