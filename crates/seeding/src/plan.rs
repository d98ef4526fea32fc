//! The seed part of a pack, compiled: pools, profiles and types.

use std::{collections::BTreeMap, sync::Arc};

use cel::Context;
use domain::{
    calendar::Calendar,
    pack::{
        document::{PackDocument, TypeDocument},
        seed::{SeedDocument, SeedPool},
    },
};
use serde_json::{Map, Value};

use crate::{
    compile::Compiler,
    fault::{SeedFault, SeedProblem, join},
    functions::{self, Calendars},
    recipe::{Recipe, Step},
    schedule::Profile,
    stream::Weights,
};

/// A larger pool is a mistake.
const LARGEST_POOL: u32 = 100_000;

/// What is needed to make exceptions.
pub(crate) struct Plan<'p> {
    pub(crate) calendars: Calendars,
    /// Parent of the contexts of all expressions.
    pub(crate) context: Context<'static, 'static>,
    /// In the order of the document; a pool uses only earlier ones.
    pub(crate) pools: Vec<PoolPlan<'p>>,
    /// Types with a weight above 0, in the order of the document.
    pub(crate) types: Vec<TypePlan<'p>>,
    /// Their weights.
    pub(crate) weights: Option<Weights>,
}

/// A pool.
#[derive(Debug)]
pub(crate) struct PoolPlan<'p> {
    pub(crate) name: &'p str,
    /// Members written out.
    pub(crate) members: &'p [Map<String, Value>],
    /// Number of members to make.
    pub(crate) made: u32,
    pub(crate) steps: Vec<Step<'p>>,
    pub(crate) weights: Weights,
}

/// A type.
pub(crate) struct TypePlan<'p> {
    pub(crate) name: &'p str,
    pub(crate) document: &'p TypeDocument,
    pub(crate) profile: Profile,
    pub(crate) sources: Vec<&'p str>,
    pub(crate) source_weights: Weights,
    pub(crate) fields: Vec<Step<'p>>,
    pub(crate) context: Vec<Step<'p>>,
}

impl PoolPlan<'_> {
    /// Whether every member has the attribute.
    pub(crate) fn has(&self, field: &str) -> bool {
        let made = self.made == 0 || self.steps.iter().any(|step| step.name == field);
        made && self.members.iter().all(|member| member.contains_key(field))
    }
}

impl<'p> Plan<'p> {
    /// Compiles what can be compiled and lists everything that is wrong.
    pub(crate) fn new(pack: &'p PackDocument) -> (Self, Vec<SeedFault>) {
        let mut faults = Vec::new();
        let calendars = calendars(pack, &mut faults);
        let mut pools = Vec::new();
        for (name, pool) in &pack.seed_pools {
            match self::pool(&calendars, &pools, name, pool, &mut faults) {
                Ok(plan) => pools.push(plan),
                Err(fault) => faults.push(fault),
            }
        }
        let types = types(pack, &calendars, &pools, &mut faults);
        let weights = types
            .iter()
            .filter_map(|plan| plan.document.seed.as_ref())
            .map(|seed| f64::from(seed.weight));
        let weights = Weights::new(weights);
        if weights.is_none() && faults.is_empty() {
            faults.push(fault("/exceptionTypes", SeedProblem::NothingToSeed));
        }
        let context = functions::context(&calendars);
        (
            Plan {
                calendars,
                context,
                pools,
                types,
                weights,
            },
            faults,
        )
    }
}

fn calendars(pack: &PackDocument, faults: &mut Vec<SeedFault>) -> Calendars {
    let mut calendars = BTreeMap::new();
    for (name, document) in &pack.calendars {
        match Calendar::new(document) {
            Ok(calendar) => {
                calendars.insert(name.clone(), calendar);
            }
            Err(problem) => faults.push(fault(&join("/calendars", name), SeedProblem::Calendar(problem))),
        }
    }
    Arc::new(calendars)
}

/// Types with a weight; one of weight 0 is checked all the same.
fn types<'p>(pack: &'p PackDocument, calendars: &Calendars, pools: &[PoolPlan<'p>], faults: &mut Vec<SeedFault>) -> Vec<TypePlan<'p>> {
    let mut types = Vec::new();
    for (name, document) in &pack.exception_types {
        let Some(seed) = &document.seed else {
            continue;
        };
        let pointer = join("/exceptionTypes", name) + "/seed";
        let builder = TypeBuilder {
            pack,
            calendars,
            pools,
            pointer,
        };
        match builder.build(name, document, seed, faults) {
            Ok(plan) if seed.weight > 0 => types.push(plan),
            Ok(_) => {}
            Err(fault) => faults.push(fault),
        }
    }
    types
}

fn pool<'p>(
    calendars: &Calendars,
    earlier: &[PoolPlan<'p>],
    name: &'p str,
    pool: &'p SeedPool,
    faults: &mut Vec<SeedFault>,
) -> Result<PoolPlan<'p>, SeedFault> {
    let pointer = join("/seedPools", name);
    if !(pool.zipf >= 0.0 && pool.zipf.is_finite()) {
        let problem = SeedProblem::Number {
            what: "zipf",
            must: "0 or more",
        };
        return Err(fault(&join(&pointer, "zipf"), problem));
    }
    let made = pool.size.unwrap_or(0);
    if made > LARGEST_POOL {
        let problem = SeedProblem::Number {
            what: "size",
            must: "at most 100000",
        };
        return Err(fault(&join(&pointer, "size"), problem));
    }
    let size = pool.members.len() + made as usize;
    let weights = Weights::zipf(size, pool.zipf).ok_or_else(|| fault(&pointer, SeedProblem::NothingToChoose))?;
    let mut compiler = Compiler::new(calendars, earlier);
    let steps = compiler.steps(&pool.fields, None, &join(&pointer, "fields"));
    faults.append(&mut compiler.faults);
    Ok(PoolPlan {
        name,
        members: &pool.members,
        made,
        steps,
        weights,
    })
}

