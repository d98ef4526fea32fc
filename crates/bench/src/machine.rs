//! On what was measured.

use std::fs;

use sqlx::{Connection, PgConnection, Row};

use crate::environment::Environment;

/// Settings of PostgreSQL that decide about speed.
const SETTINGS: [&str; 8] = [
    "server_version",
    "shared_buffers",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "wal_compression",
    "max_wal_size",
    "max_connections",
];

/// Machine and database, one line each.
pub async fn describe(environment: &Environment) -> anyhow::Result<Vec<String>> {
    let mut connection = PgConnection::connect(environment.url.expose()).await?;
    let rows = sqlx::query("-- settings\nselect name, current_setting(name) from unnest($1::text[]) as name").bind(SETTINGS.as_slice());
    let rows = rows.fetch_all(&mut connection).await?;
    let settings = rows
        .iter()
        .map(|row| format!("{} {}", row.get::<String, _>(0), row.get::<String, _>(1)));
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let of = |text: &str, name: &str| -> String {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':'))
            .map_or("unknown", |(_, value)| value.trim())
            .to_owned()
    };
    let memory: u64 = of(&read("/proc/meminfo"), "MemTotal")
        .trim_end_matches(" kB")
        .parse()
        .unwrap_or_default();
    Ok(vec![
        format!(
            "{cores} cores, {}, {} GiB of memory, kernel {}",
            of(&read("/proc/cpuinfo"), "model name"),
            memory >> 20,
            read("/proc/sys/kernel/osrelease").trim()
        ),
        format!("Disk of the database: {}", disk()),
        format!("PostgreSQL: {}", settings.collect::<Vec<_>>().join(", ")),
    ])
}

/// Bytes of the database that belong to exceptions: all tables and indexes of the tenants.
pub async fn bytes(environment: &Environment) -> anyhow::Result<i64> {
    let mut connection = PgConnection::connect(environment.url.expose()).await?;
    let bytes = sqlx::query_scalar(
        "-- bytes_of_exceptions
         select sum(pg_total_relation_size(c.oid))::bigint from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'public' and c.relkind = 'r'",
    );
    Ok(bytes.fetch_one(&mut connection).await?)
}

/// Device and file system of the working directory.
fn disk() -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let fitting = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (device, place, kind) = (words.next()?, words.next()?, words.next()?);
        here.starts_with(place).then(|| (place.len(), format!("{device}, {kind}")))
    });
    fitting.max().map_or_else(|| "unknown".to_owned(), |(_, text)| text)
}
