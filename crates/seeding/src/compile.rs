//! From the generators of a document to recipes: every name is resolved and every range checked here.

use domain::pack::{
    document::{FieldDocument, FieldType},
    seed::{Choose, DateOffset, Generator, IntegerRange, ListOf, LogNormal, MixPart, PoolRef, Uniform},
};
use indexmap::IndexMap;
use serde_json::Value;
use std::collections::BTreeSet;

use crate::{
    expression::Expression,
    fault::{SeedFault, SeedProblem, join},
    functions::Calendars,
    number::Decimals,
    plan::PoolPlan,
    recipe::{Piece, Recipe, Step, pieces},
    stream::Weights,
};

/// Most decimals a double can carry beside a sensible number of digits before the point.
const MOST_DECIMALS: u8 = 9;
/// A longer list is a mistake.
const LONGEST_LIST: u32 = 1000;

/// Declared fields of a type or of an object field.
pub(crate) type Declared<'p> = Option<&'p IndexMap<String, FieldDocument>>;

/// Compiles generators that see the same values and pools.
pub(crate) struct Compiler<'c, 'p> {
    /// Calendars a date may name.
    pub(crate) calendars: &'c Calendars,
    /// Pools that may be used.
    pub(crate) pools: &'c [PoolPlan<'p>],
    /// Names of the values made so far.
    pub(crate) known: Vec<&'p str>,
    /// Pools and aliases used outside lists.
    pub(crate) members: BTreeSet<(usize, Option<&'p str>)>,
    pub(crate) faults: Vec<SeedFault>,
    /// Place in the document of the generator at work.
    pointer: String,
}

type Outcome<T> = Result<T, SeedProblem>;

impl<'c, 'p> Compiler<'c, 'p> {
    pub(crate) fn new(calendars: &'c Calendars, pools: &'c [PoolPlan<'p>]) -> Self {
        Compiler {
            calendars,
            pools,
            known: vec!["created"],
            members: BTreeSet::new(),
            faults: Vec::new(),
            pointer: String::new(),
        }
    }

    /// Compiles named generators in their order; what fails becomes a fault and its name is known all the same.
    pub(crate) fn steps(&mut self, fields: &'p IndexMap<String, Generator>, declared: Declared<'p>, pointer: &str) -> Vec<Step<'p>> {
        let mut steps = Vec::with_capacity(fields.len());
        for (name, generator) in fields {
            let pointer = join(pointer, name);
            self.pointer.clone_from(&pointer);
            let field = declared.and_then(|fields| fields.get(name));
            match self.recipe(generator, field) {
                Ok(recipe) => steps.push(Step { name, recipe, pointer }),
                Err(problem) => self.faults.push(SeedFault {
                    pointer: self.pointer.clone(),
                    problem,
                }),
            }
            self.known.push(name);
        }
        steps
    }

