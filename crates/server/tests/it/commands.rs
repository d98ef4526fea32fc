//! The command line as its users meet it: refusals that say what to do.

use std::{
    path::Path,
    process::{Command, Output},
};

use domain::role::Role;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{
    app::TestApp,
    database::{self, unique},
};

fn sentinai(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sentinai"));
    command
        .args(args)
        .env_remove("DATABASE_URL")
        .env("SENTINAI_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-home"));
    command
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn without_a_database_commands_say_how_to_start_one() {
    for args in [&["serve"][..], &["migrate"], &["tenant", "list"], &["key", "list"]] {
        let output = sentinai(args).output().unwrap();
        assert!(!output.status.success());
        assert!(said(&output).contains("sentinai db start"), "{args:?}: {}", said(&output));
    }
}

#[tokio::test]
async fn serve_refuses_a_database_that_was_never_migrated_and_an_unsafe_role() {
    let url = database::url().await;
    let name = unique("empty").to_lowercase();
    let mut admin = PgConnection::connect(url.expose()).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("create database {name}")))
        .execute(&mut admin)
        .await
        .unwrap();
    let empty = format!("{}/{name}", url.expose().rsplit_once('/').unwrap().0);
    let output = sentinai(&["serve"]).env("DATABASE_URL", &empty).output().unwrap();
    assert!(said(&output).contains("run `sentinai migrate`"), "{}", said(&output));
    sqlx::query(AssertSqlSafe(format!("drop database {name}")))
        .execute(&mut admin)
        .await
        .unwrap();
    let output = sentinai(&["serve"])
        .env("DATABASE_URL", url.expose())
        .env("SENTINAI_APP_DATABASE_URL", url.expose())
        .output()
        .unwrap();
    assert!(
        said(&output).contains("is a superuser: row-level security would not hold"),
        "{}",
        said(&output)
    );
}

#[tokio::test]
async fn serve_says_when_its_address_is_taken_and_never_opens_an_unguarded_one() {
    let url = database::url().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = sentinai(&["serve", "--listen", &address])
        .env("DATABASE_URL", url.expose())
        .output()
        .unwrap();
    assert!(
        said(&output).contains("another program") && said(&output).contains("SENTINAI_LISTEN="),
        "{}",
        said(&output)
    );
    let output = sentinai(&["serve", "--auth", "off", "--listen", "0.0.0.0:0"])
        .env("DATABASE_URL", url.expose())
        .output()
        .unwrap();
    assert!(said(&output).contains("loopback addresses only"), "{}", said(&output));
}

#[test]
fn a_pack_with_a_typo_is_refused_with_file_line_and_column() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(unique("typo.json"));
    std::fs::write(&file, database::BAKERY.replace("\"idPrefix\"", "\"idPerfix\"")).unwrap();
    let output = sentinai(&["pack", "lint", file.to_str().unwrap()]).output().unwrap();
    assert!(!output.status.success());
    assert!(
        said(&output).contains(&format!("{}:5:12: unknown field `idPerfix`", file.display())),
        "{}",
        said(&output)
    );
    std::fs::remove_file(file).unwrap();
}

#[test]
fn the_sample_packs_are_sound_and_their_tests_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../domainpacks");
    for name in ["finance.sample.json", "healthcare.sample.json"] {
        let output = sentinai(&["pack", "test", folder.join(name).to_str().unwrap()]).output().unwrap();
        assert!(output.status.success() && said(&output).contains(" tests of "), "{}", said(&output));
    }
}

