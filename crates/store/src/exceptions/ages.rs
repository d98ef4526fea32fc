//! How many unresolved exceptions of a type there are by the day from which their age counts.

use chrono::NaiveDate;

use crate::{StoreError, TenantTx};

/// Unresolved exceptions of a type and a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgedFrom {
    /// The type.
    pub exception_type: String,
    /// The day.
    pub day: NaiveDate,
    /// How many.
    pub exceptions: i64,
}

impl TenantTx {
    /// All of them, by type and day.
    pub async fn ages(&mut self) -> Result<Vec<AgedFrom>, StoreError> {
        let (connection, tenant) = self.parts();
        let rows = sqlx::query_as!(
            AgedFrom,
            r#"-- ages
             select exception_type, aged_from as day, count(*) as "exceptions!" from exception
             where tenant_id = $1 and resolved_at is null group by exception_type, aged_from order by exception_type, aged_from"#,
            tenant
        );
        Ok(rows.fetch_all(connection).await?)
    }
}
