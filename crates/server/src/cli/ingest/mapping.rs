//! Which column becomes which member: a JSON document that looks like the exception, with columns in place of values.

use anyhow::{Context, bail};
use chrono_tz::Tz;
use domain::fault::{Fault, pointer_step};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    cell::{Convert, Kind, quoted},
    record::Defaults,
    rows::Cells,
};

/// Columns of these names are members of the exception where no map says otherwise; all others are the payload's.
const HEADER: [&str; 5] = ["exceptionId", "exceptionType", "sourceSystem", "severity", "timestamp"];
const COLUMN: &str = "column:";

/// What a row becomes.
#[derive(Debug)]
pub struct Mapping {
    members: Vec<(String, Node)>,
}

#[derive(Debug, Clone)]
enum Node {
    /// JSON text, the same for every row.
    Constant(String),
    Cell {
        column: usize,
        convert: Convert,
        /// JSON text where the cell is blank.
        otherwise: Option<String>,
    },
    Object(Vec<(String, Node)>),
}

/// A cell as a map names it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CellDocument {
    column: String,
    #[serde(default, rename = "as")]
    kind: Kind,
    format: Option<String>,
    zone: Option<Tz>,
    separator: Option<String>,
    decimal: Option<char>,
}

impl Mapping {
    /// Columns become members of the same name.
    pub fn plain(columns: &[String], defaults: &Defaults) -> Self {
        let (mut members, mut payload) = (Vec::new(), Vec::new());
        for (column, name) in columns.iter().enumerate() {
            let node = Node::Cell {
                column,
                convert: Convert::Text,
                otherwise: None,
            };
            let place = if HEADER.contains(&name.as_str()) {
                &mut members
            } else {
                &mut payload
            };
            place.push((name.clone(), node));
        }
        members.push(("rawPayload".to_owned(), Node::Object(payload)));
        Mapping { members }.with(defaults)
    }

    /// As a map says, for a table with these columns.
    pub fn read(text: &str, columns: &[String], defaults: &Defaults) -> anyhow::Result<Self> {
        let document: Map<String, Value> = serde_json::from_str(text).context("a map is a JSON object that looks like the exception")?;
        let node = node(&Value::Object(document), "", columns)?;
        let Node::Object(mut members) = node else {
            bail!("a map is an object that looks like the exception, not a column");
        };
        match members.iter().find(|(name, _)| name == "rawPayload") {
            Some((_, Node::Object(_))) => {}
            Some(_) => bail!("/rawPayload must be an object whose members are columns"),
            None => members.push(("rawPayload".to_owned(), Node::Object(Vec::new()))),
        }
        Ok(Mapping { members }.with(defaults))
    }

    fn with(mut self, defaults: &Defaults) -> Self {
        for (name, value) in [("sourceSystem", &defaults.source), ("exceptionType", &defaults.kind)] {
            let Some(value) = value.as_deref().map(quoted) else { continue };
            match self.members.iter_mut().find(|(known, _)| known == name) {
                Some((_, Node::Cell { otherwise, .. })) => *otherwise = Some(value),
                Some(_) => {}
                None => self.members.insert(0, (name.to_owned(), Node::Constant(value))),
            }
        }
        self
    }

    /// Refuses a map by which every row would be refused.
    pub fn check(&self) -> anyhow::Result<()> {
        if !self.members.iter().any(|(name, _)| name == "sourceSystem") {
            bail!("no column is the sourceSystem: give it with --source, name a column sourceSystem, or say which it is with --map");
        }
        Ok(())
    }

    /// The exception object of a row, and what is wrong with its cells. `id` is for rows without one.
    pub fn exception(&self, row: &Cells, id: impl FnOnce() -> String) -> (String, Vec<Fault>) {
        let mut written = Written {
            row,
            json: String::from("{"),
            faults: Vec::new(),
        };
        if !self.has_id(row) {
            written.member("exceptionId", &Node::Constant(quoted(&id())), "");
        }
        for (name, node) in &self.members {
            let is_there = written.member(name, node, "");
            if !is_there && name == "rawPayload" {
                written.member(name, &Node::Constant("{}".to_owned()), "");
            }
        }
        written.json.push('}');
        (written.json, written.faults)
    }

    fn has_id(&self, row: &Cells) -> bool {
        let payload = self.members.iter().filter(|(name, _)| name == "rawPayload");
        let inner = payload.filter_map(|(_, node)| if let Node::Object(members) = node { Some(members) } else { None });
        let all = self.members.iter().chain(inner.flatten());
        all.filter(|(name, _)| name == "exceptionId").any(|(_, node)| node.is_there(row))
    }
}

impl Node {
    fn is_there(&self, row: &Cells) -> bool {
        match self {
            Node::Constant(_) => true,
            Node::Cell { column, otherwise, .. } => otherwise.is_some() || !cell(row, *column).trim().is_empty(),
            Node::Object(members) => members.iter().any(|(_, node)| node.is_there(row)),
        }
    }
}

