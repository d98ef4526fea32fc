//! Whether a command is allowed here, by this person, as it is.

use chrono::TimeDelta;

use super::{Draft, Refused};
use crate::{
    fault::Fault,
    pack::{ExceptionType, document::CodeDocument},
    role::Role,
    status::Status,
    work::{Command, allowed},
};

/// Longest text of a command, in characters.
const LONGEST: usize = 10_000;
/// Longest name of somebody, or of an exception, in characters.
const LONGEST_NAME: usize = 200;
/// Shortest an exception waits: the least that the database tells apart.
const SHORTEST_WAIT: TimeDelta = TimeDelta::microseconds(1);
/// Longest an exception waits at once.
const LONGEST_WAIT: TimeDelta = TimeDelta::days(366);

/// Refuses what may not be.
pub fn check(draft: &Draft<'_, '_>, command: &Command) -> Result<(), Refused> {
    let status = draft.now.cell.status;
    let verbs = allowed(status, draft.now.work.pending.as_ref());
    if !verbs.contains(&command.verb()) {
        return Err(Refused::NotNow { status, allowed: verbs });
    }
    well_formed(draft, command)?;
    ownership(draft, command)?;
    state(draft, command)
}

fn well_formed(draft: &Draft<'_, '_>, command: &Command) -> Result<(), Refused> {
    let mut faults = Vec::new();
    for (name, text) in command.texts() {
        let longest = if matches!(name, "owner" | "parent") {
            LONGEST_NAME
        } else {
            LONGEST
        };
        if text.trim().is_empty() {
            faults.push(Fault::at(format!("/{name}"), "empty", "write at least a word"));
        } else if text.contains('\0') {
            faults.push(Fault::at(format!("/{name}"), "unreadable", "a NUL character cannot be kept"));
        } else if text.chars().count() > longest {
            faults.push(Fault::at(format!("/{name}"), "too-long", format!("at most {longest} characters")));
        }
    }
    faults.extend(codes(draft, command));
    if faults.is_empty() { Ok(()) } else { Err(Refused::Invalid(faults)) }
}

/// Codes the pack must know, times that must lie ahead.
fn codes(draft: &Draft<'_, '_>, command: &Command) -> Vec<Fault> {
    let pack = draft.case.pack;
    let document = pack.document();
    let kind = pack.exception_type(&draft.now.cell.exception_type);
    let mut faults = Vec::new();
    match command {
        Command::Wait { reason, until, .. } => {
            faults.extend(unknown("/reason", reason, document.waiting_reasons.keys()));
            if *until - draft.at < SHORTEST_WAIT || *until - draft.at > LONGEST_WAIT {
                faults.push(Fault::at("/until", "not-ahead", "until when lies ahead, at most a year"));
            }
        }
        Command::Move { queue, .. } => faults.extend(unknown("/queue", queue, document.queues.keys())),
        Command::Resolve {
            resolution, root_cause, ..
        } => {
            faults.extend(unknown("/resolution", resolution, list(kind, |kind| &kind.document.resolutions)));
            faults.extend(unknown("/rootCause", root_cause, list(kind, |kind| &kind.document.root_causes)));
        }
        Command::CompleteStep { step, note } => {
            let found = kind.and_then(|kind| pack.playbook(&kind.document.playbook)?.steps.iter().find(|known| known.id == *step));
            match found {
                None => faults.push(Fault::at("/step", "unknown", format!("its playbook has no step '{step}'"))),
                Some(found) if !found.evidence.is_empty() && note.is_none() => {
                    faults.push(Fault::at("/note", "missing", format!("write down: {}", found.evidence.join(", "))));
                }
                Some(_) => {}
            }
        }
        Command::SkipStep { step, .. } => {
            let known = kind.and_then(|kind| pack.playbook(&kind.document.playbook));
            if !known.is_some_and(|playbook| playbook.steps.iter().any(|known| known.id == *step)) {
                faults.push(Fault::at("/step", "unknown", format!("its playbook has no step '{step}'")));
            }
        }
        Command::Snooze { until, .. } => faults.extend(business_day(draft, *until)),
        _ => {}
    }
    faults
}

fn list<'k>(kind: Option<&'k ExceptionType>, of: fn(&'k ExceptionType) -> &'k Vec<CodeDocument>) -> impl Iterator<Item = &'k String> {
    kind.into_iter().flat_map(of).map(|code| &code.code)
}

fn unknown<'n>(pointer: &str, given: &str, known: impl Iterator<Item = &'n String>) -> Option<Fault> {
    let known: Vec<&str> = known.map(String::as_str).collect();
    (!known.contains(&given)).then(|| Fault::at(pointer, "unknown", format!("'{given}' is none of {}", known.join(", "))))
}

