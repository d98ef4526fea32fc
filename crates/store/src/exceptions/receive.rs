//! Storing what intake accepted: rows and their first events, in one transaction, each exactly once.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::{
    exception::Received,
    intake::{Content, differences},
    status::Status,
};
use serde::Serialize;
use sqlx::PgConnection;

use super::{tally::Tally, terms};
use crate::{
    StoreError, TenantTx,
    events::{NewEvent, append, lock_chain},
};

/// What became of one received exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// It is stored: this is it.
    Accepted(Stored),
    /// The same was stored before: this is it.
    Duplicate(Stored),
    /// Something else is stored under its id; pointers of the members that differ.
    Differs(Vec<String>),
}

/// The stored values that an answer repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the columns, which are commented")]
pub struct Stored {
    pub exception_type: String,
    pub severity: String,
    pub queue: String,
    pub due_at: DateTime<Utc>,
}

impl Stored {
    fn of(received: &Received) -> Self {
        let triaged = &received.triaged;
        Self {
            exception_type: triaged.exception_type.clone(),
            severity: triaged.severity.as_str().to_owned(),
            queue: triaged.queue.clone(),
            due_at: triaged.due_at,
        }
    }
}

impl TenantTx {
    /// Stores a batch. One receipt per item, in order; a repetition within the batch is a duplicate like any other.
    pub async fn receive(&mut self, batch: &[Received]) -> Result<Vec<Receipt>, StoreError> {
        let (connection, tenant) = self.parts();
        let head = lock_chain(connection, tenant).await?;
        let mut inserted = insert(connection, tenant, batch).await?;
        let mut tally = Tally::default();
        let mut others = Vec::new();
        let mut receipts: Vec<Option<Receipt>> = Vec::with_capacity(batch.len());
        let mut events = Vec::with_capacity(inserted.len());
        for (index, received) in batch.iter().enumerate() {
            if inserted.remove(received.id.as_str()) {
                tally.add(received.cell(Status::Open), received.triaged.due_at);
                events.push(NewEvent {
                    exception_id: received.id.as_str(),
                    kind: "received",
                    actor: &received.arrival.actor,
                    at: received.arrival.at,
                    data: received.event_data(),
                });
                receipts.push(Some(Receipt::Accepted(Stored::of(received))));
            } else {
                others.push(index);
                receipts.push(None);
            }
        }
        if !others.is_empty() {
            let stored = stored(connection, tenant, others.iter().map(|&index| batch[index].id.as_str())).await?;
            for index in others {
                let received = &batch[index];
                receipts[index] = stored.get(received.id.as_str()).map(|stored| compare(received, stored));
            }
        }
        if !events.is_empty() {
            append(connection, tenant, head, &events).await?;
            tally.record(connection, tenant).await?;
        }
        let missing = || StoreError::Bug(sqlx::Error::RowNotFound);
        receipts.into_iter().map(|receipt| receipt.ok_or_else(missing)).collect()
    }
}

fn compare(received: &Received, (content, stored): &(Content, Stored)) -> Receipt {
    if content.hash == received.raw.content.hash {
        return Receipt::Duplicate(stored.clone());
    }
    Receipt::Differs(differences(content, &received.raw.content))
}

