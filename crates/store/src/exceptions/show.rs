//! One exception with everything known about it, and what repeats it.

use chrono::{DateTime, Utc};
use domain::{
    fault::Fault,
    standing::Work,
    triage::{Reason, RuleNumbers},
};
use sqlx::types::Json;

use super::{
    parts::Parts,
    row::{COLUMNS, ExceptionRow, JOIN},
    statement::Statement,
};
use crate::{StoreError, TenantTx};

/// An exception, whole.
#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the names are those of the columns, which are commented")]
pub struct ExceptionDetail {
    /// As a list shows it.
    #[sqlx(flatten)]
    pub row: ExceptionRow,
    pub fingerprint: Option<String>,
    pub respond_due_at: DateTime<Utc>,
    pub parent_id: Option<String>,
    /// What became of its parts.
    #[sqlx(skip)]
    pub parts: Parts,
    pub escalation: i16,
    pub root_cause: Option<String>,
    pub snoozed_until: Option<DateTime<Utc>>,
    /// State of the workflow beyond the columns.
    workflow: Option<Json<Work>>,
    pub severity_rule: Option<i16>,
    pub failed_severity_rules: Option<Vec<i16>>,
    pub routing_rule: Option<i16>,
    pub failed_routing_rules: Option<Vec<i16>>,
    pub other_reasons: Option<Json<Vec<Reason>>>,
    pub findings: Json<Vec<Fault>>,
    /// As sent.
    pub raw_payload: String,
    /// As sent.
    pub normalized_context: String,
    /// As sent.
    pub envelope: String,
}

impl ExceptionDetail {
    /// State of its workflow.
    pub fn work(&self) -> Work {
        Work {
            escalation: u32::try_from(self.escalation).unwrap_or_default(),
            root_cause: self.root_cause.clone(),
            snoozed_until: self.snoozed_until,
            owner: self.row.owner.clone(),
            parent: self.parent_id.clone(),
            ..self.workflow.as_ref().map(|workflow| workflow.0.clone()).unwrap_or_default()
        }
    }

    /// Numbers of the rules that decided.
    pub fn rules(&self) -> RuleNumbers {
        RuleNumbers {
            severity: self.severity_rule,
            failed_severity: self.failed_severity_rules.clone().unwrap_or_default(),
            routing: self.routing_rule,
            failed_routing: self.failed_routing_rules.clone().unwrap_or_default(),
        }
    }
}

impl TenantTx {
    /// One exception, if the tenant has it.
    pub async fn exception(&mut self, exception_id: &str) -> Result<Option<ExceptionDetail>, StoreError> {
        let columns = format!(
            "{COLUMNS}, e.fingerprint, e.respond_due_at, e.parent_id, e.escalation, e.root_cause, e.snoozed_until, e.workflow, e.findings, e.other_reasons,
             e.severity_rule, e.failed_severity_rules, e.routing_rule, e.failed_routing_rules,
             e.raw_payload::text as raw_payload, e.normalized_context::text as normalized_context, e.envelope::text as envelope"
        );
        let mut statement = Statement::new("show_exception", self.tenant().as_str());
        statement
            .push(format_args!(
                "select {columns} from exception e {JOIN} where e.tenant_id = $1 and e.exception_id = "
            ))
            .bind(exception_id.to_owned());
        let Some(mut detail): Option<ExceptionDetail> = self.fetch(&statement).await?.into_iter().next() else {
            return Ok(None);
        };
        detail.parts = self.parts_of(exception_id).await?;
        Ok(Some(detail))
    }

    /// At most `limit` exceptions that repeat one, by id, behind the id `after`.
    pub async fn recurrences(&mut self, exception_id: &str, after: &str, limit: u32) -> Result<Vec<ExceptionRow>, StoreError> {
        let mut statement = Statement::new("list_recurrences", self.tenant().as_str());
        statement
            .push(format_args!(
                "select {COLUMNS} from exception e {JOIN} where e.tenant_id = $1 and e.recurrence_of = "
            ))
            .bind(exception_id.to_owned())
            .push(" and e.exception_id > ")
            .bind(after.to_owned())
            .push(" order by e.exception_id limit ")
            .bind(i64::from(limit));
        self.fetch(&statement).await
    }
}
