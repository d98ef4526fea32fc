//! Several processes and several accounts: who may start, who waits, who can reach what.

use super::home::{Home, as_account, is_root, mode};
use super::other_process::{copied_to, start, started};
use std::env::current_exe;
use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::process::{Command, Stdio};
use store::cluster::{How, Stopped};

#[test]
fn of_two_starts_at_once_one_makes_the_cluster_and_the_other_adopts_it() {
    let home = Home::new();
    let program = current_exe().expect("this program");
    let children = [(); 2].map(|()| {
        let mut command = Command::new(&program);
        start(&mut command, home.dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process")
    });
    let mut both = children.map(|child| started(&child.wait_with_output().expect("an end")));
    both.sort();
    assert_eq!((both[0].0.as_str(), both[1].0.as_str()), ("Adopted", "Initialised"));
    assert_eq!(both[0].1, both[1].1);
}

/// The test itself would hang if the server held our pipe: `output` reads to its end.
#[test]
fn the_server_outlives_its_starter_and_holds_nothing_of_it() {
    let home = Home::stopped();
    let kept_open = home.dir.path().join("kept-open");
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", "exec 7>\"$0\"; exec \"$@\""])
        .arg(&kept_open)
        .arg(current_exe().expect("this program"));
    let output = start(&mut command, home.dir.path()).output().expect("an end");
    started(&output);

    let pid = home.postmaster();
    let held = fs::read_dir(format!("/proc/{pid}/fd"))
        .expect("its files")
        .map(|entry| fs::read_link(entry.expect("one").path()));
    assert!(held.flatten().all(|path| path != kept_open));
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("its state");
    let session = stat
        .rsplit(") ")
        .next()
        .and_then(|rest| rest.split(' ').nth(3))
        .expect("its session");
    assert_eq!(
        session,
        pid.to_string(),
        "a session of its own, so that no Ctrl-C of ours reaches it"
    );
}

#[test]
fn root_hands_the_data_to_another_account_in_a_directory_closed_to_it() {
    if !is_root() {
        return;
    }
    let home = Home::new();
    assert_eq!(mode(home.dir.path()), 0o700);
    assert_eq!(home.start().expect("a start").how, How::Initialised);
    assert_ne!(home.owner(), 0);
    let status = fs::read_to_string(format!("/proc/{}/status", home.postmaster())).expect("its status");
    assert!(
        status.contains("CapEff:\t0000000000000000"),
        "the server has no privileges: {status}"
    );
    // The configuration is read by that account as well.
    assert_eq!(home.ask("select pg_reload_conf()::text"), "true");
    assert_eq!(home.ask("select count(*)::text from pg_hba_file_rules where error is null"), "1");
}

#[test]
fn an_ordinary_user_does_it_alone() {
    if !is_root() {
        // Then every other test shows it.
        return;
    }
    let home = Home::new();
    let nobody = 65534;
    chown(home.dir.path(), Some(nobody), Some(nobody)).expect("to hand over");
    let program = copied_to(home.public.path());
    let run = || started(&start(&mut as_account(nobody, &program), home.dir.path()).output().expect("an end"));

    let (how, port) = run();
    assert_eq!(how, "Initialised");
    assert_eq!(run(), ("Adopted".to_owned(), port));
    assert_eq!(home.owner(), nobody);
    assert_eq!(
        fs::metadata(home.dir.path().join("postgres/password")).expect("a password").uid(),
        nobody
    );
    // Root can take over: it acts as the owner.
    assert_eq!(home.start().expect("a start").how, How::Adopted);
    assert_eq!(home.stop().expect("a stop"), Stopped::WasRunning);
    assert_eq!(run(), ("Started".to_owned(), port));
}

#[test]
fn data_of_another_account_is_left_alone() {
    if !is_root() {
        return;
    }
    let home = Home::stopped();
    home.start().expect("a start");
    let program = copied_to(home.public.path());
    let output = start(&mut as_account(65534, &program), home.dir.path()).output().expect("an end");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && said.contains("Permission denied") && said.contains("SENTINAI_HOME"),
        "{said}"
    );
    assert_eq!(home.start().expect("a start").how, How::Adopted);
}

/// As in a container, where root may not look at the processes of other accounts.
#[test]
fn root_with_the_few_privileges_of_a_container_recognises_the_server() {
    if !is_root() {
        return;
    }
    let home = Home::new();
    let program = current_exe().expect("this program");
    let run = || {
        let mut command = Command::new("setpriv");
        command.arg("--bounding-set=-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+sys_chroot");
        started(&start(command.arg(&program), home.dir.path()).output().expect("an end")).0
    };
    assert_eq!(run(), "Initialised");
    assert_eq!(run(), "Adopted");
    super::home::kill_hard(home.postmaster());
    assert_eq!(run(), "Recovered");
}
