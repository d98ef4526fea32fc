//! This test program run a second time, as another process or another account would run `sentinai db start`.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use store::cluster::{Cluster, Running};

const HOME: &str = "CLUSTER_TEST_HOME";
const ENTRY: &str = "cluster::other_process::starts_the_cluster_it_is_told";

/// Makes `command` (this program, or one that executes it) start the cluster of `home` and nothing else.
pub fn start<'a>(command: &'a mut Command, home: &Path) -> &'a mut Command {
    command.args([ENTRY, "--exact", "--ignored", "--nocapture"]).env(HOME, home)
}

/// What [`start`] printed: `Initialised 15432`.
pub fn started(output: &Output) -> (String, u16) {
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.split_once("started: "));
    let (how, port) = line
        .and_then(|(_, words)| words.split_once(' '))
        .unwrap_or_else(|| panic!("no start: {output:?}"));
    (how.to_owned(), port.parse().expect("a port"))
}

/// This program where every account can execute it.
pub fn copied_to(dir: &Path) -> std::path::PathBuf {
    let copy = dir.join("cluster-tests");
    fs::copy(std::env::current_exe().expect("this program"), &copy).expect("a copy");
    copy
}

#[test]
#[ignore = "not a test: the entry of the other process"]
fn starts_the_cluster_it_is_told() {
    let Some(home) = std::env::var_os(HOME) else { return };
    let Running { how, port, .. } = Cluster::at(Path::new(&home))
        .start()
        .unwrap_or_else(|error| panic!("{:?}", anyhow::Error::from(error)));
    println!("started: {how:?} {port}");
}
