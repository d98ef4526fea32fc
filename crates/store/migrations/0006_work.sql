-- Work: who has an exception, what it waits for, and when its clock has something to tell next.

alter table exception
    add column alarm_at timestamptz,
    add column parent_id text,
    add column work json;
comment on column exception.alarm_at is 'When its clock has something to tell next (UTC): a deadline, the end of a wait; null for never.';
comment on column exception.parent_id is 'Exception of which it is a part; null for none.';
comment on column exception.work is 'What work has made of it: waiting, escalation, pauses of the clock, steps done, the request that waits for a second person; null where nobody has touched it.';

-- What is due in the future; what was late before is late already.
alter table exception no force row level security;
update exception set alarm_at = least(respond_due_at, due_at) where status <> 'RESOLVED' and due_at > received_at;
alter table exception force row level security;

create index exception_alarm on exception (tenant_id, alarm_at) where alarm_at is not null;
create index exception_part on exception (tenant_id, parent_id, exception_id) where parent_id is not null;

-- Tenants with an exception whose clock has something to tell: asked by the clock, which belongs to no tenant.
create function tenants_with_alarms(at timestamptz) returns setof text language plpgsql security definer set search_path = pg_catalog, public as $$
declare
    candidate text;
begin
    for candidate in select t.tenant_id from tenant t where t.suspended_at is null loop
        perform set_tenant(candidate);
        if exists (select 1 from exception e where e.tenant_id = candidate and e.alarm_at <= at) then
            return next candidate;
        end if;
    end loop;
    perform set_tenant('');
end
$$;
revoke execute on function tenants_with_alarms(timestamptz) from public;
grant execute on function tenants_with_alarms(timestamptz) to sentinai_app, sentinai_worker;

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
    -- Four eyes, where it is written: nobody decides what they asked for.
    constraint maker_is_not_checker check (state not in ('GRANTED', 'REFUSED') or (decided_by is not null and decided_by <> requested_by))
);
create index approval_request_state on approval_request (tenant_id, state, requested_at, request_id);
create index approval_request_exception on approval_request (tenant_id, exception_id, requested_at);
comment on table approval_request is 'What needed a second person, and how it ended.';
comment on column approval_request.tenant_id is 'The tenant.';
comment on column approval_request.request_id is 'Id of the exception, #, and the version that waited for it.';
comment on column approval_request.exception_id is 'The exception it is about.';
comment on column approval_request.state is 'Whether it waits, and how it ended.';
comment on column approval_request.requested_by is 'Who asked.';
comment on column approval_request.requested_at is 'When (UTC).';
comment on column approval_request.expires_at is 'When it is void if nobody decides (UTC).';
comment on column approval_request.request is 'What was asked for and why it needs a second person, as JSON text.';
comment on column approval_request.decided_by is 'Who decided, or took it back; null while it waits and where nobody did.';
comment on column approval_request.decided_at is 'When it ended (UTC); null while it waits.';
comment on column approval_request.note is 'What the second person wrote.';

alter table approval_request enable row level security;
alter table approval_request force row level security;
create policy tenant on approval_request using (tenant_id = nullif(current_setting('app.tenant_id', true), ''));
grant select, insert, update on approval_request to sentinai_app;
