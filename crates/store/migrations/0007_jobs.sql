-- Work that is done beside requests: enqueued in the transaction that caused it, leased by any worker, tried again, buried when it never works.

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
comment on table job is 'Work of a tenant that is done beside requests.';
comment on column job.tenant_id is 'The tenant.';
comment on column job.job_id is 'Its id, ascending in the order of enqueuing.';
comment on column job.kind is 'What is to be done: the name of a handler.';
comment on column job.payload is 'What the handler is told.';
comment on column job.state is 'QUEUED waits for its time, RUNNING is leased, DONE is done, DEAD was given up by the workers, DISCARDED by a person.';
comment on column job.run_at is 'From when on a worker may take it (UTC); while it is RUNNING, the end of the lease.';
comment on column job.attempts is 'How often it was leased since it was enqueued or replayed.';
comment on column job.max_attempts is 'After how many attempts it is given up.';
comment on column job.lease_token is 'Random; whoever shows another one no longer holds the job. Null while nobody does.';
comment on column job.leased_by is 'Name of the worker that holds it; null while nobody does.';
comment on column job.progress is 'How far it is, as its handler tells; null until it does.';
comment on column job.last_error is 'Why the last attempt failed; null while none did.';
comment on column job.dedupe_key is 'Of several jobs with the same one, only one is unfinished at a time; null where that does not matter.';
comment on column job.created_at is 'When it was enqueued (UTC).';
comment on column job.created_by is 'Who or what enqueued it.';
comment on column job.finished_at is 'Since when it is DONE, DEAD or DISCARDED (UTC); null before.';

-- Tenants that were there before sweep what is expired from now on.
insert into job (tenant_id, kind, payload, state, run_at, max_attempts, dedupe_key, created_at, created_by)
    select tenant_id, 'sweep', '{}', 'QUEUED', created_at, 10, 'sweep', created_at, 'system' from tenant;

alter table job enable row level security;
alter table job force row level security;
create policy tenant on job using (tenant_id = nullif(current_setting('app.tenant_id', true), ''));

-- Tenants for which a worker has something to do, of the kinds it knows. Row-level security binds the owner as well, so it looks into
-- one tenant after the other, and locks nothing. When it returns, the setting is the caller's again.
create function tenants_with_work(at timestamptz, kinds text[]) returns setof text
    language plpgsql stable security definer set search_path = pg_catalog, public as $$
declare
    candidate text;
    callers constant text := coalesce(current_setting('app.tenant_id', true), '');
begin
    for candidate in select t.tenant_id from public.tenant t where t.suspended_at is null order by t.tenant_id loop
        perform set_config('app.tenant_id', candidate, true);
        if exists (select from public.job j where j.tenant_id = candidate and j.finished_at is null and j.run_at <= at and j.kind = any (kinds)) then
            return next candidate;
        end if;
    end loop;
    perform set_config('app.tenant_id', callers, true);
end
$$;
revoke execute on function tenants_with_work(timestamptz, text[]) from public;
grant execute on function tenants_with_work(timestamptz, text[]) to sentinai_app, sentinai_worker;

-- The rows of finished jobs are deleted by the sweep.
grant select, insert, update, delete on job to sentinai_app;
grant select, update on job to sentinai_worker;
