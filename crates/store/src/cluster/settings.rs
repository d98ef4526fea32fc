//! The configuration of a managed cluster: `sentinai.conf`, included last by `postgresql.conf` and written at each start,
//! and `pg_hba.conf`. An operator's own wishes go through ALTER SYSTEM, which outranks both.

use std::fs;

/// Nobody without the password, nobody from elsewhere.
pub(super) const HOST_ACCESS: &str = "host all all 127.0.0.1/32 scram-sha-256\n";

/// Appended to postgresql.conf once.
pub(super) const INCLUDE: &str = "\ninclude_if_exists = 'sentinai.conf'\n";

/// Compression of the log that [`text`] asks for where the server offers it. After a checkpoint whole pages are logged: compressing them
/// with pglz, which is what `on` means, takes four times as much CPU as LZ4.
pub(super) const WAL_COMPRESSION: (&str, &str) = ("wal_compression", "lz4");

/// Memory of the machine in MiB, or of the container where that has less. None where neither can be read.
pub(super) fn memory() -> Option<u64> {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
    });
    let container = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let container = container.and_then(|text| text.trim().parse::<u64>().ok()).map(|bytes| bytes >> 10);
    let least = machine.into_iter().chain(container).min();
    least.map(|kib| kib >> 10)
}

/// Durable like any production server. Memory (in MiB) is shared with the program and with whoever else uses the machine, so the server
/// takes an eighth of it. No parameters in the log: they are the data of the tenants.
pub(super) fn text(port: u16, memory: Option<u64>, compresses: bool) -> String {
    let memory = memory.unwrap_or(2048);
    let (shared_buffers, cache) = ((memory / 8).clamp(128, 2048), (memory / 2).max(256));
    let wal_compression = if compresses { WAL_COMPRESSION.1 } else { "off" };
    format!(
        "# Written by `sentinai db start`; changes here are lost. Use ALTER SYSTEM instead.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
cluster_name = 'sentinai'

fsync = on
synchronous_commit = on
full_page_writes = on
wal_compression = {wal_compression}
max_wal_size = '2GB'
shared_buffers = '{shared_buffers}MB'
effective_cache_size = '{cache}MB'
max_connections = 200

timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_rotation_age = '1d'
log_rotation_size = 0
log_truncate_on_rotation = on
log_min_duration_statement = '500ms'
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"
    )
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn memory_follows_the_machine_within_bounds() {
        for (memory, buffers) in [(Some(512), 128), (Some(8192), 1024), (Some(262_144), 2048), (None, 256)] {
            let text = text(5432, memory, true);
            assert!(text.contains(&format!("\nshared_buffers = '{buffers}MB'\n")), "{memory:?}: {text}");
        }
    }

    #[test]
    fn the_log_is_not_compressed_where_lz4_is_missing() {
        assert!(text(5432, None, true).contains("\nwal_compression = lz4\n"));
        assert!(text(5432, None, false).contains("\nwal_compression = off\n"));
    }
}
