//! `sentinai ingest` as its users meet it: the real program against the real server, killed and cut off where it hurts.

mod hints;

use std::{
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use domain::role::Role;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, copy},
    net::{TcpListener, TcpStream},
    process::Command,
};

use super::{
    app::{TestApp, burnt},
    encodings::{gzip, zstd},
};

/// A folder with one input file, and the server that it goes to.
struct Bench {
    app: TestApp,
    folder: tempfile::TempDir,
}

/// What the program said and how it ended.
struct Run {
    status: ExitStatus,
    said: String,
}

impl Run {
    fn expect(&self, code: i32, words: &[&str]) {
        assert_eq!(self.status.code(), Some(code), "{}", self.said);
        for word in words {
            assert!(self.said.contains(word), "{word} is missing in:\n{}", self.said);
        }
    }
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        Self {
            app: TestApp::start().await,
            folder,
        }
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, file: &Path, options: &[&str]) -> Command {
        self.command_to(&self.app.base, self.app.key(Role::Operator), file, options)
    }

    fn command_to(&self, base: &str, key: &str, file: &Path, options: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sentinai"));
        command.arg("ingest").arg(file).args(["--tenant-id", self.app.tenant.as_str()]);
        command.args(["--api-url", base, "--api-key", key]).args(options);
        command.env("SENTINAI_HOME", self.folder.path()).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    async fn ingest(&self, file: &Path, options: &[&str]) -> Run {
        run(self.command(file, options)).await
    }

    async fn total(&self) -> Value {
        self.app.get("/exceptions:facets").await["total"].clone()
    }
}

async fn run(mut command: Command) -> Run {
    let output = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Run {
        status: output.status,
        said,
    }
}

/// Lines without ids.
fn nameless(count: u32) -> String {
    let line = |number| {
        let mut object = burnt("", 1.0);
        object.as_object_mut().unwrap().remove("exceptionId");
        object["rawPayload"]["oven"] = json!(format!("O-{number}"));
        format!("{object}\n")
    };
    (0..count).map(line).collect()
}

