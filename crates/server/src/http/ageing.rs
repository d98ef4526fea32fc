//! `GET /v1/tenants/{tenant}/ageing`: how old unresolved work is, by type.

use axum::{Json, extract::State};
use chrono::NaiveDate;
use domain::ageing::{Bucket, buckets};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    actor::Viewer,
    problem::{ApiError, ProblemView},
    state::AppState,
};

/// Ages of a type.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ageing)]
#[serde(rename_all = "camelCase")]
pub struct AgeingView {
    exception_type: String,
    label: String,
    /// Calendar whose business days are counted; null where all days are.
    #[schema(required)]
    calendar: Option<String>,
    /// Youngest first.
    buckets: Vec<BucketView>,
    total: i64,
}

/// Ages from one to another, in business days. The same list: `type=…&agedFrom=…&agedTo=…` with the unresolved statuses.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AgeBucket)]
#[serde(rename_all = "camelCase")]
pub struct BucketView {
    least: i64,
    /// Included; null for any.
    #[schema(required)]
    most: Option<i64>,
    /// First day; null for any.
    #[schema(required)]
    aged_from: Option<NaiveDate>,
    /// Day behind the last; null for any.
    #[schema(required)]
    aged_to: Option<NaiveDate>,
    /// Unresolved exceptions.
    count: i64,
}

impl From<Bucket> for BucketView {
    fn from(bucket: Bucket) -> Self {
        Self {
            least: bucket.least,
            most: bucket.most,
            aged_from: bucket.from,
            aged_to: bucket.to,
            count: 0,
        }
    }
}

impl BucketView {
    fn holds(&self, day: NaiveDate) -> bool {
        self.aged_from.is_none_or(|from| day >= from) && self.aged_to.is_none_or(|to| day < to)
    }
}

/// Ages of unresolved exceptions, by type
///
/// The age counts from the field that the type names, in business days of its calendar.
#[utoipa::path(get, path = "/v1/tenants/{tenant}/ageing", operation_id = "showAgeing", tag = "insights",
    params(("tenant" = String, Path)),
    responses((status = 200, body = [AgeingView]), (status = "4XX", body = ProblemView), (status = 503, body = ProblemView)))]
pub async fn ageing(Viewer(identity): Viewer, State(state): State<AppState>) -> Result<Json<Vec<AgeingView>>, ApiError> {
    let pack = state.packs.active(&state.store, &identity.scope, &identity.domain).await?;
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    let ages = tx.ages().await?;
    tx.commit().await?;
    let now = state.clock.now();
    let mut views: Vec<AgeingView> = pack
        .types()
        .iter()
        .map(|(name, kind)| AgeingView {
            exception_type: name.clone(),
            label: kind.document.label.clone(),
            calendar: kind.policy.calendar.clone(),
            buckets: buckets(&pack, name, now).into_iter().map(BucketView::from).collect(),
            total: 0,
        })
        .collect();
    for aged in ages {
        // Types of earlier packs are counted with those that are there: under their own name, around the clock.
        if !views.iter().any(|view| view.exception_type == aged.exception_type) {
            views.push(AgeingView {
                label: aged.exception_type.clone(),
                calendar: None,
                buckets: buckets(&pack, &aged.exception_type, now)
                    .into_iter()
                    .map(BucketView::from)
                    .collect(),
                exception_type: aged.exception_type.clone(),
                total: 0,
            });
        }
        let Some(view) = views.iter_mut().find(|view| view.exception_type == aged.exception_type) else {
            continue;
        };
        view.total += aged.exceptions;
        if let Some(bucket) = view.buckets.iter_mut().find(|bucket| bucket.holds(aged.day)) {
            bucket.count += aged.exceptions;
        }
    }
    Ok(Json(views))
}
