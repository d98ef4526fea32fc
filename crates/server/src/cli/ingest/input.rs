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
            (Box::new(file), metadata.is_file().then_some(metadata.len()))
        };
        let read = Arc::new(AtomicU64::new(0));
        let counted = Counted {
            source,
            read: Arc::clone(&read),
        };
        let reader = unpack(BufReader::with_capacity(BLOCK, counted)).with_context(cannot)?;
        Ok(Input { reader, read, size })
    }

    /// Whether it begins as a file of rejected lines does.
    pub fn holds_rejects(&mut self) -> std::io::Result<bool> {
        let start = self.reader.fill_buf()?;
        Ok(start.windows(9).any(|window| window == b"\"errors\":"))
    }

    /// What the input is, by the name and by how it begins. Refuses what is neither.
    pub fn format(&mut self, path: &Path, asked: Format) -> anyhow::Result<Format> {
        let start = self.reader.fill_buf().with_context(|| format!("cannot read {}", path.display()))?;
        if let Some(what) = not_utf8(start) {
            bail!("{} {what}", path.display());
        }
        if asked != Format::Auto {
            return Ok(asked);
        }
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        let first = start.iter().find(|byte| !byte.is_ascii_whitespace());
        let format = name_says(path);
        if format != Some(Format::Csv) {
            if let Some(why) = not_lines(start) {
                bail!("{} {why}", path.display());
            }
        }
        match (first, format) {
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

/// What a file is that cannot be read as text in UTF-8, and what to do, by its first bytes.
fn not_utf8(start: &[u8]) -> Option<&'static str> {
    const UTF_16: &str = "is UTF-16. Make it UTF-8 with: iconv -f UTF-16 -t UTF-8";
    Some(match start {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => UTF_16,
        [0, 1..=0x7f, 0, 1..=0x7f, ..] => "is UTF-16 without a mark. Make it UTF-8 with: iconv -f UTF-16BE -t UTF-8",
        [1..=0x7f, 0, 1..=0x7f, 0, ..] => "is UTF-16 without a mark. Make it UTF-8 with: iconv -f UTF-16LE -t UTF-8",
        [b'P', b'K', 3, 4, ..] | [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            "is a workbook or an archive: save the sheet as CSV in UTF-8, or unpack it"
        }
        [b'B', b'Z', b'h', ..] => "is packed with bzip2. Unpack it with: bunzip2",
        [0xfd, b'7', b'z', b'X', b'Z', ..] => "is packed with xz. Unpack it with: unxz",
        _ => return None,
    })
}

/// Why JSON does not stand one object a line, and what to do, by the beginning of the file.
fn not_lines(start: &[u8]) -> Option<&'static str> {
    let text = start.trim_ascii_start();
    let first = text.split(|byte| matches!(byte, b'\n' | b'\r')).next()?.trim_ascii();
    if first == b"{" {
        return Some("has objects of several lines. Make each one line with: jq -c . FILE");
    }
    let is_mac = first.starts_with(b"{") && text.contains(&b'\r') && !text.contains(&b'\n');
    is_mac.then_some("ends its lines with CR alone. Make that LF with: tr '\\r' '\\n'")
}

/// Whether `-` is meant.
pub fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Whether it can be read only once: standard input, or a pipe under a name, as `<(…)` of a shell makes.
pub fn is_stream(path: &Path) -> bool {
    is_standard_input(path) || std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file())
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
