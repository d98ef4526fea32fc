//! Lets a history happen: whatever comes next in time is decided where everything stands then.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    exception::{Arrival, OnConflict, Received, Sender},
    fault::Fault,
    intake::RawException,
    lived::Lived,
    member::DisplayName,
    pack::Pack,
    reception::{Arriving, Known, Reception},
    role::Role,
    standing::{FOLDED, Standing},
    status::Status,
    triage::triage,
    work::{Case, Command, Decision, decide, tick},
};
use serde_json::value::to_raw_value;

use super::{
    figures::Figures,
    occasion::{self, Occasion},
    people::People,
    story::{Story, Turn},
    temper::{Share, Temper},
    view::View,
};
use crate::{
    SeedFault, SeedRun, Seeder,
    series::{Series, Span},
};

/// Why there is no history.
#[derive(Debug, thiserror::Error)]
pub enum HistoryFault {
    /// The pack makes no exceptions.
    #[error(transparent)]
    Seed(#[from] SeedFault),
    /// The pack refuses what it makes itself.
    #[error("the pack refuses what its seed makes: {}", told(.0))]
    Refused(Vec<Fault>),
    /// What was made cannot be written.
    #[error("an exception is no JSON: {0}")]
    Unreadable(#[from] serde_json::Error),
}

/// What is to come, in the order in which it happens at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Rings,
    Arrives,
    Acts,
}

/// When, what, which exception, and of its turns which.
type Entry = Reverse<(DateTime<Utc>, What, usize, u32)>;

/// An exception that was received.
struct Living {
    standing: Standing,
    story: Story,
    received_at: DateTime<Utc>,
    is_repetition: bool,
    turn: u32,
    planned: Option<Turn>,
}

/// A history that is happening.
pub struct Life<'s, 'p> {
    series: Series<'s, 'p>,
    pack: Arc<Pack>,
    people: People,
    end: DateTime<Utc>,
    occasions: Vec<Occasion>,
    living: Vec<Option<Living>>,
    places: HashMap<String, usize>,
    by_fingerprint: HashMap<String, Vec<usize>>,
    wholes: HashSet<String>,
    agenda: BinaryHeap<Entry>,
    figures: Figures,
}

impl<'p> Seeder<'p> {
    /// Starts a history of the days before the as-of time; `pack` is the one whose document this seeder has.
    pub fn live(&self, pack: &Arc<Pack>, run: &SeedRun, days: u16) -> Result<Life<'_, 'p>, SeedFault> {
        let span = Span {
            window: TimeDelta::days(i64::from(days)),
            prefix: "history ",
        };
        let series = Series::new(self, run, span)?;
        let occasions = occasion::all(&series, run.as_of);
        let arrivals = occasions.iter().enumerate();
        Ok(Life {
            people: People::of(&run.tenant),
            end: run.as_of,
            agenda: arrivals
                .map(|(place, occasion)| Reverse((occasion.received_at, What::Arrives, place, 0)))
                .collect(),
            living: occasions.iter().map(|_| None).collect(),
            places: HashMap::new(),
            by_fingerprint: HashMap::new(),
            wholes: HashSet::new(),
            figures: Figures::default(),
            pack: Arc::clone(pack),
            series,
            occasions,
        })
    }
}

impl Iterator for Life<'_, '_> {
    type Item = Result<Lived, HistoryFault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Reverse((at, what, place, turn)) = self.agenda.pop()?;
            if at > self.end {
                self.agenda.clear();
                return None;
            }
            let lived = match what {
                What::Arrives => return Some(self.arrive(place)),
                What::Rings => self.ring(place, at),
                What::Acts => self.act(place, turn),
            };
            if let Some(decision) = lived {
                return Some(Ok(Lived::Decided(Box::new(decision))));
            }
        }
    }
}

impl Life<'_, '_> {
    /// Ids of all its exceptions.
    pub fn ids(&self) -> Vec<String> {
        self.occasions.iter().map(|occasion| self.series.id_of(occasion.index)).collect()
    }

    /// Those who work in it, with their roles.
    pub fn members(&self) -> Vec<(DisplayName, Role)> {
        self.people.all()
    }

    /// How many exceptions are received in all.
    pub fn len(&self) -> usize {
        self.occasions.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.occasions.is_empty()
    }

    /// What it came to so far.
    pub fn figures(&self) -> Figures {
        let mut figures = self.figures.clone();
        for living in self.living.iter().flatten() {
            figures.ends(&living.standing, self.end);
        }
        figures.complete()
    }

    fn arrive(&mut self, place: usize) -> Result<Lived, HistoryFault> {
        let occasion = self.occasions[place].clone();
        let made = self
            .series
            .make_like(occasion.index, occasion.of, occasion.created_at, occasion.like)?;
        let raw = RawException::parse(&to_raw_value(&made.body())?).map_err(HistoryFault::Refused)?;
        let triaged = triage(&raw, &self.pack, occasion.received_at).map_err(HistoryFault::Refused)?;
        let arrival = Arrival {
            at: occasion.received_at,
            sender: Sender::Source([raw.source_system.clone()].into()),
            on_conflict: OnConflict::Refuse,
        };
        let id = raw.exception_id.clone().ok_or(HistoryFault::Refused(Vec::new()))?;
        let received = Received::new(id, raw, triaged, &self.pack, arrival);
        let known = self.known(received.triaged.fingerprint.as_deref());
        let arriving = Arriving::Exception(Box::new(received));
        let mut reception = Reception::new(known.iter().cloned());
        // A new id is never refused.
        drop(reception.take(&arriving));
        self.figures.happened(&reception.events);
        let outcome: Vec<_> = reception
            .outcome()
            .map(|entry| (entry.now.clone(), entry.recurrence_of.is_some()))
            .collect();
        for (standing, is_repetition) in outcome {
            match self.places.get(&standing.exception_id) {
                Some(known) => self.stands(*known, standing, occasion.received_at),
                None => self.begin(place, standing, is_repetition),
            }
        }
        Ok(Lived::Received {
            arriving: Box::new(arriving),
            known,
        })
    }

