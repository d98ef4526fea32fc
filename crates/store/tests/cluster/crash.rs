//! Servers that were killed, and the traces they leave.

use super::home::{Home, ask, kill_hard};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};
use store::cluster::{How, Status, Stopped};

#[test]
fn a_killed_server_is_recovered_with_everything_committed() {
    let home = Home::stopped();
    home.start().expect("a start");
    home.ask("create table kept as select 42 as answer");
    kill_hard(home.postmaster());

    assert_eq!(home.start().expect("a recovery").how, How::Recovered);
    assert_eq!(home.ask("select answer::text from kept"), "42");
}

#[test]
fn a_killed_server_is_not_running_and_needs_no_stop() {
    let home = Home::stopped();
    home.start().expect("a start");
    kill_hard(home.postmaster());
    // The kill is delivered at once, but the process takes a moment to die.
    wait_until("the server is gone", || home.status().expect("a status") == Status::Stopped);
    assert_eq!(home.stop().expect("nothing to stop"), Stopped::WasNot);
}

#[test]
fn an_orphan_that_computes_is_ended_before_the_recovery() {
    let home = Home::stopped();
    let url = home.start().expect("a start").url;
    let computing = thread::spawn(move || {
        let endless = "do $$ begin loop end loop; end $$";
        std::panic::catch_unwind(|| ask(&url, endless)).expect_err("the connection breaks");
    });
    wait_until("it computes", || {
        home.ask("select count(*)::text from pg_stat_activity where query like 'do $$%' and state = 'active'") == "1"
    });
    kill_hard(home.postmaster());

    assert_eq!(home.start().expect("a recovery").how, How::Recovered);
    computing.join().expect("the orphan is gone");
}

#[test]
fn a_pid_file_of_a_zombie_is_stale() {
    let home = Home::stopped();
    // Not waited for, so it stays a zombie with the name, the directory and the owner of a server.
    let zombie = named_postgres(&home, "/bin/true", &[], &home.data());
    wait_until("it has died", || {
        fs::read_to_string(format!("/proc/{}/stat", zombie.id()))
            .expect("a zombie")
            .contains(") Z ")
    });
    forge_pid_file(&home, zombie.id());

    assert_eq!(home.start().expect("a recovery").how, How::Recovered);
    reap(zombie);
}

#[test]
fn a_pid_file_of_another_process_is_stale() {
    let home = Home::stopped();
    let elsewhere = named_postgres(&home, "/bin/sleep", &["60"], Path::new("/"));
    forge_pid_file(&home, elsewhere.id());

    assert_eq!(home.status().expect("a status"), Status::Stopped);
    assert_eq!(home.start().expect("a recovery").how, How::Recovered);
    assert_ne!(home.postmaster(), elsewhere.id());
    reap(elsewhere);
}

#[test]
fn a_pid_file_of_rubbish_is_stale() {
    let home = Home::stopped();
    fs::write(home.data().join("postmaster.pid"), "").expect("a pid file");
    assert_eq!(home.start().expect("a recovery").how, How::Recovered);
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let home = Home::stopped();
    fs::write(home.data().join("postgresql.auto.conf"), "shared_buffers = 'plenty'\n").expect("a configuration");
    let error = home.start().expect_err("a broken configuration").to_string();
    assert!(error.starts_with("PostgreSQL start failed: "), "{error}");
    assert!(error.contains("invalid value for parameter \"shared_buffers\""), "{error}");
}

#[test]
fn a_server_that_crashes_while_it_starts_is_given_up() {
    let home = Home::stopped();
    home.start().expect("a start");
    kill_hard(home.postmaster());
    // The checkpoint that ends a recovery writes here.
    let needed = home.data().join("pg_logical");
    fs::set_permissions(&needed, Permissions::from_mode(0o500)).expect("to close it");
    let begun = Instant::now();
    let error = home.start().expect_err("it cannot write its checkpoint").to_string();
    assert!(error.contains("lacks a permission") && error.contains("pg_logical"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(120));
    assert_eq!(home.status().expect("a status"), Status::Stopped);

    fs::set_permissions(&needed, Permissions::from_mode(0o700)).expect("to open it");
    home.start().expect("a recovery");
}

/// A program under the name of PostgreSQL's, run by the account of the data.
fn named_postgres(home: &Home, program: &str, args: &[&str], dir: &Path) -> Child {
    let copy = home.public.path().join("postgres");
    fs::copy(program, &copy).expect("a copy");
    let mut command = home.as_owner(&copy);
    command.args(args).current_dir(dir).spawn().expect("a process")
}

fn forge_pid_file(home: &Home, pid: u32) {
    let data = home.data();
    let text = format!("{pid}\n{}\n1700000000\n15432\n\n127.0.0.1\n  1 1\nready   \n", data.display());
    fs::write(data.join("postmaster.pid"), text).expect("a pid file");
}

fn reap(mut child: Child) {
    let _ = child.kill();
    child.wait().expect("a child of ours");
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "not within 60 s: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}
