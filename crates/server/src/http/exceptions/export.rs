//! `GET /v1/tenants/{tenant}/exceptions:export`: all that a filter selects, as a file, in constant memory.
//!
//! Pages are read when the receiver is ready for them, each in a short transaction of its own. What fails on the way breaks the connection
//! off, so that half a file never looks like a whole one.

mod csv;

use std::io;

use axum::{
    body::Body,
    extract::{FromRequestParts, RawQuery, State},
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::event::EventKind;
use domain::role::Role;
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::{json, value::RawValue};
use std::sync::Arc;
use store::{
    TenantScope, bounded,
    exceptions::{Cursor, FullRow, Listing},
    keys::Identity,
    tenant_event,
};
use utoipa::{IntoParams, ToSchema};

use self::csv::Table;
use super::views::{ExceptionView, verbatim};
use crate::http::{
    NDJSON,
    actor::{Access, Viewer, still},
    disclosure::recorded_by,
    names::Names,
    parameters::Parameters,
    problem::{ApiError, ProblemView},
    query::{FilterParams, Selection, field_names},
    rates::Costly,
    state::AppState,
};

/// Exceptions that are read at a time.
const PAGE: u32 = 500;
/// Bytes of what was sent after which fewer are.
const PAGE_BYTES: i64 = 1 << 20;

/// Characters of a query that the audit trail keeps: more than any filter of the desk has.
const MAX_QUERY: usize = 2_000;

/// Format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// An exception per line, with what was sent.
    #[default]
    Ndjson,
    /// A table (RFC 4180).
    Csv,
}

/// How to export.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportParams {
    /// ndjson, or csv. Default ndjson
    #[param(inline)]
    #[expect(dead_code, reason = "for the OpenAPI document; read with the other parameters")]
    format: Option<Format>,
}

/// What to export, and how. There are no pages.
pub struct Wanted {
    selection: Selection,
    format: Format,
}

impl FromRequestParts<AppState> for Wanted {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let mut given = Parameters::of(parts)?;
        if given.has("limit") || given.has("cursor") {
            return Err(ApiError::Malformed(
                "an export has no pages and is everything that the filter selects; leave out limit and cursor".into(),
            ));
        }
        let format = given.read("format", |format| match format {
            "ndjson" => Ok(Format::Ndjson),
            "csv" => Ok(Format::Csv),
            other => Err(format!("'{other}' is not one of ndjson, csv")),
        });
        let format = format.unwrap_or_default();
        let selection = Selection::of(given, parts, state).await?;
        Ok(Self { selection, format })
    }
}

/// An exception with what was sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExportedException)]
#[serde(rename_all = "camelCase")]
pub struct LineView {
    #[serde(flatten)]
    exception: ExceptionView,
    /// As sent, on one line.
    #[schema(value_type = Object)]
    raw_payload: Arc<RawValue>,
}

/// Everything a filter selects, as a file
#[utoipa::path(get, path = "/v1/tenants/{tenant}/exceptions:export", operation_id = "exportExceptions", tag = "exceptions",
    params(("tenant" = String, Path), FilterParams, ExportParams),
    responses((status = 200, content((LineView = "application/x-ndjson"), (String = "text/csv"))), (status = "4XX", body = ProblemView)))]
