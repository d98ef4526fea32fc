//! How one exception is worked, drawn when it is received: how fast, by what detours, and how it ends.
//!
//! The shares are those of a desk that is run well: most is done the same day, a twelfth too late, a tail stays.

use chrono::TimeDelta;
use domain::clock::Durations;

use crate::stream::{Stream, Weights};

/// Something that somebody means to do while working on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    Comment,
    Step,
    /// To wait for somebody, for so many business days.
    Wait(i64),
    Escalate,
    Assign,
    Release,
    Severity,
    Snooze,
    Link,
    Resolve,
}

/// How an exception goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// In time.
    Swift,
    /// Too late.
    Late,
    /// Somebody else takes long.
    Slow,
    /// It stays.
    Stuck,
}

/// How one exception is worked.
#[derive(Debug)]
pub(super) struct Temper {
    /// Working time until somebody takes it.
    pub(super) respond: TimeDelta,
    /// What is done then, each after so much working time.
    pub(super) todo: Vec<(TimeDelta, Intent)>,
    /// Whether it is opened again by somebody.
    pub(super) reopens: bool,
    /// Whether nobody is in a hurry, not even where it was escalated to.
    pub(super) lies: bool,
}

/// Kind of exception: of an incident, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    Whole,
    Part,
}

impl Temper {
    /// Draws one. `common` is the same for the parts of an incident, `own` is not.
    pub(super) fn draw(share: Share, durations: Durations, common: &mut Stream, own: &mut Stream) -> Self {
        let pace = Pace::draw(common);
        let total = portion(durations.resolve, pace.length(common));
        let lies = pace == Pace::Stuck && own.unit() < 0.6;
        let respond = portion(durations.respond, lateness(own)).min(portion(total, 0.6));
        let respond = if lies { portion(total, 0.5) } else { respond };
        let intents = intents(share, pace, durations, own);
        let weights: Vec<f64> = intents.iter().map(|_| own.unit() + 0.2).collect();
        let sum: f64 = weights.iter().sum();
        let work = total - respond;
        Self {
            respond,
            todo: weights.iter().map(|weight| portion(work, weight / sum)).zip(intents).collect(),
            reopens: share == Share::Whole && own.unit() < 0.02,
            lies,
        }
    }
}

impl Pace {
    fn draw(stream: &mut Stream) -> Self {
        match stream.unit() {
            at if at < 0.92 => Pace::Swift,
            at if at < 0.975 => Pace::Late,
            at if at < 0.991 => Pace::Slow,
            _ => Pace::Stuck,
        }
    }

    /// Working time until it is resolved, as a share of the time it has.
    fn length(self, stream: &mut Stream) -> f64 {
        match self {
            Pace::Swift => libm::exp(libm::log(0.25) + 0.65 * stream.normal()).clamp(0.04, 0.9),
            Pace::Late => 1.02 + libm::exp(libm::log(0.8) + 0.8 * stream.normal()).min(12.0),
            Pace::Slow => 0.7,
            Pace::Stuck => 8.0 + 30.0 * stream.unit(),
        }
    }
}

/// Time until somebody takes it, as a share of the time there is.
fn lateness(stream: &mut Stream) -> f64 {
    match stream.unit() {
        at if at < 0.93 => 0.04 + 0.85 * stream.unit(),
        at if at < 0.985 => 1.05 + 2.0 * stream.unit(),
        _ => 5.0 + 10.0 * stream.unit(),
    }
}

/// What is done, in order; the last is to resolve it.
fn intents(share: Share, pace: Pace, durations: Durations, stream: &mut Stream) -> Vec<Intent> {
    if share == Share::Part {
        return vec![Intent::Link, Intent::Resolve];
    }
    let mut intents = vec![Intent::Comment; comments(pace, stream)];
    intents.extend(vec![Intent::Step; stream.index(4)]);
    let mut sometimes = |chance: f64, intent: Intent, stream: &mut Stream| {
        if stream.unit() < chance {
            intents.push(intent);
        }
    };
    let days = waits(pace, stream);
    sometimes(if pace == Pace::Swift { 0.22 } else { 0.75 }, Intent::Wait(days), stream);
    sometimes(0.06, Intent::Assign, stream);
    sometimes(0.015, Intent::Release, stream);
    sometimes(0.04, Intent::Severity, stream);
    // What is due soon is not hidden.
    let is_long = durations.resolve >= TimeDelta::hours(16);
    sometimes(if is_long { 0.05 } else { 0.0 }, Intent::Snooze, stream);
    sometimes(if pace == Pace::Swift { 0.02 } else { 0.4 }, Intent::Escalate, stream);
    stream.shuffle(&mut intents);
    intents.push(Intent::Resolve);
    intents
}

fn comments(pace: Pace, stream: &mut Stream) -> usize {
    let weights = Weights::new([45.0, 30.0, 9.0, 7.0, 4.0, 3.0, 2.0]);
    let drawn = weights.map_or(0, |weights| weights.choose(stream));
    if pace == Pace::Swift { drawn } else { drawn + 2 }
}

/// Business days that are waited at most.
fn waits(pace: Pace, stream: &mut Stream) -> i64 {
    match pace {
        Pace::Slow | Pace::Stuck => stream.between(5, 12),
        _ => [0, 0, 0, 1, 1, 1, 1, 2, 2, 4][stream.index(10)],
    }
}

/// A share of a time, in milliseconds; at least a second.
pub(super) fn portion(time: TimeDelta, share: f64) -> TimeDelta {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "milliseconds of at most years"
    )]
    let milliseconds = (time.num_milliseconds() as f64 * share) as i64;
    TimeDelta::milliseconds(milliseconds.max(1_000))
}
