-- What protects an installation from its callers, and callers from their retries: rates per tenant, and answers kept by Idempotency-Key.

alter table tenant
    add column rate_per_second integer check (rate_per_second > 0),
    add column rate_burst      integer check (rate_burst > 0),
    add constraint tenant_rate check ((rate_per_second is null) = (rate_burst is null) and rate_burst >= rate_per_second);
comment on column tenant.rate_per_second is 'Requests per second that are answered in the long run; null for as many as come.';
comment on column tenant.rate_burst is 'Requests answered at once after a pause; null as rate_per_second is.';

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
comment on table idempotent_request is 'Requests that came with an Idempotency-Key, and their answers, for as long as a retry may come.';
comment on column idempotent_request.tenant_id is 'The tenant.';
comment on column idempotent_request.key_hash is 'SHA-256 of the key.';
comment on column idempotent_request.request_hash is 'SHA-256 of method, address, media type and body: tells a retry from another request.';
comment on column idempotent_request.locked_until is 'Until when whoever carries it out is waited for (UTC); after that a retry takes over.';
comment on column idempotent_request.status is 'HTTP status of the answer; null while the request is carried out.';
comment on column idempotent_request.headers is 'Headers of the answer: [[name, value]]; null as status is.';
comment on column idempotent_request.body is 'Body of the answer; null as status is.';
comment on column idempotent_request.created_at is 'When the request began (UTC).';
comment on column idempotent_request.expires_at is 'From when on the key is as good as new (UTC).';

alter table idempotent_request enable row level security;
alter table idempotent_request force row level security;
create policy tenant on idempotent_request using (tenant_id = nullif(current_setting('app.tenant_id', true), ''));
grant select, insert, update, delete on idempotent_request to sentinai_app;