    fn recipe(&mut self, generator: &'p Generator, field: Option<&'p FieldDocument>) -> Outcome<Recipe<'p>> {
        let recipe = match generator {
            Generator::Const(value) => Recipe::Const(value),
            Generator::Pick(values) => pick(values)?,
            Generator::PickWeighted(values) => pick_weighted(values)?,
            Generator::Pool(reference) => self.pool(reference)?,
            Generator::Pattern(pattern) => Recipe::Pattern(pattern),
            Generator::Integer(range) => integer(range)?,
            Generator::LogNormal(shape) => self.log_normal(shape)?,
            Generator::Uniform(shape) => self.uniform(shape)?,
            Generator::Date(offset) => self.date(offset)?,
            Generator::Time(offset) => {
                in_order(offset.min_minutes <= offset.max_minutes, "minMinutes", "maxMinutes")?;
                Recipe::Time(offset)
            }
            Generator::Identifier(format) => Recipe::Identifier(*format),
            Generator::Expr(expr) => {
                let decimals = self.decimals(expr.decimals, expr.currency.as_deref())?;
                Recipe::Expr(self.expression(&expr.is)?, decimals)
            }
            Generator::List(list) => self.list(list, field)?,
            Generator::Object(fields) => self.object(fields, field),
            Generator::Mix(parts) => self.mix(parts, field)?,
            Generator::Choose(choose) => self.choose(choose, field)?,
            Generator::Text(text) => self.text(text)?,
            Generator::Maybe(maybe) => {
                must((0.0..=1.0).contains(&maybe.share), "share", "from 0 to 1")?;
                Recipe::Maybe(maybe.share, Box::new(self.recipe(&maybe.then, field)?))
            }
        };
        let is_whole = field.is_some_and(|field| field.kind == FieldType::Integer);
        Ok(if is_whole { Recipe::Whole(Box::new(recipe)) } else { recipe })
    }

    fn pool(&mut self, reference: &'p PoolRef) -> Outcome<Recipe<'p>> {
        let pool = self.pools.iter().position(|pool| pool.name == reference.from);
        let pool = pool.ok_or_else(|| unknown("pool here", &reference.from))?;
        if !self.pools[pool].has(&reference.field) {
            return Err(unknown("attribute of every member", &reference.field));
        }
        let alias = reference.alias.as_deref();
        self.members.insert((pool, alias));
        Ok(Recipe::Pool {
            pool,
            field: &reference.field,
            alias,
        })
    }

    fn log_normal(&self, shape: &'p LogNormal) -> Outcome<Recipe<'p>> {
        must(shape.median > 0.0 && shape.median.is_finite(), "median", "above 0")?;
        must(shape.p95 >= shape.median && shape.p95.is_finite(), "p95", "at least the median")?;
        in_order(shape.min <= shape.median, "min", "median")?;
        in_order(shape.median <= shape.max && shape.max.is_finite(), "median", "max")?;
        must(
            shape.multiple_of.is_none_or(|lot| lot > 0.0 && lot.is_finite()),
            "multipleOf",
            "above 0",
        )?;
        Ok(Recipe::LogNormal(
            shape,
            self.decimals(Some(shape.decimals), shape.currency.as_deref())?,
        ))
    }

    fn uniform(&self, shape: &'p Uniform) -> Outcome<Recipe<'p>> {
        must(shape.min.is_finite() && shape.max.is_finite(), "min and max", "finite")?;
        in_order(shape.min <= shape.max, "min", "max")?;
        Ok(Recipe::Uniform(
            shape,
            self.decimals(Some(shape.decimals), shape.currency.as_deref())?,
        ))
    }

    fn date(&self, offset: &'p DateOffset) -> Outcome<Recipe<'p>> {
        in_order(offset.min <= offset.max, "min", "max")?;
        if let Some(name) = &offset.from {
            self.value(name)?;
        }
        match &offset.calendar {
            Some(name) if !self.calendars.contains_key(name) => Err(unknown("calendar", name)),
            _ => Ok(Recipe::Date(offset)),
        }
    }

    fn list(&mut self, list: &'p ListOf, field: Option<&'p FieldDocument>) -> Outcome<Recipe<'p>> {
        in_order(list.min <= list.max, "min", "max")?;
        must(list.max <= LONGEST_LIST, "max", "at most 1000")?;
        let items = field.and_then(|field| field.items.as_deref());
        let outside = self.members.clone();
        let of = Box::new(self.recipe(&list.of, items)?);
        self.members = outside;
        Ok(Recipe::List {
            of,
            min: list.min,
            max: list.max,
        })
    }

    fn object(&mut self, fields: &'p IndexMap<String, Generator>, field: Option<&'p FieldDocument>) -> Recipe<'p> {
        let outside = self.known.len();
        let pointer = self.pointer.clone();
        let steps = self.steps(fields, field.and_then(|field| field.fields.as_ref()), &pointer);
        self.pointer = pointer;
        self.known.truncate(outside);
        Recipe::Object(steps)
    }

    fn mix(&mut self, parts: &'p [MixPart], field: Option<&'p FieldDocument>) -> Outcome<Recipe<'p>> {
        let weights = Weights::new(parts.iter().map(|part| part.weight)).ok_or(SeedProblem::Weights)?;
        let recipes = parts.iter().map(|part| self.recipe(&part.then, field));
        Ok(Recipe::Mix(weights, recipes.collect::<Outcome<_>>()?))
    }

    fn choose(&mut self, choose: &'p Choose, field: Option<&'p FieldDocument>) -> Outcome<Recipe<'p>> {
        let mut cases = Vec::new();
        for case in &choose.cases {
            cases.push((self.expression(&case.condition)?, self.recipe(&case.then, field)?));
        }
        Ok(Recipe::Choose(cases, Box::new(self.recipe(&choose.otherwise, field)?)))
    }

    fn text(&self, text: &'p str) -> Outcome<Recipe<'p>> {
        let pieces = pieces(text).ok_or_else(|| SeedProblem::OpenPlaceholder(text.to_owned()))?;
        for piece in &pieces {
            if let Piece::Value(name) = piece {
                self.value(name)?;
            }
        }
        Ok(Recipe::Text(pieces))
    }

    fn expression(&self, source: &str) -> Outcome<Expression> {
        Expression::compile(source, &self.known)
    }

    fn decimals(&self, decimals: Option<u8>, currency: Option<&'p str>) -> Outcome<Decimals<'p>> {
        if let Some(name) = currency {
            self.value(name)?;
            return Ok(Decimals::Currency(name));
        }
        must(decimals.is_none_or(|decimals| decimals <= MOST_DECIMALS), "decimals", "at most 9")?;
        Ok(decimals.map_or(Decimals::Free, Decimals::Fixed))
    }

    /// Refuses a name, or a path that begins with it, of which no value is made before.
    fn value(&self, path: &str) -> Outcome<()> {
        let name = path.split('.').next().unwrap_or_default();
        if self.known.contains(&name) {
            return Ok(());
        }
        Err(SeedProblem::UnknownValue { name: path.to_owned() })
    }
}

fn pick(values: &[Value]) -> Outcome<Recipe<'_>> {
    if values.is_empty() {
        return Err(SeedProblem::NothingToChoose);
    }
    Ok(Recipe::Pick(values))
}

fn pick_weighted(values: &IndexMap<String, f64>) -> Outcome<Recipe<'_>> {
    let weights = Weights::new(values.values().copied()).ok_or(SeedProblem::Weights)?;
    Ok(Recipe::PickWeighted(values.keys().map(String::as_str).collect(), weights))
}

fn integer<'p>(range: &IntegerRange) -> Outcome<Recipe<'p>> {
    let step = range.step.unwrap_or(1);
    in_order(range.min <= range.max, "min", "max")?;
    must(step > 0, "step", "above 0")?;
    Ok(Recipe::Integer {
        min: range.min,
        step,
        count: (range.max.abs_diff(range.min) / step.unsigned_abs()).saturating_add(1),
    })
}

fn unknown(what: &'static str, name: &str) -> SeedProblem {
    SeedProblem::Unknown {
        what,
        name: name.to_owned(),
    }
}

fn in_order(is_so: bool, what: &'static str, than: &'static str) -> Outcome<()> {
    if is_so {
        Ok(())
    } else {
        Err(SeedProblem::EmptyRange { what, than })
    }
}

fn must(is_so: bool, what: &'static str, must: &'static str) -> Outcome<()> {
    if is_so { Ok(()) } else { Err(SeedProblem::Number { what, must }) }
}
