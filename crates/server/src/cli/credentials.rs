//! The demo's keys in a file only its owner can read: `{"TENANT": {"role": "key", …}, …}`.

use std::{
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::Context;
use domain::role::Role;
use indexmap::IndexMap;

/// Entry of the key of a tenant's source systems.
pub const SOURCE: &str = "source";

/// Keys by tenant and role.
pub type Keys = IndexMap<String, IndexMap<String, String>>;

/// The file.
#[derive(Debug)]
pub struct Credentials {
    path: PathBuf,
    /// What it holds.
    pub keys: Keys,
}

impl Credentials {
    /// Reads the file; one that is not there is empty.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let keys = match std::fs::read_to_string(path) {
            Ok(text) => serde_json::from_str(&text).with_context(|| {
                format!(
                    "{} does not hold {{\"TENANT\": {{\"role\": \"key\"}}}}; mend or delete it",
                    path.display()
                )
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Keys::default(),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        Ok(Self {
            path: path.to_owned(),
            keys,
        })
    }

    /// A tenant's key for a role.
    pub fn key(&self, tenant: &str, role: &str) -> Option<&str> {
        self.keys.get(tenant)?.get(role).map(String::as_str)
    }

    /// A tenant's key of the weakest role that may do what this one may.
    pub fn weakest(&self, tenant: &str, needed: Role) -> Option<&str> {
        let mut strong = Role::ALL.into_iter().filter(|role| *role >= needed);
        strong.find_map(|role| self.key(tenant, role.as_str()))
    }

    /// Sets a tenant's key for a role.
    pub fn set(&mut self, tenant: &str, role: &str, key: &str) {
        self.keys
            .entry(tenant.to_owned())
            .or_default()
            .insert(role.to_owned(), key.to_owned());
    }

    /// Writes the file whole or not at all.
    pub fn write(&self) -> anyhow::Result<()> {
        let unfinished = self.path.with_extension("json.new");
        let written = || -> anyhow::Result<()> {
            drop(std::fs::remove_file(&unfinished));
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&unfinished)?;
            file.write_all(serde_json::to_string_pretty(&self.keys)?.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            Ok(std::fs::rename(&unfinished, &self.path)?)
        };
        written().with_context(|| format!("cannot write {}", self.path.display()))
    }
}
