//! The file that is sent: opened, unpacked, counted, and recognised when it is met again.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::args::Format;

/// Bytes read at a time, and those by which a file is recognised.
const BLOCK: usize = 64 << 10;
/// Largest window of zstd that is unpacked, 128 MiB: what `zstd` itself takes without being told.
const MAX_WINDOW_LOG: u32 = 27;

/// By what a file is recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its first block.
    pub head: String,
}

impl Identity {
    /// Of a file.
    pub fn of(path: &Path) -> anyhow::Result<Self> {
        let looked = || -> std::io::Result<Self> {
            let mut file = File::open(path)?;
            let mut head = Vec::new();
            file.by_ref().take(BLOCK as u64).read_to_end(&mut head)?;
            Ok(Identity {
                size: file.metadata()?.len(),
                head: hex::encode(Sha256::digest(&head)),
            })
        };
        looked().with_context(|| format!("cannot read {}", path.display()))
    }
}

/// A file, or standard input, ready to be read.
pub struct Input {
    /// What was packed is unpacked.
    pub reader: Box<dyn BufRead + Send>,
    /// Bytes read so far, as they are on disk.
    pub read: Arc<AtomicU64>,
    /// Size on disk; unknown for standard input.
    pub size: Option<u64>,
}

impl Input {
    /// Opens a file, or standard input for `-`.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let cannot = || format!("cannot read {}", path.display());
        let (source, size): (Box<dyn Read + Send>, _) = if is_standard_input(path) {
            (Box::new(std::io::stdin()), None)
        } else {
            let file = File::open(path).with_context(cannot)?;
            let metadata = file.metadata().with_context(cannot)?;
            if metadata.is_dir() {
                bail!("{} is a directory: name a file in it", path.display());
            }
            (Box::new(file), Some(metadata.len()))
        };
        let read = Arc::new(AtomicU64::new(0));
        let counted = Counted {
            source,
            read: Arc::clone(&read),
        };
        let reader = unpack(BufReader::with_capacity(BLOCK, counted)).with_context(cannot)?;
        Ok(Input { reader, read, size })
    }

    /// What the input is, by the name and by how it begins. Refuses what is neither.
    pub fn format(&mut self, path: &Path, asked: Format) -> anyhow::Result<Format> {
        let start = self.reader.fill_buf().with_context(|| format!("cannot read {}", path.display()))?;
        if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
            bail!(
                "{} is UTF-16: line 1 begins with its mark. Make it UTF-8 with: iconv -f UTF-16 -t UTF-8",
                path.display()
            );
        }
        if asked != Format::Auto {
            return Ok(asked);
        }
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        let first = start.iter().find(|byte| !byte.is_ascii_whitespace());
        match (first, name_says(path)) {
            (Some(b'['), None | Some(Format::Ndjson)) => bail!(
                "{} is a JSON list, not one object a line. Make it lines with: jq -c '.[]' FILE",
                path.display()
            ),
            (_, Some(format)) => Ok(format),
            (Some(b'{'), None) => Ok(Format::Ndjson),
            (_, None) => Ok(Format::Csv),
        }
    }
}

/// Whether `-` is meant.
pub fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Whether the name is that of a table with tabs.
pub fn has_tabs(path: &Path) -> bool {
    ending(path).as_deref() == Some("tsv")
}

fn name_says(path: &Path) -> Option<Format> {
    match ending(path)?.as_str() {
        "csv" | "tsv" => Some(Format::Csv),
        "ndjson" | "jsonl" | "json" => Some(Format::Ndjson),
        _ => None,
    }
}

/// The ending of a name in small letters, below that of a packed file.
fn ending(path: &Path) -> Option<String> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    match ending.as_str() {
        "gz" | "zst" | "zstd" => ending_of_stem(path),
        _ => Some(ending),
    }
}

fn ending_of_stem(path: &Path) -> Option<String> {
    Some(Path::new(path.file_stem()?).extension()?.to_str()?.to_ascii_lowercase())
}

/// Unpacks what begins as gzip or zstd do, whatever its name.
fn unpack(mut packed: BufReader<Counted>) -> std::io::Result<Box<dyn BufRead + Send>> {
    let start = packed.fill_buf()?;
    if start.starts_with(b"\x1f\x8b") {
        let plain = flate2::bufread::MultiGzDecoder::new(packed);
        return Ok(Box::new(BufReader::with_capacity(BLOCK, plain)));
    }
    if start.starts_with(b"\x28\xb5\x2f\xfd") {
        let mut plain = zstd::Decoder::with_buffer(packed)?;
        plain.window_log_max(MAX_WINDOW_LOG)?;
        return Ok(Box::new(BufReader::with_capacity(BLOCK, plain)));
    }
    Ok(Box::new(packed))
}

/// Counts what is read.
struct Counted {
    source: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_a_file_is() {
        let says = |name: &str| name_says(Path::new(name));
        assert_eq!([says("a.csv"), says("a.TSV.gz")], [Some(Format::Csv); 2]);
        assert_eq!([says("a.ndjson.zst"), says("a.b.jsonl")], [Some(Format::Ndjson); 2]);
        assert_eq!([says("a"), says("a.gz"), says("-")], [None; 3]);
    }
}
