-- The first shape of the database. Rules it keeps (tests hold them):
-- tenant_id is text, comes first in every key and index of a tenant table, and every tenant table has forced row-level security
-- with a bare expression as its policy; what is unique across tenants lives in tables without row-level security; no triggers.

create type severity as enum ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL');
create type status as enum ('OPEN', 'IN_PROGRESS', 'WAITING', 'PENDING_APPROVAL', 'RESOLVED');

-- Scopes the transaction to a tenant. `set local` inside plpgsql also reaches the other nodes of a distributed PostgreSQL.
create function set_tenant(tenant text) returns void language plpgsql as $$
begin
    execute format('set local app.tenant_id = %L', tenant);
end
$$;

------------------------------------------------------------------------------------------------------------------------ shared

create table tenant (
    tenant_id    text primary key,
    name         text not null,
    domain       text not null,
    suspended_at timestamptz,
    created_at   timestamptz not null
);
comment on table tenant is 'Who shares this installation. Shared: read by every request before its tenant is known.';
comment on column tenant.tenant_id is 'Letters, digits, _ and -, at most 64.';
comment on column tenant.name is 'Name for people.';
comment on column tenant.domain is 'Domain whose active pack triages what this tenant receives.';
comment on column tenant.suspended_at is 'Since when the tenant is refused everywhere; null when it is not.';
comment on column tenant.created_at is 'When it was made (UTC).';

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
comment on column domain_pack.imported_at is 'When it was imported (UTC).';

create table access_key (
    key_id       text primary key,
    key_hash     bytea not null unique,
    tenant_id    text not null references tenant,
    name         text not null,
    role         text not null check (role in ('viewer', 'operator', 'supervisor', 'admin')),
    created_at   timestamptz not null,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz
);
comment on table access_key is 'Keys of machines and people. Shared: a key tells the tenant, so it is looked up before the tenant is known.';
comment on column access_key.key_id is 'Public name of the key, its first characters.';
comment on column access_key.key_hash is 'SHA-256 of the key; the key itself is shown once and kept nowhere.';
comment on column access_key.tenant_id is 'Tenant it opens.';
comment on column access_key.name is 'What it is for.';
comment on column access_key.role is 'viewer reads, operator works, supervisor leads, admin administers the tenant.';
comment on column access_key.created_at is 'When it was made (UTC).';
comment on column access_key.expires_at is 'When it stops working; null for never.';
comment on column access_key.revoked_at is 'When it was revoked; null while it works.';
comment on column access_key.last_used_at is 'Last use, to about a minute.';

create table desk_session (
    session_hash bytea primary key,
    key_id       text not null references access_key,
    created_at   timestamptz not null,
    expires_at   timestamptz not null
);
create index desk_session_expiry on desk_session (expires_at);
comment on table desk_session is 'Desk logins. Shared, as the key is.';
comment on column desk_session.session_hash is 'SHA-256 of the cookie.';
comment on column desk_session.key_id is 'Key that was exchanged; a session ends with its key.';
comment on column desk_session.created_at is 'Login (UTC).';
comment on column desk_session.expires_at is 'End (UTC).';

------------------------------------------------------------------------------------------------------------------------ tenant

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
comment on table pack_activation is 'Which pack version a tenant uses: the newest row per domain. Append-only.';
comment on column pack_activation.tenant_id is 'The tenant.';
comment on column pack_activation.activation is 'Position in the tenant''s history of activations, from 1.';
comment on column pack_activation.domain is 'Name of the domain.';
comment on column pack_activation.version is 'Version of the pack.';
comment on column pack_activation.activated_at is 'When (UTC).';
comment on column pack_activation.activated_by is 'Who.';

