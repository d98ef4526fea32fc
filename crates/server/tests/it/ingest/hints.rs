//! The advice of `sentinai ingest`, followed literally.

use std::{process::Stdio, time::Duration};

use domain::role::Role;
use serde_json::json;
use tokio::process::Command;

use super::{Bench, Run, burnt, nameless, rejects, run};

impl Bench {
    /// Follows a command that was printed, by its word: exactly as it stands, in a shell.
    async fn follow(&self, run: &Run, word: &str) -> Run {
        let is_hint = |line: &&str| line.contains("sentinai ingest ") && line.contains(word);
        let line = run
            .said
            .lines()
            .find(is_hint)
            .unwrap_or_else(|| panic!("no command with {word} in:\n{}", run.said));
        let (_, words) = line.split_once("sentinai ").unwrap();
        self.shell(&format!("{} {words}", env!("CARGO_BIN_EXE_sentinai"))).await
    }

    async fn shell(&self, script: &str) -> Run {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", script])
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        run(shell).await
    }

    /// Starts in the folder, with the key in credentials.json there.
    fn with_credentials(&self, file: &str, options: &[&str]) -> Command {
        let keys = json!({self.app.tenant.as_str(): {"operator": self.app.key(Role::Operator), "source": self.app.source_key()}});
        self.file("credentials.json", keys.to_string());
        let mut command = Command::new(env!("CARGO_BIN_EXE_sentinai"));
        command.args(["ingest", file, "--tenant-id", self.app.tenant.as_str(), "--api-url", &self.app.base]);
        command
            .args(options)
            .current_dir(self.folder.path())
            .env("SENTINAI_HOME", self.folder.path());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

const MAP: &str = r#"{
  "sourceSystem": "Oven", "exceptionId": "column:Id", "exceptionType": "column:Kind",
  "rawPayload": {"oven": "column:Oven", "loss": {"column": "Loss", "as": "number"}, "bakedOn": {"column": "Baked", "as": "date", "format": "%d/%m/%Y"}}
}"#;

#[tokio::test]
async fn rejected_rows_are_stored_when_the_printed_command_follows_their_correction() {
    let bench = Bench::new().await;
    bench.file("map.json", MAP);
    let table = "sep=|\n\
                 Id|Kind|Oven|Loss|Baked\n\
                 R-1|BURNT_BREAD|O-1|1E+08|23/09/2026\n\
                 R-2|BURNT_BREAD|\"O-2|5|23/09/2026\n\
                 R-3|BURNT_BREAD|O-3|5|23/09/2026\n\
                 R-4|BURNT_BREAD|\"O-4|5|23/09/2026\n\
                  | || | \n\
                 \n\
                 R-5|COLD|O-5|5|23/09/2026\n\
                 R-6|BURNT_BREAD|O-6|1.5E-|23/09/2026\n\
                 R-7|BURNT_BREAD|O-7|5|23/09/26\n\
                 R-8|BURNT_BREAD|O-8|5\n";
    bench.file("ovens.txt", table);
    let first = run(bench.with_credentials("ovens.txt", &["--map", "map.json"])).await;
    first.expect(
        1,
        &[
            "2 accepted, 0 duplicates, 6 rejected, 2 blank skipped",
            "[REJECTED] line 4: the quotation mark that begins cell 3 is never closed",
            "\"1.5E-\" is not a number",
            "\"23/09/26\" is not a date written %d/%m/%Y",
        ],
    );
    let path = bench.path("ovens.txt.rejects.ndjson");
    let told = rejects(&path);
    let lines: Vec<String> = told
        .iter()
        .map(|line| format!("{} {}", line["line"], line["errors"][0]["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        lines,
        [
            "4 illegal-quote",
            "6 illegal-quote",
            "9 unknown-type",
            "10 not-convertible",
            "11 not-convertible",
            "12 wrong-number-of-cells"
        ]
    );
    assert_eq!(told[0]["text"], "R-2|BURNT_BREAD|\"O-2|5|23/09/2026");
    bench
        .follow(&first, "rejects.ndjson")
        .await
        .expect(1, &["0 accepted, 0 duplicates, 6 rejected"]);
    let text = std::fs::read_to_string(&path).unwrap();
    let corrected = text
        .replace("|\\\"O", "|O")
        .replace("COLD", "BURNT_BREAD")
        .replace("\"loss\":\"1.5E-\"", "\"loss\":1.5")
        .replace("\"bakedOn\":\"23/09/26\"", "\"bakedOn\":\"2026-09-23\"")
        .replace("O-8|5\"", "O-8|5|23/09/2026\"");
    std::fs::write(&path, corrected).unwrap();
    bench
        .follow(&first, "rejects.ndjson")
        .await
        .expect(0, &["6 accepted, 0 duplicates, 0 rejected"]);
    assert_eq!(bench.total().await, 8);
    assert_eq!(bench.app.get("/exceptions/R-4").await["rawPayload"]["oven"], "O-4");
    let literal = run(bench.with_credentials("ovens.txt", &["--map", "map.json", "--no-quotes"])).await;
    literal.expect(
        1,
        &[
            "2 duplicates",
            "[REJECTED] line 4: /exceptionId: R-2 is stored with other content",
            "--on-conflict revise",
        ],
    );
}

#[tokio::test]
async fn rejected_lines_are_stored_when_the_printed_command_follows_their_correction() {
    let bench = Bench::new().await;
    bench.file("lines.ndjson", format!("{}\nno JSON\n\n", burnt("L-1", 1.0)));
    let first = run(bench.with_credentials("lines.ndjson", &[])).await;
    first.expect(1, &["1 accepted, 0 duplicates, 1 rejected, 1 blank skipped"]);
    let path = bench.path("lines.ndjson.rejects.ndjson");
    let mut rejected = rejects(&path).remove(0);
    rejected["text"] = burnt("L-2", 1.0).to_string().into();
    std::fs::write(&path, rejected.to_string()).unwrap();
    bench.follow(&first, "rejects.ndjson").await.expect(0, &["1 accepted"]);
    assert_eq!(bench.total().await, 2);
    let onto_itself = ["--rejects", "lines.ndjson"];
    run(bench.with_credentials("lines.ndjson", &onto_itself))
        .await
        .expect(2, &["is the file to be sent"]);
}

#[tokio::test]
async fn what_differs_is_revised_when_the_printed_command_is_followed() {
    let bench = Bench::new().await;
    bench.app.send(burnt("D-1", 1.0)).await;
    bench.file("later.ndjson", format!("{}\n", burnt("D-1", 2.0)));
    let first = run(bench.with_credentials("later.ndjson", &[])).await;
    first.expect(1, &["1 of them differ from what is stored", "send it with --on-conflict revise"]);
    assert_eq!(bench.app.get("/exceptions/D-1").await["rawPayload"]["loss"], 1.0);
    bench.follow(&first, "--on-conflict revise").await.expect(0, &["1 accepted"]);
    assert_eq!(bench.app.get("/exceptions/D-1").await["rawPayload"]["loss"], 2.0);
}

#[tokio::test]
async fn an_interrupted_run_goes_on_when_the_printed_command_is_followed() {
    let bench = Bench::new().await;
    bench.file("my breaks.ndjson", nameless(2000));
    let child = bench.with_credentials("my breaks.ndjson", &["--rate", "400"]).spawn().unwrap();
    let pid = child.id().unwrap();
    while bench.total().await == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bench.shell(&format!("kill -INT {pid}")).await.expect(0, &[]);
    let output = child.wait_with_output().await.unwrap();
    let first = Run {
        status: output.status,
        said: String::from_utf8(output.stdout).unwrap(),
    };
    first.expect(2, &["Go on with: sentinai ingest 'my breaks.ndjson'"]);
    bench.follow(&first, "--resume").await.expect(0, &["0 rejected"]);
    assert_eq!(bench.total().await, 2000);
}

#[tokio::test]
async fn a_file_that_has_to_be_changed_is_sent_from_its_beginning() {
    let bench = Bench::new().await;
    let header = b"sourceSystem,exceptionType,oven\n".as_slice();
    bench.file("latin.csv", [header, b"Oven,BURNT_BREAD,O\nOven,BURNT_BREAD,\xd6\n"].concat());
    let first = run(bench.with_credentials("latin.csv", &[])).await;
    first.expect(2, &["line 3, cell 3 is not UTF-8", "send it from its beginning"]);
    assert!(!first.said.contains("--resume"), "{}", first.said);
    bench.file(
        "latin.csv",
        [header, "Oven,BURNT_BREAD,O\nOven,BURNT_BREAD,Ö\n".as_bytes()].concat(),
    );
    run(bench.with_credentials("latin.csv", &[]))
        .await
        .expect(0, &["1 accepted, 1 duplicates, 0 rejected"]);
}

#[tokio::test]
async fn a_pipe_with_a_name_is_read_whole() {
    let bench = Bench::new().await;
    bench.file("piped.ndjson", nameless(1000));
    let program = env!("CARGO_BIN_EXE_sentinai");
    let (tenant, base, key) = (&bench.app.tenant, &bench.app.base, bench.app.key(Role::Operator));
    let script = format!("cat piped.ndjson | {program} ingest /dev/stdin --tenant-id {tenant} --api-url {base} --api-key {key}");
    bench.shell(&script).await.expect(0, &["1,000 accepted"]);
    assert_eq!(bench.total().await, 1000);
}

#[tokio::test]
async fn what_cannot_be_read_is_said_with_what_to_do() {
    let bench = Bench::new().await;
    let utf_16: Vec<u8> = "a,b\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, content, told) in [
        ("bare.csv", utf_16, "iconv -f UTF-16LE -t UTF-8"),
        ("book.csv", b"PK\x03\x04rest".to_vec(), "save the sheet as CSV"),
        ("pretty.json", b"{\n  \"exceptionId\": \"A\"\n}\n".to_vec(), "jq -c ."),
        ("mac.ndjson", b"{\"a\":1}\r{\"a\":2}\r".to_vec(), "tr '\\r' '\\n'"),
        ("blank.csv", b",,\n1,2,3\n".to_vec(), "names no column"),
        ("wide.csv", vec![b'x'; 3 << 20], "has more than 1048576 bytes"),
    ] {
        let file = bench.file(name, content);
        bench.ingest(&file, &["--source", "Oven"]).await.expect(2, &[told]);
    }
    let cells = [
        b"sourceSystem,exceptionType,oven\n".as_slice(),
        &vec![b','; 900_000],
        b"\nOven,BURNT_BREAD,O,\n",
        &vec![b'x'; 9 << 20],
        b"\nOven,BURNT_BREAD,O\n",
    ]
    .concat();
    let file = bench.file("cells.csv", cells);
    bench.ingest(&file, &[]).await.expect(
        1,
        &[
            "1 accepted, 0 duplicates, 2 rejected, 1 blank skipped",
            "line 3: the row has 4 cells",
            "line 4: the row has more than 1048576 bytes",
        ],
    );
    let header = bench.file("header.csv", "sourceSystem,exceptionType\n");
    bench.ingest(&header, &[]).await.expect(0, &["There is nothing to send in it"]);
}
