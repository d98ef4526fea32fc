//! The pack as its author writes it: serde types, nothing compiled.
//!
//! [`super::Pack`] is what the rest of the product uses; it is made from a document by [`super::lint`].
//! The published JSON Schema is generated from these types, so their doc comments are the author's manual.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    approval::ApprovalDocument,
    playbook::PlaybookDocument,
    recurrence::RecurrenceDocument,
    seed::{SeedDocument, SeedPool, SeedProfile},
};
use crate::{format::Format, severity::Severity};

/// A domain pack: everything the desk knows about one business domain. Immutable once imported; a change is a new version.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PackDocument {
    /// Address of the JSON Schema, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Name of the domain, e.g. `CapitalMarketsTrading`. Letters and digits, at most 64.
    pub domain: String,
    /// Semantic version of this document.
    #[schemars(with = "String")]
    pub version: semver::Version,
    /// What the domain is, in a sentence.
    pub description: String,
    /// Prefix of generated exception ids: 2 to 6 capital letters.
    pub id_prefix: String,
    /// Systems that send exceptions. Others are accepted with a finding.
    pub source_systems: Vec<String>,
    /// Business calendars by name.
    pub calendars: BTreeMap<String, CalendarDocument>,
    /// Queues by name, in the order the desk shows them.
    pub queues: IndexMap<String, QueueDocument>,
    /// What an exception can wait for, by code, with names for people; clocks name those that stop them.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub waiting_reasons: IndexMap<String, String>,
    /// What needs a second person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<ApprovalDocument>,
    /// Exception types by name (capital letters, digits, underscores).
    pub exception_types: IndexMap<String, TypeDocument>,
    /// Playbooks by name.
    #[serde(default)]
    pub playbooks: IndexMap<String, PlaybookDocument>,
    /// Examples that must triage as stated; `sentinai pack test` runs them, and import refuses a pack whose tests fail.
    #[serde(default)]
    pub tests: Vec<TestDocument>,
    /// Things that recur in seeded data: accounts, counterparties, patients.
    #[serde(default)]
    pub seed_pools: IndexMap<String, SeedPool>,
    /// When seeded exceptions arise.
    #[serde(default)]
    pub seed_profiles: BTreeMap<String, SeedProfile>,
}

/// Working time of a team or market.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CalendarDocument {
    /// Name for people, e.g. `US markets`.
    pub label: String,
    /// IANA time zone, e.g. `America/New_York`.
    #[schemars(with = "String")]
    pub time_zone: chrono_tz::Tz,
    /// Working hours in local time. Intervals of one day must not overlap.
    pub hours: Vec<HoursDocument>,
    /// Days without working time.
    #[serde(default)]
    pub holidays: Vec<HolidayDocument>,
}

/// One interval of working time on some days of the week.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HoursDocument {
    /// Days of the week.
    pub days: Vec<Weekday>,
    /// Start, `HH:MM` local time.
    pub from: String,
    /// End, `HH:MM` local time; `24:00` is midnight at the end of the day.
    pub to: String,
}

/// Day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// A day without working time.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HolidayDocument {
    /// The day, `YYYY-MM-DD`.
    pub date: NaiveDate,
    /// Its name.
    pub name: String,
}

/// Where work waits.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueueDocument {
    /// Name for people, at most 18 characters to fit the list.
    pub label: String,
    /// Who works it and on what.
    pub description: String,
    /// Queue that takes over on escalation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalates_to: Option<String>,
}

/// One kind of exception.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TypeDocument {
    /// Name for people, e.g. `Cash break`.
    pub label: String,
    /// What it means, in a sentence.
    pub description: String,
    /// Severity where no rule matches.
    pub severity: Severity,
    /// Rules that say otherwise; of those that match, the highest severity wins.
    #[serde(default)]
    pub severity_rules: Vec<SeverityRule>,
    /// Fields of the payload, in the order the desk shows them. Others are kept and shown as sent.
    pub fields: IndexMap<String, FieldDocument>,
    /// One line that says what is wrong: text with `{field}` placeholders; `{field|abs}` drops the sign.
    pub title: String,
    /// Payload fields that make two exceptions of this type the same problem.
    pub fingerprint: Vec<String>,
    /// What happens when the same problem comes again. Without it: linked, also to one that was resolved within 30 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<RecurrenceDocument>,
    /// Queue where no rule matches.
    pub queue: String,
    /// Rules that route elsewhere; the first that matches wins.
    #[serde(default)]
    pub routing: Vec<RoutingRule>,
    /// Deadlines. Without it, by severity: CRITICAL 2 h, HIGH 8 h, MEDIUM 24 h, LOW 72 h, around the clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sla: Option<SlaDocument>,
    /// Name of the playbook to follow.
    pub playbook: String,
    /// Why it can have happened; one is chosen on resolving.
    pub root_causes: Vec<CodeDocument>,
    /// How it can end; one is chosen on resolving.
    pub resolutions: Vec<CodeDocument>,
    /// How realistic examples are made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<SeedDocument>,
}

