//! Who works in a history: a handful of people per tenant, the same ones whatever the seed.

use domain::{
    ids::MemberId,
    member::{DisplayName, actor},
    role::Role,
    work::{Actor, Pending},
};

use crate::stream::{Stream, Streams, Weights};

/// How many of the people are operators, and behind them supervisors; the next one is the administrator.
const OPERATORS: usize = 6;
const LEADS: usize = 2;
/// How unevenly work is shared: most of a queue is done by few.
const SHARE: f64 = 1.1;

/// Display names; nobody real.
const NAMES: [&str; 20] = [
    "amelia.okafor",
    "ben.lindqvist",
    "carla.moretti",
    "dev.banerjee",
    "elena.sokolova",
    "felix.baumann",
    "grace.nakamura",
    "hugo.lefevre",
    "ines.carvalho",
    "jonas.weber",
    "kira.novak",
    "liam.gallagher",
    "maria.santos",
    "noor.haddad",
    "oscar.jensen",
    "priya.raman",
    "quentin.dubois",
    "rosa.jimenez",
    "sven.dahl",
    "tara.mcbride",
];

/// The people of a tenant.
pub(super) struct People {
    operators: Vec<Actor>,
    /// Supervisors, then the administrator.
    leads: Vec<Actor>,
    names: Vec<(DisplayName, Role)>,
    weights: Weights,
}

impl People {
    pub(super) fn of(tenant: &str) -> Self {
        let streams = Streams {
            seed: 0,
            tenant: tenant.to_owned(),
            prefix: "history ",
        };
        let mut names = NAMES;
        streams.stream("people", 0).shuffle(&mut names);
        let role = |place| match place {
            0..OPERATORS => Role::Operator,
            place if place < OPERATORS + LEADS => Role::Supervisor,
            _ => Role::Admin,
        };
        let mut people = names.iter().enumerate().map(|(place, name)| Actor {
            name: actor(MemberId::of_name(name, 1).as_str()),
            role: role(place),
        });
        Self {
            operators: people.by_ref().take(OPERATORS).collect(),
            leads: people.take(LEADS + 1).collect(),
            names: names
                .iter()
                .take(OPERATORS + LEADS + 1)
                .enumerate()
                .filter_map(|(place, name)| Some((name.parse().ok()?, role(place))))
                .collect(),
            weights: Weights::zipf(OPERATORS, SHARE).unwrap_or_else(Weights::single),
        }
    }

    /// Somebody who works a queue, by its place in the pack: each queue has others who do most of it.
    pub(super) fn operator(&self, queue: usize, stream: &mut Stream) -> &Actor {
        let place = self.weights.choose(stream) + queue;
        &self.operators[place % self.operators.len()]
    }

    /// A supervisor.
    pub(super) fn lead(&self, stream: &mut Stream) -> &Actor {
        &self.leads[stream.index(LEADS)]
    }

    /// Somebody who may decide a request: not who asked, and of a role that is strong enough.
    pub(super) fn decider(&self, pending: &Pending, stream: &mut Stream) -> Option<&Actor> {
        let able = |actor: &&Actor| actor.name != pending.by && actor.role >= pending.approver;
        let able: Vec<&Actor> = self.leads.iter().filter(able).collect();
        (!able.is_empty()).then(|| able[stream.index(able.len())])
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<(DisplayName, Role)> {
        self.names.clone()
    }

    /// Somebody by their member id.
    pub(super) fn named(&self, member_id: &str) -> Option<&Actor> {
        self.operators
            .iter()
            .chain(&self.leads)
            .find(|actor| actor.member_id() == member_id)
    }
}
