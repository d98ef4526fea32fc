//! Advice about the settings of a PostgreSQL that is managed elsewhere. The managed one has settings of its own (`cluster`).

use sqlx::{Connection, PgConnection};

use crate::{DatabaseUrl, StoreError};

/// A setting that should have another value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// Name of the setting.
    pub setting: &'static str,
    /// Its value now, with the unit that PostgreSQL shows.
    pub now: String,
    /// The value it should have.
    pub better: &'static str,
    /// Consequence of leaving it.
    pub because: &'static str,
}

/// A setting as PostgreSQL tells it.
#[derive(Debug, sqlx::FromRow)]
struct Setting {
    name: String,
    /// In the unit of the setting; 8 kB for `shared_buffers`.
    value: String,
    shown: String,
    offered: Vec<String>,
}

/// Settings, the values that are bad, the one to set, and why.
const RULES: [(&str, &[&str], &str, &str); 5] = [
    ("fsync", &["off"], "on", "a crash of the machine destroys the database"),
    (
        "full_page_writes",
        &["off"],
        "on",
        "a crash of the machine destroys pages that were being written",
    ),
    (
        "synchronous_commit",
        &["off"],
        "on",
        "a crash loses what was acknowledged in the last moments before it",
    ),
    (
        "autovacuum",
        &["off"],
        "on",
        "tables grow without end and are planned for without statistics",
    ),
    (
        "wal_compression",
        &["on", "pglz"],
        "lz4",
        "pglz takes four times as much CPU for the pages that are logged after a checkpoint",
    ),
];

/// Least `shared_buffers`, in pages of 8 kB.
const LEAST_BUFFERS: i64 = 128 << 7;

/// Compares the settings of a server with what suits us. Changes nothing.
pub async fn advise(url: &DatabaseUrl) -> Result<Vec<Advice>, StoreError> {
    let mut connection = PgConnection::connect_with(&url.options()?).await?;
    let settings: Vec<Setting> = sqlx::query_as(
        "-- settings
         select name, setting as value, current_setting(name) as shown, coalesce(enumvals, '{}') as offered from pg_settings order by name",
    )
    .fetch_all(&mut connection)
    .await?;
    connection.close().await?;
    Ok(settings.iter().filter_map(advice).collect())
}

fn advice(found: &Setting) -> Option<Advice> {
    let advise = |setting, better, because| Advice {
        setting,
        now: found.shown.clone(),
        better,
        because,
    };
    if found.name == "shared_buffers" && found.value.parse::<i64>().is_ok_and(|pages| pages < LEAST_BUFFERS) {
        return Some(advise("shared_buffers", "128MB or more", "indexes are read again and again"));
    }
    let (name, bad, better, because) = RULES.iter().find(|(name, ..)| *name == found.name)?;
    if !bad.contains(&found.value.as_str()) {
        return None;
    }
    let is_offered = found.offered.is_empty() || found.offered.iter().any(|offered| offered == better);
    // What this server was built without.
    Some(advise(name, if is_offered { better } else { "off" }, because))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn better(name: &str, setting: &str, offered: &[&str]) -> Option<&'static str> {
        let found = Setting {
            name: name.to_owned(),
            value: setting.to_owned(),
            shown: setting.to_owned(),
            offered: offered.iter().map(|&offered| offered.to_owned()).collect(),
        };
        advice(&found).map(|advice| advice.better)
    }

    #[test]
    fn what_costs_data_or_time_is_told_and_nothing_else() {
        let compressions = ["pglz", "lz4", "on", "off"];
        assert_eq!(better("wal_compression", "pglz", &compressions), Some("lz4"));
        assert_eq!(better("wal_compression", "on", &["pglz", "on", "off"]), Some("off"));
        assert_eq!(better("wal_compression", "lz4", &compressions), None);
        assert_eq!(better("wal_compression", "off", &compressions), None);
        assert_eq!(better("fsync", "off", &[]), Some("on"));
        assert_eq!(better("synchronous_commit", "remote_apply", &["off", "on", "remote_apply"]), None);
        assert_eq!(better("shared_buffers", "1024", &[]), Some("128MB or more"));
        assert_eq!(better("shared_buffers", "16384", &[]), None);
        assert_eq!(better("work_mem", "4096", &[]), None);
    }
}
