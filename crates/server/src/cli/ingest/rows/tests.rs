//! Whole and damaged tables: every line is accounted for, and what is legal is read as it was written.

use std::io::{BufReader, Cursor};

use proptest::prelude::*;

use super::*;

fn reader(text: &[u8], quotes: Quotes, columns: Option<usize>, block: usize) -> RowReader {
    let syntax = Syntax { delimiter: b'|', quotes };
    let input = BufReader::with_capacity(block, Cursor::new(text.to_vec()));
    let mut reader = RowReader::new(Box::new(input), syntax).expect("memory can be read");
    if let Some(columns) = columns {
        reader.expect(columns);
    }
    reader
}

fn rows_in(text: &[u8], quotes: Quotes, columns: Option<usize>, block: usize) -> Vec<Row> {
    let mut reader = reader(text, quotes, columns, block);
    std::iter::from_fn(|| reader.next().expect("memory can be read")).collect()
}

fn told(text: &str) -> Vec<String> {
    let rows = rows_in(text.as_bytes(), Quotes::Rfc4180, Some(3), 64);
    let told = rows.into_iter().map(|row| {
        let what = match row.cells {
            Ok(cells) if cells.is_blank() => "blank".to_owned(),
            Ok(cells) => cells.iter().collect::<Vec<_>>().join("/"),
            Err(faulty) => faulty.fault.code().to_owned(),
        };
        format!("{}-{} {what}", row.line, row.last)
    });
    told.collect()
}

#[test]
fn a_quote_that_is_not_closed_costs_its_own_line_only() {
    let text = "1|a|x\n2|\"b|x\n3|c|x\n4|\"d|x\n5|e|x\n";
    assert_eq!(
        told(text),
        ["1-1 1/a/x", "2-2 illegal-quote", "3-3 3/c/x", "4-4 illegal-quote", "5-5 5/e/x"]
    );
}

#[test]
fn quotes_that_rfc_4180_forbids_are_faults() {
    assert_eq!(
        told("1|a\"b|x\n2|\"b\"c|x\n3|\"b\" |x\n4| \"b\"|x\n5|\"b\"\"\"|x"),
        [
            "1-1 illegal-quote",
            "2-2 illegal-quote",
            "3-3 illegal-quote",
            "4-4 illegal-quote",
            "5-5 5/b\"/x"
        ]
    );
}

#[test]
fn a_row_of_several_lines_that_does_not_fit_costs_its_first_line_only() {
    assert_eq!(
        told("1|\"two\nlines\"|x\n2|\"a\n3|b|x\n4\"\n5|e|x"),
        [
            "1-2 1/two\nlines/x",
            "3-3 wrong-number-of-cells",
            "4-4 3/b/x",
            "5-5 illegal-quote",
            "6-6 5/e/x"
        ]
    );
}

#[test]
fn lines_end_in_three_ways_and_blank_rows_are_rows() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["\u{feff}1|a|x", "", " | |", "2|\"b", "c\"|x", "3|d|x"].join(end);
        let expected = [
            "1-1 1/a/x".to_owned(),
            "2-2 blank".into(),
            "3-3 blank".into(),
            format!("4-5 2/b{end}c/x"),
            "6-6 3/d/x".into(),
        ];
        assert_eq!(told(&text), expected, "{end:?}");
    }
}

#[test]
fn without_quotes_a_mark_is_a_character() {
    let rows = rows_in(b"1|\"a|x\n2|b\"|x\n", Quotes::Literal, Some(3), 64);
    let cells: Vec<Option<&str>> = rows.iter().map(|row| row.cells.as_ref().ok()?.get(1)).collect();
    assert_eq!(cells, [Some("\"a"), Some("b\"")]);
}

#[test]
fn a_row_that_is_too_long_is_passed_in_bounded_memory() {
    let long = [
        b"1|".as_slice(),
        &vec![b'x'; 5 * LONGEST],
        b"|x\n2|\"",
        &b"y\n".repeat(LONGEST),
        b"3|c|x\n",
    ]
    .concat();
    let mut reader = reader(&long, Quotes::Rfc4180, Some(3), 4096);
    let mut faults = Vec::new();
    let mut lines = 0;
    while let Some(row) = reader.next().expect("memory can be read") {
        lines += row.last + 1 - row.line;
        assert!(reader.window.held() <= 2 * LONGEST + 2 * 4096, "{}", reader.window.held());
        if let Err(faulty) = row.cells
            && faulty.fault.code() != "wrong-number-of-cells"
        {
            faults.push((row.line, faulty.fault));
        }
    }
    assert_eq!(faults, [(1, RowFault::TooLong), (2, RowFault::NotClosed(2))]);
    assert_eq!(lines, 2 + LONGEST as u64);
}

/// Lines as an editor counts them.
fn lines_of(text: &[u8]) -> u64 {
    let (mut lines, mut at) = (0, 0);
    while at < text.len() {
        lines += 1;
        while at < text.len() && !b"\r\n".contains(&text[at]) {
            at += 1;
        }
        at += if text[at..].starts_with(b"\r\n") { 2 } else { 1 };
    }
    lines
}

fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    prop::collection::vec(prop::collection::vec("[a-z|\"\r\n ]{0,5}", 3), 0..8)
}

fn written(table: &[Vec<String>], style: csv::QuoteStyle, terminator: csv::Terminator) -> Vec<u8> {
    let mut builder = csv::WriterBuilder::new();
    let mut writer = builder
        .delimiter(b'|')
        .quote_style(style)
        .terminator(terminator)
        .from_writer(Vec::new());
    for row in table {
        writer.write_record(row).expect("memory can be written");
    }
    writer.into_inner().expect("memory can be written")
}

proptest! {
    #[test]
    fn what_was_written_is_read(table in table(), all in any::<bool>(), crlf in any::<bool>(), block in 1usize..40) {
        let style = if all { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let text = written(&table, style, terminator);
        let rows = rows_in(&text, Quotes::Rfc4180, Some(3), block);
        let read: Vec<Vec<String>> = rows.into_iter().map(|row| row.cells.expect("legal").iter().map(str::to_owned).collect()).collect();
        prop_assert_eq!(read, table);
    }

    #[test]
    fn every_line_of_a_damaged_table_is_accounted_for(table in table(), damage in prop::collection::vec((any::<prop::sample::Index>(), 0u8..3, prop::sample::select(b"\"|\r\nx".to_vec())), 0..6), literal in any::<bool>(), block in 1usize..40) {
        let mut text = written(&table, csv::QuoteStyle::Necessary, csv::Terminator::Any(b'\n'));
        for (place, kind, byte) in damage {
            let at = place.index(text.len() + 1);
            match kind {
                0 => text.insert(at, byte),
                1 if at < text.len() => text[at] = byte,
                _ if at < text.len() => drop(text.remove(at)),
                _ => {}
            }
        }
        let quotes = if literal { Quotes::Literal } else { Quotes::Rfc4180 };
        let rows = rows_in(&text, quotes, Some(3), block);
        let mut next = 1;
        for row in &rows {
            prop_assert_eq!(row.line, next);
            prop_assert!(row.last >= row.line && (row.cells.is_ok() || row.last == row.line));
            next = row.last + 1;
        }
        prop_assert_eq!(next - 1, lines_of(&text));
        prop_assert_eq!(rows, rows_in(&text, quotes, Some(3), 4096));
    }
}
