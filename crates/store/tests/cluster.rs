//! The managed PostgreSQL, with real servers in temporary directories: as whoever runs the tests, and as root also in the
//! name of others. Every test ends its servers.

mod cluster {
    mod access;
    mod crash;
    mod home;
    mod life;
    mod other_process;
    mod properties;
}
