//! What every new cluster is: durable, private, and the same on each machine. One cluster serves all questions.

use super::home::{Home, ask, mode};
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

#[test]
fn a_new_cluster_is_durable_private_and_deterministic() {
    let home = Home::new();
    let running = home.start().expect("a start");
    it_is_durable_and_deterministic(&home);
    its_secrets_are_for_the_owner_alone(&home, &running.url);
    only_loopback_listens(&home, running.port);
    psql_is_ready_to_run(&home);
}

fn it_is_durable_and_deterministic(home: &Home) {
    assert_eq!(home.ask("show fsync"), "on");
    assert_eq!(home.ask("show synchronous_commit"), "on");
    assert_eq!(home.ask("show full_page_writes"), "on");
    assert_eq!(home.ask("show timezone"), "UTC");
    let lz4 = "select case when 'lz4' = any (enumvals) then 'lz4' else 'off' end from pg_settings where name = 'wal_compression'";
    assert_eq!(home.ask("show wal_compression"), home.ask(lz4));
    assert_eq!(
        home.ask("select datcollate || ' ' || pg_encoding_to_char(encoding) from pg_database where datname = current_database()"),
        "C UTF8"
    );
}

fn its_secrets_are_for_the_owner_alone(home: &Home, url: &str) {
    let root = home.dir.path().join("postgres");
    assert_eq!(mode(&root), 0o700);
    for path in everything_below(&root) {
        assert_eq!(mode(&path) & 0o077, 0, "{} is open to others", path.display());
    }
    assert_eq!(
        home.ask("select (rolpassword like 'SCRAM-SHA-256$%')::text from pg_authid where rolname = 'postgres'"),
        "true"
    );

    let password = fs::read_to_string(root.join("password")).expect("a password");
    assert!(password.trim().len() >= 40 && url.contains(password.trim()));
    let wrong = url.replace(password.trim(), "wrong");
    catch_unwind(|| ask(&wrong, "select 1::text")).expect_err("no entry");
}

/// Files and directories; those that a running server removes meanwhile do not count.
fn everything_below(directory: &Path) -> Vec<PathBuf> {
    let mut found = vec![directory.to_path_buf()];
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()).filter(|path| path.exists() && !path.is_symlink()) {
        if path.is_dir() {
            found.extend(everything_below(&path));
        } else if path.exists() {
            found.push(path);
        }
    }
    found
}

fn only_loopback_listens(home: &Home, port: u16) {
    let listening = |table: &str| {
        let text = fs::read_to_string(table).unwrap_or_default();
        let sockets = text
            .lines()
            .skip(1)
            .map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        let ours = sockets.filter(|fields| fields[3] == "0A" && fields[1].ends_with(&format!(":{port:04X}")));
        ours.map(|fields| fields[1].clone()).collect::<Vec<_>>()
    };
    assert_eq!(listening("/proc/net/tcp"), [format!("0100007F:{port:04X}")]);
    assert_eq!(listening("/proc/net/tcp6"), Vec::<String>::new());
    assert_eq!(home.ask("show unix_socket_directories"), "");
}

fn psql_is_ready_to_run(home: &Home) {
    // Not part of every installation of the server.
    let Ok(mut psql) = home.psql(["-At", "-c", "select current_database()"]) else {
        return;
    };
    assert!(Path::new(psql.get_program()).is_absolute());
    let output = psql.output().expect("psql");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "sentinai\n", "{output:?}");
}