pub async fn export(
    Viewer(identity): Viewer,
    State(state): State<AppState>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    wanted: Wanted,
) -> Result<Response, ApiError> {
    state.rates.spend(Costly::Export, &identity.key_id)?;
    let now = state.clock.now();
    let (form, kind, ending) = match wanted.format {
        Format::Ndjson => (Form::Lines, NDJSON, "ndjson"),
        Format::Csv => {
            let pack = state.packs.active(&state.store, &identity.scope, &identity.domain).await?;
            let table = Table::new(field_names(&pack, &wanted.selection.filter.types));
            (Form::Table(table), "text/csv; charset=utf-8; header=present", "csv")
        }
    };
    let asked = Asked {
        by: identity.actor(),
        format: ending,
        query: query.unwrap_or_default(),
    };
    let rows = asked.record(&state, &identity.scope, &wanted.selection, now).await?;
    let name = format!("exceptions-{}-{}.{ending}", identity.scope.tenant(), now.format("%Y%m%dT%H%M%SZ"));
    let file = Export {
        selection: wanted.selection,
        identity,
        state,
        headers,
        form,
        now,
    };
    // What fails at once is still a problem like any other.
    let (first, next) = match rows {
        // No export was recorded, so no row may leave.
        0 => (file.head(), Position::End),
        _ => file.page(Position::Start).await?,
    };
    let rest = stream::try_unfold((file, next), |(file, next)| async move {
        if next == Position::End {
            return Ok(None);
        }
        let (page, next) = bounded(file.page(next)).await?;
        Ok(Some((page, (file, next))))
    });
    let body = stream::once(async { Ok(first) }).chain(rest).map_err(|error: ApiError| {
        error.log();
        io::Error::other(error.detail())
    });
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

/// Who exports what.
struct Asked {
    by: String,
    format: &'static str,
    query: String,
}

impl Asked {
    /// Told durably before the first byte of the file, unless it selects nothing. Rows are those selected now; the file may find some more.
    async fn record(self, state: &AppState, scope: &TenantScope, selection: &Selection, now: DateTime<Utc>) -> Result<i64, ApiError> {
        let mut tx = state.store.begin_reading(scope).await?;
        let rows = tx.count(&selection.filter, now).await?;
        tx.commit().await?;
        if rows > 0 {
            let query: String = self.query.chars().take(MAX_QUERY).collect();
            let data = json!({"format": self.format, "query": query, "rows": rows});
            let event = tenant_event(EventKind::Exported, &self.by, now, &data);
            state.store.record(scope.tenant(), &[event]).await?;
        }
        Ok(rows)
    }
}

struct Export {
    state: AppState,
    identity: Identity,
    /// Who asked, to be asked again: a key may be revoked on the way.
    headers: HeaderMap,
    selection: Selection,
    form: Form,
    now: DateTime<Utc>,
}

enum Form {
    Lines,
    Table(Table),
}

#[derive(PartialEq)]
enum Position {
    Start,
    Behind(Cursor),
    End,
}

impl Export {
    /// Text before all rows.
    fn head(&self) -> Bytes {
        match &self.form {
            Form::Table(table) => table.head().into(),
            Form::Lines => Bytes::new(),
        }
    }

    /// The text of a page and where the next one starts.
    async fn page(&self, position: Position) -> Result<(Bytes, Position), ApiError> {
        let after = match &position {
            Position::Behind(cursor) => Some(cursor),
            Position::Start | Position::End => None,
        };
        if after.is_some() {
            still(
                Access::Member(Role::Viewer),
                &self.headers,
                &self.state,
                self.identity.scope.tenant(),
            )
            .await?;
        }
        let listing = Listing {
            after,
            limit: PAGE,
            ..self.selection.listing(self.now)
        };
        let mut tx = self.state.store.begin_reading(&self.identity.scope).await?;
        let page = tx.full_exceptions(listing, PAGE_BYTES).await?;
        tx.commit().await?;
        let mut text = match after {
            None => Vec::from(self.head()),
            Some(_) => Vec::new(),
        };
        let names = self.state.names.of(&self.state.store, &self.identity).await?;
        for row in page.items {
            self.write(row, &names, &mut text)?;
        }
        Ok((text.into(), page.next.map_or(Position::End, Position::Behind)))
    }

    fn write(&self, row: FullRow, names: &Names, text: &mut Vec<u8>) -> Result<(), ApiError> {
        let tenant = self.identity.scope.tenant().as_str();
        let exception = recorded_by(EventKind::Exported, |shown| ExceptionView::of(row.row, tenant, names, shown));
        match &self.form {
            Form::Lines => {
                // Between the tokens of JSON a line break is white space, and within them it is escaped.
                let raw_payload = verbatim(row.raw_payload.replace(['\n', '\r'], " "));
                let line = LineView { exception, raw_payload };
                serde_json::to_writer(&mut *text, &line).map_err(|error| ApiError::Internal(error.into()))?;
                text.push(b'\n');
            }
            Form::Table(table) => text.extend(table.line(&exception, &row.raw_payload).into_bytes()),
        }
        Ok(())
    }
}
