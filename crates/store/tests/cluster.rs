//! The managed PostgreSQL, with real servers in temporary directories: as whoever runs the tests, and as root also in the
//! name of others. Every test ends its servers.

#![allow(clippy::disallowed_methods, reason = "tests")]
mod cluster {
    mod access;
    mod crash;
    mod home;
    mod life;
    mod other_process;
    mod properties;
}