/// A severity and when it applies.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeverityRule {
    /// CEL over `exceptionType`, `sourceSystem`, `rawPayload`, `normalizedContext`, `severity` (as claimed, or ""),
    /// `exposure` (number) and `age` (business days). Use `has(rawPayload.x)` for optional fields.
    pub when: String,
    /// The severity when it holds.
    pub severity: Severity,
    /// Why, for the operator.
    pub because: String,
}

/// A queue and when it applies.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoutingRule {
    /// CEL over the same names as a severity rule.
    pub when: String,
    /// The queue when it holds.
    pub queue: String,
    /// Why, for the operator.
    pub because: String,
}

/// One field of a payload.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldDocument {
    /// Type of the value.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Name for people.
    pub label: String,
    /// What it means, where the label does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A required field that is missing, blank or of the wrong type refuses the exception; any other fault is a finding on it.
    #[serde(default)]
    pub required: bool,
    /// Who may see it.
    #[serde(default)]
    pub class: FieldClass,
    /// Standard identifier: checked, check digit included; a fault is a finding, never a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// What the desk does with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<FieldRole>,
    /// Allowed values and their names for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<IndexMap<String, String>>,
    /// Of a decimal: the field that holds its ISO 4217 currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Of a list: what it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Box<FieldDocument>>,
    /// Of an object: its fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<IndexMap<String, FieldDocument>>,
}

impl FieldDocument {
    /// Whether it, an item or a member of it is personal data: of the class `pii` or `phi`.
    pub fn is_classified(&self) -> bool {
        matches!(self.class, FieldClass::Pii | FieldClass::Phi) || self.nested().any(Self::is_classified)
    }

    /// Whether it, an item or a member of it names an entity.
    pub fn names_entity(&self) -> bool {
        self.role == Some(FieldRole::Entity) || self.nested().any(Self::names_entity)
    }

    fn nested(&self) -> impl Iterator<Item = &Self> {
        let members = self.fields.iter().flat_map(IndexMap::values);
        self.items.as_deref().into_iter().chain(members)
    }

    /// A field of which nothing is known.
    pub fn any() -> Self {
        Self {
            kind: FieldType::Any,
            label: String::new(),
            description: None,
            required: false,
            class: FieldClass::default(),
            format: None,
            role: None,
            values: None,
            currency: None,
            items: None,
            fields: None,
        }
    }
}

/// Type of a payload field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FieldType {
    /// Text.
    String,
    /// Whole number.
    Integer,
    /// Number, or its decimal text, also with an exponent.
    Decimal,
    /// true or false.
    Boolean,
    /// `YYYY-MM-DD`; a date-time is accepted and its date taken.
    Date,
    /// RFC 3339; without an offset it is UTC.
    Datetime,
    /// Several values of one kind.
    List,
    /// Named values.
    Object,
    /// Anything.
    Any,
}

/// Who may see a field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FieldClass {
    /// Anyone.
    Public,
    /// Anyone of the tenant.
    #[default]
    Internal,
    /// Amounts and positions.
    Financial,
    /// Personal data.
    Pii,
    /// Protected health information.
    Phi,
}

/// What the desk does with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum FieldRole {
    /// Names a thing that recurs: shown in the list and searchable.
    Entity,
    /// The amount at stake; one per type.
    Exposure,
    /// The date the age counts from; one per type.
    AgeFrom,
}

/// Deadlines on a business calendar.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SlaDocument {
    /// Calendar the time runs on.
    pub calendar: String,
    /// Working time until somebody has taken it: ISO 8601 duration such as `PT30M` or `PT4H`.
    pub respond: String,
    /// Working time until it is resolved: ISO 8601 duration.
    pub resolve: String,
    /// Waiting reasons that stop the clock.
    #[serde(default)]
    pub pause_on: Vec<String>,
    /// Other durations for some severities.
    #[serde(default)]
    pub by_severity: BTreeMap<Severity, SlaDurations>,
}

/// The two durations of a clock.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SlaDurations {
    /// Working time until somebody has taken it.
    pub respond: String,
    /// Working time until it is resolved.
    pub resolve: String,
}

/// A code and its name.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CodeDocument {
    /// Stable code, e.g. `LATE_INSTRUCTION`.
    pub code: String,
    /// Name for people.
    pub label: String,
}

/// An example and what must come of it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TestDocument {
    /// What the example shows.
    pub name: String,
    /// The exception as a source would send it.
    pub given: Value,
    /// What triage must make of it; what is left out is not compared.
    pub expect: ExpectDocument,
}

/// Expected outcome of a pack test.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExpectDocument {
    /// Severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// Title, whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Due time, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<chrono::DateTime<chrono::Utc>>,
    /// JSON pointers of all findings, e.g. `/rawPayload/cusip`; an empty list means none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<Vec<String>>,
    /// JSON pointers of all faults when the example must be refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Vec<String>>,
}