/// What a type is compiled with.
struct TypeBuilder<'c, 'p> {
    pack: &'p PackDocument,
    calendars: &'c Calendars,
    pools: &'c [PoolPlan<'p>],
    pointer: String,
}

impl<'p> TypeBuilder<'_, 'p> {
    fn build(
        &self,
        name: &'p str,
        document: &'p TypeDocument,
        seed: &'p SeedDocument,
        faults: &mut Vec<SeedFault>,
    ) -> Result<TypePlan<'p>, SeedFault> {
        let mut compiler = Compiler::new(self.calendars, self.pools);
        let fields = compiler.steps(&seed.fields, Some(&document.fields), &join(&self.pointer, "fields"));
        let context = compiler.steps(&seed.context, None, &join(&self.pointer, "context"));
        faults.append(&mut compiler.faults);
        for (index, pool) in self.pools.iter().enumerate() {
            let needed = compiler.members.iter().filter(|(pool, _)| *pool == index).count();
            if needed > pool.weights.len() {
                let problem = SeedProblem::SmallPool {
                    pool: pool.name.to_owned(),
                    needed,
                };
                faults.push(fault(&self.pointer, problem));
            }
        }
        self.required(document, seed, &fields, faults);
        let source_weights = self.sources(seed, faults)?;
        let profile = self.profile(seed)?;
        let sources = seed.sources.keys().map(String::as_str).collect();
        Ok(TypePlan {
            name,
            document,
            profile,
            sources,
            source_weights,
            fields,
            context,
        })
    }

    fn profile(&self, seed: &SeedDocument) -> Result<Profile, SeedFault> {
        let profile = self.pack.seed_profiles.get(&seed.profile).ok_or_else(|| {
            let problem = SeedProblem::Unknown {
                what: "seed profile",
                name: seed.profile.clone(),
            };
            fault(&join(&self.pointer, "profile"), problem)
        })?;
        Profile::new(profile, self.calendars, &join("/seedProfiles", &seed.profile))
    }

    fn sources(&self, seed: &SeedDocument, faults: &mut Vec<SeedFault>) -> Result<Weights, SeedFault> {
        let pointer = join(&self.pointer, "sources");
        for name in seed.sources.keys().filter(|name| !self.pack.source_systems.contains(name)) {
            let problem = SeedProblem::Unknown {
                what: "source system",
                name: name.clone(),
            };
            faults.push(fault(&join(&pointer, name), problem));
        }
        let weights = Weights::new(seed.sources.values().map(|weight| f64::from(*weight)));
        weights.ok_or_else(|| fault(&pointer, SeedProblem::Weights))
    }

    /// What intake would refuse to be without must always be made.
    fn required(&self, document: &TypeDocument, seed: &SeedDocument, fields: &[Step<'_>], faults: &mut Vec<SeedFault>) {
        let required = document.fields.iter().filter(|(_, field)| field.required).map(|(name, _)| name);
        for name in required {
            let step = fields.iter().find(|step| step.name == name);
            let is_certain = step.is_some_and(|step| !may_be_absent(&step.recipe));
            let is_reported = step.is_none() && seed.fields.contains_key(name);
            if !is_certain && !is_reported {
                let problem = SeedProblem::RequiredField { name: name.clone() };
                faults.push(fault(&join(&self.pointer, "fields"), problem));
            }
        }
    }
}

fn may_be_absent(recipe: &Recipe<'_>) -> bool {
    match recipe {
        Recipe::Maybe(share, of) => *share < 1.0 || may_be_absent(of),
        Recipe::Whole(of) => may_be_absent(of),
        Recipe::Mix(_, parts) => parts.iter().any(may_be_absent),
        Recipe::Choose(cases, otherwise) => cases.iter().any(|(_, of)| may_be_absent(of)) || may_be_absent(otherwise),
        _ => false,
    }
}

pub(crate) fn fault(pointer: &str, problem: SeedProblem) -> SeedFault {
    SeedFault {
        pointer: pointer.to_owned(),
        problem,
    }
}
