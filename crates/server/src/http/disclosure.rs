//! Records who reads personal data: values of fields that the pack puts in the class `pii` or `phi`.
//!
//! Views of exceptions, quarantined objects, requests, bulk runs and events are built with a [`Shown`], which notes what they hold. Only
//! [`disclose`] and [`recorded_by`] have one, so no answer with such a view leaves unrecorded.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use domain::{
    event::EventKind,
    filter::Filter,
    json::Json,
    pack::{ExceptionType, Pack},
};
use store::{exceptions::ExceptionRow, keys::Identity};

use super::{problem::ApiError, query::FIELD, state::AppState};
use crate::packs::NoPack;
pub use crate::recorder::{List, Subject};

/// Stands for all fields where a pack cannot be read, so that nobody knows which are classified.
const UNKNOWN: &str = "*";

/// What an answer shows.
pub struct Shown(Vec<Held>);

/// A type of exceptions in the version of the pack that triaged them.
#[derive(Debug, Clone)]
pub struct TypeOf {
    domain: String,
    version: String,
    exception_type: String,
}

enum Held {
    /// Values of some fields of an exception, and its title.
    Values { of: TypeOf, fields: BTreeSet<String> },
    /// A refused object, of a type that it claims.
    Object(Option<String>),
    /// Values that were sought.
    Sought(Sought),
}

#[derive(Default)]
struct Sought {
    fields: BTreeSet<String>,
    /// Whether a text or an entity was sought, in whatever field.
    text: bool,
}

/// Builds an answer, and has it recorded where it holds personal data.
pub async fn disclose<T>(
    state: &AppState,
    identity: &Identity,
    subject: Subject,
    build: impl FnOnce(&mut Shown) -> T,
) -> Result<T, ApiError> {
    let mut shown = Shown(Vec::new());
    let answer = build(&mut shown);
    let fields = Classes::new(state, identity).count(shown).await?;
    if !fields.is_empty() {
        let seen = (subject, &fields);
        state
            .recorder
            .viewed(identity.scope.tenant(), identity.actor(), seen, state.clock.now())?;
    }
    Ok(answer)
}

/// Builds an answer whose request is recorded by an event of its own.
pub fn recorded_by<T>(_: EventKind, build: impl FnOnce(&mut Shown) -> T) -> T {
    build(&mut Shown(Vec::new()))
}

impl TypeOf {
    /// By domain, version and type.
    pub fn new(domain: &str, version: &str, exception_type: &str) -> Self {
        Self {
            domain: domain.to_owned(),
            version: version.to_owned(),
            exception_type: exception_type.to_owned(),
        }
    }

    /// Of an exception.
    pub fn of(row: &ExceptionRow) -> Self {
        Self::new(&row.domain, &row.pack_version, &row.exception_type)
    }
}

impl Shown {
    /// An exception as lists show it.
    pub fn row(&mut self, row: &ExceptionRow) {
        let fields = row.entities.0.iter().map(|entity| entity.field.clone());
        self.values(TypeOf::of(row), fields);
    }

    /// Values of some fields, and the title.
    pub fn values(&mut self, of: TypeOf, fields: impl IntoIterator<Item = String>) {
        self.0.push(Held::Values {
            of,
            fields: fields.into_iter().collect(),
        });
    }

    /// A refused object, or messages about its values.
    pub fn object(&mut self, claimed_type: Option<&str>) {
        self.0.push(Held::Object(claimed_type.map(str::to_owned)));
    }

    /// An answer that confirms that something has the values of a filter.
    pub fn sought(&mut self, filter: &Filter) {
        self.0.push(Held::Sought(Sought {
            fields: filter.fields.keys().cloned().collect(),
            text: filter.entity.is_some() || filter.text.is_some(),
        }));
    }

    /// The values that the query of a list names.
    pub fn query(&mut self, query: &str) {
        let parameters: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
        let fields = parameters.iter().filter_map(|(name, _)| name.strip_prefix(FIELD));
        self.0.push(Held::Sought(Sought {
            fields: fields.map(str::to_owned).collect(),
            text: parameters.iter().any(|(name, _)| matches!(name.as_str(), "entity" | "q")),
        }));
    }

    /// Data of an event: an export and a bulk run have the query.
    pub fn event(&mut self, kind: &str, data: &str) {
        let Ok(kind) = kind.parse::<EventKind>() else { return };
        let data = Json::read(data).unwrap_or(Json::Null);
        let text = |path: &[&str]| member(&data, path).and_then(Json::as_text).unwrap_or_default().to_owned();
        match kind {
            EventKind::Exported => self.query(&text(&["query"])),
            EventKind::BulkApprovalRequested | EventKind::BulkStarted | EventKind::BulkDiscarded => {
                self.query(&text(&["filter"]));
            }
            _ => {}
        }
    }
}

