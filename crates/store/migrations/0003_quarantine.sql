-- What rules refuse is kept with its reasons, so that somebody can look at it, take it in again after a change of the pack, or discard it.

alter table tenant add column quarantine_days integer not null default 30 check (quarantine_days between 1 and 3650);
comment on column tenant.quarantine_days is 'Days for which refused objects are kept after they last came.';

create table quarantine (
    tenant_id      text not null,
    quarantine_id  text not null,
    first_at       timestamptz not null,
    last_at        timestamptz not null,
    times          bigint not null,
    actor          text not null,
    source_system  text,
    exception_id   text not null,
    exception_type text,
    form           text not null check (form in ('EXCEPTION', 'EVENT')),
    object         text not null,
    faults         json not null,
    codes          text[] not null,
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
comment on table quarantine is 'Objects that were sent and refused by a rule, each content once.';
comment on column quarantine.tenant_id is 'The tenant.';
comment on column quarantine.quarantine_id is 'Q- and the beginning of the SHA-256 of the object in canonical form: the same content again is the same entry.';
comment on column quarantine.first_at is 'When it came first (UTC).';
comment on column quarantine.last_at is 'When it came last (UTC).';
comment on column quarantine.times is 'How often it came.';
comment on column quarantine.actor is 'Who sent it last: key:NAME of a caller.';
comment on column quarantine.source_system is 'Sending system, where the object names one.';
comment on column quarantine.exception_id is 'Id under which it would be stored: its own, else ours, which stays the same however often it is tried.';
comment on column quarantine.exception_type is 'Type as claimed, where it claims one.';
comment on column quarantine.form is 'EXCEPTION for an exception object, EVENT for a CloudEvent.';
comment on column quarantine.object is 'JSON text as sent. Not json: what is refused may be nested deeper than PostgreSQL reads.';
comment on column quarantine.faults is 'Why it is refused, with pointers into the object: [{pointer, code, message}].';
comment on column quarantine.codes is 'The codes of the faults, each once.';
comment on column quarantine.state is 'HELD until it is taken in (REPLAYED) or given up (DISCARDED).';
comment on column quarantine.decided_at is 'When it was replayed or discarded (UTC); null while it is held.';
comment on column quarantine.decided_by is 'Who replayed or discarded it; null while it is held.';
comment on column quarantine.reason is 'Why it was discarded; null where it was not.';
comment on column quarantine.stored_as is 'Id of the exception it became; null where it became none.';
comment on column quarantine.expires_at is 'From when on it is gone (UTC).';

create table quarantine_size (
    tenant_id text primary key,
    held      bigint not null
);
comment on table quarantine_size is 'How many objects each tenant holds. Locked by whoever changes that number, so that it never passes the limit.';
comment on column quarantine_size.tenant_id is 'The tenant.';
comment on column quarantine_size.held is 'Objects in the state HELD, expired ones that are not deleted yet among them.';

alter table quarantine enable row level security;
alter table quarantine force row level security;
create policy tenant on quarantine using (tenant_id = nullif(current_setting('app.tenant_id', true), ''));
alter table quarantine_size enable row level security;
alter table quarantine_size force row level security;
create policy tenant on quarantine_size using (tenant_id = nullif(current_setting('app.tenant_id', true), ''));

grant select, insert, update, delete on quarantine to sentinai_app;
grant select, insert, update on quarantine_size to sentinai_app;
