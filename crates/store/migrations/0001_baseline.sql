-- The baseline schema. Rules it keeps (tests hold them):
-- * tenant_id is text and comes first in every key and index of a tenant table; what is unique across tenants lives in shared tables.
-- * Every tenant table has forced row-level security with a bare expression as its policy, and no triggers.
-- * Tenant rows are filtered and sorted only by types whose comparison functions are leakproof (text, smallint, bigint, timestamptz,
--   date, bytea; not enums, numeric or arrays): under row-level security no other condition can lead to rows through an index.
-- * Whole values that are only read back are json, not jsonb: they are kept as written.
-- * Privileges are granted in one place, at the end of this file.

---------------------------------------------------------------------------------------------------------------- shared tables

create table tenant (
    tenant_id       text primary key,
    name            text not null,
    domain          text not null,
    suspended_at    timestamptz,
    quarantine_days integer not null default 30 check (quarantine_days between 1 and 3650),
    rate_per_second integer check (rate_per_second > 0),
    rate_burst      integer check (rate_burst > 0),
    created_at      timestamptz not null,
    constraint tenant_rate check ((rate_per_second is null) = (rate_burst is null) and rate_burst >= rate_per_second)
);
comment on table tenant is 'Tenants that share this installation. Shared: every request reads it before its tenant is known.';
comment on column tenant.tenant_id is 'Letters, digits, _ and -, at most 64.';
comment on column tenant.name is 'Display name.';
comment on column tenant.domain is 'Domain whose active pack triages what this tenant receives.';
comment on column tenant.suspended_at is 'Time since which all requests of the tenant are refused (UTC); null while it is active.';
comment on column tenant.quarantine_days is 'Days for which quarantined objects are kept after they were last received.';
comment on column tenant.rate_per_second is 'Sustained request rate limit; null for no limit.';
comment on column tenant.rate_burst is 'Requests allowed at once after a pause; null as rate_per_second is.';
comment on column tenant.created_at is 'Time of creation (UTC).';

create table domain_pack (
    domain      text not null,
    version     text not null,
    document    text not null,
    sha256      bytea not null,
    imported_at timestamptz not null,
    primary key (domain, version)
);
comment on table domain_pack is 'Imported domain packs. Immutable: a change is a new version.';
comment on column domain_pack.domain is 'Name of the domain.';
comment on column domain_pack.version is 'Semantic version.';
comment on column domain_pack.document is 'The pack as its author wrote it.';
comment on column domain_pack.sha256 is 'SHA-256 of the document.';
comment on column domain_pack.imported_at is 'Time of the import (UTC).';

create table access_key (
    key_id       text primary key,
    key_hash     bytea not null unique,
    tenant_id    text not null references tenant,
    member_id    text,
    sources      text[],
    created_at   timestamptz not null,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz,
    constraint access_key_holder check ((member_id is null) <> (sources is null) and cardinality(sources) > 0)
);
comment on table access_key is 'API keys of members and of source systems. Shared: the key identifies the tenant, so it is looked up before the tenant is known.';
comment on column access_key.key_id is 'Public id of the key: its first characters.';
comment on column access_key.key_hash is 'SHA-256 of the key; the key itself is shown once and not stored.';
comment on column access_key.tenant_id is 'Tenant the key belongs to.';
comment on column access_key.member_id is 'Member who holds the key; null for a source key.';
comment on column access_key.sources is 'Source systems that submit, revise and clear with the key; null for the key of a member.';
comment on column access_key.created_at is 'Time of creation (UTC).';
comment on column access_key.expires_at is 'Time of expiry (UTC); null for never.';
comment on column access_key.revoked_at is 'Time of revocation (UTC); null while the key is valid.';
comment on column access_key.last_used_at is 'Last use, to about a minute (UTC).';

create table desk_session (
    session_hash bytea primary key,
    key_id       text not null references access_key,
    created_at   timestamptz not null,
    expires_at   timestamptz not null
);
create index desk_session_expiry on desk_session (expires_at);
comment on table desk_session is 'Login sessions of the desk. Shared, as keys are.';
comment on column desk_session.session_hash is 'SHA-256 of the cookie.';
comment on column desk_session.key_id is 'Key the session was opened with; the session ends with it.';
comment on column desk_session.created_at is 'Time of the login (UTC).';
comment on column desk_session.expires_at is 'Time of expiry (UTC).';

---------------------------------------------------------------------------------------------------------------- members and packs

