//! Executes recipes: from a stream of random numbers to values.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::pack::seed::{DateOffset, TimeOffset, Uniform};
use serde_json::{Map, Value};

use crate::{
    budget::{self, Budget},
    exception::timestamp,
    expression::Expression,
    fault::{SeedFault, SeedProblem},
    functions::{parse_date, shift},
    number::{self, Decimals},
    plan::Plan,
    pool::Member,
    recipe::{Piece, Recipe, Step},
    scope::{Picks, Scope},
    stream::Stream,
};

/// Items of a list that may turn out the same as earlier ones before it stays shorter.
const ATTEMPTS: u32 = 64;

type Outcome<T> = Result<T, SeedFault>;

/// Makes the values of one exception, or of one member of a pool.
pub(crate) struct Maker<'s, 'p> {
    plan: &'s Plan<'p>,
    members: &'s [Vec<Member>],
    stream: Stream,
    created: DateTime<Utc>,
    today: NaiveDate,
    scope: Scope<'p>,
    picks: Picks<'p>,
    budget: Budget,
    /// Place in the pack document of the step at work.
    pointer: &'s str,
}

impl<'s, 'p> Maker<'s, 'p> {
    /// `today` is the local date of `created`.
    pub(crate) fn new(plan: &'s Plan<'p>, members: &'s [Vec<Member>], stream: Stream, created: DateTime<Utc>, today: NaiveDate) -> Self {
        let mut scope = Scope::default();
        scope.push("created", Value::from(today.to_string()));
        Maker {
            plan,
            members,
            stream,
            created,
            today,
            scope,
            picks: Picks::default(),
            budget: Budget::new(),
            pointer: "",
        }
    }

