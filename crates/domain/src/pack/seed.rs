//! How a pack describes realistic examples of itself. The seeding crate executes this; triage never looks at it.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::document::Weekday;
use crate::format::Format;

/// How examples of one exception type are made.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedDocument {
    /// Share of this type among all, relative to the others.
    pub weight: u32,
    /// Name of the profile that says when it arises.
    pub profile: String,
    /// Sending systems and their relative shares.
    pub sources: IndexMap<String, u32>,
    /// A generator per payload field, run in this order; a later one may use earlier values.
    /// A name that starts with `_` is computed but not part of the payload. A whole number is made of whatever a field
    /// declared `integer` gets.
    pub fields: IndexMap<String, Generator>,
    /// The same for the normalized context, which sees the values of the payload as well.
    #[serde(default)]
    pub context: IndexMap<String, Generator>,
}

/// Things that recur. Popular members come first and are chosen more often.
///
/// The members written out come before those generated. A member is the same whenever it is seeded: its dates count from
/// 1 January 2026. Generated members differ in their first attribute. A pool may use pools declared before it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedPool {
    /// Exponent of the Zipf distribution over the members; 0 chooses evenly.
    pub zipf: f64,
    /// Members written out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Map<String, Value>>,
    /// Members generated: how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u32>,
    /// Members generated: a generator per attribute.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub fields: IndexMap<String, Generator>,
}

/// When exceptions arise within a week.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedProfile {
    /// Calendar whose time zone and holidays apply.
    pub calendar: String,
    /// Relative volume per weekday; a day left out has none.
    pub weekdays: BTreeMap<Weekday, f64>,
    /// Relative volume per part of the day, local time.
    pub hours: Vec<SeedHours>,
    /// Whether a holiday of the calendar has volume.
    #[serde(default)]
    pub on_holidays: bool,
}

/// Part of a day and its share.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedHours {
    /// Start, `HH:MM`.
    pub from: String,
    /// End, `HH:MM`, after the start.
    pub to: String,
    /// Relative volume.
    pub weight: f64,
}

/// Makes one value.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Generator {
    /// Always this value.
    Const(Value),
    /// One of these, evenly.
    Pick(Vec<Value>),
    /// One of these texts by relative weight.
    PickWeighted(IndexMap<String, f64>),
    /// An attribute of a member of a pool. Within one exception the same pool (and `as`) is the same member; each item
    /// of a list has members of its own, different from the others as long as the pool has enough.
    Pool(PoolRef),
    /// Text with `#` for a digit and `@` for a capital letter, e.g. `ORD-######`.
    Pattern(String),
    /// Whole number, both ends included, evenly.
    Integer(IntegerRange),
    /// Number, log-normal.
    LogNormal(LogNormal),
    /// Number, evenly.
    Uniform(Uniform),
    /// Calendar date relative to another date.
    Date(DateOffset),
    /// Point in time before or after the exception arises.
    Time(TimeOffset),
    /// Valid synthetic identifier of a format.
    Identifier(Format),
    /// CEL over the values so far, by name, and `created` (the local date on which the exception arises, `YYYY-MM-DD`).
    /// A value that is absent is null. Every number is a double, so `quantity * 2 + price` needs no conversion.
    Expr(Expr),
    /// Several different values.
    List(ListOf),
    /// Named values; a later one may use earlier ones of the same object and the values outside.
    Object(IndexMap<String, Generator>),
    /// One of several generators by relative weight.
    Mix(Vec<MixPart>),
    /// The first generator whose condition holds, else the last.
    Choose(Choose),
    /// Text with `{name}` or `{object.name}` placeholders for the values so far.
    Text(String),
    /// The value, or nothing at all.
    Maybe(Maybe),
}

/// Reference to a pool's attribute.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PoolRef {
    /// Name of the pool.
    pub from: String,
    /// Attribute of the member.
    pub field: String,
    /// Names a further member of the same pool, different from the others of this exception.
    #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

/// Range of whole numbers, both ends included.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IntegerRange {
    /// Least value.
    pub min: i64,
    /// Greatest value.
    pub max: i64,
    /// Step from `min`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<i64>,
}

/// Log-normal distribution by its median and 95th percentile. What falls outside the limits is drawn again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogNormal {
    /// Half of the values are below.
    pub median: f64,
    /// 95 of 100 values are below.
    pub p95: f64,
    /// Least value.
    pub min: f64,
    /// Greatest value.
    pub max: f64,
    /// Round to a multiple of this (lots), before `decimals`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiple_of: Option<f64>,
    /// Decimals.
    #[serde(default)]
    pub decimals: u8,
    /// Field with an ISO 4217 currency whose minor unit gives the decimals instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// Even distribution over a range of numbers.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Uniform {
    /// Least value.
    pub min: f64,
    /// Greatest value.
    pub max: f64,
    /// Decimals.
    #[serde(default)]
    pub decimals: u8,
    /// Field with an ISO 4217 currency whose minor unit gives the decimals instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// A date some days from another.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DateOffset {
    /// Earlier value to count from; without it, the local date on which the exception arises.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Least number of days, negative for before.
    pub min: i64,
    /// Greatest number of days.
    pub max: i64,
    /// Calendar of which these are business days, 0 being the last one up to the date itself; without it, calendar days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
}

/// A time some minutes from the moment the exception arises.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TimeOffset {
    /// Least number of minutes, negative for before.
    pub min_minutes: i64,
    /// Greatest number of minutes.
    pub max_minutes: i64,
}

/// A computed value.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Expr {
    /// The CEL expression. Besides CEL's own functions: `abs(x)`, `round(x, decimals)`, `days(from, to)`, `addDays(date, n)`,
    /// `businessDays(from, to, calendar)`, `addBusinessDays(date, n, calendar)`.
    pub is: String,
    /// Round a number to these decimals; without it, to 14 significant digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u8>,
    /// Field with an ISO 4217 currency whose minor unit gives the decimals instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// Several different values of one generator.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListOf {
    /// Makes one.
    pub of: Box<Generator>,
    /// Least length.
    pub min: u32,
    /// Greatest length.
    pub max: u32,
}

/// Part of a mixture.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MixPart {
    /// Relative weight.
    pub weight: f64,
    /// Its generator.
    pub then: Generator,
}

/// Choice by condition.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Choose {
    /// Conditions in order.
    pub cases: Vec<ChooseCase>,
    /// Where none holds.
    #[serde(rename = "else")]
    pub otherwise: Box<Generator>,
}

/// Condition and generator.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChooseCase {
    /// CEL over the values so far, true or false.
    #[serde(rename = "if")]
    pub condition: String,
    /// Its generator.
    pub then: Generator,
}

/// A value that is sometimes absent.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Maybe {
    /// How often it is there, 0 to 1.
    pub share: f64,
    /// Makes it.
    pub then: Box<Generator>,
}