fn business_day(draft: &Draft<'_, '_>, until: chrono::NaiveDate) -> Option<Fault> {
    let today = draft.case.today(draft.at);
    if until <= today || (until - today) > LONGEST_WAIT {
        return Some(Fault::at("/until", "not-ahead", "until when lies ahead, at most a year"));
    }
    let calendar = draft.case.calendar()?;
    (!calendar.is_business_day(until)).then(|| {
        let next = calendar.add_business_days(until, 1);
        Fault::at(
            "/until",
            "no-business-day",
            format!("{until} is no business day here; the next one is {next}"),
        )
    })
}

/// What belongs to somebody is theirs, and their supervisors'.
fn ownership(draft: &Draft<'_, '_>, command: &Command) -> Result<(), Refused> {
    let leads = draft.by.role >= Role::Supervisor;
    if let Command::Move { .. } = command
        && !leads
    {
        return Err(Refused::RoleTooWeak {
            needed: Role::Supervisor,
            has: draft.by.role,
        });
    }
    let of_owner = matches!(
        command,
        Command::Claim
            | Command::Start
            | Command::Assign { .. }
            | Command::Release
            | Command::HandBack { .. }
            | Command::Wait { .. }
            | Command::Resume
            | Command::Resolve { .. }
            | Command::CompleteStep { .. }
            | Command::SkipStep { .. }
            | Command::Snooze { .. }
            | Command::Wake
    );
    match &draft.now.work.owner {
        Some(owner) if of_owner && !leads && *owner != draft.by.member_id() => Err(Refused::Owned { owner: owner.clone() }),
        _ => Ok(()),
    }
}

/// What the exception itself stands against.
fn state(draft: &Draft<'_, '_>, command: &Command) -> Result<(), Refused> {
    let (now, by) = (&draft.now, draft.by);
    let work = &now.work;
    let conflict = |text: &str| Err(Refused::Conflict(text.to_owned()));
    match command {
        Command::Claim if work.owner.as_deref() == Some(by.member_id()) && now.cell.status != Status::Open => {
            conflict("it is yours already")
        }
        Command::Start if work.owner.as_deref() != Some(by.member_id()) => conflict("it is not yours: claim it"),
        Command::Assign { owner } if work.owner.as_ref() == Some(owner) => conflict("it is theirs already"),
        Command::Release if work.owner.is_none() => conflict("nobody has it"),
        Command::HandBack { .. } if work.previous_queue.is_none() => conflict("it came from no other queue: release it"),
        Command::ChangeSeverity { severity, .. } if *severity == now.cell.severity => conflict("that is its severity already"),
        Command::Move { queue, .. } if *queue == now.cell.queue => conflict("it is in that queue already"),
        Command::Link { parent } if *parent == now.exception_id => conflict("it cannot be a part of itself"),
        Command::Link { parent } if work.parent.as_ref() == Some(parent) => conflict("it is a part of that already"),
        Command::Link { .. } if draft.case.has_parts => conflict("it has parts itself: unlink them first"),
        Command::Link { parent } => match draft.case.parent_is_part {
            None => Err(Refused::Invalid(vec![Fault::at(
                "/parent",
                "unknown",
                format!("there is no exception {parent}"),
            )])),
            Some(true) => conflict("that one is a part itself: link it to the whole"),
            Some(false) => Ok(()),
        },
        Command::Unlink if work.parent.is_none() => conflict("it is no part of another one"),
        Command::Wake if work.snoozed_until.is_none() => conflict("it is not snoozed"),
        Command::Grant { .. } | Command::Refuse { .. } | Command::Withdraw => second_person(draft, command),
        _ => Ok(()),
    }
}

/// Whoever asks never decides, whatever their role; nobody else takes back what they asked.
fn second_person(draft: &Draft<'_, '_>, command: &Command) -> Result<(), Refused> {
    let Some(pending) = &draft.now.work.pending else {
        return Err(Refused::Conflict("nothing waits for a decision".to_owned()));
    };
    let own = pending.by == draft.by.name;
    match command {
        Command::Withdraw if own => Ok(()),
        Command::Withdraw => Err(Refused::NotTheirRequest { by: pending.by.clone() }),
        _ if own => Err(Refused::OwnRequest),
        _ if draft.by.role < pending.approver => Err(Refused::RoleTooWeak {
            needed: pending.approver,
            has: draft.by.role,
        }),
        _ => Ok(()),
    }
}
