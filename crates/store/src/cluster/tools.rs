//! PostgreSQL's programs, ready to be run by the right account on one data directory.

use super::account::{self, Account};
use super::binaries::Binaries;
use super::error::ClusterError;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// An installation, and the account that can run it.
pub(super) struct Tools {
    binaries: Binaries,
    account: Account,
    privileges: Vec<String>,
}

impl Tools {
    /// With the least privileges that let the account execute the programs.
    pub(super) fn new(binaries: Binaries, account: Account, data: &Path) -> Result<Self, ClusterError> {
        let mut tools = Self {
            binaries,
            account,
            privileges: Vec::new(),
        };
        let Account::Other { uid, .. } = account else { return Ok(tools) };
        let mut reason = String::new();
        for privileges in account::privileges() {
            tools.privileges = privileges;
            match tools.try_out(data)? {
                None => return Ok(tools),
                Some(said) => reason = said,
            }
        }
        Err(ClusterError::CannotRun {
            uid,
            dir: tools.binaries.dir,
            reason,
        })
    }

    /// What is wrong, if anything.
    fn try_out(&self, data: &Path) -> Result<Option<String>, ClusterError> {
        let output = execute(self.bare("postgres", data)?.arg("--version"), None)?;
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Ok((!output.status.success()).then_some(said))
    }

    /// A program without arguments. All its messages are on standard error.
    pub(super) fn bare(&self, program: &str, data: &Path) -> Result<Command, ClusterError> {
        self.account.command(&self.privileges, data, &self.binaries.dir.join(program))
    }

    /// `program -D <data>`; the caller adds arguments.
    pub(super) fn command(&self, program: &str, data: &Path) -> Result<Command, ClusterError> {
        let mut command = self.bare(program, data)?;
        command.arg("-D").arg(self.account.name_of(data));
        Ok(command)
    }

    /// Returns whether the server accepts a setting: some values need libraries that PostgreSQL may be built without.
    pub(super) fn accepts(&self, (name, value): (&str, &str), data: &Path) -> Result<bool, ClusterError> {
        let mut command = self.command("postgres", data)?;
        let output = execute(command.args(["-C", name, "-c", &format!("{name}={value}")]), None)?;
        Ok(output.status.success())
    }

    /// `postgres --single` on a cluster being made, which is written to disk later (`-F`). It reads statements, each ended
    /// by an empty line, from standard input, and the first error ends it.
    pub(super) fn single_user(&self, data: &Path) -> Result<Command, ClusterError> {
        let mut command = self.bare("postgres", data)?;
        command.arg("--single").arg("-D").arg(self.account.name_of(data));
        command.args(["-F", "-j", "-c", "exit_on_error=on", "postgres"]);
        Ok(command)
    }

    /// Sends a signal by its name, without unsafe code.
    pub(super) fn kill(&self, signal: &str, pid: u32, data: &Path) -> Result<(), ClusterError> {
        execute(self.bare("pg_ctl", data)?.args(["kill", signal, &pid.to_string()]), None).map(drop)
    }
}

/// Runs to the end. A failure is told with the last lines of what the program said.
pub(super) fn run(step: &'static str, command: &mut Command, input: Option<&str>) -> Result<(), ClusterError> {
    let output = execute(command, input)?;
    if output.status.success() {
        Ok(())
    } else {
        Err(ClusterError::failed(step, &String::from_utf8_lossy(&output.stderr)))
    }
}

fn execute(command: &mut Command, input: Option<&str>) -> Result<std::process::Output, ClusterError> {
    let executed = (|| {
        if input.is_some() {
            command.stdin(Stdio::piped());
        }
        let mut child = command.spawn()?;
        if let (Some(text), Some(mut stdin)) = (input, child.stdin.take()) {
            // A program that ends early breaks the pipe; its status and its messages tell more than that.
            let _ = stdin.write_all(text.as_bytes());
        }
        child.wait_with_output()
    })();
    executed.map_err(|source| cannot_execute(command, source))
}

/// The error for a command that could not even be started.
pub(super) fn cannot_execute(command: &Command, source: std::io::Error) -> ClusterError {
    let program = command.get_program().to_string_lossy().into_owned();
    let hint = "install the package util-linux, which has setpriv, or run as an ordinary user";
    ClusterError::Execute { program, hint, source }
}