create table exception (
    tenant_id          text not null,
    exception_id       text not null,
    domain             text not null,
    pack_version       text not null,
    exception_type     text not null,
    severity           severity not null,
    claimed_severity   text,
    status             status not null,
    title              text not null,
    source_system      text not null,
    queue              text not null,
    owner              text,
    fingerprint        text,
    created_at         timestamptz not null,
    received_at        timestamptz not null,
    respond_due_at     timestamptz not null,
    due_at             timestamptz not null,
    version            bigint not null,
    content_hash       bytea not null,
    entities           jsonb not null,
    reasons            jsonb not null,
    findings           jsonb not null,
    raw_payload        json not null,
    normalized_context json not null,
    header             json not null,
    primary key (tenant_id, exception_id)
);
comment on table exception is 'One business problem of one tenant.';
comment on column exception.tenant_id is 'The tenant.';
comment on column exception.exception_id is 'Id as the source gave it, else ours; unique within the tenant.';
comment on column exception.domain is 'Domain of the pack that triaged it.';
comment on column exception.pack_version is 'Version of the pack that triaged it.';
comment on column exception.exception_type is 'Type by the pack.';
comment on column exception.severity is 'Severity by the pack.';
comment on column exception.claimed_severity is 'Severity the source claimed; decides nothing.';
comment on column exception.status is 'Where the work stands.';
comment on column exception.title is 'One line that says what is wrong.';
comment on column exception.source_system is 'Sending system.';
comment on column exception.queue is 'Where the work waits.';
comment on column exception.owner is 'Who works on it; null for nobody.';
comment on column exception.fingerprint is 'Hash of what makes two exceptions the same problem; null where a field of it is missing.';
comment on column exception.created_at is 'When it arose at its source (UTC).';
comment on column exception.received_at is 'When we received it (UTC, our clock).';
comment on column exception.respond_due_at is 'Somebody must have taken it (UTC).';
comment on column exception.due_at is 'It must be resolved (UTC).';
comment on column exception.version is 'Counts changes, from 1; the ETag.';
comment on column exception.content_hash is 'SHA-256 of the sent object in canonical form: tells a repetition from a change.';
comment on column exception.entities is 'Things it is about: [{field, label, value}].';
comment on column exception.reasons is 'Why each value is what it is: [{about, value, because}].';
comment on column exception.findings is 'What is doubtful about the data: [{pointer, code, message}].';
comment on column exception.raw_payload is 'rawPayload, exactly as sent.';
comment on column exception.normalized_context is 'normalizedContext, exactly as sent.';
comment on column exception.header is 'The other members of the sent object, as sent.';

create index exception_created on exception (tenant_id, created_at, exception_id);
create index exception_due on exception (tenant_id, due_at, exception_id);
create index exception_severity on exception (tenant_id, severity, exception_id);
create index exception_status on exception (tenant_id, status, exception_id);
create index exception_type on exception (tenant_id, exception_type, exception_id);
create index exception_queue on exception (tenant_id, queue, exception_id);
create index exception_source on exception (tenant_id, source_system, exception_id);

create table event (
    tenant_id    text not null,
    seq          bigint not null,
    exception_id text not null,
    kind         text not null,
    actor        text not null,
    at           timestamptz not null,
    data         json not null,
    hash         bytea not null,
    primary key (tenant_id, seq)
);
create index event_exception on event (tenant_id, exception_id, seq);
comment on table event is 'Append-only facts. Every tenant''s events form a chain of SHA-256 hashes without gaps.';
comment on column event.tenant_id is 'The tenant.';
comment on column event.seq is 'Position in the tenant''s chain, from 1, without gaps.';
comment on column event.exception_id is 'The exception it is about; empty for an event of the tenant as a whole.';
comment on column event.kind is 'What happened, past tense.';
comment on column event.actor is 'Who: key:NAME of a caller, or system.';
comment on column event.at is 'When (UTC).';
comment on column event.data is 'What changed, as JSON text that is part of the hash.';
comment on column event.hash is 'SHA-256 over the previous hash and this row.';

create table chain_head (
    tenant_id text primary key,
    seq       bigint not null,
    hash      bytea not null
);
comment on table chain_head is 'End of each tenant''s chain. Locked by whoever appends, so that the chain has no gaps.';
comment on column chain_head.tenant_id is 'The tenant.';
comment on column chain_head.seq is 'Sequence number of the last event; 0 before the first.';
comment on column chain_head.hash is 'Its hash; 32 zero bytes before the first.';

------------------------------------------------------------------------------------------------------------------------ walls

alter table pack_activation enable row level security;
alter table pack_activation force row level security;
create policy tenant on pack_activation using (tenant_id = nullif(current_setting('app.tenant_id', true), ''));
alter table exception enable row level security;
alter table exception force row level security;
create policy tenant on exception using (tenant_id = nullif(current_setting('app.tenant_id', true), ''));
alter table event enable row level security;
alter table event force row level security;
create policy tenant on event using (tenant_id = nullif(current_setting('app.tenant_id', true), ''));
alter table chain_head enable row level security;
alter table chain_head force row level security;
create policy tenant on chain_head using (tenant_id = nullif(current_setting('app.tenant_id', true), ''));

-- Append-only is a matter of grants: nobody but the owner can change or delete an event, a pack or an activation.
grant execute on function set_tenant(text) to sentinai_app, sentinai_worker;
grant select on tenant, domain_pack, access_key, pack_activation to sentinai_app;
grant update (last_used_at) on access_key to sentinai_app;
grant select, insert, delete on desk_session to sentinai_app;
grant select, insert, update on exception to sentinai_app;
grant select, insert on event to sentinai_app;
grant select, update on chain_head to sentinai_app;
