//! Where requests come from that the desk's cookie must not carry.

/// Where a request comes from that the desk's cookie must not carry.
#[derive(Debug)]
pub enum Origin {
    /// A page of this origin.
    Foreign(String),
    /// A page that its browser marked as another site's.
    Marked,
    /// Nobody says from where.
    Unnamed,
    /// It was sent to a name that is not this machine's.
    Host(String),
}

impl Origin {
    /// What happened and what to do.
    pub(super) fn detail(&self) -> String {
        match self {
            Origin::Foreign(origin) => format!(
                "The request comes from a page of '{origin}', which is not this server's address. Open the desk itself; where a proxy publishes it under that address, start the server with --public-url"
            ),
            Origin::Marked => "The request comes from another site's page; open the desk itself".into(),
            Origin::Unnamed => {
                "With the desk's cookie a request needs the Origin header that browsers send; programs send X-API-KEY and no cookie".into()
            }
            Origin::Host(host) => format!("Without authentication this server is reached as localhost only, not as '{host}'"),
        }
    }
}
