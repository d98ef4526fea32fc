//! What people write in a history. No word of any business: what is named comes from the pack.

use domain::pack::{ExceptionType, Pack};

use super::command::place;
use crate::stream::Stream;

const COMMENTS: [&str; 12] = [
    "Looked at it first: **{field}** is what does not agree.",
    "{field} checked against the source, the difference stands. Reference {ref}.",
    "Asked {party} for details in writing, reference {ref}.",
    "Called {party}; they expect to answer today.",
    "No answer from {party} yet. Chased again, reference {ref}.",
    "Evidence is filed under {ref}.",
    "The same pattern was here before; worth a look at the cause.",
    "{party} confirms our side. Next: the correction.",
    "Correction is entered, waiting for it to come through.",
    "Hand-over: all is prepared, what is missing is the answer of {party}.",
    "Went through the steps again:\n\n- {field} is right now\n- the rest was right before",
    "Not urgent for {party}, but for us: said so, reference {ref}.",
];
const ESCALATIONS: [&str; 4] = [
    "The deadline will not hold without help.",
    "No answer after two reminders.",
    "This needs a decision that is not ours.",
    "The amount is too large to go on alone.",
];
const HAND_BACKS: [&str; 3] = [
    "The way is clear now: please go on with it.",
    "This can be done where it came from.",
    "Spoke to the other side, they answer to you directly.",
];
const SKIPS: [&str; 2] = ["Does not apply here.", "Was done already with the exception before."];
const SEVERITIES: [&str; 3] = [
    "More is at stake than it seemed.",
    "Others depend on it today.",
    "Less is at stake than the rule assumes.",
];
const SNOOZES: [&str; 2] = ["Nothing can be done before that day.", "The other side is closed until then."];
const REOPENINGS: [&str; 3] = [
    "The correction did not hold.",
    "Closed too early: the other side has not confirmed.",
    "The difference is back in today's figures.",
];
const GRANTS: [&str; 3] = ["Looked at the evidence: agreed.", "Agreed, within what we may give up.", "Agreed."];
const REFUSALS: [&str; 3] = [
    "The evidence is missing.",
    "Try the correction first.",
    "Not before the other side has confirmed.",
];
const NOTES: [&str; 4] = [
    "Confirmed by {party}, reference {ref}.",
    "{field} agrees now.",
    "See {ref}.",
    "Done together with {party}.",
];

/// Who writes about what.
pub(super) struct Words<'w> {
    pub(super) pack: &'w Pack,
    pub(super) kind: Option<&'w ExceptionType>,
    /// Chooses whom it depends on, from 0 to 1.
    pub(super) party: f64,
    pub(super) stream: &'w mut Stream,
}

impl Words<'_> {
    pub(super) fn comment(&mut self) -> String {
        self.one_of(&COMMENTS)
    }

    pub(super) fn escalation(&mut self) -> String {
        self.one_of(&ESCALATIONS)
    }

    pub(super) fn hand_back(&mut self) -> String {
        self.one_of(&HAND_BACKS)
    }

    pub(super) fn skip(&mut self) -> String {
        self.one_of(&SKIPS)
    }

    /// The last of the reasons is that of a lower one.
    pub(super) fn severity(&mut self, is_lower: bool) -> String {
        let (lower, higher) = (&SEVERITIES[2..], &SEVERITIES[..2]);
        self.one_of(if is_lower { lower } else { higher })
    }

    pub(super) fn snooze(&mut self) -> String {
        self.one_of(&SNOOZES)
    }

    pub(super) fn reopening(&mut self) -> String {
        self.one_of(&REOPENINGS)
    }

    pub(super) fn grant(&mut self) -> String {
        self.one_of(&GRANTS)
    }

    pub(super) fn refusal(&mut self) -> String {
        self.one_of(&REFUSALS)
    }

    pub(super) fn note(&mut self) -> String {
        self.one_of(&NOTES)
    }

    /// Evidence of a step.
    pub(super) fn evidence(&mut self, what: &str) -> String {
        let reference = self.reference();
        format!("{what}: {reference}")
    }

    fn reference(&mut self) -> String {
        format!("REF-{:05}", self.stream.below(100_000))
    }

    fn one_of(&mut self, texts: &[&str]) -> String {
        let text = texts[self.stream.index(texts.len())];
        let mut text = text.replace("{ref}", &self.reference());
        if text.contains("{party}") {
            text = text.replace("{party}", &self.party());
        }
        if text.contains("{field}") {
            text = text.replace("{field}", &self.field());
        }
        text
    }

    /// Whom this exception depends on: always the same, and of those that stop its clock where there are any.
    fn party(&self) -> String {
        let all = &self.pack.document().waiting_reasons;
        let pauses = |reason: &str| self.kind.is_some_and(|kind| kind.policy.pauses_on(reason));
        let pausing: Vec<&String> = all.iter().filter(|(reason, _)| pauses(reason)).map(|(_, label)| label).collect();
        let labels = if pausing.is_empty() { all.values().collect() } else { pausing };
        labels
            .get(place(self.party, labels.len()))
            .map_or_else(|| "the other side".to_owned(), |label| (*label).clone())
    }

    /// A field of the type, by its label: what it holds is nobody's business here.
    fn field(&mut self) -> String {
        let fields = self.kind.map(|kind| &kind.document.fields);
        let place = self.stream.index(fields.map_or(0, indexmap::IndexMap::len));
        fields
            .and_then(|fields| fields.get_index(place))
            .map_or_else(|| "The value".to_owned(), |(_, field)| field.label.clone())
    }
}
