//! The ordinary life of a cluster: made, adopted, stopped, started again.

use super::home::{Home, ask};
use std::fs;
use std::net::TcpListener;
use store::cluster::{ClusterError, How, Status, Stopped};

#[test]
fn a_new_cluster_starts_is_adopted_and_stops() {
    let home = Home::new();
    assert_eq!(home.status().expect("a status"), Status::Absent);
    assert_eq!(home.stop().expect("nothing to stop"), Stopped::WasNot);

    let first = home.start().expect("a first start");
    assert_eq!(first.how, How::Initialised);
    assert_eq!(
        ask(&first.url, "select current_user || '@' || current_database()"),
        "postgres@sentinai"
    );

    let second = home.start().expect("a second start");
    assert_eq!((second.how, second.port, &second.url), (How::Adopted, first.port, &first.url));
    assert!(matches!(home.status(), Ok(Status::Running { port, version: 15.., .. }) if port == first.port));

    assert_eq!(home.stop().expect("a stop"), Stopped::WasRunning);
    assert_eq!(home.status().expect("a status"), Status::Stopped);
    assert_eq!(home.stop().expect("nothing to stop"), Stopped::WasNot);
    assert!(matches!(home.url(), Err(ClusterError::NotRunning)));

    let third = home.start().expect("a start after a stop");
    assert_eq!((third.how, third.url), (How::Started, first.url));
}

#[test]
fn a_port_that_somebody_else_took_is_replaced_for_good() {
    let home = Home::stopped();
    let before = home.start().expect("a start").port;
    home.stop().expect("a stop");
    let _intruder = TcpListener::bind(("127.0.0.1", before)).expect("the port is free again");

    let after = home.start().expect("a start on another port");
    assert_ne!(after.port, before);
    home.stop().expect("a stop");
    assert_eq!(home.start().expect("a start").port, after.port);
}

#[test]
fn what_a_crash_left_of_an_initialisation_is_thrown_away() {
    let home = Home::new();
    let unfinished = home.dir.path().join("postgres/data.new");
    fs::create_dir_all(unfinished.join("base")).expect("a directory");
    fs::write(unfinished.join("PG_VERSION"), "15\n").expect("a file");

    assert_eq!(home.start().expect("a start").how, How::Initialised);
    assert!(!unfinished.exists());
}

#[test]
fn data_of_another_major_version_is_refused_with_its_number() {
    let home = Home::new();
    fs::create_dir_all(home.data()).expect("a directory");
    fs::write(home.data().join("PG_VERSION"), "99\n").expect("a file");
    if super::home::is_root() {
        std::os::unix::fs::chown(home.data(), Some(65534), Some(65534)).expect("to hand over");
    }
    let error = home.start().expect_err("nobody has that version").to_string();
    assert!(error.contains("made by PostgreSQL 99, which is not installed (found "), "{error}");
}

#[test]
fn a_directory_without_programs_is_named() {
    let home = Home::new();
    let cluster = store::cluster::Cluster::at(home.dir.path()).with_programs(Some("/usr/share".into()));
    let error = cluster.start().expect_err("no programs there").to_string();
    assert!(error.starts_with("/usr/share does not hold PostgreSQL 15 or newer;"), "{error}");
}