create table member (
    tenant_id    text not null,
    member_id    text not null,
    display_name text not null check (char_length(display_name) between 1 and 80),
    folded_name  text not null,
    role         text not null check (role in ('viewer', 'operator', 'supervisor', 'admin')),
    created_at   timestamptz not null,
    primary key (tenant_id, member_id),
    constraint member_display_name unique (tenant_id, display_name),
    constraint member_folded_name unique (tenant_id, folded_name)
);
comment on table member is 'People who work for a tenant. A member holds any number of keys; maker and checker are compared by member.';
comment on column member.tenant_id is 'The tenant.';
comment on column member.member_id is 'Id: the name at creation in lower case with hyphens, numbered where it was taken.';
comment on column member.display_name is 'Name for people, unique within the tenant.';
comment on column member.folded_name is 'The name without regard to letter case; unique as well.';
comment on column member.role is 'viewer reads, operator works exceptions, supervisor approves, admin administers the tenant.';
comment on column member.created_at is 'Time of creation (UTC).';

create table pack_activation (
    tenant_id    text not null,
    activation   bigint not null,
    domain       text not null,
    version      text not null,
    activated_at timestamptz not null,
    activated_by text not null,
    primary key (tenant_id, activation)
);
create index pack_activation_latest on pack_activation (tenant_id, domain, activation desc);
comment on table pack_activation is 'Pack versions a tenant uses: the newest row per domain is active. Append-only.';
comment on column pack_activation.tenant_id is 'The tenant.';
comment on column pack_activation.activation is 'Number of the activation within the tenant, from 1.';
comment on column pack_activation.domain is 'Name of the domain.';
comment on column pack_activation.version is 'Version of the pack.';
comment on column pack_activation.activated_at is 'Time of the activation (UTC).';
comment on column pack_activation.activated_by is 'Actor who activated it.';

---------------------------------------------------------------------------------------------------------------- exceptions

