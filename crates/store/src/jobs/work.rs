//! How a worker finds work: it asks which tenants have some, without a lock, and hears of new jobs. Hearing is a hint, asking is the truth.

use chrono::{DateTime, Utc};
use domain::ids::TenantId;

use crate::{Store, StoreError, TenantScope, live::Channel};

/// Hears of new jobs of all tenants.
#[derive(Debug)]
pub struct WorkListener(Channel);

impl Store {
    /// The tenants that have a job of these kinds to be taken, suspended ones left out.
    pub async fn tenants_with_work(&self, kinds: &[&str], at: DateTime<Utc>) -> Result<Vec<TenantScope>, StoreError> {
        let tenants = sqlx::query_scalar!(
            r#"-- tenants_with_due_jobs
             select tenant as "tenant!" from tenants_with_due_jobs($1, $2) as tenant"#,
            at,
            kinds as &[&str]
        );
        let tenants = tenants.fetch_all(&mut *self.connection().await?).await?;
        let scope = |tenant: String| tenant.parse::<TenantId>().map(TenantScope::of);
        let scopes = tenants.into_iter().map(scope).collect::<Result<_, _>>();
        scopes.map_err(|error| StoreError::Bug(sqlx::Error::Decode(Box::new(error))))
    }

    /// Starts to listen for new jobs.
    pub async fn listen_for_work(&self) -> Result<WorkListener, StoreError> {
        Ok(WorkListener(self.channel("sentinai_jobs").await?))
    }
}

impl WorkListener {
    /// Returns when there may be new work.
    pub async fn next(&mut self) -> Result<(), StoreError> {
        self.0.next().await?;
        Ok(())
    }
}
