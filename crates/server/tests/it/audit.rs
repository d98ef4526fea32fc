//! The chain as proof: what was tampered with is named, what was not is sound, in the database and in an export.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use store::DatabaseUrl;

use super::{
    app::{TestApp, burnt},
    database::{self, unique},
};

pub struct Operator {
    url: String,
}

impl Operator {
    pub async fn new() -> Self {
        Self::of(&database::url().await)
    }

    /// Of a database.
    pub fn of(url: &DatabaseUrl) -> Self {
        Self {
            url: url.expose().to_owned(),
        }
    }

    /// Runs `sentinai audit` with words.
    pub fn audit(&self, words: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_sentinai"))
            .arg("audit")
            .args(words.split(' '))
            .env("DATABASE_URL", &self.url)
            .output()
            .unwrap()
    }

    /// What `audit verify --json` says of one chain.
    pub fn verified(&self, words: &str) -> Value {
        let output = self.audit(&format!("verify --json {words}"));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
        assert_eq!(report["ok"], output.status.success(), "{report}");
        assert_eq!(report["chains"].as_array().unwrap().len(), 1, "{report}");
        report["chains"][0].clone()
    }

    /// What `audit verify --json` says of one chain between a change of the tables and its undoing, in one session.
    pub async fn while_tampered(&self, change: &str, undo: &str, words: &str) -> Value {
        let mut admin = PgConnection::connect(&self.url).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(change.to_owned())).execute(&mut admin).await.unwrap();
        let report = self.verified(words);
        sqlx::raw_sql(AssertSqlSafe(undo.to_owned())).execute(&mut admin).await.unwrap();
        report
    }

    /// Does to the tables what no grant allows.
    async fn tamper(&self, statement: String) {
        let mut admin = PgConnection::connect(&self.url).await.unwrap();
        let done = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut admin).await.unwrap();
        assert!(done.rows_affected() > 0);
    }
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

async fn app_with_events(count: usize) -> TestApp {
    let app = TestApp::start().await;
    for index in 0..count {
        assert_eq!(app.send(burnt(&format!("A-{index}"), 1.0)).await.status, 202);
    }
    app
}

#[tokio::test]
async fn an_untouched_chain_is_sound_and_every_tampering_is_named_by_its_first_event() {
    let operator = Operator::new().await;
    let cases = [
        ("update event set data = '{}' where {t} and seq = 8", 8, "hash differs"),
        ("update event set hash = sha256('x') where {t} and seq = 9", 9, "hash differs"),
        (
            "delete from event where {t} and seq = 9",
            9,
            "the event is missing; the next one there is 10",
        ),
        (
            "delete from event where {t} and seq = (select seq from chain_head where {t})",
            12,
            "missing at the end",
        ),
        (
            "update event set seq = -seq where {t} and seq in (8, 9); update event set seq = 17 + seq where {t} and seq < 0",
            8,
            "hash differs",
        ),
        ("update chain_head set hash = sha256('x') where {t}", 12, "head's hash"),
        ("update chain_head set seq = seq - 1 where {t}", 12, "behind the head"),
    ];
    for (statement, first_invalid, problem) in cases {
        let app = app_with_events(5).await;
        let words = format!("--tenant {}", app.tenant);
        let sound = operator.verified(&words);
        assert_eq!((&sound["ok"], &sound["events"]), (&true.into(), &12.into()), "{sound}");
        operator
            .tamper(statement.replace("{t}", &format!("tenant_id = '{}'", app.tenant)))
            .await;
        let broken = operator.verified(&words);
        assert_eq!(broken["firstInvalid"], first_invalid, "{statement}: {broken}");
        assert!(broken["problem"].as_str().unwrap().contains(problem), "{statement}: {broken}");
    }
}

#[tokio::test]
async fn a_chain_is_verified_while_others_write() {
    let app = app_with_events(3).await;
    let operator = Operator::new().await;
    let words = format!("--tenant {}", app.tenant);
    let writing = async {
        for index in 0..40 {
            app.send(burnt(&format!("W-{index}"), 1.0)).await;
        }
    };
    let verifying = tokio::task::spawn_blocking(move || (0..4).map(|_| operator.verified(&words)).collect::<Vec<_>>());
    let ((), verdicts) = tokio::join!(writing, verifying);
    for verdict in verdicts.unwrap() {
        assert_eq!(verdict["ok"], true, "{verdict}");
    }
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(unique(name))
}

