//! The configuration of a managed cluster: `sentinai.conf`, included last by `postgresql.conf` and written at each start,
//! and `pg_hba.conf`. An operator's own wishes go through ALTER SYSTEM, which outranks both.

/// Nobody without the password, nobody from elsewhere.
pub(super) const HOST_ACCESS: &str = "host all all 127.0.0.1/32 scram-sha-256\n";

/// Appended to postgresql.conf once.
pub(super) const INCLUDE: &str = "\ninclude_if_exists = 'sentinai.conf'\n";

/// Sized for a laptop of two cores; durable like any production server. No parameters in the log: they are the data of
/// the tenants.
pub(super) fn text(port: u16) -> String {
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
wal_compression = on
max_wal_size = '2GB'
shared_buffers = '256MB'
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
