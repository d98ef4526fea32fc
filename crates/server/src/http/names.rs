//! Names of members: the API takes and shows display names, the database and events have ids.

use std::{collections::HashMap, sync::Arc};

use domain::{
    ids::TenantId,
    member::{folded, of_actor},
};
use store::{Store, StoreError, TenantScope, keys::Identity};

use crate::fresh::Fresh;

/// Names of each tenant's members, asked again after a second.
#[derive(Debug, Default)]
pub struct MemberNames(Fresh<TenantId, Arc<Names>>);

/// Names of the members of a tenant.
#[derive(Debug, Default)]
pub struct Names {
    by_id: HashMap<String, String>,
    ids: HashMap<String, String>,
}

impl MemberNames {
    /// Those of the caller's tenant.
    pub async fn of(&self, store: &Store, identity: &Identity) -> Result<Arc<Names>, StoreError> {
        let caller = identity.member().map(|member| member.member_id.as_str());
        let known = self.0.get(identity.scope.tenant());
        if let Some(names) = known.filter(|names| caller.is_none_or(|id| names.by_id.contains_key(id))) {
            return Ok(names);
        }
        self.read(store, &identity.scope).await
    }

    async fn read(&self, store: &Store, scope: &TenantScope) -> Result<Arc<Names>, StoreError> {
        let mut tx = store.begin_reading(scope).await?;
        let members = tx.members().await?;
        tx.commit().await?;
        let names = Arc::new(Names::new(
            members
                .into_iter()
                .map(|member| (member.member_id.to_string(), member.display_name)),
        ));
        self.0.put(scope.tenant().clone(), Arc::clone(&names));
        Ok(names)
    }
}

impl Names {
    fn new(members: impl Iterator<Item = (String, String)>) -> Self {
        let by_id: HashMap<String, String> = members.collect();
        let ids = by_id.iter().map(|(id, name)| (folded(name), id.clone())).collect();
        Self { by_id, ids }
    }

    /// The name of a member.
    pub fn member(&self, id: String) -> String {
        self.by_id.get(&id).cloned().unwrap_or(id)
    }

    /// An actor of an event: the name of a member, and others as they are.
    pub fn actor(&self, actor: String) -> String {
        match of_actor(&actor) {
            Some(id) => self.member(id.to_owned()),
            None => actor,
        }
    }

    /// The id of a member who is given by id or by name.
    pub fn id_of(&self, text: &str) -> Option<&str> {
        let by_name = || self.ids.get(&folded(text)).map(String::as_str);
        self.by_id.get_key_value(text).map(|(id, _)| id.as_str()).or_else(by_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_shown_by_name_and_taken_by_name_or_id() {
        let names = Names::new([("maria-rossi".to_owned(), "Maria Rossi".to_owned())].into_iter());
        assert_eq!(names.actor("member:maria-rossi".into()), "Maria Rossi");
        assert_eq!(names.actor("member:gone".into()), "gone");
        assert_eq!(names.actor("source:Oven".into()), "source:Oven");
        assert_eq!(names.id_of("MARIA rossi"), Some("maria-rossi"));
        assert_eq!(names.id_of("maria-rossi"), Some("maria-rossi"));
        assert_eq!(names.id_of("bo"), None);
    }
}