#[tokio::test]
async fn an_export_verifies_without_a_database_and_a_changed_line_is_named() {
    let app = app_with_events(4).await;
    let operator = Operator::new().await;
    let path = file("export");
    let shown = path.display();
    let output = operator.audit(&format!("export --tenant {} --output {shown}", app.tenant));
    assert!(output.status.success(), "{}", said(&output));
    let nowhere = Operator {
        url: "postgres://nobody@127.0.0.1:1/none".into(),
    };
    let sound = nowhere.verified(&format!("--file {shown}"));
    assert_eq!((&sound["events"], &sound["tenant"]), (&11.into(), &app.tenant.as_str().into()));
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 12, "eleven events and the summary");
    let changed = [
        (text.replace("A-1", "A-9"), "line 9, event 9: the hash differs"),
        (
            text.replacen(&format!("{}\n", lines[4]), "", 1),
            "line 5, event 5: the event is missing",
        ),
        (lines[..11].join("\n"), "was cut off"),
        (lines[..5].join("\n") + "\n" + lines[11], "event 6: the event is missing at the end"),
        (text.replace(lines[2], "{}"), "line 3: this is no event"),
        (format!("{text}{}", lines[0]), "line 13: something stands behind"),
        (String::new(), "was cut off"),
    ];
    for (text, problem) in changed {
        std::fs::write(&path, text).unwrap();
        let broken = nowhere.verified(&format!("--file {shown}"));
        assert!(broken["problem"].as_str().unwrap().contains(problem), "{problem}: {broken}");
    }
}

#[tokio::test]
async fn a_part_of_a_chain_is_exported_and_verified_from_its_anchor() {
    let app = app_with_events(4).await;
    let operator = Operator::new().await;
    let path = file("part");
    let tenant = &app.tenant;
    let before = operator.verified(&format!("--tenant {tenant}"));
    let anchor = format!("{}:{}", before["head"]["seq"], before["head"]["hash"].as_str().unwrap());
    app.send(burnt("LATER", 1.0)).await;
    let exported = operator.audit(&format!("export --tenant {tenant} --from 12 --output {}", path.display()));
    assert!(exported.status.success(), "{}", said(&exported));
    assert_eq!(
        operator.verified(&format!("--file {} --anchor {anchor}", path.display()))["events"],
        1
    );
    assert_eq!(operator.verified(&format!("--tenant {tenant} --anchor {anchor}"))["ok"], true);
    let other = format!("11:{}", "0".repeat(64));
    for words in [format!("--file {}", path.display()), format!("--tenant {tenant}")] {
        let broken = operator.verified(&format!("{words} --anchor {other}"));
        assert_eq!(broken["firstInvalid"], 11, "{broken}");
        assert!(broken["problem"].as_str().unwrap().contains("not the anchor's"), "{broken}");
        let outside = operator.verified(&format!("{words} --anchor 999:{}", "0".repeat(64)));
        assert!(outside["problem"].as_str().unwrap().contains("not within"), "{outside}");
    }
}

#[tokio::test]
async fn wrong_words_are_told_what_would_be_right() {
    let operator = Operator::new().await;
    for (words, told) in [
        ("verify --tenant NO_SUCH_TENANT", "sentinai tenant list"),
        ("export --tenant NO_SUCH_TENANT", "sentinai tenant list"),
        ("verify --anchor 7", "write SEQ:HASH"),
        ("verify --file /nowhere/export", "cannot read /nowhere/export"),
    ] {
        let output = operator.audit(words);
        assert!(
            !output.status.success() && said(&output).contains(told),
            "{words}: {}",
            said(&output)
        );
    }
    let alone = operator.audit(&format!("verify --anchor 7:{}", "0".repeat(64)));
    assert!(said(&alone).contains("name it with --tenant or --file"), "{}", said(&alone));
}

/// The first block of Python in docs/audit.md.
fn snippet() -> String {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/audit.md")).unwrap();
    let (_, rest) = text.split_once("```python recompute.py\n").expect("a snippet");
    rest.split_once("```").unwrap().0.to_owned()
}

#[tokio::test]
async fn the_documented_snippet_verifies_an_export() {
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: there is no python3 on this machine");
        return;
    }
    let app = app_with_events(3).await;
    let path = file("snippet");
    let exported = Operator::new()
        .await
        .audit(&format!("export --tenant {} --output {}", app.tenant, path.display()));
    assert!(exported.status.success(), "{}", said(&exported));
    let python = |path: &Path| Command::new("python3").args(["-c", &snippet()]).arg(path).output().unwrap();
    let sound = python(&path);
    assert!(
        sound.status.success() && said(&sound).contains("10 events are sound"),
        "{}",
        said(&sound)
    );
    let text = std::fs::read_to_string(&path).unwrap();
    for changed in [text.replace("A-1", "A-9"), text[..text.len() / 2].to_owned()] {
        std::fs::write(&path, changed).unwrap();
        assert!(!python(&path).status.success());
    }
}
