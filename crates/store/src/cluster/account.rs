//! Who runs PostgreSQL: ourselves, or an unprivileged account when we are root, which PostgreSQL refuses to be.
//!
//! That account often cannot enter the directory that holds the data (a checkout below /root). So it is handed the data
//! directory as an open file descriptor and uses it by the name `/proc/self/fd/9`, which asks nobody's permission on the
//! way: neither directories nor privileges have to be opened up for it.

use super::error::ClusterError;
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Takes standard output as descriptor 9 and says everything on standard error. A server inherits no other open file, so
/// that nobody waits for the end of a pipe, or for a lock, that the server would hold as long as it lives.
const SCRIPT: &str = r#"exec 9<&1 1>&2 3>&- 4>&- 5>&- 6>&- 7>&- 8>&-; exec "$@""#;
const HANDLE: &str = "/proc/self/fd/9";

/// The account that owns the data and runs the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Account {
    /// We are an ordinary user and do it ourselves.
    Own,
    /// We are root and become this one first.
    Other { uid: u32, gid: u32 },
}

impl Account {
    /// For data that is still to be made.
    pub(super) fn for_new_data() -> Result<Self, ClusterError> {
        if effective_uid() != 0 {
            return Ok(Self::Own);
        }
        let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let found = ["postgres", "nobody"].iter().find_map(|name| look_up(&accounts, name));
        found.ok_or(ClusterError::NoAccount)
    }

    /// For data that is there: its owner, whoever made it.
    pub(super) fn of(data: &Path) -> Result<Self, ClusterError> {
        let meta = fs::metadata(data).map_err(ClusterError::at("look at", data))?;
        match (effective_uid(), meta.uid()) {
            (us, owner) if us == owner && us != 0 => Ok(Self::Own),
            (0, owner) if owner != 0 => Ok(Self::Other {
                uid: owner,
                gid: meta.gid(),
            }),
            (_, owner) => Err(ClusterError::BelongsToAnother {
                path: data.to_path_buf(),
                owner,
            }),
        }
    }

    /// Hands a new directory over.
    pub(super) fn own(self, path: &Path) -> Result<(), ClusterError> {
        match self {
            Self::Own => Ok(()),
            Self::Other { uid, gid } => chown(path, Some(uid), Some(gid)).map_err(ClusterError::at("hand over", path)),
        }
    }

    /// The name by which this account's processes know the data directory.
    pub(super) fn name_of(self, data: &Path) -> PathBuf {
        match self {
            Self::Own => data.to_path_buf(),
            Self::Other { .. } => PathBuf::from(HANDLE),
        }
    }

    /// A command of this account with nothing of our environment. Its messages, all of them, are on standard error.
    /// `privileges` are further arguments of setpriv.
    pub(super) fn command(self, privileges: &[String], data: &Path, program: &Path) -> Result<Command, ClusterError> {
        let directory = File::open(data).map_err(ClusterError::at("open", data))?;
        let mut command = match self {
            Self::Own => Command::new("/bin/sh"),
            Self::Other { uid, gid } => {
                let mut setpriv = Command::new("setpriv");
                setpriv
                    .arg(format!("--reuid={uid}"))
                    .arg(format!("--regid={gid}"))
                    .arg("--clear-groups");
                setpriv.args(privileges).arg("/bin/sh");
                setpriv
            }
        };
        command.args(["-c", SCRIPT, "sh"]).arg(program);
        command.env_clear().envs([
            ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
            ("LC_ALL", "C"),
            ("TZ", "UTC"),
        ]);
        command
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(directory)
            .stderr(Stdio::piped());
        Ok(command)
    }
}

/// Arguments of setpriv to try in turn. None is the rule. But where the account cannot pass the directories above the
/// programs (npm packages in a closed checkout), it gets one capability, if we have it ourselves: the right to read
/// everything, or failing that to ignore permissions.
pub(super) fn privileges() -> impl Iterator<Item = Vec<String>> {
    let status = status();
    let held = |name: &str| {
        status
            .lines()
            .find_map(|line| u64::from_str_radix(line.strip_prefix(name)?.trim(), 16).ok())
            .unwrap_or(0)
    };
    let ours = held("CapPrm:") & held("CapBnd:");
    let capabilities = [(2, "dac_read_search"), (1, "dac_override")]
        .into_iter()
        .filter(move |(bit, _)| ours >> bit & 1 == 1);
    // access(2), which PostgreSQL asks about its own programs, only counts capabilities with no_setuid_fixup.
    let arguments = |name| {
        vec![
            "--securebits=+no_setuid_fixup".to_owned(),
            format!("--inh-caps=+{name}"),
            format!("--ambient-caps=+{name}"),
        ]
    };
    std::iter::once(Vec::new()).chain(capabilities.map(move |(_, name)| arguments(name)))
}

fn status() -> String {
    fs::read_to_string("/proc/self/status").unwrap_or_default()
}

/// Without libc's geteuid, which would need unsafe code. The owner of `/proc/self` would not do: it is root for programs
/// that may not be dumped.
pub(super) fn effective_uid() -> u32 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let in_proc = status
        .lines()
        .find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().nth(1)?.parse().ok());
    in_proc.or_else(asked_of_id).unwrap_or(u32::MAX)
}

fn asked_of_id() -> Option<u32> {
    let output = Command::new("id").arg("-u").output().ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

fn look_up(accounts: &str, name: &str) -> Option<Account> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        (uid != 0).then_some(Account::Other { uid, gid })
    })
}