fn rejects(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn packed_or_not_every_line_is_stored_and_never_twice() {
    let bench = Bench::new().await;
    let text = nameless(700);
    let plain = bench.file("breaks.ndjson", &text);
    bench
        .ingest(&plain, &[])
        .await
        .expect(0, &["[OK]", "700 accepted, 0 duplicates, 0 rejected"]);
    for packed in [
        bench.file("breaks.ndjson.gz", gzip(&[text.as_bytes()]).await),
        bench.file("breaks.zst", zstd(text.as_bytes()).await),
    ] {
        bench.ingest(&packed, &[]).await.expect(0, &["0 accepted, 700 duplicates"]);
    }
    assert_eq!(bench.total().await, 700);
    assert!(!bench.path("breaks.ndjson.ingest-state").exists() && !bench.path("breaks.ndjson.rejects.ndjson").exists());
}

#[tokio::test]
async fn refused_lines_are_kept_with_their_errors_and_can_be_mended() {
    let bench = Bench::new().await;
    let mut cold = burnt("L-2", 1.0);
    cold["exceptionType"] = json!("COLD");
    let file = bench.file(
        "mixed.ndjson",
        format!("{}\n{cold}\nno JSON\n{}\n", burnt("L-1", 1.0), burnt("L-4", 1.0)),
    );
    let first = bench.ingest(&file, &[]).await;
    first.expect(
        1,
        &[
            "2 accepted, 0 duplicates, 2 rejected",
            "[REJECTED] line 2: /exceptionType",
            "mixed.ndjson.rejects.ndjson --tenant-id",
        ],
    );
    let path = bench.path("mixed.ndjson.rejects.ndjson");
    let told = rejects(&path);
    assert_eq!(
        (&told[0]["line"], &told[0]["errors"][0]["code"], &told[0]["exception"]),
        (&json!(2), &json!("unknown-type"), &cold)
    );
    assert_eq!((&told[1]["line"], &told[1]["text"]), (&json!(3), &json!("no JSON")));
    let mended = told[0].to_string().replace("COLD", "BURNT_BREAD");
    std::fs::write(&path, mended).unwrap();
    bench.ingest(&path, &[]).await.expect(0, &["1 accepted"]);
    assert_eq!(bench.app.get("/exceptions/L-2").await["exceptionType"], "BURNT_BREAD");
    bench.ingest(&file, &[]).await.expect(1, &["0 accepted, 2 duplicates, 2 rejected"]);
    assert!(
        bench.path("mixed.ndjson.rejects.ndjson.old").exists(),
        "what may have been mended is not overwritten"
    );
}

#[tokio::test]
async fn a_table_becomes_exceptions_by_its_map() {
    let bench = Bench::new().await;
    let table = "\u{feff}Kind;Oven;Loss;Baked;Bakers;Booked\r\n\
                 BURNT_BREAD;O-1;1.204,50;22.11.2026;Ann;20.11.2026 15:00\r\n\
                 BURNT_BREAD;\"O;2\";;;Ann|Bob;\r\n\
                 BURNT_BREAD;O-3;much;;;\r\n\
                 BURNT_BREAD;O-4\r\n";
    let map = r#"{
      "sourceSystem": "Oven", "exceptionType": "column:Kind",
      "timestamp": {"column": "Booked", "as": "time", "format": "%d.%m.%Y %H:%M", "zone": "Europe/Berlin"},
      "rawPayload": {
        "oven": "column:Oven", "currency": "EUR",
        "loss": {"column": "Loss", "as": "number", "decimal": ","},
        "bakedOn": {"column": "Baked", "as": "date", "format": "%d.%m.%Y"},
        "bakers": {"column": "Bakers", "as": "list", "separator": "|"}
      }
    }"#;
    let (table, map) = (bench.file("ovens.csv", table), bench.file("map.json", map));
    let options = ["--delimiter", ";", "--map", map.to_str().unwrap()];
    bench
        .ingest(&table, &options)
        .await
        .expect(1, &["2 accepted, 0 duplicates, 2 rejected"]);
    let items = bench.app.get("/exceptions?sort=created&entity=O-1").await["items"].clone();
    assert_eq!(items[0]["createdAt"], "2026-11-20T14:00:00Z");
    let id = items[0]["exceptionId"].as_str().unwrap();
    assert!(id.starts_with("INGEST-"), "{id}");
    let shown = bench.app.get(&format!("/exceptions/{id}")).await;
    let payload = json!({"oven": "O-1", "currency": "EUR", "loss": 1204.5, "bakedOn": "2026-11-22", "bakers": ["Ann"]});
    assert_eq!(shown["rawPayload"], payload);
    assert_eq!(
        bench.app.get("/exceptions?entity=Bob").await["items"][0]["exceptionType"],
        "BURNT_BREAD"
    );
    let told = rejects(&bench.path("ovens.csv.rejects.ndjson"));
    assert_eq!(
        (&told[0]["line"], &told[0]["errors"][0]["pointer"]),
        (&json!(4), &json!("/rawPayload/loss"))
    );
    assert_eq!(
        (&told[0]["row"][2], &told[0]["exception"]["rawPayload"]["oven"]),
        (&json!("much"), &json!("O-3"))
    );
    assert_eq!(
        (&told[1]["line"], &told[1]["errors"][0]["code"]),
        (&json!(5), &json!("wrong-number-of-cells"))
    );
    bench
        .ingest(&table, &options)
        .await
        .expect(1, &["0 accepted, 2 duplicates, 2 rejected"]);
}

#[tokio::test]
async fn killed_in_the_middle_it_goes_on_and_every_line_is_there_once() {
    let bench = Bench::new().await;
    let count = 6000;
    let mut text = nameless(count - 1);
    text.insert_str(0, "no JSON\n");
    let file = bench.file("long.ndjson", text);
    let state = bench.path("long.ndjson.ingest-state");
    let mut killed = bench.command(&file, &["--rate", "1500"]).spawn().unwrap();
    let is_under_way = || std::fs::read_to_string(&state).is_ok_and(|text| !text.contains("\"line\": 0,"));
    while !is_under_way() {
        assert!(killed.try_wait().unwrap().is_none(), "it ended before its first note");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    killed.kill().await.unwrap();
    let stored = bench.total().await.as_u64().unwrap();
    assert!((1..u64::from(count) - 1).contains(&stored), "{stored}");
    bench
        .ingest(&file, &["--resume"])
        .await
        .expect(1, &["on from after line", "1 rejected", "rejects.ndjson"]);
    assert_eq!(bench.total().await, count - 1);
    assert_eq!(
        rejects(&bench.path("long.ndjson.rejects.ndjson")).len(),
        1,
        "a refused line is told once"
    );
    assert!(!state.exists());
    bench.ingest(&file, &["--resume"]).await.expect(2, &["there is no interrupted run"]);
}

/// Stands before the server and cuts the first connection with lines off.
async fn gateway(target: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut limit = 300_000;
        loop {
            let (mut near, mut far) = (listener.accept().await.unwrap().0, TcpStream::connect(&target).await.unwrap());
            tokio::spawn(async move {
                let ((from_near, mut to_near), (mut from_far, mut to_far)) = (near.split(), far.split());
                let mut limited = from_near.take(limit);
                tokio::select! {
                    _ = copy(&mut limited, &mut to_far) => {}
                    _ = copy(&mut from_far, &mut to_near) => {}
                }
            });
            limit = u64::MAX;
        }
    });
    base
}