fn member<'d>(data: &'d Json, path: &[&str]) -> Option<&'d Json> {
    path.iter().try_fold(data, |at, name| match at {
        Json::Object(members) => members.get(*name),
        _ => None,
    })
}

/// Names of the members of a payload.
pub fn member_names(payload: &domain::json::Object) -> Vec<String> {
    payload.keys().cloned().collect()
}

/// Which fields are classified, by the packs that an answer needs.
struct Classes<'a> {
    state: &'a AppState,
    identity: &'a Identity,
    versions: HashMap<(String, String), Option<Arc<Pack>>>,
}

impl<'a> Classes<'a> {
    fn new(state: &'a AppState, identity: &'a Identity) -> Self {
        Self {
            state,
            identity,
            versions: HashMap::new(),
        }
    }

    /// How many of what is shown have each classified field.
    async fn count(&mut self, shown: Shown) -> Result<BTreeMap<String, u64>, ApiError> {
        let mut counts = BTreeMap::new();
        for held in shown.0 {
            let fields = match held {
                Held::Values { of, fields } => self.of_values(&of, &fields).await?,
                Held::Object(claimed) => self.of_object(claimed.as_deref()).await?,
                Held::Sought(sought) => self.of_sought(&sought).await?,
            };
            for field in fields {
                *counts.entry(field).or_default() += 1;
            }
        }
        Ok(counts)
    }

    async fn of_values(&mut self, of: &TypeOf, fields: &BTreeSet<String>) -> Result<BTreeSet<String>, ApiError> {
        let pack = self.version(of).await?;
        let Some(kind) = pack.as_ref().and_then(|pack| pack.exception_type(&of.exception_type)) else {
            return Ok(unknown());
        };
        if kind.classified.is_empty() {
            return Ok(BTreeSet::new());
        }
        let shown = fields.iter().map(String::as_str).chain(kind.title.fields());
        Ok(classified(kind, shown))
    }

    /// Nobody knows what an object holds that was refused: any classified field of its type, or of all types where it has none.
    async fn of_object(&self, claimed: Option<&str>) -> Result<BTreeSet<String>, ApiError> {
        let Some(pack) = self.active().await? else { return Ok(unknown()) };
        Ok(match claimed.and_then(|claimed| pack.exception_type(claimed)) {
            Some(kind) => kind.classified.clone(),
            None => pack.types().values().flat_map(|kind| kind.classified.iter().cloned()).collect(),
        })
    }

    async fn of_sought(&self, sought: &Sought) -> Result<BTreeSet<String>, ApiError> {
        if sought.fields.is_empty() && !sought.text {
            return Ok(BTreeSet::new());
        }
        let Some(pack) = self.active().await? else { return Ok(unknown()) };
        let mut found = BTreeSet::new();
        for kind in pack.types().values() {
            found.extend(classified(kind, sought.fields.iter().map(String::as_str)));
            if sought.text {
                let entities = kind.document.fields.iter().filter(|(_, field)| field.names_entity());
                let searched = entities.map(|(name, _)| name.as_str()).chain(kind.title.fields());
                found.extend(classified(kind, searched));
            }
        }
        Ok(found)
    }

    async fn version(&mut self, of: &TypeOf) -> Result<Option<Arc<Pack>>, ApiError> {
        let key = (of.domain.clone(), of.version.clone());
        if let Some(known) = self.versions.get(&key) {
            return Ok(known.clone());
        }
        let pack = readable(self.state.packs.version(&self.state.store, &of.domain, &of.version).await)?;
        self.versions.insert(key, pack.clone());
        Ok(pack)
    }

    async fn active(&self) -> Result<Option<Arc<Pack>>, ApiError> {
        let Identity { scope, domain, .. } = self.identity;
        readable(self.state.packs.active(&self.state.store, scope, domain).await)
    }
}

fn classified<'f>(kind: &ExceptionType, fields: impl Iterator<Item = &'f str>) -> BTreeSet<String> {
    fields.filter(|field| kind.classified.contains(*field)).map(str::to_owned).collect()
}

fn unknown() -> BTreeSet<String> {
    BTreeSet::from([UNKNOWN.to_owned()])
}

/// `None` where the version is missing or no longer compiles, or none is active.
fn readable(pack: Result<Arc<Pack>, NoPack>) -> Result<Option<Arc<Pack>>, ApiError> {
    match pack {
        Ok(pack) => Ok(Some(pack)),
        Err(NoPack::Unusable(..) | NoPack::NotActive(_)) => Ok(None),
        Err(other) => Err(other.into()),
    }
}
