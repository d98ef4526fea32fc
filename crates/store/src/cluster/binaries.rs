//! Finds an installed PostgreSQL: where the operator says, on the PATH, where Debian, RPM, Homebrew and Postgres.app
//! put it, and last in the npm packages of the desk. It executes `postgres --version` and nothing else.

use super::bundle;
use super::error::ClusterError;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `MERGE`, `security_invoker` views and the rest of our SQL need this one.
const OLDEST: u16 = 15;

/// Parent directory, start of a child's name before the version, and where in the child the programs are.
const FAMILIES: [(&str, &str, &str); 8] = [
    ("/usr/lib/postgresql", "", "bin"),                          // Debian, Ubuntu
    ("/usr", "pgsql-", "bin"),                                   // RPM packages of the PostgreSQL project
    ("/usr/lib", "postgresql", "bin"),                           // openSUSE
    ("/usr/libexec", "postgresql", ""),                          // Alpine
    ("/opt/homebrew/opt", "postgresql@", "bin"),                 // Homebrew on Apple silicon
    ("/usr/local/opt", "postgresql@", "bin"),                    // Homebrew on Intel
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),    // Homebrew on Linux
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"), // Postgres.app
];

/// One installation with `initdb`, `pg_ctl` and `postgres`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    pub(super) dir: PathBuf,
    pub(super) major: u16,
}

/// What was seen and could not be used, for the error message.
#[derive(Default)]
struct Seen(Vec<String>);

/// The first usable installation; `made_by` restricts it to the version that made the data, as PostgreSQL does.
pub(super) fn find(explicit: Option<&Path>, data: &Path, made_by: Option<u16>) -> Result<Binaries, ClusterError> {
    let mut seen = Seen::default();
    let places = explicit.map_or_else(places, |dir| vec![dir.to_path_buf(), dir.join("bin")]);
    for dir in places {
        let Some(found) = seen.look(&dir) else { continue };
        if made_by.is_none_or(|major| major == found.major) {
            return Ok(found);
        }
        seen.0.push(format!("{} in {}", found.major, found.dir.display()));
    }
    let seen = seen.told();
    Err(match (explicit, made_by) {
        (_, Some(made_by)) => ClusterError::OtherVersion {
            data: data.to_path_buf(),
            made_by,
            seen,
        },
        (Some(dir), None) => ClusterError::NotThere {
            dir: dir.to_path_buf(),
            seen,
        },
        (None, None) => ClusterError::NotInstalled { seen },
    })
}

/// `psql` beside the server's programs, on the PATH, or where the distributions put it.
pub(super) fn psql(explicit: Option<&Path>) -> Result<PathBuf, ClusterError> {
    // Debian's psql on the PATH is a wrapper that picks a version and a cluster by rules of its own: it comes second.
    let dirs = explicit
        .map(Path::to_path_buf)
        .into_iter()
        .chain(packaged_places())
        .chain(search_path());
    let libpq = ["/opt/homebrew/opt/libpq/bin", "/usr/local/opt/libpq/bin"].map(PathBuf::from);
    let mut found = dirs.chain(libpq).map(|dir| dir.join("psql")).filter(|path| path.is_file());
    found.next().ok_or(ClusterError::NoPsql)
}

impl Seen {
    fn look(&mut self, dir: &Path) -> Option<Binaries> {
        let dir = home_of(dir)?;
        match version(&dir.join("postgres")) {
            Ok(major) if major >= OLDEST => return Some(Binaries { dir, major }),
            Ok(major) => self.0.push(format!("{major} in {}, which is too old", dir.display())),
            Err(reason) => self.0.push(format!("one in {} that does not run: {reason}", dir.display())),
        }
        None
    }

    fn told(self) -> String {
        if self.0.is_empty() {
            String::new()
        } else {
            format!(" (found {})", self.0.join("; "))
        }
    }
}

fn places() -> Vec<PathBuf> {
    search_path().into_iter().chain(packaged_places()).chain(bundle::places()).collect()
}

fn packaged_places() -> impl Iterator<Item = PathBuf> {
    FAMILIES
        .iter()
        .flat_map(|(parent, prefix, below)| newest_first(parent, prefix, below))
}

/// The PATH is not configuration of ours, so it is read where programs are looked for.
fn search_path() -> Vec<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "where programs are is the environment's to say")]
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).filter(|dir| dir.is_absolute()).collect()
}

fn newest_first(parent: &str, prefix: &str, below: &str) -> Vec<PathBuf> {
    let children = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut versions: Vec<(u16, PathBuf)> = children
        .filter_map(|child| {
            let name = child.file_name();
            let major = name.to_str()?.strip_prefix(prefix)?.split('.').next()?.parse().ok()?;
            Some((major, child.path().join(below)))
        })
        .collect();
    versions.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
    versions.into_iter().map(|(_, dir)| dir).collect()
}

/// The directory of the three programs, through the links that distributions put on the PATH.
fn home_of(dir: &Path) -> Option<PathBuf> {
    let complete = |dir: &Path| ["postgres", "initdb", "pg_ctl"].iter().all(|name| dir.join(name).is_file());
    let real = fs::canonicalize(dir.join("postgres")).ok()?;
    let real = real.parent().map(Path::to_path_buf)?;
    if complete(&real) {
        Some(real)
    } else {
        complete(dir).then(|| dir.to_path_buf())
    }
}

/// Major version from `postgres (PostgreSQL) 17.2 (Debian 17.2-1)` or `… 18beta1`.
fn version(postgres: &Path) -> Result<u16, String> {
    let output = Command::new(postgres)
        .arg("--version")
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let number = text.split_whitespace().nth(2).unwrap_or_default();
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits
        .parse()
        .map_err(|_| String::from_utf8_lossy(&output.stderr).trim().to_owned())
}