#[tokio::test]
async fn a_connection_that_is_lost_is_made_again_and_nothing_is_doubled() {
    let bench = Bench::new().await;
    let file = bench.file("cut.ndjson", nameless(5000));
    let base = gateway(bench.app.base.trim_start_matches("http://").to_owned()).await;
    run(bench.command_to(&base, bench.app.key(Role::Operator), &file, &[]))
        .await
        .expect(0, &["[OK]", "0 rejected"]);
    assert_eq!(bench.total().await, 5000);
}

#[tokio::test]
async fn what_stops_it_is_said_with_what_to_do() {
    let bench = Bench::new().await;
    let lines = bench.file("some.ndjson", nameless(3));
    let list = bench.file("list.json", "[{}]");
    let table = bench.file("table.csv", "Account,Diff\n1,2\n");
    let latin = bench.file("latin.csv", b"sourceSystem,note\nOven,ok\nOven,\xe4\n");
    let map = bench.file(
        "map.json",
        r#"{"sourceSystem": "Oven", "rawPayload": {"account": "column:Acount"}}"#,
    );
    bench
        .ingest(&bench.path("none.csv"), &[])
        .await
        .expect(2, &["cannot read", "none.csv"]);
    bench.ingest(&list, &[]).await.expect(2, &["jq -c '.[]'"]);
    bench.ingest(&table, &[]).await.expect(2, &["--source"]);
    let columns = ["names the column \"Acount\"", "The columns are: Account, Diff"];
    bench.ingest(&table, &["--map", map.to_str().unwrap()]).await.expect(2, &columns);
    bench
        .ingest(&latin, &["--type", "BURNT_BREAD"])
        .await
        .expect(2, &["line 3, cell 2 is not UTF-8", "iconv"]);
    bench
        .ingest(&lines, &["--map", map.to_str().unwrap()])
        .await
        .expect(2, &["are for tables"]);
    bench.ingest(&lines, &["--resume"]).await.expect(2, &["without --resume"]);
    bench.ingest(Path::new("-"), &["--resume"]).await.expect(2, &["needs a file"]);
    let stranger = bench.app.strangers_key().await;
    let unknown = ["404 - there is no tenant", "Go on with: sentinai ingest", "--resume"];
    run(bench.command_to(&bench.app.base, &stranger, &lines, &[]))
        .await
        .expect(2, &unknown);
    let nowhere = bench.command_to("http://127.0.0.1:1", "k", &lines, &[]);
    run(nowhere).await.expect(2, &["Cannot connect to API server", "sentinai serve"]);
    assert_eq!(bench.total().await, 0);
}

/// Lines sent; one in `STORED` is stored, the others are refused early, so that the test lasts seconds.
const LINES: u32 = 50_000;
const STORED: u32 = 100;
const MOST_KIB: u64 = 80 << 10;

#[cfg(target_os = "linux")]
#[tokio::test]
async fn fifty_thousand_lines_are_sent_in_little_memory() {
    let bench = Bench::new().await;
    let row = |number| {
        let kind = if number % STORED == 0 { "BURNT_BREAD" } else { "COLD" };
        format!("R-{number},{kind},Oven,2026-11-20T14:00:00Z,O-1,{}\n", "n".repeat(400))
    };
    let header = "exceptionId,exceptionType,sourceSystem,timestamp,oven,note\n".to_owned();
    let text: String = std::iter::once(header).chain((0..LINES).map(row)).collect();
    let file = bench.file("large.csv", text);
    let mut child = bench
        .command(&file, &[])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id().unwrap());
    let mut peak = 0;
    let ended = loop {
        if let Ok(text) = std::fs::read_to_string(&status)
            && let Some(line) = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))
        {
            peak = line.trim().trim_end_matches(" kB").parse::<u64>().unwrap();
        }
        tokio::select! {
            ended = child.wait() => break ended.unwrap(),
            () = tokio::time::sleep(Duration::from_millis(100)) => {}
        }
    };
    eprintln!("at most {peak} KiB");
    assert_eq!(ended.code(), Some(1));
    assert!((1..MOST_KIB).contains(&peak), "{peak} KiB");
    assert_eq!(bench.total().await, LINES / STORED);
}
