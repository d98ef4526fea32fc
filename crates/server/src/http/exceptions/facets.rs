//! `GET /v1/tenants/{tenant}/exceptions:facets`: how many exceptions each choice would show.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use serde::Serialize;
use store::exceptions::Facet;
use utoipa::ToSchema;

use crate::http::{
    actor::Viewer,
    disclosure::{List, Subject, disclose},
    names::Names,
    problem::{ApiError, ProblemView},
    query::{FilterParams, NOBODY, Selection},
    state::AppState,
};

/// Counts per value, each under all other parameters of the filter.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Facets)]
#[serde(rename_all = "camelCase")]
pub struct FacetsView {
    /// Exceptions that the whole filter selects.
    total: i64,
    severity: Vec<FacetView>,
    status: Vec<FacetView>,
    #[serde(rename = "type")]
    kind: Vec<FacetView>,
    queue: Vec<FacetView>,
    source: Vec<FacetView>,
    /// Unresolved exceptions: late, nextHour, today, later.
    due: Vec<FacetView>,
    /// By name; `none` for nobody.
    owner: Vec<FacetView>,
    resolution: Vec<FacetView>,
    root_cause: Vec<FacetView>,
}

/// A value and how many exceptions have it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Facet)]
pub struct FacetView {
    value: String,
    count: i64,
}

fn views(facets: Vec<Facet>) -> Vec<FacetView> {
    facets
        .into_iter()
        .map(|facet| FacetView {
            value: facet.value,
            count: facet.count,
        })
        .collect()
}

fn owners(counts: BTreeMap<Option<String>, i64>, names: &Names) -> Vec<FacetView> {
    let counted = counts.into_iter().filter(|(_, count)| *count > 0);
    let mut views: Vec<FacetView> = counted
        .map(|(owner, count)| FacetView {
            value: owner.map_or_else(|| NOBODY.to_owned(), |owner| names.member(owner)),
            count,
        })
        .collect();
    views.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.value.cmp(&other.value)));
    views
}

/// Counts for filtering further
#[utoipa::path(get, path = "/v1/tenants/{tenant}/exceptions:facets", operation_id = "countExceptionsByFacet", tag = "exceptions", params(("tenant" = String, Path), FilterParams),
    responses((status = 200, body = FacetsView), (status = "4XX", body = ProblemView)))]
pub async fn facets(Viewer(identity): Viewer, State(state): State<AppState>, selection: Selection) -> Result<Json<FacetsView>, ApiError> {
    let mut tx = state.store.begin_reading(&identity.scope).await?;
    let facets = tx.facets(&selection.filter, state.clock.now()).await?;
    tx.commit().await?;
    let names = state.names.of(&state.store, &identity).await?;
    let view = disclose(&state, &identity, Subject::List(List::Exceptions), |shown| {
        if facets.total > 0 {
            shown.sought(&selection.filter);
        }
        FacetsView {
            total: facets.total,
            severity: views(facets.severities),
            status: views(facets.statuses),
            kind: views(facets.types),
            queue: views(facets.queues),
            source: views(facets.sources),
            due: views(facets.due),
            owner: owners(facets.owners, &names),
            resolution: views(facets.resolutions),
            root_cause: views(facets.root_causes),
        }
    });
    view.await.map(Json)
}
