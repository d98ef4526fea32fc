//! One table: for the terminal, for docs/benchmarks.md, and as JSON for programs.

use std::path::Path;

use anyhow::{Context, bail};
use serde::Serialize;
use serde_json::json;

use crate::{load::Measured, process::Processes};

/// Where the table goes.
const PAGE: &str = "docs/benchmarks.md";
const BEGIN: &str = "<!-- figures: written by bench --write-docs -->\n";
const END: &str = "<!-- end of figures -->";
const COLUMNS: usize = 10;
const HEAD: [&str; COLUMNS] = [
    "What",
    "Bar",
    "Per second",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "Server µs",
    "Database µs",
    "Rate of narrow",
    "Database of narrow",
];

/// What was measured, and on what.
pub struct Report {
    machine: Vec<String>,
    rows: Vec<[String; COLUMNS]>,
    measured: Vec<Stage>,
    /// Of the server before anything was measured, of the server at most, of the database at the end; MiB.
    memory: [f64; 3],
}

/// Figures with one number of rows.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stage {
    rows: u32,
    bytes_per_exception: i64,
    measured: Vec<Measured>,
}

impl Report {
    /// Nothing measured yet.
    pub fn new(machine: Vec<String>, idle: f64) -> Self {
        Report {
            machine,
            rows: Vec::new(),
            measured: Vec::new(),
            memory: [idle, 0.0, 0.0],
        }
    }

    /// Begins a stage: the figures that follow are with `rows` exceptions, which take `bytes` on disk.
    pub fn begin(&mut self, rows: u32, bytes: i64, filled: Measured) {
        let bytes_per_exception = bytes / i64::from(rows);
        let mut row: [String; COLUMNS] = std::array::from_fn(|_| String::new());
        row[0] = format!("**{} exceptions, {} bytes each**", grouped(f64::from(rows)), bytes_per_exception);
        "≤ 2,500 bytes".clone_into(&mut row[1]);
        self.rows.push(row);
        self.measured.push(Stage {
            rows,
            bytes_per_exception,
            measured: Vec::new(),
        });
        self.add(filled);
    }

    /// One more row.
    pub fn add(&mut self, measured: Measured) {
        let latency = |index: usize| {
            measured
                .latency
                .map_or_else(String::new, |latency| format!("{:.2}", latency[index]))
        };
        let narrow = |index: usize| measured.narrow.map_or_else(String::new, |narrow| format!("{:.2}", narrow[index]));
        self.rows.push([
            measured.name.clone(),
            measured.bar.clone(),
            grouped(measured.rate),
            latency(0),
            latency(1),
            latency(2),
            grouped(measured.cpu[0]),
            grouped(measured.cpu[1]),
            narrow(0),
            narrow(1),
        ]);
        if let Some(stage) = self.measured.last_mut() {
            stage.measured.push(measured);
        }
    }

    /// Memory at the end.
    pub fn peak(&mut self, server: &Processes, database: &Processes) {
        self.memory[1] = server.memory();
        self.memory[2] = database.memory();
    }

    fn notes(&self) -> Vec<String> {
        let memory = format!(
            "Memory: server {:.0} MiB idle and {:.0} MiB at most, database {:.0} MiB at the end",
            self.memory[0], self.memory[1], self.memory[2]
        );
        self.machine.iter().cloned().chain([memory]).collect()
    }

    /// For the terminal.
    pub fn text(&self) -> String {
        let rows = || std::iter::once(HEAD.map(str::to_owned)).chain(self.rows.iter().cloned());
        let widths: [usize; COLUMNS] =
            std::array::from_fn(|column| rows().map(|row| row[column].chars().count()).max().unwrap_or_default());
        let lines = rows().map(|row| {
            let cells = row.iter().zip(widths).enumerate().map(|(index, (cell, width))| match index {
                0 | 1 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        });
        let all: Vec<String> = self.notes().into_iter().chain([String::new()]).chain(lines).collect();
        all.join("\n") + "\n"
    }

    /// For the page.
    fn markdown(&self) -> String {
        let notes: Vec<String> = self.notes().iter().map(|note| format!("* {note}\n")).collect();
        let line = |row: &[String; COLUMNS]| format!("| {} |\n", row.join(" | "));
        let rows: Vec<String> = self.rows.iter().map(line).collect();
        format!(
            "\n{}\n{}|---|---|{}\n{}\n",
            notes.concat(),
            line(&HEAD.map(str::to_owned)),
            "--:|".repeat(COLUMNS - 2),
            rows.concat()
        )
    }

    /// Puts the table between the markers of the page.
    pub fn write_docs(&self) -> anyhow::Result<()> {
        let page = std::fs::read_to_string(PAGE).with_context(|| format!("cannot read {PAGE}: run this at the top of the repository"))?;
        std::fs::write(Path::new(PAGE), replaced(&page, &self.markdown())?)?;
        Ok(())
    }

    /// For programs.
    pub fn json(&self) -> anyhow::Result<String> {
        let [idle, most, database] = self.memory;
        let memory = json!({"serverIdleMiB": idle, "serverMiB": most, "databaseMiB": database});
        let whole = json!({"machine": self.machine, "memory": memory, "stages": self.measured});
        Ok(serde_json::to_string_pretty(&whole)? + "\n")
    }
}

fn replaced(page: &str, figures: &str) -> anyhow::Result<String> {
    let Some((before, rest)) = page.split_once(BEGIN) else {
        bail!("{PAGE} has lost its marker {}", BEGIN.trim());
    };
    let Some((_, after)) = rest.split_once(END) else {
        bail!("{PAGE} has lost its marker {END}");
    };
    Ok(format!("{before}{BEGIN}{figures}{END}{after}"))
}

/// A whole number with commas.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_between_the_markers_however_often_they_are_written() {
        let page = format!("# Page\n\n{BEGIN}old{END}\nmore\n");
        let once = replaced(&page, "new\n").expect("markers");
        assert_eq!(once, format!("# Page\n\n{BEGIN}new\n{END}\nmore\n"));
        assert_eq!(replaced(&once, "new\n").expect("markers"), once);
        assert!(replaced("# Page", "").is_err());
        assert_eq!([0.4, 999.0, 12_345.6].map(grouped), ["0", "999", "12,346"]);
    }

    #[test]
    fn the_page_has_its_markers() {
        let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PAGE)).expect("the page");
        assert!(replaced(&page, "").is_ok());
    }
}
