//! Functions that seed expressions have besides those of all rules.

use std::{collections::BTreeMap, sync::Arc};

use cel::{Context, ExecutionError};
use chrono::{Days, NaiveDate};
use domain::{calendar::Calendar, expression};

/// What authors call them.
pub(crate) const NAMED: [&str; 2] = ["addBusinessDays", "businessDays"];

/// Stands for the operator `%`, which CEL has for ints only; no author can write this name.
pub(crate) const REMAINDER: &str = "@remainder";

/// Makes a list of a map's keys in their order, and leaves a list as it is.
pub(crate) const ORDERED: &str = "@ordered";

type Outcome<T> = Result<T, ExecutionError>;

/// The calendars of the pack by name.
pub(crate) type Calendars = Arc<BTreeMap<String, Calendar>>;

/// Context with the functions, the parent of all evaluations.
pub(crate) fn context(calendars: &Calendars) -> Context<'static, 'static> {
    let mut context = Context::with_env(Arc::clone(expression::environment()));
    let (adding, counting) = (Arc::clone(calendars), Arc::clone(calendars));
    let added = [
        context.add_function(REMAINDER, |left: f64, right: f64| left % right),
        context.add_function(ORDERED, ordered),
        context.add_function("addBusinessDays", move |from: Arc<String>, days: f64, name: Arc<String>| {
            let calendar = calendar(&adding, "addBusinessDays", &name)?;
            let date = calendar.add_business_days(date("addBusinessDays", &from)?, whole(days));
            Ok::<_, ExecutionError>(cel::Value::from(date.to_string()))
        }),
        context.add_function("businessDays", move |from: Arc<String>, to: Arc<String>, name: Arc<String>| {
            let calendar = calendar(&counting, "businessDays", &name)?;
            let days = calendar.business_days_between(date("businessDays", &from)?, date("businessDays", &to)?);
            Ok::<_, ExecutionError>(double(days))
        }),
    ];
    debug_assert!(added.iter().all(Result::is_ok), "CEL has a function of the same name");
    context
}

fn ordered(range: cel::Value) -> cel::Value {
    let cel::Value::Map(map) = range else {
        return range;
    };
    let mut keys: Vec<_> = map.map.keys().cloned().collect();
    keys.sort();
    keys.into_iter().map(cel::Value::from).collect::<Vec<_>>().into()
}

/// A date so many calendar days later, or earlier where negative.
pub(crate) fn shift(date: NaiveDate, days: i64) -> Option<NaiveDate> {
    let count = Days::new(days.unsigned_abs());
    if days < 0 {
        date.checked_sub_days(count)
    } else {
        date.checked_add_days(count)
    }
}

/// The date of a date or date-time.
pub(crate) fn parse_date(text: &str) -> Option<NaiveDate> {
    text.get(..10)?.parse().ok()
}

fn date(function: &str, text: &str) -> Outcome<NaiveDate> {
    parse_date(text).ok_or_else(|| ExecutionError::function_error(function, format!("{text:?} is not a date")))
}

fn calendar<'c>(calendars: &'c Calendars, function: &str, name: &str) -> Outcome<&'c Calendar> {
    let unknown = || ExecutionError::function_error(function, format!("there is no calendar {name:?}"));
    calendars.get(name).ok_or_else(unknown)
}

#[expect(clippy::cast_possible_truncation, reason = "saturates, and dates are checked afterwards")]
fn whole(number: f64) -> i64 {
    number.round() as i64
}

#[expect(clippy::cast_precision_loss, reason = "numbers of days are small")]
fn double(number: i64) -> f64 {
    number as f64
}
