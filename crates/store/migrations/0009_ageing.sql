-- How old: the day from which an exception's age counts.

alter table exception add column aged_from date;
-- The day it arose; rows that are received from now on have the day their type names.
alter table exception no force row level security;
update exception set aged_from = (created_at at time zone 'UTC')::date;
alter table exception force row level security;
alter table exception alter column aged_from set not null;
comment on column exception.aged_from is 'Day from which its age counts: that of the field its type names, else the one on which it arose.';

create index exception_age on exception (tenant_id, exception_type, aged_from) where resolved_at is null;