/// Inserts what is new and returns its ids.
async fn insert(connection: &mut PgConnection, tenant: &str, batch: &[Received]) -> Result<BTreeSet<String>, StoreError> {
    let text = |of: fn(&Received) -> &str| batch.iter().map(of).collect::<Vec<&str>>();
    let optional = |of: fn(&Received) -> Option<&str>| batch.iter().map(of).collect::<Vec<Option<&str>>>();
    let time = |of: fn(&Received) -> DateTime<Utc>| batch.iter().map(of).collect::<Vec<_>>();
    let hashes: Vec<&[u8]> = batch.iter().map(|received| &received.raw.content.hash[..]).collect();
    let entities = json(batch.iter().map(|received| &received.triaged.entities))?;
    let reasons = json(batch.iter().map(|received| &received.triaged.reasons))?;
    let findings = json(batch.iter().map(|received| &received.triaged.findings))?;
    let cells: Vec<i64> = batch.iter().map(|received| received.cell(Status::Open).id()).collect();
    let terms: Vec<String> = batch.iter().map(|received| terms::stored(tenant, &received.terms)).collect();
    let inserted = sqlx::query_scalar!(
        r#"-- receive_exceptions
         insert into exception (tenant_id, exception_id, domain, pack_version, exception_type, severity, claimed_severity, status, title,
             source_system, queue, fingerprint, created_at, received_at, respond_due_at, due_at, version, content_hash, cell, terms,
             entities, reasons, findings, raw_payload, normalized_context, header)
         select $1, r.exception_id, r.domain, r.pack_version, r.exception_type, r.severity::severity, r.claimed_severity, 'OPEN', r.title,
             r.source_system, r.queue, r.fingerprint, r.created_at, r.received_at, r.respond_due_at, r.due_at, 1, r.content_hash, r.cell, r.terms::tsvector,
             r.entities::jsonb, r.reasons::jsonb, r.findings::jsonb, r.raw_payload::json, r.normalized_context::json, r.header::json
         from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
             $12::timestamptz[], $13::timestamptz[], $14::timestamptz[], $15::timestamptz[], $16::bytea[],
             $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::bigint[], $24::text[])
             as r (exception_id, domain, pack_version, exception_type, severity, claimed_severity, title, source_system, queue, fingerprint,
             created_at, received_at, respond_due_at, due_at, content_hash, entities, reasons, findings, raw_payload, normalized_context, header,
             cell, terms)
         on conflict do nothing
         returning exception_id"#,
        tenant,
        &text(|r| r.id.as_str()) as &[&str],
        &text(|r| &r.domain) as &[&str],
        &text(|r| &r.pack_version) as &[&str],
        &text(|r| &r.triaged.exception_type) as &[&str],
        &text(|r| r.triaged.severity.as_str()) as &[&str],
        &optional(|r| r.raw.claimed_severity.as_deref()) as &[Option<&str>],
        &text(|r| &r.triaged.title) as &[&str],
        &text(|r| &r.raw.source_system) as &[&str],
        &text(|r| &r.triaged.queue) as &[&str],
        &optional(|r| r.triaged.fingerprint.as_deref()) as &[Option<&str>],
        &time(|r| r.triaged.created_at),
        &time(|r| r.arrival.at),
        &time(|r| r.triaged.respond_due_at),
        &time(|r| r.triaged.due_at),
        &hashes as &[&[u8]],
        &entities,
        &reasons,
        &findings,
        &text(|r| &r.raw.content.payload) as &[&str],
        &text(|r| &r.raw.content.context) as &[&str],
        &text(|r| &r.raw.content.header) as &[&str],
        &cells,
        &terms,
    )
    .fetch_all(connection)
    .await?;
    Ok(inserted.into_iter().collect())
}

fn json<T: Serialize>(values: impl Iterator<Item = T>) -> Result<Vec<String>, StoreError> {
    let encode = |value| serde_json::to_string(&value).map_err(|error| StoreError::Bug(sqlx::Error::Encode(error.into())));
    values.map(encode).collect()
}

async fn stored<'i>(
    connection: &mut PgConnection,
    tenant: &str,
    ids: impl Iterator<Item = &'i str>,
) -> Result<BTreeMap<String, (Content, Stored)>, StoreError> {
    let ids: Vec<&str> = ids.collect();
    let rows = sqlx::query!(
        r#"-- stored_exceptions
         select exception_id, exception_type, severity::text as "severity!", queue, due_at, content_hash,
                raw_payload::text as "payload!", normalized_context::text as "context!", header::text as "header!"
         from exception where tenant_id = $1 and exception_id = any($2)"#,
        tenant,
        &ids as &[&str]
    )
    .fetch_all(connection)
    .await?;
    let entries = rows.into_iter().map(|row| {
        let hash = row.content_hash.try_into().unwrap_or_default();
        let content = Content {
            payload: row.payload,
            context: row.context,
            header: row.header,
            hash,
        };
        let stored = Stored {
            exception_type: row.exception_type,
            severity: row.severity,
            queue: row.queue,
            due_at: row.due_at,
        };
        (row.exception_id, (content, stored))
    });
    Ok(entries.collect())
}
