//! What `sentinai quarantine` prints.

use chrono::{DateTime, Utc};
use domain::{intake::quarantine::State, json::Json};
use serde_json::value::RawValue;

use super::api::{Entry, Page, Whole};

/// How many there are, and how many have each fault.
pub fn counts(page: &Page, state: State) -> String {
    let total = format!("{} {}", page.total, state.as_str().to_lowercase());
    let codes: Vec<String> = page.codes.iter().map(|code| format!("{} {}", code.code, code.count)).collect();
    if codes.is_empty() {
        total
    } else {
        format!("{total}: {}", codes.join(", "))
    }
}

/// The line above the entries; nothing where there are none.
pub fn head(page: &Page) -> String {
    if page.items.is_empty() {
        return String::new();
    }
    format!(
        "{:<27} {:<17} {:>6} {:<18} {:<26} {:<24} REASONS",
        "QUARANTINE ID", "LAST (UTC)", "TIMES", "SOURCE", "TYPE", "EXCEPTION"
    )
}

/// An entry in a line.
pub fn line(entry: &Entry) -> String {
    let mut codes: Vec<&str> = entry.errors.iter().map(|fault| fault.code.as_str()).collect();
    codes.dedup();
    format!(
        "{:<27} {:<17} {:>6} {:<18} {:<26} {:<24} {}",
        entry.quarantine_id,
        minute(entry.last_at),
        entry.times,
        or_dash(entry.source_system.as_ref()),
        or_dash(entry.exception_type.as_ref()),
        entry.exception_id,
        codes.join(", ")
    )
}

/// An entry with every reason and the object.
pub fn whole(Whole { entry, object }: &Whole) -> String {
    let mut lines = vec![format!("{} is {}", entry.quarantine_id, entry.state)];
    let mut add = |name: &str, value: String| lines.push(format!("  {name:<12} {value}"));
    add("source", or_dash(entry.source_system.as_ref()).to_owned());
    add("type", or_dash(entry.exception_type.as_ref()).to_owned());
    add("exception", entry.exception_id.clone());
    add("came", came(entry));
    if let (Some(at), Some(by)) = (entry.decided_at, &entry.decided_by) {
        add("decided", format!("{} by {by}", minute(at)));
    }
    if let Some(id) = &entry.stored_as {
        add("stored as", id.clone());
    }
    if let Some(reason) = &entry.reason {
        add("because", reason.clone());
    }
    add("expires", minute(entry.expires_at));
    lines.push("Refused because".to_owned());
    for fault in &entry.errors {
        let pointer = if fault.pointer.is_empty() { "(the whole)" } else { &fault.pointer };
        lines.push(format!("  {pointer}: {} [{}]", fault.message, fault.code));
    }
    lines.push("Sent was".to_owned());
    lines.push(pretty(object));
    lines.join("\n")
}

fn came(entry: &Entry) -> String {
    if entry.times == 1 {
        return format!("{} from {}", minute(entry.last_at), entry.sent_by);
    }
    format!(
        "{} times, first {}, last {} from {}",
        entry.times,
        minute(entry.first_at),
        minute(entry.last_at),
        entry.sent_by
    )
}

/// With line breaks, where it can be read; else as it is.
fn pretty(object: &RawValue) -> String {
    let value = Json::read(object.get()).ok();
    value
        .and_then(|value| serde_json::to_string_pretty(&value).ok())
        .unwrap_or_else(|| object.get().to_owned())
}

fn minute(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M").to_string()
}

fn or_dash(text: Option<&String>) -> &str {
    text.map_or("-", String::as_str)
}
