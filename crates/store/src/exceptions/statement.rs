//! Statements that are put together: lists and counts. Their text depends on the shape of a question only, every value is a parameter, and
//! the first parameter is the tenant.

use std::fmt::{Display, Write as _};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value as Json;
use sqlx::{
    AssertSqlSafe, FromRow, PgConnection, Postgres,
    postgres::{PgArguments, PgRow},
    query::QueryAs,
};

use super::cursor::Key;
use crate::{StoreError, TenantTx};

/// A value of a statement.
#[derive(Debug, Clone)]
pub enum Value {
    Text(String),
    Texts(Vec<String>),
    Number(i64),
    Numbers(Vec<i64>),
    Time(DateTime<Utc>),
    Date(NaiveDate),
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}
impl From<Vec<String>> for Value {
    fn from(texts: Vec<String>) -> Self {
        Value::Texts(texts)
    }
}
impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Number(number)
    }
}
impl From<Vec<i64>> for Value {
    fn from(numbers: Vec<i64>) -> Self {
        Value::Numbers(numbers)
    }
}
impl From<DateTime<Utc>> for Value {
    fn from(time: DateTime<Utc>) -> Self {
        Value::Time(time)
    }
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        match key {
            Key::Time(time) => Value::Time(time),
            Key::Number(number) => Value::Number(number),
        }
    }
}

impl From<NaiveDate> for Value {
    fn from(date: NaiveDate) -> Self {
        Value::Date(date)
    }
}

/// A statement and its values.
#[derive(Debug, Clone)]
pub struct Statement {
    text: String,
    values: Vec<Value>,
}

impl Statement {
    /// A statement with a name. `$1` is the tenant.
    pub fn new(name: &str, tenant: &str) -> Self {
        Self {
            text: format!("-- {name}\n"),
            values: vec![Value::Text(tenant.to_owned())],
        }
    }

    /// Adds text, which never comes from outside.
    pub fn push(&mut self, text: impl Display) -> &mut Self {
        // Writing to a string does not fail.
        write!(self.text, "{text}").unwrap_or_default();
        self
    }

    /// Adds a value.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        let place = self.values.len();
        self.push(format_args!("${place}"))
    }

    /// All rows, on a connection of this crate.
    pub async fn fetch_on<Row>(&self, connection: &mut PgConnection) -> Result<Vec<Row>, StoreError>
    where
        Row: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        Ok(self.query("").fetch_all(connection).await?)
    }

    fn query<Row: for<'r> FromRow<'r, PgRow>>(&self, prefix: &str) -> QueryAs<'static, Postgres, Row, PgArguments> {
        let mut query = sqlx::query_as(AssertSqlSafe(format!("{prefix}{}", self.text)));
        for value in self.values.clone() {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::Texts(texts) => query.bind(texts),
                Value::Number(number) => query.bind(number),
                Value::Numbers(numbers) => query.bind(numbers),
                Value::Time(time) => query.bind(time),
                Value::Date(date) => query.bind(date),
            };
        }
        query
    }
}

/// What the database did for one statement.
#[derive(Debug, Clone)]
pub struct Explained {
    /// The statement.
    pub text: String,
    /// Its plan, as `explain (analyze, buffers, format json)` tells it.
    pub plan: Json,
}

impl TenantTx {
    /// From now on runs every statement that is put together twice and keeps its plan: for tests, and for looking into a slow list.
    pub fn explain(&mut self) {
        self.explained = Some(Vec::new());
    }

    /// The plans that were kept.
    pub fn explained(&self) -> &[Explained] {
        self.explained.as_deref().unwrap_or_default()
    }

    /// All rows of a statement.
    pub(super) async fn fetch<Row>(&mut self, statement: &Statement) -> Result<Vec<Row>, StoreError>
    where
        Row: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        if self.explained.is_some() {
            let prefix = "explain (analyze, timing off, buffers, format json) ";
            let (plan,): (sqlx::types::Json<Json>,) = statement.query(prefix).fetch_one(self.parts().0).await?;
            let text = statement.text.clone();
            self.explained.get_or_insert_default().push(Explained { text, plan: plan.0 });
        }
        Ok(statement.query("").fetch_all(self.parts().0).await?)
    }
}
