-- One command for many exceptions: which they are is frozen before anybody agrees to it.

create table bulk_run (
    tenant_id    text not null,
    run_id       text not null,
    state        text not null check (state in ('PREVIEW', 'PENDING', 'RUNNING', 'DONE', 'DISCARDED')),
    command      json not null,
    filter       text not null,
    total        bigint not null,
    settled      bigint not null,
    done         bigint not null,
    asked        bigint not null,
    refused      bigint not null,
    demand       text,
    created_by   text not null,
    role         text not null,
    created_at   timestamptz not null,
    decided_by   text,
    decided_at   timestamptz,
    finished_at  timestamptz,
    primary key (tenant_id, run_id),
    -- Four eyes, where it is written: what needs a second person runs by nobody's own word.
    constraint maker_is_not_checker check (demand is null or state in ('PREVIEW', 'PENDING', 'DISCARDED')
        or (decided_by is not null and decided_by <> created_by))
);
create index bulk_run_latest on bulk_run (tenant_id, created_at, run_id);
comment on table bulk_run is 'A command on many exceptions.';
comment on column bulk_run.tenant_id is 'The tenant.';
comment on column bulk_run.run_id is 'Its id, a UUID.';
comment on column bulk_run.state is 'PREVIEW until somebody agrees, PENDING while a second person must, RUNNING, DONE, or DISCARDED.';
comment on column bulk_run.command is 'The command, as JSON text.';
comment on column bulk_run.filter is 'What selected the exceptions, as the query of a list.';
comment on column bulk_run.total is 'How many exceptions it is about.';
comment on column bulk_run.settled is 'How many of them have an outcome.';
comment on column bulk_run.done is 'How many were changed.';
comment on column bulk_run.asked is 'How many wait for a second person.';
comment on column bulk_run.refused is 'How many were refused.';
comment on column bulk_run.demand is 'Why a second person must agree to the whole; null where nobody must.';
comment on column bulk_run.created_by is 'Who asked.';
comment on column bulk_run.role is 'Their role then.';
comment on column bulk_run.created_at is 'When (UTC).';
comment on column bulk_run.decided_by is 'Who agreed to it or discarded it; null while nobody has.';
comment on column bulk_run.decided_at is 'When (UTC).';
comment on column bulk_run.finished_at is 'When it was done (UTC).';

create table bulk_item (
    tenant_id    text not null,
    run_id       text not null,
    position     bigint not null,
    exception_id text not null,
    outcome      text check (outcome in ('DONE', 'ASKED', 'REFUSED')),
    problem      text,
    primary key (tenant_id, run_id, position)
);
create index bulk_item_outcome on bulk_item (tenant_id, run_id, outcome, position);
comment on table bulk_item is 'The exceptions of a bulk run, and what became of each.';
comment on column bulk_item.tenant_id is 'The tenant.';
comment on column bulk_item.run_id is 'The run.';
comment on column bulk_item.position is 'Place in the list that was frozen, from 1.';
comment on column bulk_item.exception_id is 'The exception.';
comment on column bulk_item.outcome is 'DONE, ASKED where it waits for a second person, or REFUSED; null before its turn.';
comment on column bulk_item.problem is 'Why it was refused.';

alter table bulk_run enable row level security;
alter table bulk_run force row level security;
create policy tenant on bulk_run using (tenant_id = nullif(current_setting('app.tenant_id', true), ''));
alter table bulk_item enable row level security;
alter table bulk_item force row level security;
create policy tenant on bulk_item using (tenant_id = nullif(current_setting('app.tenant_id', true), ''));
grant select, insert, update on bulk_run to sentinai_app;
grant select, insert, update on bulk_item to sentinai_app;
