//! Entry point: checks a pack's seed part once, then starts runs.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{expression::on_deep_stack, pack::document::PackDocument};

use crate::{
    exception::{SeedRun, SeededException},
    fault::SeedFault,
    plan::Plan,
    series::{Series, WEEK},
};

/// Exceptions of each type that a check makes for trial.
const TRIALS: u32 = 16;

/// Makes exceptions of one pack.
pub struct Seeder<'p> {
    pub(crate) pack: &'p PackDocument,
    pub(crate) plan: Plan<'p>,
}

impl<'p> Seeder<'p> {
    /// Compiles the seed part of the pack; the error is the first of [`Seeder::faults`].
    pub fn new(pack: &'p PackDocument) -> Result<Self, SeedFault> {
        let (plan, faults) = plan(pack);
        let seeder = Seeder { pack, plan };
        let first = faults.into_iter().next().or_else(|| seeder.trial().into_iter().next());
        first.map_or(Ok(seeder), Err)
    }

    /// Everything that is wrong with the seed part of the pack: first what can be seen without running it; if that is
    /// nothing, what a trial of every type shows.
    pub fn faults(pack: &'p PackDocument) -> Vec<SeedFault> {
        let (plan, faults) = plan(pack);
        if faults.is_empty() { Seeder { pack, plan }.trial() } else { faults }
    }

    /// Prepares a run: makes the pools and chooses the types.
    ///
    /// Fails only where an expression fails for values that no trial has met.
    pub fn start(&self, run: &SeedRun) -> Result<Series<'_, 'p>, SeedFault> {
        Series::new(self, run, WEEK)
    }

    /// All exceptions of a run.
    pub fn generate(&self, run: &SeedRun) -> Result<Vec<SeededException>, SeedFault> {
        self.start(run)?.iter().collect()
    }

    fn trial(&self) -> Vec<SeedFault> {
        let as_of = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_468);
        let run = SeedRun {
            tenant: "trial".to_owned(),
            seed: 0,
            as_of,
            count: 0,
        };
        let series = match self.start(&run) {
            Ok(series) => series,
            Err(fault) => return vec![fault],
        };
        let types = 0..self.plan.types.len();
        types
            .filter_map(|of| (0..TRIALS).find_map(|index| series.make(index, of).err()))
            .collect()
    }
}

/// Compiles all expressions on one deep stack; where there is no thread for it, each finds its own.
fn plan(pack: &PackDocument) -> (Plan<'_>, Vec<SeedFault>) {
    on_deep_stack(|| Plan::new(pack)).unwrap_or_else(|_| Plan::new(pack))
}