    /// Makes named values in order. They stay known; an absent one is null for expressions.
    pub(crate) fn fields(&mut self, steps: &'s [Step<'p>]) -> Outcome<Map<String, Value>> {
        let mut fields = Map::new();
        for step in steps {
            self.pointer = &step.pointer;
            let value = self.make(&step.recipe)?;
            let spent = value.as_ref().map_or(Ok(()), |value| self.budget.spend_size(value));
            spent.map_err(|problem| self.fault(problem))?;
            self.scope.push(step.name, value.clone().unwrap_or(Value::Null));
            if let Some(value) = value.filter(|_| !step.is_hidden()) {
                fields.insert(step.name.to_owned(), value);
            }
        }
        Ok(fields)
    }

    /// One value, or none.
    fn make(&mut self, recipe: &'s Recipe<'p>) -> Outcome<Option<Value>> {
        self.budget.spend_value().map_err(|problem| self.fault(problem))?;
        let value = match recipe {
            Recipe::Const(value) => (*value).clone(),
            Recipe::Pick(values) => values[self.stream.index(values.len())].clone(),
            Recipe::PickWeighted(values, weights) => Value::from(values[weights.choose(&mut self.stream)]),
            Recipe::Pool { pool, field, alias } => return Ok(self.member(*pool, *alias).get(*field).cloned()),
            Recipe::Pattern(pattern) => Value::from(self.pattern(pattern)),
            Recipe::Integer { min, step, count } => {
                let steps = i64::try_from(self.stream.below(*count)).unwrap_or(0);
                Value::from(min.saturating_add(steps.saturating_mul(*step)))
            }
            Recipe::LogNormal(shape, decimals) => {
                let number = number::log_normal(shape, &mut self.stream);
                self.number(number, *decimals)?
            }
            Recipe::Uniform(shape, decimals) => self.uniform(shape, *decimals)?,
            Recipe::Date(offset) => Value::from(self.date(offset)?.to_string()),
            Recipe::Time(offset) => self.time(offset)?,
            Recipe::Identifier(format) => {
                let stream = &mut self.stream;
                Value::from(format.synthetic(&mut |count| u32::try_from(stream.below(u64::from(count))).unwrap_or(0)))
            }
            Recipe::Expr(expression, decimals) => self.expression(expression, *decimals)?,
            Recipe::List { of, min, max } => self.list(of, *min, *max)?,
            Recipe::Object(steps) => self.object(steps)?,
            Recipe::Mix(weights, parts) => {
                let part = weights.choose(&mut self.stream);
                return self.make(&parts[part]);
            }
            Recipe::Choose(cases, otherwise) => return self.choose(cases, otherwise),
            Recipe::Text(pieces) => Value::from(self.text(pieces)?),
            Recipe::Maybe(share, of) => {
                let is_there = self.stream.unit() < *share;
                return if is_there { self.make(of) } else { Ok(None) };
            }
            Recipe::Whole(of) => return Ok(self.make(of)?.map(whole)),
        };
        Ok(Some(value))
    }

    fn member(&mut self, pool: usize, alias: Option<&'p str>) -> &'s Member {
        let members = &self.members[pool];
        let weights = &self.plan.pools[pool].weights;
        let stream = &mut self.stream;
        &members[self.picks.member(pool, alias, members.len(), || weights.choose(stream))]
    }

    fn pattern(&mut self, pattern: &str) -> String {
        let mut letter = |from: u8, count: u64| char::from(from + u8::try_from(self.stream.below(count)).unwrap_or(0));
        let characters = pattern.chars().map(|c| match c {
            '#' => letter(b'0', 10),
            '@' => letter(b'A', 26),
            _ => c,
        });
        characters.collect()
    }

    fn uniform(&mut self, shape: &Uniform, decimals: Decimals<'p>) -> Outcome<Value> {
        let number = shape.min + (shape.max - shape.min) * self.stream.unit();
        let rounded = decimals.round(number, &self.scope).unwrap_or(number);
        self.number(rounded.clamp(shape.min, shape.max), decimals)
    }

    fn number(&self, number: f64, decimals: Decimals<'p>) -> Outcome<Value> {
        let rounded = decimals.round(number, &self.scope).and_then(number::json);
        rounded.ok_or_else(|| {
            self.fault(SeedProblem::Number {
                what: "the result",
                must: "a finite number",
            })
        })
    }

    fn date(&mut self, offset: &DateOffset) -> Outcome<NaiveDate> {
        let from = match &offset.from {
            None => self.today,
            Some(name) => self.date_of(name)?,
        };
        let days = self.stream.between(offset.min, offset.max);
        let calendar = offset.calendar.as_ref().and_then(|name| self.plan.calendars.get(name));
        let date = match calendar {
            Some(calendar) => Some(calendar.add_business_days(from, days)),
            None => shift(from, days),
        };
        date.ok_or_else(|| self.fault(SeedProblem::DateRange))
    }

    fn date_of(&self, name: &str) -> Outcome<NaiveDate> {
        let value = self.scope.get(name).unwrap_or(&Value::Null);
        value.as_str().and_then(parse_date).ok_or_else(|| {
            self.fault(SeedProblem::NotADate {
                name: name.to_owned(),
                value: value.to_string(),
            })
        })
    }

    fn time(&mut self, offset: &TimeOffset) -> Outcome<Value> {
        const MINUTE: i64 = 60_000;
        let (min, max) = (offset.min_minutes.saturating_mul(MINUTE), offset.max_minutes.saturating_mul(MINUTE));
        let later = TimeDelta::try_milliseconds(self.stream.between(min, max));
        let at = later.and_then(|later| self.created.checked_add_signed(later));
        at.map(|at| Value::from(timestamp(at)))
            .ok_or_else(|| self.fault(SeedProblem::DateRange))
    }

    fn expression(&self, expression: &Expression, decimals: Decimals<'p>) -> Outcome<Value> {
        let value = expression
            .evaluate(&self.plan.context, &self.scope)
            .map_err(|problem| self.fault(problem))?;
        match value.as_f64() {
            Some(number) => self.number(number, decimals),
            None => Ok(value),
        }
    }

    /// Different values, as many as are found with few attempts in vain.
    fn list(&mut self, of: &'s Recipe<'p>, min: u32, max: u32) -> Outcome<Value> {
        let length = usize::try_from(self.stream.between(i64::from(min), i64::from(max))).unwrap_or(0);
        let mut items = Vec::with_capacity(length);
        let mut in_vain = 0;
        while items.len() < length && in_vain < ATTEMPTS {
            let frame = self.picks.enter();
            let item = self.make(of)?;
            self.picks.leave(frame);
            match item.filter(|item| !items.contains(item)) {
                Some(item) => items.push(item),
                None => in_vain += 1,
            }
        }
        Ok(Value::Array(items))
    }

    fn object(&mut self, steps: &'s [Step<'p>]) -> Outcome<Value> {
        let mark = self.scope.enter();
        let pointer = self.pointer;
        let fields = self.fields(steps)?;
        self.pointer = pointer;
        self.scope.leave(mark);
        Ok(Value::Object(fields))
    }

    fn choose(&mut self, cases: &'s [(Expression, Recipe<'p>)], otherwise: &'s Recipe<'p>) -> Outcome<Option<Value>> {
        for (condition, recipe) in cases {
            let holds = condition
                .holds(&self.plan.context, &self.scope)
                .map_err(|problem| self.fault(problem))?;
            if holds {
                return self.make(recipe);
            }
        }
        self.make(otherwise)
    }

    fn text(&self, pieces: &[Piece<'p>]) -> Outcome<String> {
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Plain(plain) => text.push_str(plain),
                Piece::Value(name) => text.push_str(&self.scope.get(name).map(display).unwrap_or_default()),
            }
            budget::check(text.len()).map_err(|problem| self.fault(problem))?;
        }
        Ok(text)
    }

    fn fault(&self, problem: SeedProblem) -> SeedFault {
        SeedFault {
            pointer: self.pointer.to_owned(),
            problem,
        }
    }
}

/// The nearest whole number of a number; other values as they are.
fn whole(value: Value) -> Value {
    let rounded = value.as_f64().map(|number| number::round(number, 0)).and_then(number::json);
    rounded.unwrap_or(value)
}

/// A value within a text.
fn display(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(display).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