    /// What reception asks about a fingerprint: the open exception that came first, repetitions last, and the one resolved last.
    fn known(&self, fingerprint: Option<&str>) -> Vec<Known> {
        let places = fingerprint.and_then(|fingerprint| self.by_fingerprint.get(fingerprint));
        let all = || places.into_iter().flatten().filter_map(|place| self.living[*place].as_ref());
        let is_open = |living: &&Living| living.standing.cell.status != Status::Resolved;
        let open = all()
            .filter(is_open)
            .min_by_key(|living| (living.is_repetition, living.received_at));
        let done = all()
            .filter(|living| !is_open(living) && living.standing.resolution.as_deref() != Some(FOLDED))
            .max_by_key(|living| living.standing.resolved_at);
        open.into_iter()
            .chain(done)
            .map(|living| Known {
                standing: living.standing.clone(),
                content: None,
                last_event_at: None,
            })
            .collect()
    }

    /// A new exception: from now on people work on it.
    fn begin(&mut self, place: usize, standing: Standing, is_repetition: bool) {
        let occasion = &self.occasions[place];
        let kind = self.pack.exception_type(&standing.cell.exception_type);
        let deadlines = kind.map(|kind| kind.policy.deadlines(&self.pack, standing.cell.severity, standing.created_at, &[]));
        let Some(deadlines) = deadlines else { return };
        let mut common = self.series.stream("pace", occasion.whole.unwrap_or(occasion.index));
        let mut own = self.series.stream("story", occasion.index);
        let share = if occasion.whole.is_some() { Share::Part } else { Share::Whole };
        let codes = (common.unit(), common.unit());
        let temper = Temper::draw(share, deadlines.durations, &mut common, &mut own);
        let whole = occasion.whole.map(|whole| self.series.id_of(whole));
        let received_at = occasion.received_at;
        self.places.insert(standing.exception_id.clone(), place);
        if let Some(fingerprint) = &standing.fingerprint {
            self.by_fingerprint.entry(fingerprint.clone()).or_default().push(place);
        }
        self.living[place] = Some(Living {
            story: Story::new(temper, codes, whole, own),
            received_at,
            is_repetition,
            turn: 0,
            planned: None,
            standing: standing.clone(),
        });
        self.stands(place, standing, received_at);
    }

    /// An exception stands otherwise: its clock is set and what people do next is planned.
    fn stands(&mut self, place: usize, now: Standing, at: DateTime<Utc>) {
        let Some(living) = &mut self.living[place] else { return };
        living.standing = now;
        if let Some(alarm) = living.standing.alarm_at {
            self.agenda.push(Reverse((alarm, What::Rings, place, 0)));
        }
        let view = View {
            pack: &self.pack,
            people: &self.people,
            standing: &living.standing,
            at,
        };
        living.turn += 1;
        living.planned = living.story.next(&view);
        if let Some(turn) = &living.planned {
            self.agenda.push(Reverse((turn.at, What::Acts, place, living.turn)));
        }
    }

    /// The clock tells what it has to tell.
    fn ring(&mut self, place: usize, at: DateTime<Utc>) -> Option<Decision> {
        let living = self.living[place].as_mut().filter(|living| living.standing.alarm_at == Some(at))?;
        let decision = tick(&case(living, &self.pack), at)?;
        self.figures.happened(&decision.events);
        let (before, now) = (&decision.before, &decision.now);
        if before.cell == now.cell && before.work.owner == now.work.owner {
            // Nothing that people plan by.
            living.standing = now.clone();
            if let Some(alarm) = now.alarm_at {
                self.agenda.push(Reverse((alarm, What::Rings, place, 0)));
            }
        } else {
            self.stands(place, now.clone(), at);
        }
        Some(decision)
    }

    /// Somebody does what they meant to.
    fn act(&mut self, place: usize, turn: u32) -> Option<Decision> {
        let living = self.living[place].as_ref().filter(|living| living.turn == turn)?;
        let Turn { at, by, command } = living.planned.clone()?;
        let mut case = case(living, &self.pack);
        if let Command::Link { parent } = &command {
            let whole = self.places.get(parent).and_then(|place| self.living[*place].as_ref());
            case.parent_is_part = whole.map(|whole| whole.standing.work.parent.is_some());
            case.has_parts = self.wholes.contains(&living.standing.exception_id);
        }
        let decided = decide(&case, &command, &by, at);
        let Ok(decision) = decided else {
            self.figures.not_done += 1;
            let standing = living.standing.clone();
            if let Some(living) = &mut self.living[place] {
                living.story.refused();
            }
            self.stands(place, standing, at);
            return None;
        };
        if let Command::Link { parent } = command {
            self.wholes.insert(parent);
        }
        self.figures.happened(&decision.events);
        self.stands(place, decision.now.clone(), at);
        Some(decision)
    }
}

fn told(faults: &[Fault]) -> String {
    let told: Vec<String> = faults
        .iter()
        .map(|fault| format!("{} at {}", fault.message, fault.pointer))
        .collect();
    told.join("; ")
}

fn case<'c>(living: &'c Living, pack: &'c Pack) -> Case<'c> {
    Case {
        standing: living.standing.clone(),
        pack,
        parent_is_part: None,
        has_parts: false,
        last_event_at: None,
    }
}
