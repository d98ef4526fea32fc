//! Ends a server. Called with the lock held.

use super::error::ClusterError;
use super::process::{self, Found};
use super::recovery;
use super::tools::{Tools, run};
use std::path::Path;

/// Fast mode: clients are disconnected, open transactions rolled back, and a checkpoint written. What a killed server
/// left behind is ended as well.
pub(super) fn stop(data: &Path, tools: &Tools) -> Result<(), ClusterError> {
    if let Found::Alive(_) = process::look(data) {
        let mut command = tools.command("pg_ctl", data)?;
        command.args(["--wait", "--timeout", "60", "--mode", "fast", "stop"]);
        let stopped = run("stop", &mut command, None);
        // pg_ctl also fails when the server is killed while it waits; then there is nothing left to stop.
        if let Found::Alive(_) = process::look(data) {
            stopped?;
        }
    }
    recovery::end_orphans(data, tools)
}