fn cell(row: &Cells, column: usize) -> &str {
    row.get(column).unwrap_or_default()
}

/// An object that is being written.
struct Written<'r> {
    row: &'r Cells,
    json: String,
    faults: Vec<Fault>,
}

impl Written<'_> {
    /// Writes a member, unless there is nothing in it; whether it did.
    fn member(&mut self, name: &str, node: &Node, at: &str) -> bool {
        if !node.is_there(self.row) {
            return false;
        }
        if !self.json.ends_with('{') {
            self.json.push(',');
        }
        self.json += &quoted(name);
        self.json.push(':');
        let at = format!("{at}/{}", pointer_step(name));
        match node {
            Node::Constant(json) => self.json += json,
            Node::Cell {
                column,
                convert,
                otherwise,
            } => self.cell(*column, convert, otherwise.as_deref(), at),
            Node::Object(members) => {
                self.json.push('{');
                for (name, node) in members {
                    self.member(name, node, &at);
                }
                self.json.push('}');
            }
        }
        true
    }

    fn cell(&mut self, column: usize, convert: &Convert, otherwise: Option<&str>, at: String) {
        let text = cell(self.row, column);
        match (otherwise, convert.json(text)) {
            (Some(otherwise), _) if text.trim().is_empty() => self.json += otherwise,
            (_, Ok(json)) => self.json += &json,
            (_, Err(why)) => {
                // As it is, to be mended where it is told.
                self.json += &quoted(text);
                self.faults.push(Fault::at(at, "not-convertible", why));
            }
        }
    }
}

fn node(value: &Value, at: &str, columns: &[String]) -> anyhow::Result<Node> {
    match value {
        Value::String(text) => match text.strip_prefix(COLUMN) {
            Some(name) => Ok(Node::Cell {
                column: find(name, at, columns)?,
                convert: Convert::Text,
                otherwise: None,
            }),
            None => Ok(Node::Constant(quoted(text))),
        },
        Value::Object(members) if members.contains_key("column") => {
            let document: CellDocument = serde_json::from_value(value.clone()).with_context(|| format!("{at} of the map"))?;
            let column = find(&document.column, at, columns)?;
            let convert = convert(document).with_context(|| format!("{at} of the map"))?;
            Ok(Node::Cell {
                column,
                convert,
                otherwise: None,
            })
        }
        Value::Object(members) => match members.get("value") {
            Some(constant) if members.len() == 1 => Ok(Node::Constant(constant.to_string())),
            _ => {
                let inner = members
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), node(value, &format!("{at}/{}", pointer_step(name)), columns)?)));
                Ok(Node::Object(inner.collect::<anyhow::Result<_>>()?))
            }
        },
        constant => Ok(Node::Constant(constant.to_string())),
    }
}

fn find(name: &str, at: &str, columns: &[String]) -> anyhow::Result<usize> {
    let found = columns.iter().position(|column| column == name.trim());
    found.with_context(|| {
        format!(
            "{at} of the map names the column {}, which is not there. The columns are: {}",
            quoted(name),
            columns.join(", ")
        )
    })
}

fn convert(document: CellDocument) -> anyhow::Result<Convert> {
    let CellDocument {
        kind,
        format,
        zone,
        separator,
        decimal,
        ..
    } = document;
    let is = |wanted: &[Kind]| wanted.contains(&kind);
    for (option, is_given, fits) in [
        ("format", format.is_some(), is(&[Kind::Date, Kind::Time])),
        ("zone", zone.is_some(), is(&[Kind::Time])),
        ("separator", separator.is_some(), is(&[Kind::List])),
        ("decimal", decimal.is_some(), is(&[Kind::Number])),
    ] {
        if is_given && !fits {
            bail!("{option} does not belong to this kind: see docs/ingest.md");
        }
    }
    Ok(match kind {
        Kind::Text => Convert::Text,
        Kind::Number => match decimal.unwrap_or('.') {
            decimal @ ('.' | ',') => Convert::Number { decimal },
            _ => bail!("decimal is \".\" or \",\""),
        },
        Kind::Boolean => Convert::Boolean,
        Kind::Date => Convert::Date {
            format: format.map(checked).transpose()?,
        },
        Kind::Time => Convert::Time {
            format: format.map(checked).transpose()?,
            zone: zone.unwrap_or(Tz::UTC),
        },
        Kind::List => match separator.unwrap_or_else(|| ";".to_owned()) {
            separator if separator.is_empty() => bail!("separator is a text between two items, not nothing"),
            separator => Convert::List { separator },
        },
    })
}

fn checked(format: String) -> anyhow::Result<String> {
    let is_wrong = chrono::format::StrftimeItems::new(&format).any(|item| matches!(item, chrono::format::Item::Error));
    if is_wrong {
        bail!("{} is no format: write it like %d.%m.%Y", quoted(&format));
    }
    Ok(format)
}

#[cfg(test)]
mod tests;
