//! `GET /v1/tenants/{tenant}/exceptions/{exceptionId}`: one exception with everything that explains it.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use domain::{
    display::{currency, field_text},
    event::EventKind,
    fault::{Fault, pointer_step},
    json::{self, Object},
    pack::{
        ExceptionType, Pack,
        document::{FieldDocument, FieldType},
        playbook::StepKind,
    },
    standing::Work,
    status::Status,
    text::printable,
    time::parse_date,
};
use serde::Serialize;
use serde_json::value::RawValue;
use store::{
    exceptions::{ExceptionDetail, ExceptionRow},
    keys::Identity,
};
use utoipa::ToSchema;

use super::{
    parts::PartsView,
    reasons::{PacksOf, ReasonView, reasons},
    views::{ExceptionPath, ExceptionView, verbatim},
    work::WorkView,
};
use crate::http::{
    actor::Viewer,
    disclosure::{Shown, Subject, TypeOf, disclose, member_names, recorded_by},
    names::Names,
    problem::{ApiError, FaultView, ProblemView},
    state::AppState,
};

/// An exception, whole.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExceptionDetail)]
#[serde(rename_all = "camelCase")]
pub struct DetailView {
    #[serde(flatten)]
    exception: ExceptionView,
    type_label: String,
    type_description: String,
    queue_label: String,
    /// Hash of what makes two exceptions the same problem; null where a field of it is missing.
    #[schema(required)]
    fingerprint: Option<String>,
    respond_due_at: DateTime<Utc>,
    /// The payload by the pack's fields, then what the pack does not declare.
    fields: Vec<FieldView>,
    /// Why each value is what it is.
    reasons: Vec<ReasonView>,
    /// What is doubtful about the data.
    findings: Vec<FaultView>,
    /// By when and how that was computed.
    #[schema(required)]
    clock: Option<ClockView>,
    /// What to do.
    #[schema(required)]
    playbook: Option<PlaybookView>,
    /// What was done, and what can be.
    workflow: WorkView,
    /// Exceptions that are linked to it.
    children: PartsView,
    /// As sent.
    #[schema(value_type = Object)]
    raw_payload: Arc<RawValue>,
    /// As sent.
    #[schema(value_type = Object)]
    normalized_context: Arc<RawValue>,
    /// The other members of the sent object, as sent.
    #[schema(value_type = Object)]
    envelope: Arc<RawValue>,
}

/// A field of the payload.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Field)]
pub struct FieldView {
    name: String,
    label: String,
    /// Type by the pack; `undeclared` where the pack does not know the field.
    #[serde(rename = "type")]
    kind: String,
    /// Who may see it.
    class: String,
    /// Standard identifier it should be.
    #[schema(required)]
    format: Option<&'static str>,
    /// As sent, with all its digits.
    #[schema(value_type = Value)]
    value: Arc<RawValue>,
    /// The value for people.
    text: String,
    /// What is doubtful about it.
    #[schema(required)]
    finding: Option<String>,
}

/// Deadlines and their arithmetic.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Clock)]
#[serde(rename_all = "camelCase")]
pub struct ClockView {
    /// Calendar of the pack; null for around the clock.
    #[schema(required)]
    calendar: Option<String>,
    calendar_label: String,
    /// IANA name.
    time_zone: String,
    started_at: DateTime<Utc>,
    respond_due_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    /// Policy and arithmetic in sentences.
    explanation: Vec<String>,
}

/// Steps to work the exception.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Playbook)]
pub struct PlaybookView {
    title: String,
    steps: Vec<StepView>,
}

/// A step.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Step)]
pub struct StepView {
    id: String,
    #[schema(value_type = String)]
    kind: StepKind,
    title: String,
    #[schema(required)]
    instructions: Option<String>,
    /// What must be written down to complete it.
    evidence: Vec<String>,
}