create table exception (
    tenant_id              text not null,
    exception_id           text not null,
    -- Triage.
    domain                 text not null,
    pack_version           text not null,
    exception_type         text not null,
    severity               text not null check (severity in ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
    severity_rank          smallint not null generated always as
                           (case severity when 'LOW' then 1 when 'MEDIUM' then 2 when 'HIGH' then 3 when 'CRITICAL' then 4 end) stored,
    claimed_severity       text,
    severity_changed       boolean not null generated always as
                           (coalesce(workflow -> 'severityChange' ->> 'to' = severity, false)) stored,
    severity_rule          smallint,
    failed_severity_rules  smallint[],
    routing_rule           smallint,
    failed_routing_rules   smallint[],
    title                  text not null,
    source_system          text not null,
    fingerprint            text,
    finding_count          smallint not null,
    -- Exposure.
    exposure_minor         bigint,
    exposure_currency      text,
    highest_exposure_minor bigint,
    -- Workflow.
    status                 text not null check (status in ('OPEN', 'IN_PROGRESS', 'WAITING', 'PENDING_APPROVAL', 'RESOLVED')),
    queue                  text not null,
    owner                  text,
    waiting_reason         text,
    snoozed_until          timestamptz,
    escalation             smallint not null,
    resolution             text,
    root_cause             text,
    parent_id              text,
    recurrence_of          text,
    -- Times.
    created_at             timestamptz not null,
    received_at            timestamptz not null,
    respond_due_at         timestamptz not null,
    due_at                 timestamptz not null,
    breached_at            timestamptz,
    resolved_at            timestamptz,
    next_timer_at          timestamptz,
    aged_from              date not null,
    -- Concurrency, counting and search.
    version                bigint not null,
    content_hash           bytea not null,
    facet_bucket           bigint not null,
    search_terms           tsvector not null,
    -- Whole values.
    entities               json not null,
    other_reasons          json,
    findings               json not null,
    workflow               json,
    raw_payload            json not null,
    normalized_context     json not null,
    envelope               json not null,
    primary key (tenant_id, exception_id)
);
comment on table exception is 'Business exceptions of a tenant.';
comment on column exception.tenant_id is 'The tenant.';
comment on column exception.exception_id is 'Id given by the source, else assigned by us; unique within the tenant.';
comment on column exception.domain is 'Domain of the pack that triaged it.';
comment on column exception.pack_version is 'Version of the pack that triaged it.';
comment on column exception.exception_type is 'Exception type of the pack.';
comment on column exception.severity is 'Severity decided by the pack, or set by a member.';
comment on column exception.severity_rank is 'Severity as a number to sort by: LOW is 1, CRITICAL is 4.';
comment on column exception.claimed_severity is 'Severity the source claimed; not used for decisions.';
comment on column exception.severity_changed is 'Whether the severity was set by a member or raised by a repetition, and no rule has replaced it since.';
comment on column exception.severity_rule is 'Number of the severity rule that decided, from 1; null where the default of the type did.';
comment on column exception.failed_severity_rules is 'Numbers of the severity rules that failed to evaluate; null where none did.';
comment on column exception.routing_rule is 'Number of the routing rule that decided, from 1; null where the default of the type did.';
comment on column exception.failed_routing_rules is 'Numbers of the routing rules that failed to evaluate; null where none did.';
comment on column exception.title is 'One line that says what is wrong.';
comment on column exception.source_system is 'Source system that sent it.';
comment on column exception.fingerprint is 'Hash of the values that identify the underlying problem; null where one of them is missing.';
comment on column exception.finding_count is 'Number of findings.';
comment on column exception.exposure_minor is 'Amount at risk in minor units of the currency; null where the type has none.';
comment on column exception.exposure_currency is 'Currency of the exposure (ISO 4217); null where it is not known.';
comment on column exception.highest_exposure_minor is 'Highest exposure ever received, in minor units; a revision never lowers it.';
comment on column exception.status is 'Workflow status.';
comment on column exception.queue is 'Queue it is assigned to.';
comment on column exception.owner is 'Member id of the owner; null for none.';
comment on column exception.waiting_reason is 'Code of what it waits for; null unless the status is WAITING.';
comment on column exception.snoozed_until is 'Time until which Next does not offer it (UTC); null for now.';
comment on column exception.escalation is 'Number of escalations.';
comment on column exception.resolution is 'Resolution code; null while it is unresolved.';
comment on column exception.root_cause is 'Root cause code, set with the resolution.';
comment on column exception.parent_id is 'Parent exception; null for none.';
comment on column exception.recurrence_of is 'Exception it is a recurrence of; null for none.';
comment on column exception.created_at is 'Time at which it arose at its source (UTC).';
comment on column exception.received_at is 'Time of receipt by our clock (UTC).';
comment on column exception.respond_due_at is 'Deadline for the first response (UTC).';
comment on column exception.due_at is 'Deadline for the resolution (UTC).';
comment on column exception.breached_at is 'Time at which the deadline for the resolution was breached (UTC); null where it was not.';
comment on column exception.resolved_at is 'Time of the resolution (UTC); null while it is unresolved.';
comment on column exception.next_timer_at is 'Time at which its next timer fires (UTC): a deadline or the end of a wait; null for never.';
comment on column exception.aged_from is 'Day from which its age is counted.';
comment on column exception.version is 'Number of changes, from 1; the ETag.';
comment on column exception.content_hash is 'SHA-256 of the submitted object in canonical form: tells a duplicate from a change.';
comment on column exception.facet_bucket is 'First 64 bits of the SHA-256 of status, severity, type, queue and source system.';
comment on column exception.search_terms is 'Words and field values to search by, each with a prefix of the tenant.';
comment on column exception.entities is 'Business entities it concerns: [[field, label, value]].';
comment on column exception.other_reasons is 'Reasons that are not rules of the pack, as for a recurrence: [{about, value, because}]; null for none.';
comment on column exception.findings is 'Data quality findings: [{pointer, code, message}].';
comment on column exception.workflow is 'State of the workflow beyond the columns: wait, pauses, completed steps, pending approval, last change of severity; null while nobody has touched it.';
comment on column exception.raw_payload is 'rawPayload, exactly as sent.';
comment on column exception.normalized_context is 'normalizedContext, exactly as sent.';
comment on column exception.envelope is 'The other members of the submitted object, as sent.';
-- A row of some kB is kept as it is: compressing it would take longer than writing it.
alter table exception set (toast_tuple_target = 8160);

create index exception_created on exception (tenant_id, created_at, exception_id);
create index exception_due on exception (tenant_id, due_at, exception_id);
create index exception_bucket_created on exception (tenant_id, facet_bucket, created_at, exception_id);
create index exception_bucket_due on exception (tenant_id, facet_bucket, due_at, exception_id);
create index exception_owner on exception (tenant_id, owner, due_at, exception_id) where owner is not null;
create index exception_exposure on exception (tenant_id, exposure_minor, exception_id) where exposure_minor is not null;
create index exception_breach on exception (tenant_id, breached_at, exception_id) where breached_at is not null;
create index exception_resolved on exception (tenant_id, resolved_at) where resolved_at is not null;
-- Rows that few are.
create index exception_resolution on exception (tenant_id, resolution) where resolution is not null;
create index exception_root_cause on exception (tenant_id, root_cause) where root_cause is not null;
create index exception_escalated on exception (tenant_id, escalation) where escalation > 0;
create index exception_severity_changed on exception (tenant_id, severity_changed) where severity_changed;
-- First occurrences come first: recurrences are linked to them, not to each other.
create index exception_open_fingerprint on exception (tenant_id, fingerprint, (recurrence_of is not null), received_at)
    where fingerprint is not null and resolved_at is null;
-- A folded recurrence was never a problem of its own: it does not stand in the way of the one resolved last.
create index exception_resolved_fingerprint on exception (tenant_id, fingerprint, resolved_at)
    where fingerprint is not null and resolved_at is not null and resolution <> 'FOLDED';
create index exception_recurrence on exception (tenant_id, recurrence_of, exception_id) where recurrence_of is not null;
create index exception_parent on exception (tenant_id, parent_id, exception_id) where parent_id is not null;
create index exception_timer on exception (tenant_id, next_timer_at) where next_timer_at is not null;
create index exception_age on exception (tenant_id, exception_type, aged_from) where resolved_at is null;
-- The one index without the tenant in front: its terms carry the tenant. sought_exceptions reads it. New terms wait in its pending list until
-- merge_search_terms sorts them in, beside the transactions that submit exceptions; a search reads the list as well.
create index exception_search_terms on exception using gin (search_terms) with (fastupdate = on, gin_pending_list_limit = 65536);

-- A facet bucket is a combination of status, severity, type, queue and source system. An installation has some hundreds, and every filter
-- over these selects whole buckets: lists merge index ranges of buckets, counts add up their counters. Ids of buckets are hashes, so
-- writers agree on them without asking anybody.
create table facet_count (
    tenant_id      text not null,
    facet_bucket   bigint not null,
    status         text not null,
    severity       text not null,
    exception_type text not null,
    queue          text not null,
    source_system  text not null,
    exceptions     bigint not null,
    primary key (tenant_id, facet_bucket)
) with (fillfactor = 50);
comment on table facet_count is 'Facet buckets of a tenant and the number of exceptions in each, kept by whoever changes an exception.';
comment on column facet_count.tenant_id is 'The tenant.';
comment on column facet_count.facet_bucket is 'Id of the bucket.';
comment on column facet_count.status is 'Status of its exceptions.';
comment on column facet_count.severity is 'Severity of its exceptions.';
comment on column facet_count.exception_type is 'Type of its exceptions.';
comment on column facet_count.queue is 'Queue of its exceptions.';
comment on column facet_count.source_system is 'Source system of its exceptions.';
comment on column facet_count.exceptions is 'Number of exceptions; may be 0.';

create table due_hour_count (
    tenant_id    text not null,
    facet_bucket bigint not null,
    due_hour     timestamptz not null,
    exceptions   bigint not null,
    primary key (tenant_id, facet_bucket, due_hour)
) with (fillfactor = 50);
comment on table due_hour_count is 'Number of unresolved exceptions of a facet bucket that are due within an hour of the clock.';
comment on column due_hour_count.tenant_id is 'The tenant.';
comment on column due_hour_count.facet_bucket is 'The facet bucket.';
comment on column due_hour_count.due_hour is 'Start of the hour (UTC).';
comment on column due_hour_count.exceptions is 'Number of exceptions; may be 0.';

create table facet_value_count (
    tenant_id    text not null,
    facet        text not null check (facet in ('owner', 'resolution', 'rootCause')),
    value        text not null,
    facet_bucket bigint not null,
    exceptions   bigint not null,
    primary key (tenant_id, facet, value, facet_bucket)
) with (fillfactor = 50);
comment on table facet_value_count is 'Number of exceptions of a facet bucket by owner, resolution and root cause.';
comment on column facet_value_count.tenant_id is 'The tenant.';
comment on column facet_value_count.facet is 'What the value is: owner, resolution or rootCause.';
comment on column facet_value_count.value is 'Member id of the owner, or code.';
comment on column facet_value_count.facet_bucket is 'The facet bucket.';
comment on column facet_value_count.exceptions is 'Number of exceptions; may be 0.';

create table recurrence (
    tenant_id    text not null,
    exception_id text not null,
    occurrences  bigint not null,
    last_seen_at timestamptz not null,
    primary key (tenant_id, exception_id)
) with (fillfactor = 50);
comment on table recurrence is 'Exceptions that recurred. One that never did has no row.';
comment on column recurrence.tenant_id is 'The tenant.';
comment on column recurrence.exception_id is 'The first occurrence.';
comment on column recurrence.occurrences is 'Number of occurrences, the first one included.';
comment on column recurrence.last_seen_at is 'Time of receipt of the last one (UTC).';

---------------------------------------------------------------------------------------------------------------- events

create table event (
    tenant_id    text not null,
    seq          bigint not null,
    exception_id text not null,
    kind         text not null,
    actor        text not null,
    occurred_at  timestamptz not null,
    data         json not null,
    hash         bytea not null,
    primary key (tenant_id, seq)
);
create index event_exception on event (tenant_id, exception_id, seq);
create index event_verification on event (tenant_id, seq) where kind = 'chain_verified';
comment on table event is 'Append-only audit events. The events of a tenant form a chain of SHA-256 hashes without gaps.';
comment on column event.tenant_id is 'The tenant.';
comment on column event.seq is 'Position in the chain of the tenant, from 1, without gaps.';
comment on column event.exception_id is 'Exception it is about; empty for an event of the tenant as a whole.';
comment on column event.kind is 'Kind of event, in the past tense.';
comment on column event.actor is 'Who caused it.';
comment on column event.occurred_at is 'Time of the event (UTC).';
comment on column event.data is 'What changed, as JSON text that is part of the hash.';
comment on column event.hash is 'SHA-256 over the previous hash and this row.';

create table chain_head (
    tenant_id text primary key,
    seq       bigint not null,
    hash      bytea not null
);
comment on table chain_head is 'End of the event chain of each tenant. Locked by whoever appends, so that the chain has no gaps.';
comment on column chain_head.tenant_id is 'The tenant.';
comment on column chain_head.seq is 'Sequence number of the last event; 0 before the first.';
comment on column chain_head.hash is 'Hash of the last event; 32 zero bytes before the first.';

create table evidence (
    tenant_id text not null,
    sha256    bytea not null,
    body      text not null,
    stored_at timestamptz not null,
    primary key (tenant_id, sha256)
);
comment on table evidence is 'Submitted bodies that events refer to by hash: clearings, and both sides of revisions. Append-only; the same body is stored once.';
comment on column evidence.tenant_id is 'The tenant.';
comment on column evidence.sha256 is 'SHA-256 of the body.';
comment on column evidence.body is 'JSON text as sent.';
comment on column evidence.stored_at is 'Time at which it was first stored (UTC).';

---------------------------------------------------------------------------------------------------------------- approvals and bulk runs

create table approval_request (
    tenant_id    text not null,
    request_id   text not null,
    exception_id text not null,
    state        text not null check (state in ('PENDING', 'GRANTED', 'REFUSED', 'WITHDRAWN', 'VOID', 'EXPIRED')),
    requested_by text not null,
    requested_at timestamptz not null,
    expires_at   timestamptz not null,
    request      json not null,
    decided_by   text,
    decided_at   timestamptz,
    note         text,
    primary key (tenant_id, request_id),
    foreign key (tenant_id, exception_id) references exception,
    -- Maker and checker are compared by actor, and every actor that decides is a member.
    constraint maker_is_not_checker check (state not in ('GRANTED', 'REFUSED') or (decided_by is not null and decided_by <> requested_by))
);
create index approval_request_state on approval_request (tenant_id, state, requested_at, request_id);
create index approval_request_exception on approval_request (tenant_id, exception_id, requested_at);
comment on table approval_request is 'Requests for approval by a second person.';
comment on column approval_request.tenant_id is 'The tenant.';
comment on column approval_request.request_id is 'Id of the exception, #, and the version that waits for approval.';
comment on column approval_request.exception_id is 'Exception it is about.';
comment on column approval_request.state is 'PENDING until it is decided, withdrawn, void or expired.';
comment on column approval_request.requested_by is 'Actor who made the request (maker).';
comment on column approval_request.requested_at is 'Time of the request (UTC).';
comment on column approval_request.expires_at is 'Time at which it expires undecided (UTC).';
comment on column approval_request.request is 'The requested change and why it needs approval, as JSON text.';
comment on column approval_request.decided_by is 'Actor who decided (checker) or withdrew it; null while it is pending and where nobody did.';
comment on column approval_request.decided_at is 'Time at which it ended (UTC); null while it is pending.';
comment on column approval_request.note is 'Note of the checker.';

create table bulk_run (
    tenant_id           text not null,
    run_id              text not null,
    state               text not null check (state in ('PREVIEW', 'PENDING', 'RUNNING', 'DONE', 'DISCARDED')),
    command             json not null,
    filter              text not null,
    total               bigint not null,
    processed           bigint not null,
    done                bigint not null,
    approvals_requested bigint not null,
    refused             bigint not null,
    approval_reason     text,
    created_by          text not null,
    created_at          timestamptz not null,
    expires_at          timestamptz not null,
    decided_by          text,
    decided_at          timestamptz,
    finished_at         timestamptz,
    primary key (tenant_id, run_id),
    constraint maker_is_not_checker check (approval_reason is null or state in ('PREVIEW', 'PENDING', 'DISCARDED')
        or (decided_by is not null and decided_by <> created_by))
);
create index bulk_run_latest on bulk_run (tenant_id, created_at, run_id);
comment on table bulk_run is 'Commands on many exceptions.';
comment on column bulk_run.tenant_id is 'The tenant.';
comment on column bulk_run.run_id is 'Id, a UUID.';
comment on column bulk_run.state is 'PREVIEW until it is committed, PENDING while it needs approval, RUNNING, DONE, or DISCARDED.';
comment on column bulk_run.command is 'The command, as JSON text.';
comment on column bulk_run.filter is 'Filter that selected the exceptions, as the query of a list.';
comment on column bulk_run.total is 'Number of exceptions.';
comment on column bulk_run.processed is 'Number of exceptions with an outcome.';
comment on column bulk_run.done is 'Number of exceptions that were changed.';
comment on column bulk_run.approvals_requested is 'Number of exceptions whose change waits for approval.';
comment on column bulk_run.refused is 'Number of exceptions for which the command was refused.';
comment on column bulk_run.approval_reason is 'Why the run as a whole needs approval; null where it does not.';
comment on column bulk_run.created_by is 'Actor who made the preview.';
comment on column bulk_run.created_at is 'Time of the preview (UTC).';
comment on column bulk_run.expires_at is 'Time from which a preview can no longer be committed (UTC).';
comment on column bulk_run.decided_by is 'Actor who committed, approved or discarded it; null while nobody has.';
comment on column bulk_run.decided_at is 'Time of that decision (UTC).';
comment on column bulk_run.finished_at is 'Time at which it was done (UTC).';

create table bulk_item (
    tenant_id    text not null,
    run_id       text not null,
    position     bigint not null,
    exception_id text not null,
    outcome      text check (outcome in ('DONE', 'APPROVAL_REQUESTED', 'REFUSED')),
    problem      text,
    primary key (tenant_id, run_id, position),
    constraint bulk_item_once unique (tenant_id, run_id, exception_id)
);
create index bulk_item_outcome on bulk_item (tenant_id, run_id, outcome, position);
comment on table bulk_item is 'Exceptions of a bulk run and the outcome for each.';
comment on column bulk_item.tenant_id is 'The tenant.';
comment on column bulk_item.run_id is 'The run.';
comment on column bulk_item.position is 'Place in the selected list, from 1.';
comment on column bulk_item.exception_id is 'The exception.';
comment on column bulk_item.outcome is 'DONE, APPROVAL_REQUESTED or REFUSED; null before it is processed.';
comment on column bulk_item.problem is 'Why it was refused.';

---------------------------------------------------------------------------------------------------------------- quarantine

create table quarantine (
    tenant_id      text not null,
    quarantine_id  text not null,
    first_at       timestamptz not null,
    last_at        timestamptz not null,
    times          bigint not null,
    sent_by        text not null,
    key_id         text,
    source_system  text,
    exception_id   text not null,
    exception_type text,
    form           text not null check (form in ('EXCEPTION', 'EVENT')),
    object         text not null,
    faults         json not null,
    codes          text not null,
    state          text not null check (state in ('HELD', 'REPLAYED', 'DISCARDED')),
    decided_at     timestamptz,
    decided_by     text,
    reason         text,
    stored_as      text,
    expires_at     timestamptz not null,
    primary key (tenant_id, quarantine_id)
);
create index quarantine_latest on quarantine (tenant_id, state, last_at, quarantine_id);
create index quarantine_order on quarantine (tenant_id, state, quarantine_id);
create index quarantine_expiry on quarantine (tenant_id, expires_at);
comment on table quarantine is 'Submitted objects that a rule rejected, one row per content.';
comment on column quarantine.tenant_id is 'The tenant.';
comment on column quarantine.quarantine_id is 'Q- and the beginning of the SHA-256 of the object in canonical form: the same content has the same id.';
comment on column quarantine.first_at is 'Time at which it was first received (UTC).';
comment on column quarantine.last_at is 'Time at which it was last received (UTC).';
comment on column quarantine.times is 'Number of times it was received.';
comment on column quarantine.sent_by is 'Actor who sent it last.';
comment on column quarantine.key_id is 'Key it was sent with last; null where no key was used.';
comment on column quarantine.source_system is 'Source system, where the object names one.';
comment on column quarantine.exception_id is 'Exception id it gets when it is replayed: its own, else one assigned by us that stays the same.';
comment on column quarantine.exception_type is 'Exception type it claims; null where it claims none.';
comment on column quarantine.form is 'EXCEPTION for an exception object, EVENT for a CloudEvent.';
comment on column quarantine.object is 'JSON text as sent. Not json: it may be nested deeper than PostgreSQL reads.';
comment on column quarantine.faults is 'Why it was rejected, with pointers into the object: [{pointer, code, message}].';
comment on column quarantine.codes is 'Codes of the faults, each once, separated by commas.';
comment on column quarantine.state is 'HELD until it is replayed or discarded.';
comment on column quarantine.decided_at is 'Time at which it was replayed or discarded (UTC); null while it is held.';
comment on column quarantine.decided_by is 'Actor who replayed or discarded it; null while it is held.';
comment on column quarantine.reason is 'Why it was discarded; null where it was not.';
comment on column quarantine.stored_as is 'Id of the exception it was stored as; null where it was not.';
comment on column quarantine.expires_at is 'Time from which it is deleted (UTC).';

create table quarantine_count (
    tenant_id text primary key,
    held      bigint not null
);
comment on table quarantine_count is 'Number of objects each tenant holds in quarantine. Locked by whoever changes it, so that it never exceeds the limit.';
comment on column quarantine_count.tenant_id is 'The tenant.';
comment on column quarantine_count.held is 'Objects in the state HELD, including expired ones that are not deleted yet.';

---------------------------------------------------------------------------------------------------------------- jobs and retries

create table job (
    tenant_id    text not null,
    job_id       bigint generated always as identity,
    kind         text not null,
    payload      jsonb not null,
    state        text not null check (state in ('QUEUED', 'RUNNING', 'DONE', 'DEAD', 'DISCARDED')),
    run_at       timestamptz not null,
    attempts     integer not null default 0,
    max_attempts integer not null check (max_attempts > 0),
    lease_token  bytea,
    leased_by    text,
    progress     jsonb,
    last_error   text,
    dedupe_key   text,
    created_at   timestamptz not null,
    created_by   text not null,
    finished_at  timestamptz,
    primary key (tenant_id, job_id),
    constraint job_leased check ((state = 'RUNNING') = (lease_token is not null) and (state = 'RUNNING') = (leased_by is not null)),
    constraint job_finished check ((state in ('QUEUED', 'RUNNING')) = (finished_at is null))
);
create index job_due on job (tenant_id, run_at, job_id) where finished_at is null;
create index job_state on job (tenant_id, state, job_id);
create unique index job_once on job (tenant_id, dedupe_key) where finished_at is null;
comment on table job is 'Background jobs of a tenant.';
comment on column job.tenant_id is 'The tenant.';
comment on column job.job_id is 'Id, ascending in the order of enqueuing.';
comment on column job.kind is 'Name of the handler.';
comment on column job.payload is 'Arguments of the handler.';
comment on column job.state is 'QUEUED, RUNNING while leased, DONE, DEAD after the last attempt failed, DISCARDED by a person.';
comment on column job.run_at is 'Time from which a worker may lease it (UTC); while it is RUNNING, the end of the lease.';
comment on column job.attempts is 'Number of leases since it was enqueued or replayed.';
comment on column job.max_attempts is 'Number of attempts after which it is DEAD.';
comment on column job.lease_token is 'Random token of the lease; a worker with another one has lost the job. Null while it is not leased.';
comment on column job.leased_by is 'Name of the worker that holds the lease; null while it is not leased.';
comment on column job.progress is 'Progress as its handler reports it; null before.';
comment on column job.last_error is 'Error of the last failed attempt; null where none failed.';
comment on column job.dedupe_key is 'Only one unfinished job has the same key; null for jobs that may repeat.';
comment on column job.created_at is 'Time of enqueuing (UTC).';
comment on column job.created_by is 'Actor who enqueued it.';
comment on column job.finished_at is 'Time since which it is DONE, DEAD or DISCARDED (UTC); null before.';

create table idempotent_request (
    tenant_id    text not null,
    key_hash     bytea not null,
    request_hash bytea not null,
    locked_until timestamptz not null,
    status       smallint,
    headers      json,
    body         bytea,
    created_at   timestamptz not null,
    expires_at   timestamptz not null,
    primary key (tenant_id, key_hash),
    constraint idempotent_request_finished check ((status is null) = (body is null) and (status is null) = (headers is null))
);
create index idempotent_request_expiry on idempotent_request (tenant_id, expires_at);
comment on table idempotent_request is 'Requests with an Idempotency-Key and their responses, for as long as a retry may come.';
comment on column idempotent_request.tenant_id is 'The tenant.';
comment on column idempotent_request.key_hash is 'SHA-256 of the Idempotency-Key.';
comment on column idempotent_request.request_hash is 'SHA-256 of method, path, media type and body: tells a retry from another request.';
comment on column idempotent_request.locked_until is 'Time until which the first attempt is waited for (UTC); after that a retry takes over.';
comment on column idempotent_request.status is 'HTTP status of the response; null while the request is processed.';
comment on column idempotent_request.headers is 'Headers of the response: [[name, value]]; null as status is.';
comment on column idempotent_request.body is 'Body of the response; null as status is.';
comment on column idempotent_request.created_at is 'Time of the first attempt (UTC).';
comment on column idempotent_request.expires_at is 'Time from which the key may be used anew (UTC).';

---------------------------------------------------------------------------------------------------------------- row-level security

do $$
declare
    walled text;
begin
    foreach walled in array array['member', 'pack_activation', 'exception', 'facet_count', 'facet_value_count', 'due_hour_count', 'recurrence', 'event',
        'chain_head', 'evidence', 'approval_request', 'bulk_run', 'bulk_item', 'quarantine', 'quarantine_count', 'job', 'idempotent_request'] loop
        execute format('alter table %I enable row level security', walled);
        execute format('alter table %I force row level security', walled);
        execute format('create policy tenant on %I using (tenant_id = nullif(current_setting(''app.tenant_id'', true), ''''))', walled);
        -- Dumps and the administrator's statements read every tenant.
        execute format('create policy reader on %I for select to sentinai_reader using (true)', walled);
    end loop;
end
$$;

---------------------------------------------------------------------------------------------------------------- functions of the owner

-- Functions that run with the rights of the owner name every object with its schema, and temporary objects come last in their search path:
-- nobody can put an object of their own in the place of one of ours.

-- Sorts pending search terms into their index.
create function merge_search_terms() returns bigint language sql security definer set search_path = pg_catalog, pg_temp as $$
    select pg_catalog.gin_clean_pending_list('public.exception_search_terms'::pg_catalog.regclass)
$$;

-- Exceptions of the tenant with some search terms: what filters and orders know of them. Comparing terms is not leakproof, so under
-- row-level security their index leads to no rows. This function belongs to sentinai_reader (see migrate.rs), which sees every tenant, and
-- names the one tenant itself, as the policy does. "offset 0" keeps the tenant out of the search: no other index is taken, whatever the
-- statistics say.
create function sought_exceptions(query text) returns table (
        tenant_id text, exception_id text, facet_bucket bigint, created_at timestamptz, due_at timestamptz, resolved_at timestamptz,
        breached_at timestamptz, aged_from date, owner text, parent_id text, waiting_reason text, resolution text, root_cause text,
        escalation smallint, severity_changed boolean, exposure_minor bigint)
    language plpgsql stable security definer rows 100 set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    return query select e.tenant_id, e.exception_id, e.facet_bucket, e.created_at, e.due_at, e.resolved_at, e.breached_at, e.aged_from, e.owner,
        e.parent_id, e.waiting_reason, e.resolution, e.root_cause, e.escalation, e.severity_changed, e.exposure_minor
    from (select * from public.exception x where x.search_terms @@ query::pg_catalog.tsquery offset 0) e
    where e.tenant_id = nullif(current_setting('app.tenant_id', true), '');
end
$$;

-- Row-level security binds the owner as well, so the next two look into one tenant after the other, without a lock. When they return, the
-- setting is the caller's again.

-- When the next timer of each of these tenants fires; of all tenants for null.
create function next_timers(candidates text[]) returns table (of_tenant text, fires_at timestamptz)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    callers constant text := coalesce(pg_catalog.current_setting('app.tenant_id', true), '');
begin
    for of_tenant in select t.tenant_id from public.tenant t
                     where t.suspended_at is null and (candidates is null or t.tenant_id = any (candidates)) order by t.tenant_id loop
        perform pg_catalog.set_config('app.tenant_id', of_tenant, true);
        select e.next_timer_at into fires_at from public.exception e
            where e.tenant_id = of_tenant and e.next_timer_at is not null order by e.next_timer_at limit 1;
        if found then
            return next;
        end if;
    end loop;
    perform pg_catalog.set_config('app.tenant_id', callers, true);
end
$$;

-- Tenants with a job of these kinds that a worker may lease.
create function tenants_with_due_jobs(at timestamptz, kinds text[]) returns setof text
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    candidate text;
    callers constant text := coalesce(pg_catalog.current_setting('app.tenant_id', true), '');
begin
    for candidate in select t.tenant_id from public.tenant t where t.suspended_at is null order by t.tenant_id loop
        perform pg_catalog.set_config('app.tenant_id', candidate, true);
        if exists (select from public.job j where j.tenant_id = candidate and j.finished_at is null and j.run_at <= at and j.kind = any (kinds)) then
            return next candidate;
        end if;
    end loop;
    perform pg_catalog.set_config('app.tenant_id', callers, true);
end
$$;

---------------------------------------------------------------------------------------------------------------- privileges

-- Append-only is a matter of grants: nobody but the owner changes or deletes an event, evidence, a pack or an activation.

revoke execute on function merge_search_terms(), sought_exceptions(text), next_timers(text[]), tenants_with_due_jobs(timestamptz, text[])
    from public;
grant execute on function merge_search_terms(), sought_exceptions(text) to sentinai_app;
grant execute on function next_timers(text[]), tenants_with_due_jobs(timestamptz, text[]) to sentinai_app, sentinai_worker;

-- The serving role.
grant select on tenant, domain_pack, access_key, member, pack_activation to sentinai_app;
grant update (last_used_at) on access_key to sentinai_app;
grant select, insert, delete on desk_session to sentinai_app;
grant select, insert, update on exception, facet_count, facet_value_count, recurrence to sentinai_app;
grant select, insert, update, delete on due_hour_count to sentinai_app;
grant select, insert on event, evidence to sentinai_app;
grant select, update on chain_head to sentinai_app;
grant select, insert, update on approval_request to sentinai_app;
grant select, insert, update, delete on bulk_run, bulk_item to sentinai_app;
grant select, insert, update, delete on quarantine, job, idempotent_request to sentinai_app;
grant select, insert, update on quarantine_count to sentinai_app;

-- Everybody who may see every tenant: the administrator, who is a member.
grant select on all tables in schema public to sentinai_reader;
grant select on all sequences in schema public to sentinai_reader;