#[tokio::test]
async fn tenants_and_keys_are_made_listed_and_ended() {
    let url = database::url().await;
    let tenant = unique("CLI");
    let run = |args: &[&str]| sentinai(args).env("DATABASE_URL", url.expose()).output().unwrap();
    assert!(run(&["tenant", "create", &tenant, "--domain", "Bakery"]).status.success());
    assert!(said(&run(&["tenant", "create", &tenant, "--domain", "Bakery"])).contains("exists already"));
    let made = run(&[
        "key",
        "create",
        "--tenant",
        &tenant,
        "--role",
        "viewer",
        "--name",
        "robot",
        "--expires-in-days",
        "7",
    ]);
    let key = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    assert!(key.starts_with("snt_") && key.len() == 47, "{key}");
    let list = said(&run(&["key", "list", "--tenant", &tenant]));
    assert!(
        list.contains(&key[..12]) && list.contains("works") && !list.contains(&key),
        "{list}"
    );
    assert!(run(&["key", "revoke", &key[..12]]).status.success());
    assert!(said(&run(&["key", "list", "--tenant", &tenant])).contains("revoked"));
    assert!(said(&run(&["tenant", "set", &tenant, "--rate", "50/s", "--burst", "200"])).contains("50/s, burst 200"));
    assert!(said(&run(&["tenant", "list"])).contains("50/s, burst 200"));
    for (args, fault) in [
        (&["--rate", "fast"][..], "a rate is a whole number per second"),
        (&["--rate", "0/s"], "a rate is a whole number per second"),
        (&["--rate", "50/s", "--burst", "10"], "give --burst 50 or more"),
        (&["--rate", "none", "--burst", "10"], "--burst needs a rate"),
    ] {
        let output = run(&[&["tenant", "set", &tenant], args].concat());
        assert!(!output.status.success() && said(&output).contains(fault), "{}", said(&output));
    }
    assert!(said(&run(&["tenant", "set", &tenant, "--rate", "none"])).contains("has no rate"));
    assert!(said(&run(&["tenant", "set", "NO_SUCH", "--rate", "1/s"])).contains("there is no tenant"));
    assert!(run(&["tenant", "suspend", &tenant]).status.success());
    assert!(said(&run(&["tenant", "list"])).contains(&tenant));
    assert!(said(&run(&["key", "create", "--tenant", "NO_SUCH", "--role", "viewer", "--name", "x"])).contains("there is no tenant"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_is_listed_shown_replayed_and_discarded_through_the_api() {
    let app = TestApp::start().await;
    let bad =
        |id: &str, kind: &str| json!({"sourceSystem": "Oven", "exceptionType": kind, "exceptionId": id, "rawPayload": {"oven": "O-1"}});
    let told = app.send(bad("C-1", "COLD_BREAD")).await.body["quarantineId"]
        .as_str()
        .unwrap()
        .to_owned();
    app.send(bad("C-2", "NO_BREAD")).await;
    let run = |role, args: &[&str]| {
        let server = ["--tenant", app.tenant.as_str(), "--api-url", &app.base, "--api-key", app.key(role)];
        sentinai(&[&["quarantine"], args, &server].concat()).output().unwrap()
    };
    let list = said(&run(Role::Viewer, &["list", "--type", "cold"]));
    assert!(
        list.starts_with("1 held: unknown-type 1\n") && list.contains(&told) && !list.contains("C-2"),
        "{list}"
    );
    let shown = said(&run(Role::Viewer, &["show", "--id", &told]));
    assert!(
        shown.contains("/exceptionType: 'COLD_BREAD' is no exception type") && shown.contains("\"oven\": \"O-1\""),
        "{shown}"
    );
    let refused = run(Role::Operator, &["replay", "--all"]);
    assert!(
        !refused.status.success() && said(&refused).contains("0 replayed, 2 still refused"),
        "{}",
        said(&refused)
    );
    let weak = run(Role::Operator, &["discard", "--id", &told, "--reason", "x"]);
    assert!(
        !weak.status.success() && said(&weak).contains("with the role supervisor with --api-key"),
        "{}",
        said(&weak)
    );
    let done = run(Role::Supervisor, &["discard", "--id", &told, "--reason", "a test of theirs"]);
    assert!(done.status.success() && said(&done).contains("1 discarded"), "{}", said(&done));
    let decided = said(&run(Role::Operator, &["replay", "--id", &told]));
    assert!(
        decided.contains(&format!("{told} is DISCARDED")) && decided.contains("0 replayed"),
        "{decided}"
    );
    let unknown = run(Role::Operator, &["replay", "--id", "Q-0123456789abcdef01234567"]);
    assert!(
        !unknown.status.success() && said(&unknown).contains("sentinai quarantine list"),
        "{}",
        said(&unknown)
    );
    assert!(said(&run(Role::Operator, &["replay"])).contains("<--code <CODE>|--id <ID>|--all>"));
    let days = sentinai(&["tenant", "set", app.tenant.as_str(), "--quarantine-days", "7"])
        .env("DATABASE_URL", database::url().await.expose())
        .output()
        .unwrap();
    assert!(days.status.success() && said(&days).contains("for 7 days"), "{}", said(&days));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_of_a_member_is_changed_at_once_and_recorded() {
    let app = TestApp::start().await;
    let url = database::url().await;
    let run = |args: &[&str]| sentinai(args).env("DATABASE_URL", url.expose()).output().unwrap();
    let tenant = app.tenant.as_str();
    let made = run(&["key", "create", "--tenant", tenant, "--role", "viewer", "--name", "Ada Lovelace"]);
    let key = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    let get = |path: &str| {
        let url = format!("{}/v1/tenants/{tenant}{path}", app.base);
        app.client.get(url).header("x-api-key", &key).send()
    };
    assert_eq!(get("/audit/head").await.unwrap().status(), 403);

    let changed = run(&[
        "member",
        "set-role",
        "--tenant",
        tenant,
        "ada lovelace",
        "supervisor",
        "--as",
        "Grace Hopper",
    ]);
    assert!(
        changed.status.success() && said(&changed).contains("Ada Lovelace is supervisor now; before, viewer."),
        "{}",
        said(&changed)
    );
    let again = said(&run(&["member", "set-role", "--tenant", tenant, "ada-lovelace", "supervisor"]));
    assert!(again.contains("is supervisor already; nothing was changed"), "{again}");
    let list = said(&run(&["member", "list", "--tenant", tenant]));
    let line = list.lines().find(|line| line.contains("Ada Lovelace")).unwrap();
    let columns: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(columns, ["ada-lovelace", tenant, "supervisor", "Ada", "Lovelace"]);
    let others = said(&run(&["member", "list"]));
    assert!(others.contains(line), "{others}");

    // A server knows a key for at most a second.
    let has_it = async { while get("/audit/head").await.unwrap().status() != 200 {} };
    tokio::time::timeout(std::time::Duration::from_secs(30), has_it).await.unwrap();
    let page: serde_json::Value = get("/audit/events?kind=role_changed").await.unwrap().json().await.unwrap();
    let items = page["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{page}");
    let told = json!({"memberId": "ada-lovelace", "name": "Ada Lovelace", "role": "supervisor", "before": "viewer"});
    assert_eq!((&items[0]["data"], &items[0]["actor"]), (&told, &json!("cli:Grace Hopper")));

    for (args, fault) in [
        (
            &["member", "set-role", "--tenant", tenant, "nobody", "admin"][..],
            "has no member nobody",
        ),
        (
            &["member", "set-role", "--tenant", "NO_SUCH", "ada-lovelace", "admin"],
            "there is no tenant",
        ),
        (&["member", "list", "--tenant", "NO_SUCH"], "there is no tenant"),
    ] {
        let output = run(args);
        assert!(!output.status.success() && said(&output).contains(fault), "{}", said(&output));
    }
}
