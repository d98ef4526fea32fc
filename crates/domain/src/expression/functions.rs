//! The functions rules may call, beyond CEL's operators.

use std::sync::{Arc, OnceLock};

use cel::{
    Env, ExecutionError,
    common::{
        ast::operators,
        types::{self, CelDouble, CelInt, CelString},
        value::CowVal,
    },
};
use chrono::NaiveDate;

/// Named functions that every rule may call.
pub const NAMED: [&str; 14] = [
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "int",
    "double",
    "string",
    "bool",
    "abs",
    "round",
    "days",
    "addDays",
    "has",
];

const OPERATORS: [&str; 20] = [
    operators::CONDITIONAL,
    operators::LOGICAL_AND,
    operators::LOGICAL_OR,
    operators::LOGICAL_NOT,
    operators::SUBSTRACT,
    operators::ADD,
    operators::MULTIPLY,
    operators::DIVIDE,
    operators::MODULO,
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::GREATER_EQUALS,
    operators::LESS_EQUALS,
    operators::GREATER,
    operators::LESS,
    operators::NEGATE,
    operators::INDEX,
    operators::NOT_STRICTLY_FALSE,
    operators::IN,
    "@result",
];

/// Whether every rule may call this function or operator.
pub fn is_known(function: &str) -> bool {
    NAMED.contains(&function) || OPERATORS.contains(&function)
}

/// CEL's standard library and ours: `abs(x)`, `round(x, decimals)`, `days(from, to)`, `addDays(date, n)`.
///
/// # Panics
/// Never: our functions do not clash with the standard library.
pub fn environment() -> &'static Arc<Env> {
    static ENVIRONMENT: OnceLock<Arc<Env>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut env = Env::stdlib().with_optional_support(false);
        declare(&mut env).expect("our functions do not clash with the standard library");
        Arc::new(env)
    })
}

fn declare(env: &mut Env) -> Result<(), cel::DeclarationError> {
    env.add_overload("abs", "abs_double", vec![types::DOUBLE_TYPE], |args| {
        Ok(CowVal::owned(CelDouble::from(double(&args, 0)?.abs())))
    })?;
    env.add_overload("abs", "abs_int", vec![types::INT_TYPE], |args| {
        Ok(CowVal::owned(CelInt::from(int(&args, 0)?.saturating_abs())))
    })?;
    env.add_overload("round", "round_double_int", vec![types::DOUBLE_TYPE, types::INT_TYPE], |args| {
        Ok(CowVal::owned(CelDouble::from(round_to(double(&args, 0)?, int(&args, 1)?))))
    })?;
    env.add_overload(
        "round",
        "round_double_double",
        vec![types::DOUBLE_TYPE, types::DOUBLE_TYPE],
        |args| {
            #[expect(clippy::cast_possible_truncation, reason = "clamped by round_to")]
            Ok(CowVal::owned(CelDouble::from(round_to(
                double(&args, 0)?,
                double(&args, 1)? as i64,
            ))))
        },
    )?;
    env.add_overload("days", "days_string_string", vec![types::STRING_TYPE, types::STRING_TYPE], |args| {
        Ok(CowVal::owned(CelInt::from((date(&args, 1)? - date(&args, 0)?).num_days())))
    })?;
    env.add_overload(
        "addDays",
        "add_days_string_int",
        vec![types::STRING_TYPE, types::INT_TYPE],
        |args| add_days(date(&args, 0)?, int(&args, 1)?),
    )?;
    env.add_overload(
        "addDays",
        "add_days_string_double",
        vec![types::STRING_TYPE, types::DOUBLE_TYPE],
        |args| {
            #[expect(clippy::cast_possible_truncation, reason = "saturates, and add_days refuses what is out of range")]
            add_days(date(&args, 0)?, double(&args, 1)?.round() as i64)
        },
    )
}

fn add_days<'b, 'v>(date: NaiveDate, days: i64) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let days = chrono::TimeDelta::try_days(days).ok_or_else(|| failed("addDays", "too many days"))?;
    let moved = date.checked_add_signed(days).ok_or_else(|| failed("addDays", "out of range"))?;
    Ok(CowVal::owned(CelString::from(moved.to_string())))
}

/// Rounds half away from zero to a number of decimals between 0 and 12.
pub fn round_to(value: f64, decimals: i64) -> f64 {
    let factor = 10f64.powi(decimals.clamp(0, 12) as i32);
    (value * factor).round() / factor
}

type Args<'a, 'b, 'v> = &'a [CowVal<'b, 'v>];

fn double(args: Args<'_, '_, '_>, index: usize) -> Result<f64, ExecutionError> {
    args.get(index)
        .and_then(|value| value.downcast_ref::<CelDouble>())
        .map(|value| *value.inner())
        .ok_or_else(|| failed("number", "expected a decimal"))
}

fn int(args: Args<'_, '_, '_>, index: usize) -> Result<i64, ExecutionError> {
    args.get(index)
        .and_then(|value| value.downcast_ref::<CelInt>())
        .map(|value| *value.inner())
        .ok_or_else(|| failed("number", "expected a whole number"))
}

fn date(args: Args<'_, '_, '_>, index: usize) -> Result<NaiveDate, ExecutionError> {
    let text = args
        .get(index)
        .and_then(|value| value.downcast_ref::<CelString<'_>>())
        .ok_or_else(|| failed("date", "expected a text"))?;
    let text = text.inner();
    text.get(..10)
        .unwrap_or(text)
        .parse()
        .map_err(|_| failed("date", "expected YYYY-MM-DD"))
}

fn failed(function: &str, message: &str) -> ExecutionError {
    ExecutionError::FunctionError {
        function: function.to_owned(),
        message: message.to_owned(),
    }
}
