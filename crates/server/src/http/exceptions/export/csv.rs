//! Exceptions as a table (RFC 4180): fixed columns, then one for each declared field of the payload.

use chrono::{DateTime, SecondsFormat, Utc};
use domain::{
    decimal::Decimal,
    json::{Json, Object},
};

use crate::http::exceptions::views::ExceptionView;

const FIXED: [&str; 20] = [
    "exceptionId",
    "status",
    "severity",
    "claimedSeverity",
    "exceptionType",
    "title",
    "queue",
    "sourceSystem",
    "owner",
    "createdAt",
    "receivedAt",
    "dueAt",
    "resolvedAt",
    "resolution",
    "occurrences",
    "lastSeenAt",
    "recurrenceOf",
    "domain",
    "packVersion",
    "findingCount",
];

/// The columns of a table.
pub struct Table {
    fields: Vec<String>,
}

impl Table {
    /// A table with a column for each of these fields of the payload.
    pub fn new(fields: Vec<String>) -> Self {
        Self { fields }
    }

    /// The first line.
    pub fn head(&self) -> String {
        let fields = self.fields.iter().map(|field| format!("field.{field}"));
        line(FIXED.iter().map(|&name| name.to_owned()).chain(fields))
    }

    /// The line of an exception.
    pub fn line(&self, exception: &ExceptionView, payload: &str) -> String {
        let payload: Object = Json::read_object(payload).unwrap_or_default();
        let fields = self.fields.iter().map(|field| payload.get(field).map_or_else(String::new, plain));
        line(fixed(exception).into_iter().chain(fields))
    }
}

fn fixed(exception: &ExceptionView) -> [String; 20] {
    let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let maybe = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        exception.exception_id.clone(),
        exception.status.clone(),
        exception.severity.clone(),
        maybe(&exception.claimed_severity),
        exception.exception_type.clone(),
        exception.title.clone(),
        exception.queue.clone(),
        exception.source_system.clone(),
        maybe(&exception.owner),
        time(exception.created_at),
        time(exception.received_at),
        time(exception.due_at),
        exception.resolved_at.map_or_else(String::new, time),
        maybe(&exception.resolution),
        exception.occurrences.to_string(),
        time(exception.last_seen_at),
        maybe(&exception.recurrence_of),
        exception.domain.clone(),
        exception.pack_version.clone(),
        exception.finding_count.to_string(),
    ]
}

/// A value of the payload: texts as they are, what is missing as nothing, everything else as JSON.
fn plain(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::Text(text) => text.clone(),
        other => other.to_string(),
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|cell| quoted(&guarded(cell))).collect();
    cells.join(",") + "\r\n"
}

/// Spreadsheets run what begins like a formula; an apostrophe makes it a text. Numbers begin so too and are none.
fn guarded(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(&cell) {
        format!("'{cell}")
    } else {
        cell
    }
}

fn is_number(text: &str) -> bool {
    text.parse::<Decimal>().is_ok()
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_texts_and_numbers_stay_numbers() {
        let cells = ["=1+1", "+cmd", "-2+3", "@x", "\tx", "-1200.50", "+7", "-1e5", "-", "a=b", "-inf"];
        let guarded: Vec<String> = cells.into_iter().map(|cell| guarded(cell.into())).collect();
        assert_eq!(
            guarded,
            [
                "'=1+1", "'+cmd", "'-2+3", "'@x", "'\tx", "-1200.50", "+7", "-1e5", "'-", "a=b", "'-inf"
            ]
        );
    }

    #[test]
    fn separators_quotes_and_line_breaks_are_quoted() {
        let cells = ["plain", "a,b", "say \"x\"", "two\r\nlines", ""];
        assert_eq!(
            line(cells.into_iter().map(str::to_owned)),
            "plain,\"a,b\",\"say \"\"x\"\"\",\"two\r\nlines\",\r\n"
        );
    }
}
