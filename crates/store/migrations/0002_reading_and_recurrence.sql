-- Reading fast at any size, and recurrence.
--
-- A cell is a combination of status, severity, type, queue and source system. An installation has some hundreds, and every filter over
-- these selects whole cells: lists merge index ranges of cells, counts add up counters of cells. Names of cells are hashes, so writers
-- agree on them without asking anybody (domain::cell).

alter table exception
    add column cell bigint,
    add column terms tsvector,
    add column recurrence_of text,
    add column resolution text,
    add column resolved_at timestamptz;

-- The owner is bound by row-level security as well, so it is lifted while the rows of earlier versions get their values.
alter table exception no force row level security;
update exception e set
    cell = ('x' || encode(substr(sha256(convert_to(
        concat_ws(chr(31), e.status::text, e.severity::text, e.exception_type, e.queue, e.source_system), 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint,
    terms = (select array_to_tsvector(array_agg(distinct tag.tag || ':' || left(word.word, 100)))
             from (select substr(encode(sha256(convert_to(e.tenant_id, 'UTF8')), 'hex'), 1, 4)) as tag (tag),
                  (select unnest(regexp_split_to_array(lower(concat_ws(' ', e.exception_id, substr(e.exception_id, strpos(e.exception_id, '-') + 1), e.title)), '\s+'))
                   union select chr(31) || lower(entity ->> 'value') from jsonb_array_elements(e.entities) as entity
                   union select lower(field.key) || chr(31) || lower(field.value #>> '{}') from json_each(e.raw_payload) as field
                         where json_typeof(field.value) in ('string', 'number', 'boolean')) as word (word)
             where word.word <> '');
alter table exception force row level security;

alter table exception
    alter column cell set not null,
    alter column terms set not null;
comment on column exception.cell is 'First 64 bits of the SHA-256 of status, severity, type, queue and source system.';
comment on column exception.terms is 'Words and field values to search by, each led by a tag of the tenant.';
comment on column exception.recurrence_of is 'Exception of which it is a repetition; null for none.';
comment on column exception.resolution is 'How it ended, by code; null while it is open.';
comment on column exception.resolved_at is 'When it was resolved (UTC); null while it is open.';

-- In place of one index per column: what a cell cannot say needs none, and what it says is found by cell.
drop index exception_severity, exception_status, exception_type, exception_queue, exception_source;
create index exception_cell_created on exception (tenant_id, cell, created_at, exception_id);
create index exception_cell_due on exception (tenant_id, cell, due_at, exception_id);
create index exception_owner on exception (tenant_id, owner, exception_id) where owner is not null;
-- Those that repeat nothing come first: repetitions are linked to them, not to each other.
create index exception_open_fingerprint on exception (tenant_id, fingerprint, (recurrence_of is not null), received_at)
    where fingerprint is not null and resolved_at is null;
create index exception_resolved_fingerprint on exception (tenant_id, fingerprint, resolved_at) where fingerprint is not null and resolved_at is not null;
create index exception_recurrence on exception (tenant_id, recurrence_of, exception_id) where recurrence_of is not null;
-- The one index without the tenant in front: its terms carry the tenant. New terms wait in its list until settle_terms sorts them in,
-- beside the transactions that bring exceptions and not within them; a search reads the list as well.
create index exception_terms on exception using gin (terms) with (fastupdate = on, gin_pending_list_limit = 65536);
create function settle_terms() returns bigint language sql security definer set search_path = pg_catalog, public as $$
    select gin_clean_pending_list('public.exception_terms')
$$;
revoke execute on function settle_terms() from public;
grant execute on function settle_terms() to sentinai_app;
-- A row of 3 kB is kept as it is: compressing it would take longer than writing it.
alter table exception set (toast_tuple_target = 8160);

create table exception_cell (
    tenant_id      text not null,
    cell           bigint not null,
    status         status not null,
    severity       severity not null,
    exception_type text not null,
    queue          text not null,
    source_system  text not null,
    exceptions     bigint not null,
    primary key (tenant_id, cell)
) with (fillfactor = 50);
comment on table exception_cell is 'The cells of a tenant and how many exceptions each holds, kept by whoever changes an exception.';
comment on column exception_cell.tenant_id is 'The tenant.';
comment on column exception_cell.cell is 'Name of the cell.';
comment on column exception_cell.status is 'Status of its exceptions.';
comment on column exception_cell.severity is 'Their severity.';
comment on column exception_cell.exception_type is 'Their type.';
comment on column exception_cell.queue is 'Their queue.';
comment on column exception_cell.source_system is 'Their source system.';
comment on column exception_cell.exceptions is 'How many there are; 0 is possible.';

create table exception_due_hour (
    tenant_id  text not null,
    cell       bigint not null,
    due_hour   timestamptz not null,
    exceptions bigint not null,
    primary key (tenant_id, cell, due_hour)
) with (fillfactor = 50);
comment on table exception_due_hour is 'How many unresolved exceptions of a cell are due within an hour of the clock.';
comment on column exception_due_hour.tenant_id is 'The tenant.';
comment on column exception_due_hour.cell is 'The cell.';
comment on column exception_due_hour.due_hour is 'Start of the hour (UTC).';
comment on column exception_due_hour.exceptions is 'How many there are; 0 is possible.';

create table recurrence (
    tenant_id    text not null,
    exception_id text not null,
    occurrences  bigint not null,
    last_seen_at timestamptz not null,
    primary key (tenant_id, exception_id)
) with (fillfactor = 50);
comment on table recurrence is 'Exceptions that came again. One that never did has no row.';
comment on column recurrence.tenant_id is 'The tenant.';
comment on column recurrence.exception_id is 'The first of them.';
comment on column recurrence.occurrences is 'How often it was seen, the first time included.';
comment on column recurrence.last_seen_at is 'When it was received last (UTC).';

alter table exception no force row level security;
insert into exception_cell (tenant_id, cell, status, severity, exception_type, queue, source_system, exceptions)
    select tenant_id, cell, status, severity, exception_type, queue, source_system, count(*) from exception group by 1, 2, 3, 4, 5, 6, 7;
insert into exception_due_hour (tenant_id, cell, due_hour, exceptions)
    select tenant_id, cell, date_trunc('hour', due_at, 'UTC'), count(*) from exception where status <> 'RESOLVED' group by 1, 2, 3;
alter table exception force row level security;

alter table exception_cell enable row level security;
alter table exception_cell force row level security;
create policy tenant on exception_cell using (tenant_id = nullif(current_setting('app.tenant_id', true), ''));
alter table exception_due_hour enable row level security;
alter table exception_due_hour force row level security;
create policy tenant on exception_due_hour using (tenant_id = nullif(current_setting('app.tenant_id', true), ''));
alter table recurrence enable row level security;
alter table recurrence force row level security;
create policy tenant on recurrence using (tenant_id = nullif(current_setting('app.tenant_id', true), ''));

grant select, insert, update on exception_cell to sentinai_app;
grant select, insert, update, delete on exception_due_hour to sentinai_app;
grant select, insert, update on recurrence to sentinai_app;