/// One exception with everything that explains it
///
/// A look at fields of the class `pii` or `phi` is recorded in the chain of events.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/exceptions/{exceptionId}", operation_id = "showException", tag = "exceptions",
    params(("tenant" = String, Path), ("exceptionId" = String, Path)),
    responses((status = 200, body = DetailView), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn show(Viewer(identity): Viewer, State(state): State<AppState>, ExceptionPath(id): ExceptionPath) -> Result<Response, ApiError> {
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    let found = tx.exception(id.as_str()).await?;
    tx.commit().await?;
    let names = state.names.of(&state.store, &identity).await?;
    answer(&state, (&identity, &names), found.ok_or(ApiError::NotFound)?, Record::View)
        .await
        .map(|(version, view)| ([(header::ETAG, etag(version))], Json(view)).into_response())
}

/// By what it is recorded that somebody sees an exception.
pub enum Record {
    /// By a `viewed` event.
    View,
    /// By the event of what was done.
    Event(EventKind),
}

/// An exception that was read, with its version. The names are an argument, read before a command is carried out: a database that is too
/// busy afterwards must not turn a command that was done into a failure.
pub async fn answer(
    state: &AppState,
    (identity, names): (&Identity, &Names),
    detail: ExceptionDetail,
    record: Record,
) -> Result<(i64, DetailView), ApiError> {
    let packs = PacksOf::of(state, identity, &detail).await?;
    let (version, id) = (detail.row.version, detail.row.exception_id.clone());
    let build = |shown: &mut Shown| DetailView::of(detail, &packs, identity.scope.tenant().as_str(), (names, shown));
    let view = match record {
        Record::View => disclose(state, identity, Subject::Exception(id), build).await??,
        Record::Event(kind) => recorded_by(kind, build)?,
    };
    Ok((version, view))
}

/// A version as an `ETag` (RFC 9110, section 8.8.3).
pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

impl DetailView {
    fn of(detail: ExceptionDetail, packs: &PacksOf, tenant: &str, (names, shown): (&Names, &mut Shown)) -> Result<Self, ApiError> {
        let (row, pack) = (&detail.row, &*packs.worked_under);
        note(&detail, pack, shown);
        let reasons = reasons(&detail, packs.triaged_by.as_deref(), names)?;
        let work = detail.work();
        let kind = pack.exception_type(&row.exception_type);
        let fields = kind.map_or_else(Vec::new, |kind| fields(&detail, kind));
        Ok(Self {
            fields,
            reasons,
            clock: kind
                .filter(|_| packs.is_exact)
                .map(|kind| clock(kind, pack, row, detail.respond_due_at, &work)),
            workflow: WorkView::of(
                work,
                detail.parent_id.clone(),
                row.status.parse().unwrap_or(Status::Open),
                (kind, pack),
                names,
            ),
            children: PartsView::of(detail.parts, pack, names, shown),
            playbook: kind.and_then(|kind| playbook(pack, &kind.document.playbook)),
            type_label: kind.map_or_else(|| row.exception_type.clone(), |kind| kind.document.label.clone()),
            type_description: kind.map_or_else(String::new, |kind| kind.document.description.clone()),
            queue_label: pack.queue_label(&row.queue).to_owned(),
            fingerprint: detail.fingerprint,
            respond_due_at: detail.respond_due_at,
            findings: detail.findings.0.into_iter().map(FaultView::from).collect(),
            raw_payload: verbatim(detail.raw_payload),
            normalized_context: verbatim(detail.normalized_context),
            envelope: verbatim(detail.envelope),
            exception: ExceptionView::of(detail.row, tenant, names, shown),
        })
    }
}

/// The whole payload is shown, by the fields of the version that triaged it and of the one it is worked under.
fn note(detail: &ExceptionDetail, worked_under: &Pack, shown: &mut Shown) {
    let names = member_names(&json::Json::read_object(&detail.raw_payload).unwrap_or_default());
    let document = worked_under.document();
    shown.values(TypeOf::of(&detail.row), names.clone());
    if worked_under.exception_type(&detail.row.exception_type).is_some() {
        shown.values(
            TypeOf::new(&document.domain, &document.version.to_string(), &detail.row.exception_type),
            names,
        );
    }
}

fn fields(detail: &ExceptionDetail, kind: &ExceptionType) -> Vec<FieldView> {
    let payload = json::Json::read_object(&detail.raw_payload).unwrap_or_default();
    let finding = |name: &str| finding(&detail.findings, name);
    let declared = kind.document.fields.iter().filter_map(|(name, field)| {
        let value = payload.get(name)?;
        Some(FieldView {
            name: name.clone(),
            label: field.label.clone(),
            kind: word(&field.kind),
            class: word(&field.class),
            format: field.format.map(domain::format::Format::name),
            value: verbatim(value.to_string()),
            text: shown(field, value, &payload),
            finding: finding(name),
        })
    });
    let undeclared = payload
        .iter()
        .filter(|(name, _)| kind.field(name).is_none())
        .map(|(name, value)| FieldView {
            name: name.clone(),
            label: name.clone(),
            kind: "undeclared".into(),
            class: "internal".into(),
            format: None,
            value: verbatim(value.to_string()),
            text: printable(value.as_text().unwrap_or(&value.to_string())).into_owned(),
            finding: finding(name),
        });
    declared.chain(undeclared).collect()
}

/// A value for people: dates in words, amounts with their currency.
fn shown(field: &FieldDocument, value: &json::Json, payload: &Object) -> String {
    let text = printable(&field_text(field, value, payload)).into_owned();
    match (field.kind, currency(field, payload)) {
        (FieldType::Date, _) => value
            .as_text()
            .and_then(parse_date)
            .map_or(text, |date| date.format("%-d %b %Y").to_string()),
        (_, Some(currency)) => format!("{currency} {text}"),
        (_, None) => text,
    }
}

fn finding(findings: &[Fault], field: &str) -> Option<String> {
    let pointer = format!("/rawPayload/{}", pointer_step(field));
    let inside = |fault: &&Fault| {
        fault
            .pointer
            .strip_prefix(&pointer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    findings.iter().find(inside).map(|fault| fault.message.clone())
}

/// The serde name of a unit variant.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn clock(kind: &ExceptionType, pack: &Pack, row: &ExceptionRow, respond_due_at: DateTime<Utc>, work: &Work) -> ClockView {
    let started_at = work.restarted.as_ref().map_or(row.created_at, |restart| restart.at);
    let name = kind.policy.calendar.clone();
    let calendar = name.as_deref().and_then(|name| pack.document().calendars.get(name));
    let severity = row.severity.parse().unwrap_or(kind.document.severity);
    ClockView {
        calendar_label: calendar.map_or("around the clock", |calendar| &calendar.label).to_owned(),
        time_zone: calendar.map_or("UTC", |calendar| calendar.time_zone.name()).to_owned(),
        calendar: name,
        started_at,
        respond_due_at,
        due_at: row.due_at,
        explanation: kind.policy.explain(pack, severity, started_at, &work.pauses),
    }
}

fn playbook(pack: &Pack, name: &str) -> Option<PlaybookView> {
    let playbook = pack.playbook(name)?;
    let steps = playbook.steps.iter().map(|step| StepView {
        id: step.id.clone(),
        kind: step.kind,
        title: step.title.clone(),
        instructions: step.instructions.clone(),
        evidence: step.evidence.clone(),
    });
    Some(PlaybookView {
        title: playbook.title.clone(),
        steps: steps.collect(),
    })
}
